"""The items of a unit-price contract in a month: what was used, and what it comes to."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from catalog.pricing import Kind
from foundation.forms import MoyaiForm
from procurement.domain.unit_prices import UnitPrice, used_total
from procurement.forms.unit_prices import make_item_usage_form
from procurement.queries.ledger import LedgerScope
from procurement.queries.ledger_month import UsageRow
from procurement.queries.unit_prices import list_prices_of, list_users, load_used, sum_used
from procurement.views.saving import mark_seen


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """An item with what was used. quantity None: not recorded by everybody it is about."""

    line: UnitPrice
    quantity: int | None
    amount_yen: int | None


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
    lines = () if scope.is_vendor else list_prices_of(session, project_id, period)
    if not lines:
        return {"items": None}
    used = load_used(session, project_id, period, lines)
    codes = list_users(session, project_id, period) if scope.everything else (scope.body_code,)
    recorded = sum_used(used, codes, lines)
    shown = [
        ItemLine(
            line=line,
            quantity=recorded.get(line.number),
            amount_yen=line.amount_yen(recorded[line.number]) if line.number in recorded else None,
        )
        for line in lines
    ]
    totals = [
        (kind.label, used_total(lines, recorded, kind))
        for kind in Kind
        if any(line.category is kind for line in lines)
        and all(line.number in recorded for line in lines if line.category is kind)
    ]
    return {
        "items": shown,
        "item_totals": totals,
        "items_of_all": scope.everything,
        "item_form": _form(lines, used.get(usage_row.body_code, {}), typed) if usage_row else None,
    }


def _form(
    lines: tuple[UnitPrice, ...], before: dict[int, tuple[int, int]], typed: MoyaiForm | None
) -> MoyaiForm:
    given: dict[str, Any] = {f"item{number}": quantity for number, (quantity, _) in before.items()}
    form = typed or make_item_usage_form(lines, given)
    mark_seen(form, "seen_number", sum(number for _, number in before.values()))
    return form
