"""Rows written as a workbook that an import reads back to the letter."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

Cells = list[Any]


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
