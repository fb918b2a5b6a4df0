"""Files of entries in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.queries.files import FileRow
from foundation.uploads.recognise import size_words


@dataclass(frozen=True, kw_only=True)
class FileItem:
    """A file in a list. by_post: it is asked for by a button, and that is written down."""

    title: str
    use: str
    disclosure: str
    public: bool
    name: str
    facts: str
    sha256: str
    url: str
    by_post: bool


def present_files(rows: Iterable[FileRow], base: str, *, by_link: bool = False) -> list[FileItem]:
    """The files below that address. by_link: public ones are given out by a link."""
    return [
        FileItem(
            title=row.title,
            use=row.use.label,
            disclosure=row.disclosure.label,
            public=not row.recorded,
            name=row.name,
            facts=f"{row.kind.label} {size_words(row.size_bytes)}",
            sha256=row.sha256,
            url=f"{base}/{row.token}",
            by_post=row.recorded or not by_link,
        )
        for row in rows
    ]
