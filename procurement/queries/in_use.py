"""Who uses what a project bought, and since when, as far as this reader may know (F17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, false, func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from procurement.contract_models import AwardExtension
from procurement.cost_models import CostGoal
from procurement.domain.contract_changes import ExtensionKind
from procurement.domain.in_use import BodyUse
from procurement.domain.participation import TAKING_PART, ParticipationStatus
from procurement.ledger_models import UsageRecord
from procurement.models import Participation
from procurement.queries.ledger import LedgerScope
from procurement.queries.own_costs import IS_GOAL_OF_BODY, GoalFacts, started_on


@dataclass(frozen=True, kw_only=True)
class InUse:
    """bodies: those that take part, by code, without a planned day. goals: of each body.

    first: codes of those whose planned day is the first of the joint term.
    """

    bodies: tuple[BodyUse, ...]
    first: frozenset[str]
    goals: Mapping[str, GoalFacts]


def load_in_use(session: Session, project_id: int, unit: str, scope: LedgerScope | None) -> InUse:
    """Of those that take part, and the goals of those that left too; for members: the caller has
    asked. One query.

    What was used is of the ledger: scope says of whom the reader knows it, None for nobody.
    """
    used = _newest_use(project_id, unit, scope)
    rows = session.execute(
        select(
            Participation.body_code,
            LocalBody.name,
            Participation.wave,
            Participation.status,
            Participation.quantities,
            Participation.starts_on,
            _is_late_joiner().label("late_joiner"),
            used.c.quantity,
            used.c.period,
            CostGoal.target_yen,
        )
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .outerjoin(used, (used.c.body_code == Participation.body_code) & (used.c.place == 1))
        .outerjoin(CostGoal, IS_GOAL_OF_BODY)
        .where(
            Participation.project_id == project_id,
            Participation.status.in_((*TAKING_PART, ParticipationStatus.LEFT)),
        )
        .order_by(Participation.body_code)
    ).all()
    inside = [row for row in rows if row.status in TAKING_PART]
    return InUse(
        bodies=tuple(_use(row, unit) for row in inside),
        first=frozenset(r.body_code for r in inside if r.wave == 1 and not r.late_joiner),
        goals={row.body_code: _goal(row) for row in rows},
    )


def _goal(row: Any) -> GoalFacts:
    began = started_on(row.status, row.starts_on)
    return GoalFacts(target_yen=row.target_yen, started_on=began)


def _is_late_joiner() -> Any:
    return (
        select(AwardExtension.id)
        .where(
            AwardExtension.project_id == Participation.project_id,
            AwardExtension.body_code == Participation.body_code,
            AwardExtension.kind == ExtensionKind.LATE_JOINER.value,
        )
        .exists()
    )


def _use(row: Any, unit: str) -> BodyUse:
    # Before use begins the same column holds a day that was wished for.
    began = row.status == ParticipationStatus.IN_USE
    return BodyUse(
        code=row.body_code,
        name=row.name,
        contracted=row.quantities.get(unit),
        used=row.quantity,
        month=row.period,
        began_on=row.starts_on if began else None,
    )


def _newest_use(project_id: int, unit: str, scope: LedgerScope | None) -> Subquery:
    """Each body's entries with their place: 1 is the newest of its newest month."""
    newest_first = (UsageRecord.period.desc(), UsageRecord.number.desc())
    place = func.row_number().over(partition_by=UsageRecord.body_code, order_by=newest_first)
    entries = select(
        UsageRecord.body_code, UsageRecord.quantity, UsageRecord.period, place.label("place")
    ).where(UsageRecord.project_id == project_id, UsageRecord.unit == unit)
    if scope is None:
        entries = entries.where(false())
    elif not scope.everything:
        entries = entries.where(UsageRecord.body_code == scope.body_code)
    return entries.subquery()
