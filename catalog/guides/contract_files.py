"""Reading the text of a contract template somebody uploads. Nothing of it is kept."""

import io
import zipfile

from catalog.guides.clause_scan import LONGEST_TEXT

LARGEST_FILE = 5 * 1024 * 1024
LARGEST_UNPACKED = 50 * 1024 * 1024
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .doc, and every encrypted Office file
_DOCUMENT = "word/document.xml"
_MACROS = "word/vbaProject.bin"


def read_contract(content: bytes) -> str:
    """The text of a .docx or plain text file, told apart by content, never by name.

    Raises ValueError with a Japanese message for anything else, and for files that are too
    large, encrypted or carry macros.
    """
    if not content:
        raise ValueError("ファイルが空です。")
    if len(content) > LARGEST_FILE:
        raise ValueError("ファイルは5MB以下にしてください。")
    if content.startswith(_OLD_OFFICE):
        raise ValueError(
            "パスワードが付いたファイルか、古い形式（.doc）です。"
            "パスワードを外して .docx で保存し直すか、文章を貼り付けてください。"
        )
    if content.startswith(b"%PDF"):
        raise ValueError("PDFは読み取れません。文章を貼り付けるか、.docx を選んでください。")
    text = _read_docx(content) if content.startswith(b"PK") else _read_plain(content)
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"文章は{LONGEST_TEXT:,}文字以内にしてください。")
    return text


def _read_docx(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(archive)
        return _paragraphs(content)
    except (zipfile.BadZipFile, KeyError, OSError, SyntaxError) as problem:
        # python-docx lets the parser's own errors through; they are SyntaxErrors.
        raise ValueError("ファイルが壊れているため、読み取れません。") from problem


def _check_archive(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if _MACROS in names:
        raise ValueError("マクロを含むファイルは受け取れません。.docx で保存し直してください。")
    if _DOCUMENT not in names:
        raise ValueError("Word形式（.docx）ではありません。.docx かテキストを選んでください。")
    if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
        raise ValueError("ファイルの中身が大きすぎるため、読み取れません。")


def _paragraphs(content: bytes) -> str:
    from docx import Document

    document = Document(io.BytesIO(content))
    lines = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        for row in table.rows:
            lines += [cell.text for cell in row.cells]
    return "\n".join(lines)


def _read_plain(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ValueError("文字のファイルとして読み取れません。.docx かテキストを選んでください。")
