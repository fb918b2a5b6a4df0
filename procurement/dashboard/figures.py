"""What a dashboard shows, as frozen data: a finding, its numbers, where they come from."""

from dataclasses import dataclass
from typing import Literal

Cell = str | int | None
# `code`: a key for programs; in the files, not on the page.
ColumnType = Literal["text", "code", "integer", "yen", "percent"]
DIMENSIONS = frozenset({"text", "code"})


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a figure's table and of its download.

    unit: printed beside the numbers and in the dictionary (円, 件, 団体 …); '' for text.
    absent: what the page says where there is no value.
    """

    key: str
    label: str
    type: ColumnType = "text"
    unit: str = ""
    definition: str = ""
    absent: str = "データなし"


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One prefecture of the tile map. step: None = no data, 1…5 = fifths of the largest value."""

    code: str
    name: str
    column: int
    row: int
    value: int
    step: int | None
    url: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One finding: its title says it, its chart shows it, its table proves it.

    rows follow columns; None is 「データなし」, which is not 0. shown: those of them on the page,
    None for all.
    svg: a whole <svg> element, '' when the table alone is clearer.
    fictional: every number in it is 架空; real and fictional never share a figure.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    source: str
    as_of: str
    fictional: bool
    note: str = ""
    svg: str = ""
    tiles: tuple[Tile, ...] = ()
    shown: tuple[tuple[Cell, ...], ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Stat:
    """One large number with what it counts."""

    label: str
    value: int
    unit: str
    fictional: bool
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class DashboardPage:
    """Everything one dashboard page shows, totals first, then the breakdowns."""

    title: str
    lead: str
    fictional: bool
    stats: tuple[Stat, ...]
    figures: tuple[Figure, ...]
