"""Reading a file to be checked: a CSV, a workbook, or a zip of data and what describes it.

Nothing is written anywhere; formulas are not computed.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import PurePosixPath
from typing import Any

from catalog.table_check.tables import EMPTY, Book, Cell, Definition, Sheet
from foundation.errors import Refused, refuse
from foundation.tables import UnreadableTable, check_workbook
from foundation.uploads.office import OLE_MAGIC, ZIP_MAGIC, check_office, refuse_ole

LARGEST_BYTES = 20 * 1024 * 1024
MOST_CELLS = 2_000_000
DICTIONARY, CODES, CHANGELOG = "data_dictionary", "codes", "changelog"
_BESIDE = (DICTIONARY, CODES, CHANGELOG)
BESIDE_FILES = tuple(f"{name}.csv" for name in _BESIDE)
_WORDS_BESIDE = {"データの定義": DICTIONARY, "コード表": CODES, "更新履歴": CHANGELOG}
_SHEET = "xl/worksheets/"
_OBJECTS = ("xl/drawings/drawing", "xl/media/", "xl/charts/")
# What openpyxl and what it stands on say of a workbook that is none.
_UNREADABLE = (
    *(AttributeError, LookupError, ValueError, TypeError, SyntaxError, ArithmeticError),
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError),
)
_FALSE_FILL = (None, "none", "")


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is checked. beside: other files given with it, by name (codes.csv and so on).

    most_cells: lines times columns of each table, and of all sheets together.
    """

    name: str
    content: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)
    previous: bytes | None = None
    bodies: Mapping[str, str] | None = None
    most_cells: int = MOST_CELLS


def read_book(given: Given) -> Book:
    """The file as its rules look at it. Raises Refused for one that cannot be read."""
    if len(given.content) > LARGEST_BYTES:
        raise refuse("too_large", "20MBまでのファイルを確かめられます。", "file")
    main, beside, objects = _unpack(given)
    sheets = _read_sheets(main, given.most_cells)
    tables = {name: sheet for name, sheet in sheets.items() if _beside_name(name) is None}
    more = {_beside_name(name): sheet for name, sheet in sheets.items()}
    for name, content in beside.items():
        stem = _beside_name(PurePosixPath(name).stem)
        if stem:
            with _refused_beside("beside" if name in given.beside else "file"):
                more[stem] = _read_csv(content, name, given.most_cells)
    dictionary = _definitions(more.get(DICTIONARY))
    return Book(
        name=given.name,
        format=main.format,
        sheets=tuple(_described(sheet, dictionary or {}) for sheet in tables.values()),
        dictionary=dictionary,
        codes=_codes(more.get(CODES)),
        changelog=CHANGELOG in more,
        objects=objects,
        previous=_headings(given),
        bodies=given.bodies,
    )


@contextmanager
def _refused_beside(field: str) -> Iterator[None]:
    """What is refused within the block is said beside the field its file was chosen in."""
    try:
        yield
    except Refused as refused:
        raise Refused([replace(each, field=field) for each in refused.blockers]) from refused


@dataclass(frozen=True, kw_only=True)
class _Main:
    """The file with the data. format: csv, xlsx or ''."""

    name: str
    content: bytes
    format: str


def _unpack(given: Given) -> tuple[_Main, Mapping[str, bytes], tuple[str, ...]]:
    content = given.content
    if content.startswith(OLE_MAGIC):
        raise refuse_ole(content)
    if not content.startswith(ZIP_MAGIC):
        kind = "csv" if _is_text(content) else ""
        return _Main(name=given.name, content=content, format=kind), given.beside, ()
    with _open(content) as archive:
        names = archive.namelist()
        if "[Content_Types].xml" in names:
            objects = tuple(name for name in names if name.startswith(_OBJECTS))
            kind = "xlsx" if any(name.startswith(_SHEET) for name in names) else ""
            return _Main(name=given.name, content=content, format=kind), given.beside, objects
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_BYTES * 5:
            raise refuse("too_large", "展開すると大きすぎる zip です。", "file")
        files = {name: _extract(archive, name) for name in names if name.lower().endswith(".csv")}
    data = [name for name in files if _beside_name(PurePosixPath(name).stem) is None]
    if len(data) != 1:
        raise refuse("zip", "zip には、データの CSV を1つだけ入れてください。", "file")
    main = _Main(name=data[0], content=files.pop(data[0]), format="csv")
    return main, {**given.beside, **files}, ()


def _open(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise refuse("broken", "ファイルが壊れています。", "file") from error


def _extract(archive: zipfile.ZipFile, name: str) -> bytes:
    """A file of it: encrypted, damaged or packed in a way nobody here knows, it is refused."""
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise refuse("broken", f"zip の中の「{name}」を取り出せません。", "file") from error


def _is_text(content: bytes) -> bool:
    if b"\x00" in content or not content:
        return False
    return any(_decodes(content, encoding) for encoding in ("utf-8-sig", "cp932"))


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _read_sheets(main: _Main, most_cells: int) -> dict[str, Sheet]:
    if main.format == "csv":
        return {"": _read_csv(main.content, "", most_cells)}
    if main.format == "xlsx":
        return _read_workbook(main.content, most_cells)
    return {}


def _read_csv(content: bytes, name: str, most_cells: int) -> Sheet:
    encoding = "utf-8-sig" if _decodes(content, "utf-8-sig") else "cp932"
    try:
        text = content.decode(encoding)
        lines = _lines_within(csv.reader(io.StringIO(text, newline=""), strict=True), most_cells)
    except (UnicodeDecodeError, csv.Error) as error:
        raise refuse(
            "broken", f"CSV として読み取れません（{name or 'データ'}）。", "file"
        ) from error
    rows = [[_text_cell(value) for value in line] for line in lines]
    lengths = tuple(len(line) if line else 1 for line in lines)
    return Sheet(name="", rows=_even(rows), lengths=lengths)


def _lines_within(reader: Iterable[list[str]], most_cells: int) -> list[list[str]]:
    """The lines as long as they are; every one counts as long as the longest. Raises Refused."""
    lines: list[list[str]] = []
    width = 1
    for line in reader:
        lines.append(line)
        width = max(width, len(line))
        _refuse_more(width * len(lines), most_cells)
    return lines


def _refuse_more(cells: int, most: int) -> None:
    if cells > most:
        message = f"行の数と列の数を掛けて{most:,}までの表を確かめられます。"
        raise refuse("too_large", message, "file")


def _text_cell(value: str) -> Cell:
    if not value:
        return EMPTY
    kind = "formula" if value.startswith("=") else "text"
    return Cell(text=value, kind=kind)


def _read_workbook(content: bytes, most_cells: int) -> dict[str, Sheet]:
    from openpyxl import load_workbook

    try:
        check_office(content)
        check_workbook(io.BytesIO(content))
        workbook = load_workbook(io.BytesIO(content), data_only=False)
    except UnreadableTable as error:
        raise refuse("broken", str(error), "file") from error
    except _UNREADABLE as error:
        raise refuse("broken", "Excel ファイルとして読めません。", "file") from error
    cells = sum(sheet.max_row * sheet.max_column for sheet in workbook.worksheets)
    _refuse_more(cells, most_cells)
    return {sheet.title: _read_sheet(sheet) for sheet in workbook.worksheets}


def _read_sheet(sheet: Any) -> Sheet:
    rows = [[_cell(cell) for cell in row] for row in sheet.iter_rows()]
    hidden = [key for key, each in sheet.column_dimensions.items() if each.hidden]
    return Sheet(
        name=sheet.title,
        rows=_even(rows),
        merged=tuple(str(area) for area in sheet.merged_cells.ranges),
        hidden_rows=tuple(n for n, each in sheet.row_dimensions.items() if each.hidden),
        hidden_columns=tuple(hidden),
        hidden=sheet.sheet_state != "visible",
        tables=len(sheet.tables),
    )


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return EMPTY
    kinds = {"f": "formula", "e": "error", "b": "bool"}
    kind = kinds.get(cell.data_type) or _kind_of(value)
    era = kind == "date" and ("gg" in cell.number_format or "[$-411]" in cell.number_format)
    return Cell(text=_text(value), kind=kind, style=_style(cell), era=era)


def _kind_of(value: Any) -> str:
    if isinstance(value, date | datetime | time):
        return "date"
    return "number" if isinstance(value, int | float) else "text"


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _style(cell: Any) -> str:
    """What sets the cell apart to the eye: colours, bold, struck through."""
    if not cell.has_style:
        return ""
    fill = cell.fill.fgColor.rgb if cell.fill.fill_type not in _FALSE_FILL else ""
    font = cell.font
    color = font.color.rgb if font.color is not None and font.color.type == "rgb" else ""
    marks = (fill, color, bool(font.b), bool(font.strike))
    return "" if marks in (("", "", False, False), ("", "FF000000", False, False)) else str(marks)


def _even(rows: Sequence[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Every line as long as the longest."""
    width = max((len(row) for row in rows), default=0)
    return tuple((*row, *(EMPTY,) * (width - len(row))) for row in rows)


def _beside_name(name: str) -> str | None:
    """Which of the files beside the data it is, by the name of file or sheet; None for data."""
    plain = _WORDS_BESIDE.get(name, name.lower())
    return plain if plain in _BESIDE else None


def _records(sheet: Sheet | None) -> Iterable[dict[str, str]]:
    if sheet is None:
        return
    for row in sheet.rows[sheet.header_line : sheet.height]:
        yield {
            heading.strip(): cell.text for heading, cell in zip(sheet.headings, row, strict=False)
        }


def _definitions(sheet: Sheet | None) -> dict[str, Definition] | None:
    if sheet is None:
        return None
    names = tuple(Definition.__dataclass_fields__)
    return {
        row["column"]: Definition(**{name: row.get(name, "") for name in names})
        for row in _records(sheet)
        if row.get("column")
    }


def _codes(sheet: Sheet | None) -> dict[str, frozenset[str]] | None:
    if sheet is None:
        return None
    found: dict[str, set[str]] = {}
    for row in _records(sheet):
        found.setdefault(row.get("code_list", ""), set()).add(row.get("code", ""))
    return {name: frozenset(codes) for name, codes in found.items()}


def _described(sheet: Sheet, dictionary: Mapping[str, Definition]) -> Sheet:
    return replace(sheet, definitions=dictionary)


def _headings(given: Given) -> frozenset[str] | None:
    """The headings of the file that was published last."""
    if given.previous is None:
        return None
    with _refused_beside("previous"):
        before = Given(name="", content=given.previous, most_cells=given.most_cells)
        sheets = read_book(before).sheets
    return frozenset(text.strip() for sheet in sheets for text in sheet.headings)
