"""Reading recommended marks: those that stand, and the history of an entry's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.mark_models import MarkWithdrawal, RecommendedMark
from catalog.models import Offering
from foundation.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class MarkRow:
    """A mark. withdrawn_at: None while it stands."""

    id: int
    issuer: str
    reason: str
    marked_on: date
    source: str
    url: str
    set_at: datetime
    withdrawn_at: datetime | None
    withdrawal_reason: str


@dataclass(frozen=True, kw_only=True)
class MarkedEntry:
    """An entry with every mark it ever had, newest first."""

    id: int
    name: str
    fictional: bool
    published: bool
    marks: tuple[MarkRow, ...]


def list_marks(
    session: Session, offering_ids: Sequence[int] | None = None
) -> dict[int, tuple[MarkRow, ...]]:
    """By entry, the marks that stand, by the issuer's date, then as they came. One query.

    offering_ids: None for every entry.
    """
    marks: dict[int, tuple[MarkRow, ...]] = {}
    for offering_id, row in _find(session, offering_ids):
        if row.withdrawn_at is None:
            marks[offering_id] = (*marks.get(offering_id, ()), row)
    return marks


def get_marked_entry(session: Session, offering_id: int) -> MarkedEntry:
    """The entry with the history of its marks. Raises NotFound. Two queries."""
    offering = session.get(Offering, offering_id)
    if offering is None or not offering.current_version:
        raise NotFound(f"offering {offering_id}")
    rows = [row for _id, row in _find(session, [offering_id])]
    return MarkedEntry(
        id=offering.id,
        name=offering.name,
        fictional=offering.fictional,
        published=offering.publication_status == "published",
        marks=tuple(sorted(rows, key=lambda row: row.id, reverse=True)),
    )


def get_mark(session: Session, mark_id: int) -> tuple[MarkRow, MarkedEntry]:
    """A mark and its entry. Raises NotFound."""
    offering_id = session.scalar(
        select(RecommendedMark.offering_id).where(RecommendedMark.id == mark_id)
    )
    if offering_id is None:
        raise NotFound(f"mark {mark_id}")
    entry = get_marked_entry(session, offering_id)
    return next(row for row in entry.marks if row.id == mark_id), entry


def _find(session: Session, offering_ids: Sequence[int] | None) -> list[tuple[int, MarkRow]]:
    statement = (
        select(RecommendedMark, MarkWithdrawal)
        .outerjoin(MarkWithdrawal, MarkWithdrawal.mark_id == RecommendedMark.id)
        .order_by(RecommendedMark.marked_on, RecommendedMark.id)
    )
    if offering_ids is not None:
        statement = statement.where(RecommendedMark.offering_id.in_(offering_ids))
    return [
        (
            mark.offering_id,
            MarkRow(
                id=mark.id,
                issuer=mark.issuer,
                reason=mark.reason,
                marked_on=mark.marked_on,
                source=mark.source,
                url=mark.url,
                set_at=mark.set_at,
                withdrawn_at=end.withdrawn_at if end else None,
                withdrawal_reason=end.reason if end else "",
            ),
        )
        for mark, end in session.execute(statement)
    ]
