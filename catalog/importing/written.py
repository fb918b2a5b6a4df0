"""Rows written as a workbook or a CSV that an import reads back to the letter."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from foundation.text import harmless_cell

Cells = list[Any]


def write_csv(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """One table; no cell is run as a formula by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([harmless_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def write_book(headings: Mapping[str, Sequence[str]], rows: Mapping[str, Sequence[Cells]]) -> bytes:
    """A sheet for each title with its headings and, below them, its rows."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.active)
    for title, columns in headings.items():
        sheet = workbook.create_sheet(title)
        sheet.append(list(columns))
        sheet.freeze_panes = "A2"
        for line, cells in enumerate(rows.get(title, ()), start=2):
            for place, value in enumerate(cells, start=1):
                cell = sheet.cell(line, place, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # text beginning with 「=」 is text
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()
