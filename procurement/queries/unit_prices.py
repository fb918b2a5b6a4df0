"""The unit prices of an award, and what each body used of its items in a month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Date,
    ScalarSelect,
    Select,
    and_,
    cast,
    exists,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from catalog.pricing import Kind
from foundation.clock import add_months, month_start
from procurement.contract_models import (
    AwardUnitPrice,
    ChangedContractPrice,
    ChangedUnitPrice,
    ConfirmedContractPrice,
    Contract,
    ContractUnitPrice,
)
from procurement.domain.contracts import BUYING
from procurement.domain.own_unit_prices import priced_by
from procurement.domain.unit_prices import ChangedPrice, UnitPrice, prices_of
from procurement.ledger_models import UsageRecord, VendorInvoice
from procurement.models import Participation
from procurement.queries.tender_facts import round_of
from procurement.tender_models import Award


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What the contracts of a project say each item costs; all empty for a lump sum.

    for_all: the award's table, or that of the one contract for all. own: by body.
    """

    for_all: tuple[UnitPrice, ...]
    own: Mapping[str, tuple[UnitPrice, ...]]

    def of(self, body_code: str) -> tuple[UnitPrice, ...]:
        """As the body's contract has it; '' asks for the contract for all."""
        return self.own.get(body_code, self.for_all)


# Body → item → (quantity, number of the newest entry).
Used = Mapping[str, Mapping[int, tuple[int, int]]]


def _newest_award(project_id: int) -> ScalarSelect[int]:
    return (
        select(Award.id)
        .where(Award.project_id == project_id, Award.round == round_of(project_id))
        .order_by(Award.number.desc())
        .limit(1)
        .scalar_subquery()
    )


def list_prices_of(session: Session, project_id: int, period: date) -> tuple[UnitPrice, ...]:
    """The table as it holds for all in a month. One query."""
    rows = session.execute(
        select(AwardUnitPrice, ChangedUnitPrice)
        .outerjoin(
            ChangedUnitPrice,
            and_(
                ChangedUnitPrice.award_id == AwardUnitPrice.award_id,
                ChangedUnitPrice.line_number == AwardUnitPrice.number,
            ),
        )
        .where(AwardUnitPrice.award_id == _newest_award(project_id))
        .order_by(AwardUnitPrice.number, ChangedUnitPrice.number)
    ).all()
    lines = dict.fromkeys(_line(line) for line, _ in rows)
    changes = [_change(change) for _, change in rows if change is not None]
    return prices_of(tuple(lines), changes, period)


def load_tables(session: Session, project_id: int, period: date) -> Tables:
    """The tables as they hold in a month. At most two queries."""
    lines = list_prices_of(session, project_id, period)
    own = _list_own_of(session, project_id, period) if lines else {}
    return Tables(
        for_all=priced_by(lines, own.get("", {})),
        own={code: priced_by(lines, prices) for code, prices in own.items() if code},
    )


def _list_own_of(session: Session, project_id: int, period: date) -> dict[str, dict[int, Decimal]]:
    """Body ('' for all) → line → price, of the contract begun by that month; else the first.

    With what changed in that contract alone by then.
    """
    rows = session.execute(
        union_all(_signed_prices(project_id), _agreed_changes(project_id)).order_by(
            "term", "id", "number"
        )
    )
    chosen: dict[str, int] = {}
    prices: dict[int, dict[int, Decimal]] = {}
    for id_, _term, code, starts_on, line_number, unit_price, number, first in rows:
        if number and first > period:
            continue
        begun = starts_on is not None and month_start(starts_on) <= period
        if begun or (code or "") not in chosen:
            chosen[code or ""] = id_
        own = prices.setdefault(id_, {})
        if line_number is not None:
            own[line_number] = unit_price
    return {code: prices[id_] for code, id_ in chosen.items()}


def _signed_prices(project_id: int) -> Select[Any]:
    """What each contract named at its signature, as change 0; a row without a price for none."""
    return _of_contracts(
        project_id,
        ContractUnitPrice.line_number,
        ContractUnitPrice.unit_price,
        literal(0).label("number"),
        cast(null(), Date),
    ).outerjoin(ContractUnitPrice, ContractUnitPrice.contract_id == Contract.id)


def _agreed_changes(project_id: int) -> Select[Any]:
    """What changed in one contract alone, and its vendor confirmed."""
    changed, confirmed = ChangedContractPrice, ConfirmedContractPrice
    return (
        _of_contracts(
            project_id,
            changed.line_number,
            changed.unit_price,
            changed.number,
            changed.valid_from,
        )
        .join(changed, changed.contract_id == Contract.id)
        .join(
            confirmed,
            and_(confirmed.contract_id == changed.contract_id, confirmed.number == changed.number),
        )
    )


def _of_contracts(project_id: int, *columns: Any) -> Select[Any]:
    """Rows of the contracts that buy under the newest award."""
    return select(
        Contract.id, Contract.term, Contract.body_code, Contract.starts_on, *columns
    ).where(
        Contract.project_id == project_id,
        Contract.award_id == _newest_award(project_id),
        Contract.kind.in_([kind.value for kind in BUYING]),
    )


def list_changed_prices(session: Session, project_id: int) -> tuple[ChangedPrice, ...]:
    """The changes of the newest award's table, in the order they were recorded. One query."""
    rows = session.scalars(
        select(ChangedUnitPrice)
        .where(ChangedUnitPrice.award_id == _newest_award(project_id))
        .order_by(ChangedUnitPrice.number, ChangedUnitPrice.line_number)
    )
    return tuple(_change(row) for row in rows)


def _change(row: ChangedUnitPrice) -> ChangedPrice:
    return ChangedPrice(
        number=row.number,
        line_number=row.line_number,
        valid_from=row.valid_from,
        unit_price=row.unit_price,
        reason=row.reason,
    )


def list_unit_prices(session: Session, project_id: int) -> tuple[UnitPrice, ...]:
    """As awarded, in the order of the table; empty for a lump sum. One query."""
    rows = session.scalars(
        select(AwardUnitPrice)
        .where(AwardUnitPrice.award_id == _newest_award(project_id))
        .order_by(AwardUnitPrice.number)
    )
    return tuple(_line(row) for row in rows)


def _line(row: AwardUnitPrice) -> UnitPrice:
    return UnitPrice(
        number=row.number,
        item=row.item,
        unit=row.unit,
        category=Kind(row.category),
        unit_price=row.unit_price,
        expected_quantity=row.expected_quantity,
    )


def load_used(
    session: Session, project_id: int, period: date, lines: Sequence[UnitPrice]
) -> dict[str, dict[int, tuple[int, int]]]:
    """The newest entries of the month. One query."""
    numbers = {line.usage_unit: line.number for line in lines}
    rows = session.execute(
        select(UsageRecord.body_code, UsageRecord.unit, UsageRecord.quantity, UsageRecord.number)
        .where(
            UsageRecord.project_id == project_id,
            UsageRecord.period == period,
            UsageRecord.unit.in_(numbers),
        )
        .order_by(UsageRecord.number)
    )
    found: dict[str, dict[int, tuple[int, int]]] = {}
    for code, unit, quantity, number in rows:
        found.setdefault(code, {})[numbers[unit]] = (quantity, number)
    return found


def list_users(session: Session, project_id: int, period: date) -> tuple[str, ...]:
    """The bodies whose use of the month an invoice for all is made of, by code. One query.

    A body that ends its contract has left at once, but uses until its last day; one that left
    without that day never had a contract.
    """
    row = Participation
    return tuple(
        session.scalars(
            select(row.body_code)
            .where(
                row.project_id == project_id,
                or_(
                    row.status.in_(("contracted", "in_use")),
                    and_(row.status == "left", row.ends_on.is_not(None)),
                ),
                or_(row.starts_on.is_(None), row.starts_on < add_months(period, 1)),
                or_(row.ends_on.is_(None), row.ends_on >= period),
            )
            .order_by(row.body_code)
        )
    )


def list_booked_from(
    session: Session, project_id: int, first: date, for_body: str | None = None
) -> frozenset[tuple[date, str]]:
    """The months from `first` on and categories of which an invoice stands. One query.

    for_body: of one body's own only, '' for the collected ones; None for all.
    """
    back = aliased(VendorInvoice)
    taken_back = exists().where(
        back.project_id == VendorInvoice.project_id, back.reverses == VendorInvoice.number
    )
    wanted = select(VendorInvoice.period, VendorInvoice.category).where(
        VendorInvoice.project_id == project_id,
        VendorInvoice.period >= first,
        VendorInvoice.kind == "invoice",
        ~taken_back,
    )
    if for_body is not None:
        wanted = wanted.where(VendorInvoice.for_body == for_body)
    return frozenset((period, category) for period, category in session.execute(wanted))


def list_booked_categories(
    session: Session, project_id: int, period: date, body_code: str
) -> frozenset[Kind]:
    """Of which categories an invoice made of the body's use of the month stands. One query."""
    back = aliased(VendorInvoice)
    taken_back = exists().where(
        back.project_id == VendorInvoice.project_id, back.reverses == VendorInvoice.number
    )
    found = session.scalars(
        select(VendorInvoice.category).where(
            VendorInvoice.project_id == project_id,
            VendorInvoice.period == period,
            VendorInvoice.kind == "invoice",
            VendorInvoice.for_body.in_(("", body_code)),
            ~taken_back,
        )
    )
    return frozenset(Kind(category) for category in found)


def sum_used(used: Used, codes: Iterable[str], lines: Sequence[UnitPrice]) -> dict[int, int]:
    """Item → what these bodies used together; only items that each of them has recorded."""
    bodies = list(codes)
    return {
        line.number: sum(used[code][line.number][0] for code in bodies)
        for line in lines
        if bodies and all(line.number in used.get(code, {}) for code in bodies)
    }
