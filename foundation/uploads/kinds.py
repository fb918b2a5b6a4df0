"""Which kinds of file are taken, and the words with which the others are refused."""

from dataclasses import dataclass

from foundation.errors import Refused, refuse

FIELD = "file"
TAKEN = "PDF、Excel（.xlsx）、Word（.docx）、CSV・テキスト、PNG・JPEG の画像"


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """A kind of file. suffix: what its name ends with when it is given out."""

    key: str
    label: str
    suffix: str
    media_type: str


_OFFICE = "application/vnd.openxmlformats-officedocument"
PDF = FileKind(key="pdf", label="PDF", suffix=".pdf", media_type="application/pdf")
XLSX = FileKind(
    key="xlsx", label="Excel", suffix=".xlsx", media_type=f"{_OFFICE}.spreadsheetml.sheet"
)
DOCX = FileKind(
    key="docx", label="Word", suffix=".docx", media_type=f"{_OFFICE}.wordprocessingml.document"
)
CSV = FileKind(key="csv", label="CSV", suffix=".csv", media_type="text/csv")
TEXT = FileKind(key="text", label="テキスト", suffix=".txt", media_type="text/plain")
PNG = FileKind(key="png", label="PNG画像", suffix=".png", media_type="image/png")
JPEG = FileKind(key="jpeg", label="JPEG画像", suffix=".jpg", media_type="image/jpeg")

KINDS: dict[str, FileKind] = {kind.key: kind for kind in (PDF, XLSX, DOCX, CSV, TEXT, PNG, JPEG)}


def refused(code: str, message: str) -> Refused:
    """A file that is not taken, with the reason beside the field."""
    return refuse(code, message, FIELD)


def broken() -> Refused:
    """The content breaks the rules of its kind."""
    return refused("broken", "ファイルが壊れているため、受け取れません。保存し直してください。")


def two_in_one() -> Refused:
    """A file that one program reads as this and another as that."""
    return refused(
        "two_in_one",
        "別の形式のファイルがつながっているため、受け取れません。元のソフトで保存し直してください。",
    )
