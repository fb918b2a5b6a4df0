"""What a file is, told by its content; its name is not asked."""

import io
import re
import zipfile

from foundation.text import normalize, printable
from foundation.uploads.images import JPEG_MAGIC, PNG_MAGIC, check_jpeg, check_png
from foundation.uploads.kinds import JPEG, PDF, PNG, FileKind, refused, two_in_one
from foundation.uploads.office import OLE_MAGIC, ZIP_MAGIC, check_office, refuse_ole
from foundation.uploads.pdf import MAGIC as PDF_MAGIC
from foundation.uploads.pdf import check_pdf
from foundation.uploads.texts import check_text

LONGEST_NAME = 80
_CHECKS = (
    (PDF_MAGIC, check_pdf, PDF),
    (PNG_MAGIC, check_png, PNG),
    (JPEG_MAGIC, check_jpeg, JPEG),
)
_TURNING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')


def recognise(content: bytes, largest: int) -> FileKind:
    """The kind of a file that may be taken. largest: bytes. Raises Refused with the reason."""
    if not content:
        raise refused("empty", "ファイルが空です。")
    if len(content) > largest:
        raise refused("too_large", f"ファイルは{size_words(largest)}以下にしてください。")
    if content.startswith(OLE_MAGIC):
        raise refuse_ole(content)
    if content.startswith(ZIP_MAGIC):
        if PDF_MAGIC in content[:1024]:
            raise two_in_one()
        return check_office(content)
    for magic, check, kind in _CHECKS:
        if content.startswith(magic):
            check(content)
            _refuse_archive(content)
            return kind
    return check_text(content)


def size_words(size: int) -> str:
    """「10MB」, 「1.5MB」, 「12KB」: in units of 1,024."""
    if size >= 1024 * 1024:
        return f"{size / 1024 / 1024:.1f}".removesuffix(".0") + "MB"
    return f"{max(1, round(size / 1024)):,}KB"


def clean_name(name: str, kind: FileKind) -> str:
    """The name under which the file is given out: no folder, and the ending of its kind."""
    last = re.split(r"[\\/]", printable(name))[-1]
    stem = _NOT_IN_NAMES.sub("_", normalize(_TURNING.sub("", last)))
    stem = re.sub(r"\.[^.]{0,8}$", "", stem).strip("._ ")[:LONGEST_NAME]
    return (stem or "file") + kind.suffix


def _refuse_archive(content: bytes) -> None:
    """A picture or a PDF behind which an archive hangs is both."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise two_in_one()
