"""A locked record as files to take away, and such files read back to be checked."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from catalog.selection.record_tables import Cell, make_lines, make_sheets
from catalog.selection.verify import UnreadableExport
from foundation.audit import Head, canonical_json, links_csv
from foundation.labels import LabelledEnum
from foundation.tables import UnreadableTable, read_cells, sniff_encoding


class Format(LabelledEnum):
    """How a record can be taken away."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel（XLSX）"
    PDF = "pdf", "PDF"
    PRINT = "print", "印刷用の画面"
    JSON = "json", "record.json（検証用）"
    ZIP = "zip", "まとめて（ZIP）"


MIME_TYPES: Mapping[Format, str] = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
    Format.JSON: "application/json",
    Format.ZIP: "application/zip",
}

RECORD_JSON = "record.json"
HEADS_CSV = "audit-heads.csv"
# Fixed, so that the same record is the same bytes.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_WIDEST = 60


def make_csv(export: Mapping[str, Any]) -> bytes:
    """The tables one below the other, UTF-8 with BOM."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(make_lines(make_sheets(export)))
    return text.getvalue().encode("utf-8-sig")


def make_workbook(export: Mapping[str, Any]) -> bytes:
    """A sheet for each table; texts are texts whatever they begin with."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for sheet in make_sheets(export):
        page = workbook.create_sheet(sheet.name)
        for line, row in enumerate(sheet.rows, start=1):
            for place, value in enumerate(row, start=1):
                cell = page.cell(line, place, value)
                cell.data_type = "n" if isinstance(value, int) else "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                cell.font = Font(bold=line == 1)
        for column, width in zip(page.columns, _widths(sheet.rows), strict=False):
            page.column_dimensions[column[0].column_letter].width = width
        page.freeze_panes = "A2"
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def make_json(export: Mapping[str, Any]) -> bytes:
    """record.json in canonical form: sorted keys, no spaces."""
    return canonical_json(export).encode()


def make_zip(export: Mapping[str, Any], heads: Sequence[tuple[date, Head]]) -> bytes:
    """CSV, workbook, record.json and the published heads together."""
    files = {
        "record.csv": make_csv(export),
        "record.xlsx": make_workbook(export),
        RECORD_JSON: make_json(export),
        HEADS_CSV: links_csv(heads).encode(),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=_ZIP_TIME), content)
    return buffer.getvalue()


def _widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Widths in characters, a full-width one counted as two."""
    widths: list[int] = []
    for row in rows:
        for place, cell in enumerate(row):
            lines = str(cell).split("\n")
            wide = max(sum(2 if ord(sign) > 0xFF else 1 for sign in line) for line in lines) + 2
            if place == len(widths):
                widths.append(0)
            widths[place] = min(_WIDEST, max(widths[place], wide))
    return widths


def read_csv(path: Path) -> list[list[str]]:
    """The cells of a CSV file as it is. Raises UnreadableExport."""
    try:
        with path.open(encoding=sniff_encoding(path), newline="") as file:
            return list(csv.reader(file, strict=True))
    except (UnreadableTable, csv.Error) as error:
        raise UnreadableExport(f"{path.name} をCSVとして読めません：{error}") from error


def read_workbook(path: Path) -> dict[str, list[list[str]]]:
    """The cells of a workbook, sheet by sheet. Raises UnreadableExport."""
    try:
        return read_cells(path)
    except UnreadableTable as error:
        raise UnreadableExport(f"{path.name}: {error}") from error


def list_hidden(path: Path) -> list[str]:
    """Sheets, rows and columns of a workbook that `read_workbook` has read and nobody sees."""
    return [
        f"シート「{sheet.title}」 {place}：隠されていて、見る人に見えません。"
        for sheet in load_workbook(path).worksheets
        for place in _hidden_places(sheet)
    ]


def _hidden_places(sheet: Any) -> list[str]:
    """What is hidden of a sheet: marked so, or too low or too narrow to show anything."""
    usual = sheet.sheet_format
    rows = sheet.row_dimensions.items()
    return [
        *(f"{row}行" for row, side in rows if side.hidden or _is_shut(side.height)),
        *(
            _columns(side.min, side.max)
            for side in sheet.column_dimensions.values()
            if side.hidden or _is_shut(side.width)
        ),
        *(["指定のない行"] if usual.zeroHeight or _is_shut(usual.defaultRowHeight) else []),
        *(["指定のない列"] if _is_shut(usual.defaultColWidth) else []),
        *(["シート全体"] if sheet.sheet_state != "visible" else []),
    ]


def _is_shut(size: float | None) -> bool:
    """Whether a height in points or a width in characters shows nothing. None: the usual one."""
    return size is not None and size < 1


def _columns(first: int, last: int) -> str:
    """「B列」 or 「B〜D列」: neighbours alike are one entry in a file."""
    names = dict.fromkeys(get_column_letter(number) for number in (first, last))
    return f"{'〜'.join(names)}列"


def read_text(path: Path) -> str:
    """A text file in UTF-8 or CP932. Raises UnreadableExport."""
    try:
        return path.read_text(encoding=sniff_encoding(path))
    except UnreadableTable as error:
        raise UnreadableExport(f"{path.name}: {error}") from error
