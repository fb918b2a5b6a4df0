"""Who uses what a project bought, and since when, as far as this reader may know (F17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, Subquery, bindparam, false, func, select
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
    """rows: of all that do or did take part, by code. unit: what contracted quantities are of."""

    rows: Mapping[str, Any]
    unit: str

    def list_bodies(self, planned_on: date) -> tuple[BodyUse, ...]:
        """Those that take part. planned_on: for whom the first of the joint term was planned."""
        return tuple(
            _use(row, self.unit, planned_on)
            for row in self.rows.values()
            if row.status in TAKING_PART
        )

    def find_goal(self, code: str) -> GoalFacts | None:
        """That body's goal; None for who never took part."""
        row = self.rows.get(code)
        if row is None:
            return None
        began = started_on(row.status, row.starts_on)
        return GoalFacts(target_yen=row.target_yen, started_on=began)


def load_in_use(session: Session, project_id: int, unit: str, scope: LedgerScope | None) -> InUse:
    """Of those that take part, and the goals of those that left too; for members: the caller has
    asked. One query.

    What was used is of the ledger: scope says of whom the reader knows it, None for nobody.
    """
    everything = scope is not None and scope.everything
    own = None if scope is None or everything else scope.body_code
    values = {"project_id": project_id, "unit": unit, "body_code": own}
    statement = _bodies_and_use(knows_any=scope is not None, knows_all=everything)
    rows = session.execute(statement, values).all()
    return InUse(rows={row.body_code: row for row in rows}, unit=unit)


@cache
def _bodies_and_use(*, knows_any: bool, knows_all: bool) -> Select[*tuple[Any, ...]]:
    """For :project_id, :unit and, where the reader knows of one body only, its :body_code."""
    used = _newest_use(knows_any=knows_any, knows_all=knows_all)
    return (
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
            Participation.project_id == bindparam("project_id"),
            Participation.status.in_((*TAKING_PART, ParticipationStatus.LEFT)),
        )
        .order_by(Participation.body_code)
    )


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


def _use(row: Any, unit: str, planned_on: date) -> BodyUse:
    # Before use begins the same column holds a day that was wished for.
    began = row.status == ParticipationStatus.IN_USE
    return BodyUse(
        code=row.body_code,
        name=row.name,
        contracted=row.quantities.get(unit),
        used=row.quantity,
        month=row.period,
        planned_on=planned_on if row.wave == 1 and not row.late_joiner else None,
        began_on=row.starts_on if began else None,
    )


def _newest_use(*, knows_any: bool, knows_all: bool) -> Subquery:
    """Each body's entries with their place: 1 is the newest of its newest month."""
    newest_first = (UsageRecord.period.desc(), UsageRecord.number.desc())
    place = func.row_number().over(partition_by=UsageRecord.body_code, order_by=newest_first)
    entries = select(
        UsageRecord.body_code, UsageRecord.quantity, UsageRecord.period, place.label("place")
    ).where(
        UsageRecord.project_id == bindparam("project_id"), UsageRecord.unit == bindparam("unit")
    )
    if not knows_any:
        entries = entries.where(false())
    elif not knows_all:
        entries = entries.where(UsageRecord.body_code == bindparam("body_code"))
    return entries.subquery()
