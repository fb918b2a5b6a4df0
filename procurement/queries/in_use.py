"""Who uses what a project bought, and since when, as far as this reader may know (F17)."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from procurement.contract_models import AwardExtension
from procurement.domain.contract_changes import ExtensionKind
from procurement.domain.in_use import BodyUse
from procurement.domain.participation import TAKING_PART, ParticipationStatus
from procurement.ledger_models import UsageRecord
from procurement.models import Participation
from procurement.queries.ledger import LedgerScope

Used = dict[str, tuple[int, date]]


def list_in_use(
    session: Session, project_id: int, unit: str, planned_on: date, scope: LedgerScope | None
) -> tuple[BodyUse, ...]:
    """The bodies that take part, by code; for members: the caller has asked. Two queries.

    planned_on: first day of the first joint term. What was used is of the ledger: scope says of
    whom the reader knows it, None for nobody.
    """
    used = _newest_use(session, project_id, unit, scope) if scope else {}
    rows = session.execute(
        select(
            Participation.body_code,
            LocalBody.name,
            Participation.wave,
            Participation.status,
            Participation.quantities,
            Participation.starts_on,
            _is_late_joiner().label("late_joiner"),
        )
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .where(Participation.project_id == project_id, Participation.status.in_(TAKING_PART))
        .order_by(Participation.body_code)
    )
    return tuple(_use(row, unit, planned_on, used) for row in rows)


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


def _use(row: Any, unit: str, planned_on: date, used: Used) -> BodyUse:
    quantity, month = used.get(row.body_code, (None, None))
    with_the_others = row.wave == 1 and not row.late_joiner
    # Before use begins the same column holds a day that was wished for.
    began = row.status == ParticipationStatus.IN_USE
    return BodyUse(
        code=row.body_code,
        name=row.name,
        contracted=row.quantities.get(unit),
        used=quantity,
        month=month,
        planned_on=planned_on if with_the_others else None,
        began_on=row.starts_on if began else None,
    )


def _newest_use(session: Session, project_id: int, unit: str, scope: LedgerScope) -> Used:
    """Body → (quantity, month) of its newest month; the newest entry of a month counts."""
    of_project = [UsageRecord.project_id == project_id, UsageRecord.unit == unit]
    if not scope.everything:
        of_project.append(UsageRecord.body_code == scope.body_code)
    newest = (
        select(UsageRecord.body_code, func.max(UsageRecord.period).label("period"))
        .where(*of_project)
        .group_by(UsageRecord.body_code)
        .subquery()
    )
    rows = session.execute(
        select(UsageRecord.body_code, UsageRecord.quantity, UsageRecord.period)
        .join(
            newest,
            (newest.c.body_code == UsageRecord.body_code) & (newest.c.period == UsageRecord.period),
        )
        .where(*of_project)
        .order_by(UsageRecord.number)
    )
    return {code: (quantity, period) for code, quantity, period in rows}
