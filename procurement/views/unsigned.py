"""The part of the page of contracts about bodies that have recorded none."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from foundation.clock import jst_today
from foundation.errors import Blocker
from foundation.forms import MoyaiForm
from foundation.web import now
from procurement.forms.contracts import SigningDeadlineForm
from procurement.queries.project_page import ProjectHead
from procurement.queries.signing_facts import Around
from procurement.queries.signing_requests import UnsignedRow, list_unsigned
from procurement.services import signing_requests as service


@dataclass(frozen=True, kw_only=True)
class UnsignedLine:
    """A silent body as the lead sees it. ready: what follows can be looked at."""

    row: UnsignedRow
    blockers: tuple[Blocker, ...]
    ready: bool


def unsigned_part(
    session: Session, head: ProjectHead, around: Around, typed: dict[str, MoyaiForm]
) -> dict[str, Any]:
    """For the lead: who has not signed, deadline and reminders. For a body: its own deadline."""
    part: dict[str, Any] = {"unsigned": (), "asking": None, "own_deadline": None}
    standing = head.standing
    if not (standing.leads or standing.takes_part):
        return part
    rows, moment = list_unsigned(session, around), now()
    own = (row.closes_at for row in rows if row.code == standing.actor.body_code)
    part["own_deadline"] = next(own, None)
    if not standing.leads or not rows:
        return part
    blockers = service.list_asking_blockers(around, standing, rows, jst_today(moment))
    lines = [
        UnsignedLine(
            row=row,
            blockers=tuple(service.list_reminding_blockers(row, moment)),
            ready=row.closes_at is not None and row.closes_at < moment,
        )
        for row in rows
    ]
    form = typed.get("asking") or SigningDeadlineForm(formdata=None, prefix="asking")
    return part | {"unsigned": lines, "asking": form, "asking_blockers": blockers}
