"""How far each body is with the introduction, and what the project leaves for others."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from procurement.contract_models import IntroductionCheck, ProjectClosing
from procurement.domain.introduction import Check, IntroductionStep
from procurement.domain.participation import TAKING_PART
from procurement.domain.participation import ParticipationStatus as Status
from procurement.models import Participation


@dataclass(frozen=True, kw_only=True)
class BodyProgress:
    """A body's checklist. newest_id: of its newest entry, 0 for none."""

    participation_id: int
    code: str
    name: str
    wave: int
    status: Status
    starts_on: date | None
    checks: dict[IntroductionStep, Check]
    newest_id: int


@dataclass(frozen=True, kw_only=True)
class ClosingRow:
    """What is written for others. row_version 0: nothing yet."""

    know_how: str = ""
    no_know_how_reason: str = ""
    row_version: int = 0


def list_progress(session: Session, project_id: int) -> tuple[BodyProgress, ...]:
    """The bodies that take part, by wave and code. Two queries."""
    rows = session.scalars(
        select(Participation)
        .where(Participation.project_id == project_id, Participation.status.in_(TAKING_PART))
        .options(joinedload(Participation.body))
        .order_by(Participation.wave, Participation.body_code)
    ).all()
    entries = _list_entries(session, project_id)
    return tuple(_progress(row, entries.get(row.id, [])) for row in rows)


def _list_entries(session: Session, project_id: int) -> dict[int, list[IntroductionCheck]]:
    found: dict[int, list[IntroductionCheck]] = {}
    for entry in session.scalars(
        select(IntroductionCheck)
        .join(Participation, Participation.id == IntroductionCheck.participation_id)
        .where(Participation.project_id == project_id)
        .order_by(IntroductionCheck.id)
    ):
        found.setdefault(entry.participation_id, []).append(entry)
    return found


def _progress(row: Participation, entries: list[IntroductionCheck]) -> BodyProgress:
    return BodyProgress(
        participation_id=row.id,
        code=row.body_code,
        name=row.body.name,
        wave=row.wave,
        status=Status(row.status),
        starts_on=row.starts_on,
        checks={
            IntroductionStep(entry.step): Check(done_on=entry.done_on, note=entry.note)
            for entry in entries
        },
        newest_id=entries[-1].id if entries else 0,
    )


def get_closing(session: Session, project_id: int) -> ClosingRow:
    """The know-how as far as it is written. One query."""
    row = session.get(ProjectClosing, project_id, populate_existing=True)
    if row is None:
        return ClosingRow()
    return ClosingRow(
        know_how=row.know_how,
        no_know_how_reason=row.no_know_how_reason,
        row_version=row.row_version,
    )
