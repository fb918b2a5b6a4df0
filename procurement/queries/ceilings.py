"""A project's 提案上限額 as its proposals are measured by them."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from procurement.domain.ceilings import Ceiling, CostKind, key_of
from procurement.domain.evaluation_rule import STANDARD_RATE
from procurement.models import ProposalCeiling


def list_measures(session: Session, project_id: int) -> tuple[Ceiling, ...]:
    """Each ceiling with the name of its body, by body. One query."""
    rows = session.execute(
        select(ProposalCeiling, LocalBody.name)
        .join(LocalBody, LocalBody.code == ProposalCeiling.body_code)
        .where(ProposalCeiling.project_id == project_id)
        .order_by(ProposalCeiling.body_code, ProposalCeiling.id)
    )
    return tuple(
        Ceiling(
            key=key_of(row.body_code, row.cost_kind),
            label=f"{name}・{CostKind(row.cost_kind).label}",
            amount_yen=row.amount_yen,
            tax_percent=STANDARD_RATE if row.tax_included else Decimal(0),
        )
        for row, name in rows
    )
