"""A figure as machine-readable files: long data, dictionary, codes, changelog (F16 Level 3)."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date

from foundation.text import harmless_cell
from procurement.dashboard.figures import DIMENSIONS, Cell, Column, Figure

SCHEMA_VERSION = "1"
# A fixed time makes the same figure the same bytes, so that ETag and hash mean something.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def figure_zip(figure: Figure, made_on: date) -> bytes:
    """data.csv, data_dictionary.csv, codes.csv and changelog.csv in one zip.

    data.csv is long: one row per (dimensions, measure); an empty value is 「データなし」.
    """
    files = {
        "data.csv": _data(figure),
        "data_dictionary.csv": _dictionary(figure),
        "codes.csv": _codes(figure),
        "changelog.csv": _changelog(made_on),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in files.items():
            entry = zipfile.ZipInfo(name, date_time=_ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _csv(rows))
    return buffer.getvalue()


def _csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def _plain(cell: Cell) -> Cell:
    """A text that a spreadsheet would run as a formula is made harmless by a leading quote."""
    return harmless_cell(cell) if isinstance(cell, str) else cell


def _dimensions(figure: Figure) -> list[tuple[int, Column]]:
    return [(i, column) for i, column in enumerate(figure.columns) if column.type in DIMENSIONS]


def _measures(figure: Figure) -> list[tuple[int, Column]]:
    return [(i, column) for i, column in enumerate(figure.columns) if column.type not in DIMENSIONS]


def _data(figure: Figure) -> list[list[Cell]]:
    dimensions = _dimensions(figure)
    header: list[Cell] = [column.key for _, column in dimensions]
    table = [[*header, "measure", "value", "unit", "fictional", "as_of"]]
    for row in figure.rows:
        place: list[Cell] = [row[i] for i, _ in dimensions]
        table.extend(
            [*place, column.key, row[i], column.unit, int(figure.fictional), figure.as_of]
            for i, column in _measures(figure)
        )
    return table


def _dictionary(figure: Figure) -> list[list[Cell]]:
    header: list[Cell] = [
        "column",
        "label_ja",
        "type",
        "unit",
        "code_list",
        "null_meaning",
        "definition",
    ]
    rows: list[list[Cell]] = [
        [column.key, column.label, "string", "", "", "記載なし", column.definition]
        for _, column in _dimensions(figure)
    ]
    fixed: list[list[Cell]] = [
        ["measure", "指標", "string", "", "measure", "", "値が何を表すか"],
        ["value", "値", "integer", "unit 列", "", _absent(figure), figure.title],
        ["unit", "単位", "string", "", "", "", ""],
        ["fictional", "架空データ", "integer", "", "fictional", "", "1 は架空のデータ"],
        ["as_of", "時点", "string", "", "", "", f"出典: {figure.source}"],
    ]
    return [header, *rows, *fixed]


def _absent(figure: Figure) -> str:
    """What an empty value means; the columns may have words of their own."""
    words = dict.fromkeys(column.absent for _, column in _measures(figure))
    return f"{'・'.join(words) or 'データなし'}（0 とは異なる）"


def _codes(figure: Figure) -> list[list[Cell]]:
    rows: list[list[Cell]] = [["code_list", "code", "label_ja", "definition"]]
    rows += [
        ["measure", column.key, column.label, column.definition] for _, column in _measures(figure)
    ]
    return [*rows, ["fictional", 0, "実データ", ""], ["fictional", 1, "架空データ", ""]]


def _changelog(made_on: date) -> list[list[Cell]]:
    return [
        ["schema_version", "changed_on", "change"],
        [SCHEMA_VERSION, "2026-11-20", "初版"],
        [SCHEMA_VERSION, made_on.isoformat(), "この日の内容で出力"],
    ]
