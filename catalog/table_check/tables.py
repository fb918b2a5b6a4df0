"""A file as its rules look at it: sheets of cells, and what stands beside the data."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
# What stands in a column of numbers for a number that is withheld or does not exist.
SYMBOLS = frozenset({"-", "－", "―", "—", "ー", "x", "X", "Ｘ", "ｘ", "χ", "*", "**", "***"}) | {
    *("…", "...", "‥", "秘", "秘匿", "n/a", "N/A", "NA", "nan", "※")
}
_DECORATION = re.compile(r"[,，\s　円¥￥％%約▲△+＋人件個台月年()（）千百万億]")
_PLAIN_DIGITS = str.maketrans("０１２３４５６７８９．－", "0123456789.-")
_CODE_HEADING = re.compile(
    r"(?i)コード|番号|年度|^年|年$|月$|^id$|_id$|id$|code|(^|_)no\.?$|key$|キー|電話|郵便|year|month"
)
_UNIT_IN_HEADING = re.compile(r"[（(［\[](.{1,8})[）)］\]]\s*$")
MOSTLY = 0.6  # the part of a column's cells that says what the column holds


@dataclass(frozen=True, kw_only=True)
class Cell:
    """kind: text, number, date, formula, error, bool; '' for an empty one. style: its look."""

    text: str = ""
    kind: str = ""
    style: str = ""
    era: bool = False  # a date that is shown in Japanese years

    @property
    def filled(self) -> bool:
        return bool(self.text.strip())


EMPTY = Cell()


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What the dictionary says of a column."""

    type: str = ""
    unit: str = ""
    code_list: str = ""
    null_meaning: str = ""
    definition: str = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """The cells of a column below its heading. index from 0; rows: line numbers from 1."""

    index: int
    heading: str
    cells: tuple[tuple[int, Cell], ...]
    definition: Definition | None

    @property
    def letters(self) -> str:
        return letters(self.index)

    @cached_property
    def filled(self) -> tuple[tuple[int, Cell], ...]:
        return tuple((row, cell) for row, cell in self.cells if cell.filled)

    @cached_property
    def is_code(self) -> bool:
        """Whether its digits name something instead of counting it."""
        if self.definition and self.definition.type:
            return self.definition.type not in _NUMERIC_TYPES or bool(self.definition.code_list)
        texts = [cell.text.strip() for _, cell in self.filled]
        padded = any(re.fullmatch(r"0\d+", text) for text in texts)
        return bool(_CODE_HEADING.search(self.heading)) or padded

    @cached_property
    def is_numeric(self) -> bool:
        """Whether it holds numbers, by the dictionary or else by most of its cells."""
        if self.definition and self.definition.type:
            return self.definition.type in _NUMERIC_TYPES and not self.definition.code_list
        told = [cell for _, cell in self.filled if cell.text.strip() not in SYMBOLS]
        like = sum(is_number_like(cell) for cell in told)
        return not self.is_code and bool(told) and like >= MOSTLY * len(told)

    @property
    def unit(self) -> str:
        """By the dictionary, or in brackets at the end of the heading."""
        if self.definition and self.definition.unit:
            return self.definition.unit
        found = _UNIT_IN_HEADING.search(self.heading)
        return found[1] if found else ""


_NUMERIC_TYPES = frozenset({"integer", "decimal", "number", "整数", "数値", "小数"})


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table. rows: from line 1, each as long as the widest. The rest is of workbooks only."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    lengths: tuple[int, ...] = ()  # of each line of a CSV as it was written
    merged: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    hidden: bool = False
    tables: int = 0
    definitions: Mapping[str, Definition] = field(default_factory=dict)

    @cached_property
    def width(self) -> int:
        """Columns up to the last that holds something."""
        return max((_last(row) for row in self.rows), default=0)

    @cached_property
    def height(self) -> int:
        """Lines up to the last that holds something."""
        filled = [n for n, row in enumerate(self.rows, start=1) if any(c.filled for c in row)]
        return filled[-1] if filled else 0

    @cached_property
    def header_line(self) -> int:
        """The line that looks like the heading: the first filled over at least half the width."""
        for number, row in enumerate(self.rows, start=1):
            if sum(cell.filled for cell in row) * 2 >= max(1, self.width):
                return number
        return 1

    @cached_property
    def headings(self) -> tuple[str, ...]:
        row = self.rows[self.header_line - 1] if self.rows else ()
        return tuple(cell.text for cell in row[: self.width])

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        start = self.header_line
        return tuple(
            Column(
                index=index,
                heading=heading.strip(),
                cells=tuple(
                    (number, row[index])
                    for number, row in enumerate(self.rows[start : self.height], start=start + 1)
                ),
                definition=self.definitions.get(heading.strip()),
            )
            for index, heading in enumerate(self.headings)
        )

    def data(self) -> Iterator[tuple[int, int, Cell]]:
        """Line, column from 0 and cell of everything that is filled, the heading included."""
        for number, row in enumerate(self.rows[: self.height], start=1):
            for index, cell in enumerate(row[: self.width]):
                if cell.text:
                    yield number, index, cell


@dataclass(frozen=True, kw_only=True)
class Book:
    """A file with what is beside it. codes: list → the codes in it; None: there is no such file.

    dictionary: column → what is said of it; `value[item]` speaks of the rows of that item.
    """

    name: str
    format: str  # csv, xlsx; '' for none of them
    sheets: tuple[Sheet, ...]
    dictionary: Mapping[str, Definition] | None = None
    codes: Mapping[str, frozenset[str]] | None = None
    changelog: bool = False
    objects: tuple[str, ...] = ()  # names of drawings and pictures
    previous: frozenset[str] | None = None  # headings as published last
    bodies: Mapping[str, str] | None = None  # local body's code → its name


def is_number_like(cell: Cell) -> bool:
    """Whether it is a number, or would be one without its signs and units."""
    if cell.kind == "number":
        return True
    plain = _DECORATION.sub("", cell.text).translate(_PLAIN_DIGITS)
    return bool(re.fullmatch(r"-?\d+(?:\.\d+)?", plain))


def is_plain_number(cell: Cell) -> bool:
    """Whether a program reads it as a number at once."""
    return cell.kind == "number" or bool(NUMBER.fullmatch(cell.text))


def letters(index: int) -> str:
    """0 → A, 26 → AA."""
    text = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _last(row: Sequence[Cell]) -> int:
    return max((n for n, cell in enumerate(row, start=1) if cell.text), default=0)
