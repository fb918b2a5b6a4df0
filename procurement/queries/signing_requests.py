"""The bodies of the first wave that have recorded no contract, and what was asked of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.contract_models import SigningRequest
from procurement.domain.contracts import list_expected
from procurement.domain.states import State
from procurement.queries.signing_facts import Around


@dataclass(frozen=True, kw_only=True)
class UnsignedRow:
    """A body that owes its contract. closes_at: None while it was not asked under this award."""

    code: str
    name: str
    closes_at: datetime | None = None
    reminders_sent: int = 0
    last_reminded_at: datetime | None = None


def list_unsigned(session: Session, around: Around) -> tuple[UnsignedRow, ...]:
    """By code; empty outside 契約. One query."""
    if around.model is None or around.project.state != State.CONTRACTING:
        return ()
    owing = [
        each
        for each in list_expected(around.model, around.parties)
        if each.code and around.find_signed(each.kind, each.code) is None
    ]
    if not owing:
        return ()
    asked = load_requests(session, around)
    return tuple(
        UnsignedRow(
            code=each.code,
            name=each.name,
            closes_at=found.closes_at if (found := asked.get(each.code)) else None,
            reminders_sent=found.reminders_sent if found else 0,
            last_reminded_at=found.last_reminded_at if found else None,
        )
        for each in owing
    )


def load_requests(session: Session, around: Around) -> dict[str, SigningRequest]:
    """Body → the request under the present award. One query."""
    award_id = around.award.id if around.award else None
    rows = session.scalars(
        select(SigningRequest)
        .where(SigningRequest.project_id == around.project.id)
        .execution_options(populate_existing=True)
    )
    return {row.body_code: row for row in rows if row.award_id == award_id}
