"""Long lists in pages: which rows, out of how many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """One page of a list. `page` counts from 1; `pages` is at least 1."""

    rows: Sequence[Row]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


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
    """
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
    found = session.execute(statement.limit(size).offset((page - 1) * size)).all()
    return Page(rows=[make_row(row) for row in found], total=total or 0, page=page, size=size)
