"""Files of every kind that can be sent in on a page, broken as offices break them.

Each kind says how a good row of its template looks and what must then be stored; the breaks
are the same for all kinds, beside the cells each kind says of itself.
"""

import io
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from sqlalchemy.orm import Session

from accounts.roles import Actor
from tests.harness.broken_files import (
    Draft,
    Refused,
    Row,
    above_the_heading,
    encrypted,
    header,
    merge,
    misspelt,
    no_rows,
    notes_sheet,
    put_in_sheet,
    quote,
    set_cell,
    spoiled,
    too_wide,
    twice,
    with_part,
    without_part,
    workbook,
    write_as,
    write_draft,
)

Breaks = Callable[[Draft], None]
# A cell's text, and what must be stored for it.
Said = tuple[Any, Any]
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
ODD_TEXTS: Mapping[str, str] = {
    "　全角の空白　": "全角の空白",
    "\t前後の空白 ": "前後の空白",
    "髙橋﨑①㈱": "髙橋﨑①㈱",
    "𠮷野家😀": "𠮷野家😀",
    "a,b;c": "a,b;c",
    "0012": "0012",
    "ｶﾅ": "ｶﾅ",
    "2026-04-01": "2026-04-01",
    "=1+1": "=1+1",
}


@dataclass(frozen=True, kw_only=True)
class FuzzKind:
    """A kind of file: its rows, what is wrong with one, and where it is stored.

    rows: the n-th good row as (cells, what must be stored of it, by heading). mark: a heading
    whose cells differ in every row. text: one that takes any words. number: one of whole
    numbers, of which `whole` is one. bad: by heading, cells that must be refused. good: cells
    that must be read as something. read: what is stored now of such a row. many: rows of a
    long file.
    """

    key: str
    actor: Actor
    template: bytes
    rows: Callable[[int, random.Random], tuple[Row, Row]]
    mark: str
    text: str
    number: str
    whole: int
    required: str
    bad: Mapping[str, tuple[Any, ...]]
    good: Mapping[str, tuple[Said, ...]]
    read: Callable[[Session, Row], Row]
    many: int

    @property
    def headings(self) -> list[str]:
        """Those of the sheet to fill in of the template that is given out."""
        sheet = load_workbook(io.BytesIO(self.template)).worksheets[0]
        return [str(cell.value) for cell in sheet[1]]


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The rows as they were written, each with what must be stored of it."""

    rows: list[tuple[Row, Row]]


def list_breaks(kind: FuzzKind) -> list[Breaks]:
    """Every way a file of this kind is broken, or written otherwise."""
    return [
        *_forms(kind),
        *(_bad(column, value) for column, values in kind.bad.items() for value in values),
        *(_said(column, *said) for column, saids in kind.good.items() for said in saids),
        *_headings(kind),
        *_shapes(kind),
        *_bytes(),
    ]


def make_kind_file(
    kind: FuzzKind, n: int, breaks: Breaks, folder: Path
) -> tuple[Path, Refused | Taken]:
    """The n-th file of that kind, broken so, and what must come of it."""
    chance = random.Random(f"{kind.key} {n}")
    rows = [_row(kind, 100 * n + k, chance) for k in range(chance.randrange(2, 6))]
    draft = Draft(number=n, rows=rows, chance=chance, mark=kind.mark)
    breaks(draft)
    expected = draft.expected
    if expected is not None and draft.at is not None:
        expected = replace(expected, line=draft.line)
    if draft.separator != ",":
        expected = Refused(column=kind.required)
    taken = Taken(rows=[_apart(row) for row in draft.rows])
    return write_draft(draft, folder), expected or taken


def _row(kind: FuzzKind, n: int, chance: random.Random) -> Row:
    cells, stored = kind.rows(n, chance)
    return cells | {f"_{column}": value for column, value in stored.items()}


def _apart(row: Row) -> tuple[Row, Row]:
    cells = {name: cell for name, cell in row.items() if not name.startswith("_")}
    return cells, {name[1:]: value for name, value in row.items() if name.startswith("_")}


def _said(column: str, typed: Any, meant: Any) -> Breaks:
    """The cell typed so, in a CSV or, if it is no text, in a workbook: accepted as meant."""

    def changes(draft: Draft) -> None:
        row = draft.pick()
        draft.rows[row] = draft.rows[row] | {column: typed, f"_{column}": meant}
        if not isinstance(typed, str):
            draft.ending = "xlsx"
        if typed in ODD_TEXTS and draft.number % 2:
            draft.ending, draft.shape = "xlsx", _as_text

    return changes


def _bad(column: str, value: Any) -> Breaks:
    breaks = set_cell(column, value)
    return breaks if isinstance(value, str) else workbook(breaks)


def _as_text(sheet: Any) -> None:
    """A text that begins with 「=」 is one."""
    for line in sheet.iter_rows():
        for cell in line:
            if isinstance(cell.value, str):
                cell.data_type = "s"


def _forms(kind: FuzzKind) -> Iterator[Breaks]:
    yield write_as()
    yield write_as(encoding="utf-8-sig")
    yield write_as(encoding="cp932")
    yield write_as(line_end="\n")
    yield workbook()
    yield notes_sheet
    yield above_the_heading
    yield _away(kind)
    yield write_as(separator="\t")
    yield write_as(separator=";")
    for typed, meant in ODD_TEXTS.items():
        yield _said(kind.text, typed, meant)
    yield _said(kind.text, "制御\x0b文字", "制御 文字")
    yield _said(kind.number, kind.whole, kind.whole)
    yield _said(kind.number, str(kind.whole).translate(_WIDE), kind.whole)
    yield set_cell(kind.number, "千二百", "1.5", "-1", "1e3", "1,20", "∞", "9" * 30)
    yield workbook(set_cell(kind.number, 3.5, -1, True, datetime(2026, 4, 1)))  # noqa: DTZ001
    yield set_cell(kind.text, "長" * 10_001)


def _away(kind: FuzzKind) -> Breaks:
    """A table that begins neither in the first line nor in the first column."""

    def changes(draft: Draft) -> None:
        draft.ending, draft.above = "xlsx", 3
        column, values = next(iter(kind.bad.items()))
        set_cell(column, values[0])(draft)

        def shape(sheet: Any) -> None:
            sheet.insert_rows(1, amount=3)
            sheet.insert_cols(1, amount=2)

        draft.shape = shape

    return changes


def _headings(kind: FuzzKind) -> Iterator[Breaks]:
    need, text = kind.required, kind.text
    yield header(lambda names: [n for n in names if n != need], need)
    yield header(lambda names: [n.replace(need, f"{need} 欄") for n in names], need)
    yield header(lambda names: [text if n == need else n for n in names], need)
    yield header(lambda names: [*names, need], need)
    yield misspelt


def _shapes(kind: FuzzKind) -> Iterator[Breaks]:
    for column in (kind.text, kind.number):
        yield lambda draft, column=column: merge(draft, column)
        yield lambda draft, column=column: put_in_sheet(draft, column, "=1000+200", "n")
        yield lambda draft, column=column: put_in_sheet(draft, column, "#REF!", "e")
    yield twice
    yield too_wide
    yield _beside_the_table
    yield quote
    yield _only_headings
    yield lambda draft: _one_in_many(kind, draft)


def _beside_the_table(draft: Draft) -> None:
    """A value below no heading."""
    draft.ending = "xlsx"
    row = draft.pick()
    width = sum(not name.startswith("_") for name in draft.rows[0])
    draft.shape = lambda sheet: sheet.cell(row + 2, width + 2, "欄外")
    draft.refuse(row, f"{get_column_letter(width + 2)}列")


def _only_headings(draft: Draft) -> None:
    no_rows(draft)
    draft.expected = Refused()


def _one_in_many(kind: FuzzKind, draft: Draft) -> None:
    # Others than those of the files before.
    draft.rows = [_row(kind, 10**6 + n, draft.chance) for n in range(kind.many)]
    column, values = next(iter(kind.bad.items()))
    set_cell(column, values[0])(draft)


def _bytes() -> Iterator[Breaks]:
    yield spoiled(lambda text: text.decode().encode("utf-16"))
    yield spoiled(lambda text: text[: len(text) // 2] + b"\xff\xfe\x81" + text[len(text) // 2 :])
    yield spoiled(lambda text: text[: len(text) // 2] + b"\x00" + text[len(text) // 2 :])
    yield spoiled(lambda _text: b"\xef\xbb\xbf")
    yield spoiled(lambda _text: bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600))
    yield spoiled(lambda _text: b"%PDF-1.7\n" + bytes(200))
    yield workbook(spoiled(lambda content: content[: len(content) * 2 // 3]))
    yield workbook(spoiled(lambda content: with_part(content, "xl/vbaProject.bin")))
    yield workbook(spoiled(lambda content: encrypted(bytearray(content))))
    yield workbook(spoiled(lambda content: without_part(content, "xl/workbook.xml")))
