"""The changed prices of a unit-price contract, and the lead's form for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from foundation.forms import MoyaiForm
from procurement.domain.unit_prices import UnitPrice, price_words
from procurement.forms.unit_prices import PriceChangeForm
from procurement.queries.project_page import ProjectHead
from procurement.queries.signing_facts import Around
from procurement.queries.unit_prices import list_changed_prices
from procurement.services.price_changes import list_price_change_blockers
from procurement.views.saving import mark_seen


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """One changed price."""

    item: str
    valid_from: date
    price_text: str
    reason: str


def price_changes_part(
    session: Session,
    head: ProjectHead,
    around: Around,
    typed: dict[str, MoyaiForm],
    lines: Sequence[UnitPrice],
    *,
    refresh: bool,
) -> dict[str, Any]:
    """For who reads the table; the form for the lead from the introduction on."""
    if not lines:
        return {"price_changes": (), "repricing": None}
    items = {line.number: line.item for line in lines}
    changes = list_changed_prices(session, around.project.id)
    shown = [
        ChangeLine(
            item=items[each.line_number],
            valid_from=each.valid_from,
            price_text=price_words(each.unit_price),
            reason=each.reason,
        )
        for each in changes
    ]
    part: dict[str, Any] = {"price_changes": shown, "repricing": None}
    blockers = list_price_change_blockers(around, head.standing)
    if not head.standing.leads or any(each.code != "not_manager" for each in blockers):
        return part
    form = typed.get("repricing") or PriceChangeForm(formdata=None, prefix="repricing")
    if refresh:
        form["seen_number"].data = ""
    mark_seen(form, "seen_number", max((each.number for each in changes), default=0))
    return part | {"repricing": form, "repricing_blockers": blockers}
