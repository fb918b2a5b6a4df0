"""What a body reported of its own costs in a project, and its goal."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.cost_models import CostGoal
from procurement.domain.participation import ParticipationStatus
from procurement.models import CostRow, Participation


@dataclass(frozen=True, kw_only=True)
class OwnLine:
    """One year on one basis. amounts: category → yen of those reported.

    on_behalf_by: who entered it for the body, '' for the body itself.
    """

    fiscal_year: int
    basis: str
    amounts: dict[str, int]
    source: str
    on_behalf_by: str = ""


@dataclass(frozen=True, kw_only=True)
class GoalFacts:
    """target_yen: the body's own, None for none. started_on: its first day of use."""

    target_yen: int | None = None
    note: str = ""
    row_version: int = 0
    started_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class PresentCost:
    """What a body pays now by itself, a year, tax-included. row_version: of its participation."""

    annual_yen: int | None = None
    on_behalf_by: str = ""
    row_version: int = 0


@dataclass(frozen=True, kw_only=True)
class OwnCosts:
    """Everything of the body's own page. seen_sha256 names the lines as they are."""

    lines: tuple[OwnLine, ...]
    seen_sha256: str
    goal: GoalFacts
    present: PresentCost


def get_own_costs(session: Session, project_id: int, body_code: str) -> OwnCosts:
    """Three queries."""
    rows = list_own_rows(session, project_id, body_code)
    lines: dict[tuple[int, str], OwnLine] = {}
    for row in rows:
        key = (row.fiscal_year, row.basis)
        line = lines.setdefault(
            key,
            OwnLine(
                fiscal_year=key[0],
                basis=key[1],
                amounts={},
                source=row.source,
                on_behalf_by=row.entered_on_behalf_by,
            ),
        )
        line.amounts[row.category] = row.amount_yen
    return OwnCosts(
        lines=tuple(lines.values()),
        seen_sha256=sha256_of_rows(rows),
        goal=get_goal_facts(session, project_id, body_code),
        present=find_present_cost(session, project_id, body_code),
    )


def find_present_cost(session: Session, project_id: int, body_code: str) -> PresentCost:
    """For the body itself and the service only: nobody else reads the figure. One query."""
    row = session.execute(
        select(
            Participation.declared_standalone_yen,
            Participation.declared_on_behalf_by,
            Participation.row_version,
        ).where(Participation.project_id == project_id, Participation.body_code == body_code)
    ).one_or_none()
    if row is None:
        return PresentCost()
    return PresentCost(annual_yen=row[0], on_behalf_by=row[1], row_version=row[2])


def list_own_rows(session: Session, project_id: int, body_code: str) -> list[CostRow]:
    """The body's rows, newest year first. One query."""
    statement = (
        select(CostRow)
        .where(CostRow.project_id == project_id, CostRow.body_code == body_code)
        .order_by(CostRow.fiscal_year.desc(), CostRow.basis, CostRow.category)
    )
    return list(session.scalars(statement))


def sha256_of_rows(rows: Iterable[CostRow]) -> str:
    """Names what a body has reported so far; whoever saves must have seen this."""
    keys = sorted((r.fiscal_year, r.basis, r.category, r.amount_yen, r.source) for r in rows)
    return hashlib.sha256(repr(keys).encode()).hexdigest()[:16]


IS_GOAL_OF_BODY = (CostGoal.project_id == Participation.project_id) & (
    CostGoal.body_code == Participation.body_code
)


def get_goal_facts(session: Session, project_id: int, body_code: str) -> GoalFacts:
    """One query."""
    row = session.execute(
        select(
            CostGoal.target_yen,
            CostGoal.note,
            CostGoal.row_version,
            Participation.starts_on,
            Participation.status,
        )
        .select_from(Participation)
        .outerjoin(CostGoal, IS_GOAL_OF_BODY)
        .where(Participation.project_id == project_id, Participation.body_code == body_code)
    ).one_or_none()
    if row is None:
        return GoalFacts()
    return GoalFacts(
        target_yen=row.target_yen,
        note=row.note or "",
        row_version=row.row_version or 0,
        started_on=started_on(row.status, row.starts_on),
    )


def started_on(status: str, starts_on: date | None) -> date | None:
    """The first day of use of who uses the system or did; before that the day is a wish."""
    used = status in (ParticipationStatus.IN_USE, ParticipationStatus.LEFT)
    return starts_on if used else None
