"""Reading tables people send: CSV in UTF-8 or CP932, and XLSX. Every cell becomes text.

A file is read row by row and twice: once to learn its encoding, once for its rows.
"""

import codecs
import csv
import hashlib
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

from foundation.sheet_cells import find_unread_cell
from foundation.text import normalize, printable

MAX_CELL_LENGTH = 10_000
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
# The reader holds a sheet as one rectangle: a single cell far off would ask for all in between.
MAX_RECTANGLE = 10_000_000
_CHUNK_BYTES = 64 * 1024
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,3})(\d{1,7})["']""")
_LONGEST_PLACE = 64

_OLD_OFFICE = bytes.fromhex("D0CF11E0A1B11AE1")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


_OTHER_FORMATS = {
    b"%PDF-": "PDF",
    b"\x89PNG": "画像（PNG）",
    b"\xff\xd8\xff": "画像（JPEG）",
    b"GIF8": "画像（GIF）",
    b"{\\rtf": "リッチテキスト（RTF）",
}


class UnreadableTable(ValueError):
    """The file is no table we can read; the message says what to do, in Japanese."""


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One row. line: as the reader's own program counts, the header being part of it.

    cells: column name → text, trimmed, with a space for each sign no page may hold; '' for an
    empty cell.
    """

    sheet: str
    line: int
    cells: Mapping[str, str]


def read_table(path: Path, required: Sequence[str]) -> Iterator[TableRow]:
    """The rows of a CSV or XLSX file that are not empty, in order.

    Raises UnreadableTable for another format, an encoding that is none of ours, a missing
    column (named), a column given twice, or a cell beyond 10,000 characters.
    """
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise UnreadableTable("ファイルが空です。")
    if start.startswith(_OLD_OFFICE):
        raise UnreadableTable(
            "パスワード付き、または古い形式（.xls）のファイルです。"
            "パスワードを外し、.xlsx で保存してください。"
        )
    if other := find_other_format(start):
        raise UnreadableTable(other)
    if start.startswith(b"PK"):
        return _read_workbook(path, required)
    return _read_csv(path, required)


def find_other_format(start: bytes) -> str:
    """Why a file beginning so is no table, whatever its name says; '' if it may be one."""
    for signature, label in _OTHER_FORMATS.items():
        if start.startswith(signature):
            return (
                f"中身は{label}です。名前の末尾を変えても表にはなりません。"
                "CSV（UTF-8 か Shift_JIS）または Excel（.xlsx）で保存してください。"
            )
    return ""


def read_sheets(
    path: Path,
    wanted: Mapping[str, Sequence[str]],
    check_headings: Callable[[Mapping[str, Sequence[str]]], None],
) -> dict[str, list[TableRow]]:
    """The filled sheets of those titles, with the columns each needs; none of a CSV.

    check_headings: is given those of every filled sheet, normalised, before a row is read.
    Raises UnreadableTable.
    """
    with path.open("rb") as file:
        if not file.read(8).startswith(b"PK"):
            return {}
    filled = [sheet for sheet in _sheets_of(path) if sheet.height]
    check_headings({sheet.name: _header_of(sheet) for sheet in filled})
    found = {}
    for sheet in filled:
        if sheet.name in wanted:
            _check_cells(path, sheet)
            rows = _rows(_sheet_lines(sheet), sheet.name, wanted[sheet.name])
            found[sheet.name] = list(rows)
    return {name: rows for name, rows in found.items() if rows}


def read_cells(path: Path) -> dict[str, list[list[str]]]:
    """Every sheet of a workbook as it is, each cell as text. Raises UnreadableTable."""
    return {
        sheet.name: [cells for _line, cells in _sheet_lines(sheet)] for sheet in _sheets_of(path)
    }


def file_sha256(path: Path) -> str:
    """SHA-256 of the file as it is."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_csv(path: Path, required: Sequence[str]) -> Iterator[TableRow]:
    encoding = sniff_encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        yield from _rows(_numbered_lines(csv.reader(file, strict=True)), path.name, required)


def sniff_encoding(path: Path) -> str:
    """'utf-8-sig' or 'cp932': the first that decodes the whole file without a doubt."""
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            raise UnreadableTable(
                "文字コードが UTF-16 です。UTF-8 または Shift_JIS（CP932）で保存してください。"
            )
    for encoding in ("utf-8-sig", "cp932"):
        if _decodes(path, encoding):
            return encoding
    raise UnreadableTable(
        "文字コードを判別できません。UTF-8 または Shift_JIS（CP932）で保存してください。"
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                if "\x00" in decoder.decode(chunk):
                    return False
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _numbered_lines(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on: a quoted cell may hold line breaks."""
    begins = 1
    try:
        for record in reader:
            yield begins, record
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableTable(
            f"{begins}行目をCSVとして読めません（引用符の対応を確かめてください）。"
        ) from error


def _read_workbook(path: Path, required: Sequence[str]) -> Iterator[TableRow]:
    filled = [sheet for sheet in _sheets_of(path) if sheet.height]
    if not filled:
        raise UnreadableTable("ファイルに行がありません。")
    # Sheets without our columns are notes; when none has them, the first one is named.
    chosen = [sheet for sheet in filled if not _missing(_header_of(sheet), required)]
    for sheet in chosen or filled[:1]:
        _check_cells(path, sheet)
        yield from _rows(_sheet_lines(sheet), sheet.name, required)


def _check_cells(path: Path, sheet: Any) -> None:
    """Refuse a sheet whose cells do not say what a person sees: nothing is guessed."""
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        place = f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}"
        raise UnreadableTable(
            f"{sheet.name} {top + 1}行目 {_letters(left)}列: "
            f"セルが結合されています（{place}）。結合を解いて、1つのセルに1つの値を書いてください。"
        )
    unread = find_unread_cell(path, sheet.name)
    if unread is not None:
        place = f"{sheet.name} {unread.line}行目 {unread.column}列"
        raise UnreadableTable(f"{place}: {unread.reason}")


def _letters(column: int) -> str:
    """0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _sheets_of(path: Path) -> list[Any]:
    check_workbook(path)
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        return [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
    except (python_calamine.CalamineError, OSError) as error:
        raise UnreadableTable("Excel ファイルとして読めません。") from error


def check_workbook(file: Path | IO[bytes]) -> None:
    """That the file is a workbook that can be read in bounds. Raises UnreadableTable."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            _check_rectangles(archive, entries)
    # What Python cannot unpack (an unknown method, a broken stream) nobody's Excel wrote.
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise UnreadableTable("Excel ファイルとして読めません。") from error


def _check_entries(entries: Sequence[zipfile.ZipInfo]) -> None:
    if any(entry.filename.endswith("vbaProject.bin") for entry in entries):
        raise UnreadableTable(
            "マクロを含むファイルは受け付けられません。.xlsx で保存してください。"
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableTable("パスワード付きのファイルです。パスワードを外してください。")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise UnreadableTable("展開すると大きすぎるファイルです。分けて保存してください。")
    # Another kind of archive or table is not read: its own limits are not looked at here.
    if all(entry.filename != "xl/workbook.xml" for entry in entries):
        raise UnreadableTable("Excel（.xlsx）ファイルとして読めません。.xlsx で保存してください。")


def _check_rectangles(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse a sheet whose cells lie so far apart that reading it would end the program."""
    for entry in entries:
        if not entry.filename.endswith(".xml"):
            continue
        row, column = _farthest(archive, entry)
        if row * column > MAX_RECTANGLE:
            raise UnreadableTable(
                f"表が広すぎます（{row:,}行×{column:,}列）。"
                "表から離れたセルと、使っていない行・列の書式を消して保存してください。"
            )


def _farthest(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[int, int]:
    """The largest row and column any cell of the part names; (0, 0) if none does."""
    row = column = 0
    before = b""
    with archive.open(entry) as part:
        while chunk := part.read(_CHUNK_BYTES):
            for letters, digits in _PLACE.findall(before + chunk):
                row, column = max(row, int(digits)), max(column, _column_number(letters))
            before = chunk[-_LONGEST_PLACE:]
    return row, column


def _column_number(letters: bytes) -> int:
    """A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _sheet_lines(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        yield line, [_cell_text(cell) for cell in cells]


def _header_of(sheet: Any) -> list[str]:
    _line, header = _first_filled(_sheet_lines(sheet))
    return [normalize(name) for name in header]


def _cell_text(cell: Any) -> str:
    # The reader gives every number as float: 1.0 was typed as 1.
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell) if not isinstance(cell, timedelta) else str(cell.total_seconds())


def _rows(
    lines: Iterable[tuple[int, list[str]]], sheet: str, required: Sequence[str]
) -> Iterator[TableRow]:
    numbered = iter(lines)
    _line, header = _first_filled(numbered)
    columns = [normalize(name) for name in header]
    _check_header(columns, sheet, required)
    for line, cells in numbered:
        # Left in, some of these signs would break a page, and one of them PostgreSQL.
        texts = [printable(cell).strip() for cell in cells]
        if not any(texts):
            continue
        if len(texts) > len(columns) and any(texts[len(columns) :]):
            raise UnreadableTable(f"{sheet} {line}行目: 見出しより列が多くあります。")
        _check_headed(columns, texts, f"{sheet} {line}行目")
        _check_lengths(columns, texts, f"{sheet} {line}行目")
        texts += [""] * (len(columns) - len(texts))
        yield TableRow(sheet=sheet, line=line, cells=_by_name(columns, texts))


def _check_headed(columns: Sequence[str], texts: Sequence[str], place: str) -> None:
    """A value below no heading would be passed over in silence."""
    for number, (name, text) in enumerate(zip(columns, texts, strict=False)):
        if text and not name:
            raise UnreadableTable(
                f"{place} {_letters(number)}列: 見出しのない列に値があります。"
                "見出しを書くか、値を消してください。"
            )


def _check_lengths(columns: Sequence[str], texts: Sequence[str], place: str) -> None:
    if max(map(len, texts)) <= MAX_CELL_LENGTH:
        return
    long = next(n for n, text in enumerate(texts) if len(text) > MAX_CELL_LENGTH)
    column = f"「{columns[long]}」" if long < len(columns) else ""
    raise UnreadableTable(f"{place}{column}: {MAX_CELL_LENGTH:,}文字を超えています。")


def _first_filled(lines: Iterator[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """The header: the first row that is not empty."""
    return next(((line, cells) for line, cells in lines if any(map(str.strip, cells))), (1, []))


def _by_name(columns: list[str], texts: list[str]) -> dict[str, str]:
    return {name: text for name, text in zip(columns, texts, strict=False) if name}


def _check_header(columns: list[str], sheet: str, required: Sequence[str]) -> None:
    missing = _missing(columns, required)
    if missing:
        raise UnreadableTable(f"{sheet}: 次の列がありません：{'、'.join(missing)}")
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise UnreadableTable(f"{sheet}: 同じ名前の列が2つ以上あります：{'、'.join(twice)}")


def _missing(columns: Sequence[str], required: Sequence[str]) -> list[str]:
    return [name for name in required if name not in columns]
