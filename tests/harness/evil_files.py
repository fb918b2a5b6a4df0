"""Files as people attach them, and files nobody should be given: made here, none is stored."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

from docx import Document
from openpyxl import Workbook
from PIL import Image

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TYPES = "[Content_Types].xml"
_SHEET = "xl/workbook.xml"


@cache
def xlsx() -> bytes:
    book = Workbook()
    assert book.active
    book.active.append(["品目", "単価（円）"])
    book.active.append(["利用料", 1000])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


@cache
def docx() -> bytes:
    document = Document()
    document.add_paragraph("仕様書")
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


@cache
def image(kind: str) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(kept, kind)
    return kept.getvalue()


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A small PDF of one page; objects: more of them, whole; trailer: more of its entries."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        *objects,
    ]
    body = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    for number, part in enumerate(parts, start=1):
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    return body + b"trailer << /Root 1 0 R " + trailer + b" >>\nstartxref\n9\n%%EOF\n"


def stream(data: bytes, facts: bytes = b"/Filter /FlateDecode") -> bytes:
    packed = zlib.compress(data) if b"/FlateDecode" in facts else data
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (facts, len(packed), packed)


def archive(parts: dict[str, bytes], base: bytes | None = None) -> bytes:
    """The parts as an archive; base: one whose other parts are kept."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        if base is not None:
            with zipfile.ZipFile(io.BytesIO(base)) as old:
                for name in old.namelist():
                    if name not in parts:
                        made.writestr(name, old.read(name))
        for name, data in parts.items():
            made.writestr(name, data)
    return kept.getvalue()


def part(base: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(base)) as opened:
        return opened.read(name)


def changed(base: bytes, name: str, old: bytes, new: bytes) -> bytes:
    before = part(base, name)
    assert old in before, name
    return archive({name: before.replace(old, new)}, base)


def related(base: bytes, where: str, relation: str) -> bytes:
    text = part(base, where).decode()
    return archive(
        {where: text.replace("</Relationships>", relation + "</Relationships>").encode()}, base
    )


def encrypted_zip() -> bytes:
    """As if made with a password: the flag stands in both headers of each part."""
    made = bytearray(xlsx())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = made.find(mark)
        while place >= 0:
            made[place + at] |= 1
            place = made.find(mark, place + 4)
    return bytes(made)


def macro_types(base: bytes) -> bytes:
    main = b"spreadsheetml.sheet.main+xml"
    return changed(
        base,
        _TYPES,
        b"application/vnd.openxmlformats-officedocument." + main,
        b"application/vnd.ms-excel.sheet.macro&#69;nabled.main+xml",
    )


def utf16_types() -> bytes:
    return archive({_TYPES: part(xlsx(), _TYPES).decode().encode("utf-16")}, xlsx())


def big_png() -> bytes:
    """A picture of 100,000 × 100,000 points in a few bytes."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", header), (b"IEND", b""))
    )


_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_EXTERNAL = (
    f'<Relationship Id="rIdX" Type="{_RELATIONS}{{}}" Target="http://evil.example/x" '
    'TargetMode="External"/>'
)
_DOCUMENT = "word/_rels/document.xml.rels"
_ON_OPENING = b'<definedName name="_xlnm.Auto_Open"/></workbook>'
_JS = b"<< /S /JavaScript /JS (app.alert(1)) >>"

# Name → (makes the file, the code of the refusal).
EVIL: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "program": (lambda: b"MZ\x90\x00\x03" + b"\x00" * 60, "unknown_kind"),
    "web page": (lambda: b"<!DOCTYPE html><script>alert(1)</script>", "unknown_kind"),
    "picture that is a page": (lambda: b"<svg onload='alert(1)'></svg>", "unknown_kind"),
    "plain archive": (lambda: archive({"a.txt": b"a"}), "unknown_kind"),
    "old Excel": (lambda: OLE + b"\x00" * 600, "old_office"),
    "Excel with a password": (
        lambda: OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "encrypted",
    ),
    "archive with a password": (encrypted_zip, "encrypted"),
    "macros": (lambda: archive({"xl/vbaProject.bin": OLE}, xlsx()), "macros"),
    "macros in Word": (lambda: archive({"word/vbaProject.bin": OLE}, docx()), "macros"),
    "Excel 4 macros": (
        lambda: archive({"xl/macrosheets/sheet1.xml": b"<xm:macrosheet/>"}, xlsx()),
        "macros",
    ),
    "type of a macro file, hidden": (lambda: macro_types(xlsx()), "macros"),
    "types in another encoding": (utf16_types, "broken"),
    "macro that runs on opening": (
        lambda: changed(xlsx(), _SHEET, b"</workbook>", _ON_OPENING),
        "macros",
    ),
    "embedded program": (
        lambda: archive({"word/embeddings/oleObject1.bin": OLE}, docx()),
        "embedded",
    ),
    "template from elsewhere": (
        lambda: related(docx(), _DOCUMENT, _EXTERNAL.format("attachedTemplate")),
        "external",
    ),
    "picture from elsewhere": (
        lambda: related(docx(), _DOCUMENT, _EXTERNAL.format("image")),
        "external",
    ),
    "dynamic data exchange": (
        lambda: archive({"xl/externalLinks/externalLink1.xml": b"<x><ddeLink/></x>"}, xlsx()),
        "external",
    ),
    "entities": (
        lambda: archive({"word/a.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, docx()),
        "external",
    ),
    "bomb": (lambda: archive({"xl/zeros.xml": b"\x00" * 60_000_000}, xlsx()), "bomb"),
    "part outside its folder": (lambda: archive({"../../evil.xml": b"a"}, xlsx()), "broken"),
    "torn archive": (lambda: xlsx()[:-200], "broken"),
    "archive behind an archive": (lambda: archive({"a": b"a"}) + xlsx(), "two_in_one"),
    "page behind an archive": (lambda: xlsx() + b"<script>alert(1)</script>", "two_in_one"),
    "script": (lambda: pdf(_JS), "active_pdf"),
    "script by another spelling": (
        lambda: pdf(b"<< /S /J#61v#61Script /#4a#53 (x) >>"),
        "active_pdf",
    ),
    "script in packed objects": (
        lambda: pdf(stream(b"4 0 " + _JS, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")),
        "active_pdf",
    ),
    "script in objects packed otherwise": (
        lambda: pdf(stream(b"4 0 " + _JS.hex().encode(), b"/Type /ObjStm /Filter /ASCIIHexDecode")),
        "unreadable",
    ),
    "program to start": (lambda: pdf(b"<< /S /Launch /F (cmd.exe) >>"), "active_pdf"),
    "file in a PDF": (
        lambda: pdf(stream(b"MZ", b"/Type /EmbeddedFile /Filter /FlateDecode")),
        "active_pdf",
    ),
    "PDF with a password": (lambda: pdf(trailer=b"/Encrypt 9 0 R"), "encrypted"),
    "PDF bomb": (lambda: pdf(stream(b"\x00" * 120_000_000)), "bomb"),
    "PDF and archive": (lambda: pdf() + archive({"a": b"a"}), "two_in_one"),
    "torn PDF": (lambda: pdf()[:80], "broken"),
    "picture and archive": (lambda: image("PNG") + archive({"a": b"a"}), "two_in_one"),
    "photo and archive": (lambda: image("JPEG") + archive({"a": b"a"}), "two_in_one"),
    "torn picture": (lambda: image("PNG")[:-30], "broken"),
    "picture too large to open": (big_png, "too_many_pixels"),
    "formula in a table": (
        "品目,単価\n利用料,=cmd|'/c calc'!A0\n".encode,
        "formula",
    ),
    "text that turns round": ("価格表\u202e4321".encode, "turning"),
    "text with hidden signs": ("価格\x00表".encode, "unknown_kind"),
}

GOOD: dict[str, tuple[Callable[[], bytes], str]] = {
    "Excel": (xlsx, "xlsx"),
    "Word": (docx, "docx"),
    "PDF": (pdf, "pdf"),
    "PDF with packed objects": (
        lambda: pdf(stream(b"4 0 << /Type /Font >>", b"/Type /ObjStm /Filter /FlateDecode")),
        "pdf",
    ),
    "PDF that writes of scripts": (
        lambda: pdf(stream(b"BT (JavaScript /JS is not used) Tj ET")),
        "pdf",
    ),
    "picture": (lambda: image("PNG"), "png"),
    "photo": (lambda: image("JPEG"), "jpeg"),
    "table": ("品目,単価\n割引,-500\n電話,+81-3\n".encode, "csv"),
    "table as Excel writes it": (lambda: "品目,単価\n利用料,1000\n".encode("cp932"), "csv"),
    "text": ("仕様書\n1. 目的、範囲\n".encode, "text"),
    "link to a page": (
        lambda: related(docx(), _DOCUMENT, _EXTERNAL.format("hyperlink")),
        "docx",
    ),
}
