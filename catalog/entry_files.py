"""Files given with an entry, as drafts, submissions and versions name them.

A reference says everything but the content: token (its address), use, title, disclosure, name,
media (kind of file), size_bytes, sha256. The content lies in the file store.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.criterion import Review
from foundation.labels import LabelledEnum

FileReference = Mapping[str, Any]
MOST_FILES = 20
MOST_TITLE = 100


class FileUse(LabelledEnum):
    """What the file is for."""

    PRICE_LIST = "price_list", "料金表"
    SPECIFICATION = "specification", "仕様書"
    MATERIAL = "material", "説明資料"


class FileDisclosure(LabelledEnum):
    """Who may read the file (domain §8)."""

    PUBLIC = "public", "公開"
    GOVERNMENT = "government", "行政機関のみ"
    LEAD_ONLY = "lead_only", "同じ種別の共同調達の幹事団体のみ"


# A price list waits for review as any price does.
REVIEWS: Mapping[str, Review] = {
    FileUse.PRICE_LIST: Review.BEFORE,
    FileUse.SPECIFICATION: Review.AFTER,
    FileUse.MATERIAL: Review.AFTER,
}


def files_of(content: Mapping[str, Any]) -> list[FileReference]:
    """The files a content names; contents older than files name none."""
    return list(content.get("files") or ())


def with_files(content: Mapping[str, Any], files: Iterable[FileReference]) -> dict[str, Any]:
    """The content with these files. Without any it is the content there was before files."""
    rest = {key: value for key, value in content.items() if key != "files"}
    own = [dict(file) for file in files]
    return rest | {"files": own} if own else rest


def find_file(content: Mapping[str, Any], token: str) -> FileReference | None:
    """The file of that address, if the content names it."""
    return next((file for file in files_of(content) if file["token"] == token), None)
