"""Long lists in pages: which rows, out of how many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Select, func, null, select
from sqlalchemy.orm import Session

from foundation.errors import NotFound

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """One page of a list. `page` counts from 1; `pages` is at least 1.

    total_fictional: how many of `total` are fictional; None where rows carry no such mark.
    """

    rows: Sequence[Row]
    total: int
    total_fictional: int | None = None
    page: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


class Paged(Protocol):
    """What says which of how many pages it is."""

    @property
    def page(self) -> int: ...

    @property
    def pages(self) -> int: ...


AnyPage = TypeVar("AnyPage", bound=Paged)


def read_page_number(text: str) -> int | None:
    """A page from 1 on in plain digits, as links write it; None for anything else."""
    plain = text.isascii() and text.isdigit() and len(text) <= 9 and text[0] != "0"
    return int(text) if plain else None


def existing(found: AnyPage) -> AnyPage:
    """The page, for readers of pages. Raises NotFound past the last one."""
    if found.page > found.pages:
        raise NotFound("page")
    return found


def cut(rows: Sequence[Row], page: int, size: int) -> Page[Row]:
    """One page of what is known whole. Raises NotFound past the last one."""
    start = (page - 1) * size
    return existing(Page(rows=rows[start : start + size], total=len(rows), page=page, size=size))


def paginate(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    *,
    page: int,
    size: int,
    make_row: Callable[[Any], Row],
) -> Page[Row]:
    """The rows of one page of an ordered statement, in two queries.

    A page past the end is empty. make_row gets each result row and returns a frozen row.
    Where the rows have a column `fictional`, those are counted apart too.
    """
    every = statement.order_by(None).subquery()
    marked = every.c.get("fictional")
    fictional = null() if marked is None else func.count().filter(marked)
    total, total_fictional = session.execute(
        select(func.count(), fictional).select_from(every)
    ).one()
    found = session.execute(statement.limit(size).offset((page - 1) * size)).all()
    return Page(
        rows=[make_row(row) for row in found],
        total=total,
        total_fictional=total_fictional,
        page=page,
        size=size,
    )
