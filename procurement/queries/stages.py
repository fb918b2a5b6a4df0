"""Both stages of a project as recorded, for its members, with what stood before (F13)."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ScalarSelect, func, select
from sqlalchemy.orm import Session

from procurement.domain.two_stages import StageDecision, StagePattern, Stages
from procurement.models import StageEntry

# Also what else reads a project's stages in a question of its own asks for.
STAGE_COLUMNS = tuple(getattr(StageEntry, each.name) for each in fields(Stages))


@dataclass(frozen=True, kw_only=True)
class StageRow:
    """One entry. number: of the project, from 1."""

    number: int
    stages: Stages
    entered_at: datetime
    entered_by: str


def newest_stage_number(project_id: int | BindParameter[int]) -> ScalarSelect[Any]:
    """The number of the entry that counts, as a subquery."""
    return (
        select(func.max(StageEntry.number))
        .where(StageEntry.project_id == project_id)
        .scalar_subquery()
    )


def read_stages(row: Any) -> Stages:
    """Stages from a row that has STAGE_COLUMNS; nothing recorded where they are empty."""
    if row.pattern is None:
        return Stages()
    values = {each.name: getattr(row, each.name) for each in fields(Stages)}
    values["pattern"] = StagePattern(row.pattern)
    values["stage2_decision"] = StageDecision(row.stage2_decision)
    return Stages(**values)


def list_stage_entries(session: Session, project_id: int) -> tuple[StageRow, ...]:
    """Newest first; for who leads or takes part: the caller has asked. One query."""
    rows = session.scalars(
        select(StageEntry)
        .where(StageEntry.project_id == project_id)
        .order_by(StageEntry.number.desc())
    )
    return tuple(
        StageRow(
            number=row.number,
            stages=read_stages(row),
            entered_at=row.entered_at,
            entered_by=row.entered_by,
        )
        for row in rows
    )
