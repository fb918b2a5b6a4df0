"""What single contracts say of unit prices besides the award: as signed, and changed since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Select, and_, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from foundation.db import UTCDateTime
from procurement.contract_models import (
    AwardUnitPrice,
    ChangedContractPrice,
    ConfirmedContractPrice,
    Contract,
    ContractUnitPrice,
)


@dataclass(frozen=True, kw_only=True)
class OwnPriceRow:
    """A line's price in one contract beside the award's. reason: for its parties and the lead."""

    item: str
    unit_price: Decimal
    awarded_price: Decimal
    reason: str


@dataclass(frozen=True, kw_only=True)
class ContractChangeRow:
    """A price that changes in one contract. confirmed: its vendor has said yes."""

    contract_id: int
    body_name: str
    vendor_id: int | None
    number: int
    line_number: int
    item: str
    valid_from: date
    unit_price: Decimal
    reason: str
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class ContractPrices:
    """What single contracts say of prices besides the award. own: contract → as it was signed, in
    the order of the table. changes: since then, by contract, in the order they were recorded."""

    own: Mapping[int, tuple[OwnPriceRow, ...]]
    changes: tuple[ContractChangeRow, ...]


def load_contract_prices(session: Session, project_id: int) -> ContractPrices:
    """Of all contracts of the project. One query."""
    rows = session.execute(
        union_all(_own_rows(project_id), _changed_rows(project_id)).order_by(
            "contract_id", "number", "line_number"
        )
    )
    own: dict[int, tuple[OwnPriceRow, ...]] = {}
    changes: list[ContractChangeRow] = []
    for row in rows:
        if row.number:
            changes.append(_contract_change(row))
            continue
        found = OwnPriceRow(
            item=row.item,
            unit_price=row.unit_price,
            awarded_price=row.awarded_price,
            reason=row.reason,
        )
        own[row.contract_id] = (*own.get(row.contract_id, ()), found)
    return ContractPrices(own=own, changes=tuple(changes))


def _own_rows(project_id: int) -> Select[Any]:
    """As a contract was signed: change 0."""
    own = ContractUnitPrice
    nothing = cast(null(), Date), cast(null(), UTCDateTime)
    return _priced(own, project_id, literal(0), *nothing)


def _changed_rows(project_id: int) -> Select[Any]:
    changed, confirmed = ChangedContractPrice, ConfirmedContractPrice
    return _priced(
        changed, project_id, changed.number, changed.valid_from, confirmed.confirmed_at
    ).outerjoin(
        confirmed,
        and_(confirmed.contract_id == changed.contract_id, confirmed.number == changed.number),
    )


def _priced(
    said: type[ContractUnitPrice] | type[ChangedContractPrice],
    project_id: int,
    number: Any,
    valid_from: Any,
    confirmed_at: Any,
) -> Select[Any]:
    """The same columns of both tables, beside what the award says of the line."""
    return (
        select(
            said.contract_id.label("contract_id"),
            number.label("number"),
            said.line_number.label("line_number"),
            said.unit_price.label("unit_price"),
            said.reason.label("reason"),
            valid_from.label("valid_from"),
            confirmed_at.label("confirmed_at"),
            AwardUnitPrice.item.label("item"),
            AwardUnitPrice.unit_price.label("awarded_price"),
            Contract.vendor_id.label("vendor_id"),
            LocalBody.name.label("body_name"),
        )
        .join(Contract, Contract.id == said.contract_id)
        .join(
            AwardUnitPrice,
            and_(
                AwardUnitPrice.award_id == Contract.award_id,
                AwardUnitPrice.number == said.line_number,
            ),
        )
        .outerjoin(LocalBody, LocalBody.code == Contract.body_code)
        .where(Contract.project_id == project_id)
    )


def _contract_change(row: Any) -> ContractChangeRow:
    return ContractChangeRow(
        contract_id=row.contract_id,
        body_name=row.body_name or "全体の契約",
        vendor_id=row.vendor_id,
        number=row.number,
        line_number=row.line_number,
        item=row.item,
        valid_from=row.valid_from,
        unit_price=row.unit_price,
        reason=row.reason,
        confirmed=row.confirmed_at is not None,
    )
