"""Answers given as a table: {row key: {column key: value}}, rows without an answer left out.

In a file: 「行=値;値|行=値」, columns in their order, empty ones at the end left out.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from catalog.criterion import AnswerType, Choice, Column, Criterion
from foundation.text import fold_for_match, normalize, parse_date

ROW_SEPARATOR = "|"
CELL_SEPARATOR = ";"
_ASSIGNS = "="
MAX_CELL = 200

Table = Mapping[str, Mapping[str, Any]]


def parse_table(criterion: Criterion, text: str) -> dict[str, dict[str, Any]]:
    """The table a cell of a file holds. Raises ValueError."""
    table: dict[str, dict[str, Any]] = {}
    for part in normalize(text).split(ROW_SEPARATOR):
        if part.strip():
            key, cells = _parse_row(criterion, part)
            if key in table:
                raise ValueError(f"「{criterion.choice_labels[key]}」が二度書かれています。")
            table[key] = cells
    return in_order(criterion, table)


def format_table(criterion: Criterion, table: Table) -> str:
    """The table as a cell of a file."""
    return ROW_SEPARATOR.join(table_lines(criterion, table))


def table_lines(criterion: Criterion, table: Table) -> list[str]:
    """Each answered row as a file has it."""
    labels = criterion.choice_labels
    return [
        f"{labels.get(key, key)}{_ASSIGNS}{_cells(criterion, row)}" for key, row in table.items()
    ]


def table_words(criterion: Criterion, table: Table) -> list[str]:
    """Each answered row in words: 「音声入力：対応予定（令和9年4月）」."""
    labels = criterion.choice_labels
    return [f"{labels.get(key, key)}：{_row_words(criterion, row)}" for key, row in table.items()]


def affirmed_rows(criterion: Criterion, table: Table) -> list[str]:
    """The rows by which an entry can be narrowed."""
    first = criterion.columns[0].key
    return [key for key, row in table.items() if row.get(first) in criterion.affirmed]


def in_order(criterion: Criterion, table: Table) -> dict[str, dict[str, Any]]:
    """The answered rows and cells, as the declaration orders them: equal tables, equal JSON."""
    ordered = {}
    for choice in criterion.choices:
        row = table.get(choice.key, {})
        cells = {c.key: row[c.key] for c in criterion.columns if row.get(c.key) not in (None, "")}
        if cells:
            ordered[choice.key] = cells
    return ordered


def find_table_fault(criterion: Criterion, table: Any) -> str | None:
    """Why this is no answer, to be put after the question's label; None for a good one."""
    if not isinstance(table, Mapping) or not all(isinstance(r, Mapping) for r in table.values()):
        return "は表の形にしてください。"
    known = {column.key for column in criterion.columns}
    for key, row in table.items():
        if key not in criterion.choice_labels:
            return f"に「{key}」という行はありません。"
        if set(row) - known:
            return f"に「{'、'.join(sorted(set(row) - known))}」という列はありません。"
        fault = _row_fault(criterion, row)
        if fault:
            return f"の「{criterion.choice_labels[key]}」{fault}"
    return None


def _row_fault(criterion: Criterion, row: Mapping[str, Any]) -> str | None:
    for column in criterion.columns:
        value = row.get(column.key)
        if value in (None, ""):
            if _is_needed(criterion, column, row):
                return f"：「{column.label}」を入力してください。"
        elif fault := _cell_fault(column, value):
            return f"：「{column.label}」{fault}"
    return None


def _is_needed(criterion: Criterion, column: Column, row: Mapping[str, Any]) -> bool:
    if column.needed or column is criterion.columns[0]:
        return True
    return (
        column.needed_when is not None and row.get(column.needed_when[0]) == column.needed_when[1]
    )


def _cell_fault(column: Column, value: Any) -> str | None:
    if column.type is AnswerType.CHOICE:
        return None if value in column.choice_labels else f"に選択肢「{value}」はありません。"
    if not isinstance(value, str) or len(value) > MAX_CELL:
        return f"は{MAX_CELL}文字以内で入力してください。"
    if column.type is AnswerType.DAY:
        return None if _is_day(value) else "は日付で入力してください。"
    if ROW_SEPARATOR in normalize(value) or CELL_SEPARATOR in normalize(value):
        return "に「|」と「;」は使えません。"
    return None


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _parse_row(criterion: Criterion, part: str) -> tuple[str, dict[str, Any]]:
    label, assigned, rest = part.partition(_ASSIGNS)
    if not assigned:
        raise ValueError(f"「{part}」は「行=値」の形で書いてください。")
    key = _find_choice(criterion.choices, label)
    if key is None:
        permitted = "、".join(choice.label for choice in criterion.choices)
        raise ValueError(f"「{normalize(label)}」という行はありません（{permitted}）。")
    cells = rest.split(CELL_SEPARATOR)
    if len(cells) > len(criterion.columns):
        raise ValueError(f"「{normalize(label)}」の値が列の数より多くなっています。")
    read = {
        column.key: parse_cell(column, text)
        for column, text in zip(criterion.columns, cells, strict=False)
    }
    return key, {name: value for name, value in read.items() if value is not None}


def parse_cell(column: Column, text: str) -> str | None:
    """The stored value of a cell; None for an empty one. Raises ValueError."""
    plain = normalize(text)
    if not plain:
        return None
    if column.type is AnswerType.DAY:
        return parse_date(plain).isoformat()
    if column.type is AnswerType.CHOICE:
        key = _find_choice(column.choices, plain)
        if key is None:
            permitted = "、".join(choice.label for choice in column.choices)
            raise ValueError(f"選択肢「{plain}」はありません（{permitted}）。")
        return key
    return plain


def _find_choice(choices: tuple[Choice, ...], text: str) -> str | None:
    wanted = fold_for_match(text)
    found = (c.key for c in choices if wanted in (fold_for_match(c.label), fold_for_match(c.key)))
    return next(found, None)


def _cells(criterion: Criterion, row: Mapping[str, Any]) -> str:
    cells = [_cell_text(column, row.get(column.key)) for column in criterion.columns]
    return CELL_SEPARATOR.join(cells).rstrip(CELL_SEPARATOR)


def _cell_text(column: Column, value: Any) -> str:
    return "" if value is None else column.choice_labels.get(value, str(value))


def _row_words(criterion: Criterion, row: Mapping[str, Any]) -> str:
    """A table of choices says its answer; one of texts names each column."""
    first, *others = criterion.columns
    said = _cell_text(first, row.get(first.key))
    if first.type is not AnswerType.CHOICE:
        said = f"{first.label} {said}"
    more = [
        _cell_text(c, row[c.key])
        if first.type is AnswerType.CHOICE
        else f"{c.label} {_cell_text(c, row[c.key])}"
        for c in others
        if row.get(c.key)
    ]
    if not more:
        return said
    return (
        f"{said}（{'、'.join(more)}）"
        if first.type is AnswerType.CHOICE
        else "、".join([said, *more])
    )
