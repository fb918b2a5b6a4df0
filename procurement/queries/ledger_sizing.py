"""What a body contracted beside what it used of late."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from procurement.domain.ledger import STEP_DOWN_MONTHS, suggest_quantity
from procurement.ledger_models import UsageRecord
from procurement.models import Participation, Project
from procurement.queries.ledger import LedgerScope


@dataclass(frozen=True, kw_only=True)
class SizingRow:
    """A body's contracted quantity beside the last months' use. suggested: None = as it is."""

    name: str
    contracted: int
    used: tuple[int, ...]
    suggested: int | None


def list_sizing(session: Session, project: Project, scope: LedgerScope) -> tuple[SizingRow, ...]:
    """Contracted quantity and the last three recorded months' use, by code. Two queries."""
    newest = (
        select(UsageRecord.period)
        .where(UsageRecord.project_id == project.id, UsageRecord.unit == project.main_unit)
        .distinct()
        .order_by(UsageRecord.period.desc())
        .limit(STEP_DOWN_MONTHS)
    )
    statement = (
        select(UsageRecord.body_code, UsageRecord.period, UsageRecord.quantity)
        .where(
            UsageRecord.project_id == project.id,
            UsageRecord.unit == project.main_unit,
            UsageRecord.period.in_(newest),
        )
        .order_by(UsageRecord.number)
    )
    used: dict[str, dict[date, int]] = {}
    for code, period, quantity in session.execute(statement):
        used.setdefault(code, {})[period] = quantity
    rows = session.execute(
        select(Participation.body_code, LocalBody.name, Participation.quantities)
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .where(Participation.project_id == project.id, Participation.body_code.in_(used))
        .order_by(Participation.body_code)
    )
    return tuple(
        _sizing(name, quantities.get(project.main_unit) or 0, used[code])
        for code, name, quantities in rows
        if scope.everything or code == scope.body_code
    )


def _sizing(name: str, contracted: int, used: dict[date, int]) -> SizingRow:
    newest_first = tuple(used[period] for period in sorted(used, reverse=True))
    return SizingRow(
        name=name,
        contracted=contracted,
        used=newest_first,
        suggested=suggest_quantity(contracted, newest_first),
    )
