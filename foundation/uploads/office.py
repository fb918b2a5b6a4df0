"""Excel and Word files: archives of XML without programs, links to load, or hidden files."""

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from foundation.uploads.kinds import DOCX, TAKEN, XLSX, FileKind, broken, refused, two_in_one

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_PARTS = 5_000
LARGEST_UNPACKED = 100 * 1024 * 1024
STEEPEST = 300  # unpacked to packed, of archives above the size where it matters
_STEEP_FROM = 10 * 1024 * 1024
_TYPES = "[Content_Types].xml"
_MAIN = {
    "spreadsheetml.sheet.main+xml": XLSX,
    "wordprocessingml.document.main+xml": DOCX,
}
_END = b"PK\x05\x06"
_MACRO_PARTS = ("vbaproject", "vbadata", "macrosheets/", "dialogsheets/", "attachedtoolbars")
_HIDDEN_PARTS = ("embeddings/", "activex/", "oleobject")
_HIDDEN_SUFFIXES = (".zip", ".exe", ".dll", ".js", ".vbs", ".docm", ".xlsm", ".xlsb", ".bat")
_MACRO_WORDS = ("macroenabled", "vbaproject", "macrosheet", "vbadata", "keymapcustomizations")
_HIDDEN_WORDS = ("activex", "oleobject")
_EMBEDDING = re.compile(r"""(?i)oleobject|activex|/package["']""")
_DANGEROUS = re.compile(rb"(?i)<!doctype|<!entity|ddelink|ddeauto|_xlnm\.auto_(?:open|close)")
_RELATION = re.compile(r"(?is)<(?:\w+:)?relationship\b[^>]*>")
_DECLARED = re.compile(rb"""(?i)<\?xml[^>]*encoding\s*=\s*["']([^"']*)""")
_UNICODE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


def refuse_ole(content: bytes) -> Exception:
    """Old Office files, and new ones with a password, are both such containers."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return refused(
            "encrypted", "パスワードの付いたファイルは受け取れません。外して保存してください。"
        )
    return refused(
        "old_office",
        "古い形式（.xls・.doc など）はマクロを見分けられないため、受け取れません。"
        ".xlsx か .docx で保存し直してください。",
    )


def check_office(content: bytes) -> FileKind:
    """Which of the two it is. Raises Refused with what was found."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_whole(archive, content)
            kind = _kind_of(archive)
            for name, part in _parts(archive):
                _check_part(name, part)
            return kind
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as problem:
        raise broken() from problem


def _check_whole(archive: zipfile.ZipFile, content: bytes) -> None:
    entries = archive.infolist()
    if not entries or min(entry.header_offset for entry in entries) != 0:
        raise two_in_one()
    if archive.comment or content[-22:-18] != _END:
        raise two_in_one()
    if any(entry.flag_bits & 1 for entry in entries):
        raise refused("encrypted", "パスワードの付いたファイルは受け取れません。")
    if any(
        entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries
    ):
        raise broken()
    unpacked = sum(entry.file_size for entry in entries)
    steep = unpacked > _STEEP_FROM and unpacked > STEEPEST * len(content)
    if len(entries) > MOST_PARTS or unpacked > LARGEST_UNPACKED or steep:
        raise refused("bomb", "ファイルの中身が大きすぎるため、受け取れません。")
    _check_names([entry.filename for entry in entries])


def _check_names(names: list[str]) -> None:
    lower = [name.lower() for name in names]
    odd = any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names)
    if odd or len(set(lower)) != len(lower):
        raise broken()
    if any(word in name for name in lower for word in _MACRO_PARTS):
        raise _macros()
    if any(word in name for name in lower for word in _HIDDEN_PARTS) or any(
        name.endswith(_HIDDEN_SUFFIXES) for name in lower
    ):
        raise _hidden()


def _kind_of(archive: zipfile.ZipFile) -> FileKind:
    if _TYPES not in archive.namelist():
        raise refused("unknown_kind", f"受け取れる形式は、{TAKEN}です。ZIPは受け取れません。")
    words = _text(archive.read(_TYPES)).lower()
    if any(word in words for word in _MACRO_WORDS):
        raise _macros()
    if any(word in words for word in _HIDDEN_WORDS):
        raise _hidden()
    kinds = [kind for word, kind in _MAIN.items() if word in words]
    if len(kinds) != 1:
        raise refused("unknown_kind", f"受け取れる形式は、{TAKEN}です。")
    return kinds[0]


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Each part, read whole: a wrong length or checksum shows here."""
    for entry in archive.infolist():
        part = archive.read(entry)
        if len(part) != entry.file_size:
            raise broken()
        yield entry.filename.lower(), part


def _check_part(name: str, part: bytes) -> None:
    if not name.endswith((".xml", ".rels", ".vml")):
        return
    _check_encoding(part)
    found = _DANGEROUS.search(part)
    if found is not None:
        raise _macros() if b"auto_" in found[0].lower() else _links()
    if name.endswith(".rels"):
        _check_relations(_text(part))


def _check_encoding(part: bytes) -> None:
    """UTF-8 only: in another encoding the words looked for would hide."""
    declared = _DECLARED.search(part[:200])
    named = declared[1].lower() if declared else b"utf-8"
    if part.startswith(_UNICODE) or named not in (b"utf-8", b"us-ascii", b"ascii"):
        raise broken()


def _text(part: bytes) -> str:
    _check_encoding(part)
    return html.unescape(part.decode("utf-8-sig", errors="replace"))


def _check_relations(text: str) -> None:
    for found in _RELATION.finditer(text):
        relation = found[0].lower()
        if "vbaproject" in relation or "macrosheet" in relation:
            raise _macros()
        if _EMBEDDING.search(relation):
            raise _hidden()
        external = re.search(r"""targetmode\s*=\s*["']external""", relation)
        if external and "/hyperlink" not in relation:
            raise _links()


def _macros() -> Exception:
    return refused(
        "macros",
        "マクロを含むファイルは受け取れません。マクロを外して .xlsx か .docx で保存してください。",
    )


def _hidden() -> Exception:
    return refused(
        "embedded", "別のファイルが埋め込まれているため、受け取れません。外して保存してください。"
    )


def _links() -> Exception:
    return refused(
        "external",
        "開いたときに外部のファイルやデータを読み込む設定があるため、受け取れません。"
        "リンクを解除して保存してください。",
    )
