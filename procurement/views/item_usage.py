"""The items of a unit-price contract in a month: what was used, and what it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from catalog.pricing import Kind
from foundation.forms import MoyaiForm
from procurement.domain.own_unit_prices import amount_of_bodies
from procurement.domain.unit_prices import UnitPrice, price_words
from procurement.forms.unit_prices import make_item_usage_form
from procurement.queries.ledger import LedgerScope
from procurement.queries.ledger_month import UsageRow
from procurement.queries.unit_prices import Used, list_users, load_tables, load_used, sum_used
from procurement.views.saving import mark_seen


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """An item with what was used. quantity None: not recorded by everybody it is about.

    prices: what the bodies it is about pay for it, from the lowest.
    """

    line: UnitPrice
    prices: tuple[Decimal, ...]
    quantity: int | None
    amount_yen: int | None

    @property
    def price_text(self) -> str:
        """「11円、12.5円」."""
        return "、".join(f"{price_words(each)}円" for each in self.prices)


def item_part(
    session: Session,
    project_id: int,
    period: date,
    scope: LedgerScope,
    usage_row: UsageRow | None,
    typed: MoyaiForm | None,
) -> dict[str, Any]:
    """The table for the reader, and the form of the body chosen. usage_row: whose form.

    A member and a vendor's reader see no other body's use: a member its own, a vendor none.
    """
    kept = None if scope.is_vendor else load_tables(session, project_id, period)
    if kept is None or not kept.for_all:
        return {"items": None}
    lines = kept.for_all
    codes = list_users(session, project_id, period) if scope.everything else (scope.body_code,)
    tables = {code: kept.of(code) for code in codes}
    used = load_used(session, project_id, period, lines)
    shown = _items(lines, tables, used, sum_used(used, codes, lines))
    totals = [
        (kind.label, sum(each.amount_yen or 0 for each in found))
        for kind in Kind
        if (found := [each for each in shown if each.line.category is kind])
        and all(each.amount_yen is not None for each in found)
    ]
    return {
        "items": shown,
        "item_totals": totals,
        "items_of_all": scope.everything,
        "item_form": _form(lines, used.get(usage_row.body_code, {}), typed) if usage_row else None,
    }


def _items(
    lines: Sequence[UnitPrice],
    tables: Mapping[str, Sequence[UnitPrice]],
    used: Used,
    recorded: Mapping[int, int],
) -> list[ItemLine]:
    """What was used of each item, and what it comes to by the contract of each body."""
    counts = {code: {n: pair[0] for n, pair in own.items()} for code, own in used.items()}
    found = []
    for place, line in enumerate(lines):
        prices = sorted({table[place].unit_price for table in tables.values()}) or [line.unit_price]
        one = replace(line, unit_price=prices[0])
        quantity = recorded.get(line.number)
        amount = None
        if quantity is not None and len(prices) == 1:
            amount = one.amount_yen(quantity)
        elif quantity is not None:
            amount = amount_of_bodies(line.number, tables, counts)
        found.append(ItemLine(line=one, prices=tuple(prices), quantity=quantity, amount_yen=amount))
    return found


def _form(
    lines: tuple[UnitPrice, ...], before: dict[int, tuple[int, int]], typed: MoyaiForm | None
) -> MoyaiForm:
    given: dict[str, Any] = {f"item{number}": quantity for number, (quantity, _) in before.items()}
    form = typed or make_item_usage_form(lines, given)
    mark_seen(form, "seen_number", sum(number for _, number in before.values()))
    return form
