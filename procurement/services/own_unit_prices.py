"""The unit prices a contract names itself, at its signature."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from foundation.clock import month_start
from foundation.errors import Blocker
from procurement.contract_models import Contract, ContractUnitPrice
from procurement.domain.contracts import BUYING
from procurement.domain.own_unit_prices import OwnPrice, lower_of, read_own_prices
from procurement.domain.signing import ContractDraft
from procurement.queries.unit_prices import list_prices_of, list_unit_prices


def read_drafted_prices(
    session: Session, project_id: int, draft: ContractDraft, today: date
) -> tuple[tuple[OwnPrice, ...], list[Blocker]]:
    """The draft's own prices, none above the award's or above what all pay when it begins."""
    if not draft.own_prices.strip():
        return (), []
    lines = list_unit_prices(session, project_id) if draft.kind in BUYING else ()
    if not lines:
        message = "この契約には単価表がないので、単価は記録できません。"
        return (), [Blocker(code="no_table", message=message, field="own_prices")]
    begins = month_start(draft.starts_on or today)
    most = lower_of(lines, list_prices_of(session, project_id, begins))
    return read_own_prices(draft.own_prices, most)


def add_own_prices(session: Session, contract: Contract, prices: Iterable[OwnPrice]) -> None:
    """Write them once, with the contract."""
    session.add_all(
        ContractUnitPrice(
            contract_id=contract.id,
            line_number=each.line_number,
            unit_price=each.unit_price,
            reason=each.reason,
        )
        for each in prices
    )
    session.flush()
