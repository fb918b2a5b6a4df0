"""The part of the page of contracts about prices of one contract that change alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.roles import Action, Actor, may
from foundation.forms import MoyaiForm
from procurement.domain.contract_changes import AFTER_CONTRACTING
from procurement.domain.unit_prices import price_words
from procurement.forms.unit_prices import ContractPriceForm
from procurement.queries.contract_prices import ContractChangeRow
from procurement.queries.contracts import ContractRow
from procurement.queries.project_page import ProjectHead
from procurement.queries.signing_facts import Around
from procurement.services import contract_prices as service
from procurement.views.saving import mark_seen


@dataclass(frozen=True, kw_only=True)
class ContractPriceLine:
    """One changed price. reason: '' for whoever may not read it. confirms: the reader's to do."""

    row: ContractChangeRow
    price_text: str
    reason: str
    confirms: bool


def contract_prices_part(
    head: ProjectHead,
    around: Around,
    typed: dict[str, MoyaiForm],
    readable: Sequence[ContractRow],
    changes: Sequence[ContractChangeRow],
    *,
    refresh: bool,
) -> dict[str, Any]:
    """For who reads the contract; the form for its buyer; the vendor's button.

    Not confirmed ones are for the parties and the lead only.
    """
    part: dict[str, Any] = {"contract_prices": (), "own_repricing": None, "for_all": False}
    if not around.unit_prices or around.project.state not in AFTER_CONTRACTING:
        return part
    standing = head.standing
    shown = {row.id: row for row in readable}
    part["contract_prices"] = [
        _line(each, shown[each.contract_id], changes, standing.actor)
        for each in changes
        if each.contract_id in shown
        and (each.confirmed or shown[each.contract_id].own or shown[each.contract_id].private)
    ]
    row = service.find_own_buying(around, standing)
    blockers = service.list_own_price_blockers(around, standing, row)
    if row is None or any(each.code != "not_manager" for each in blockers):
        return part
    form = typed.get("own_repricing") or ContractPriceForm(formdata=None, prefix="ownprice")
    if refresh:
        form["seen_number"].data = ""
    own = [each.number for each in changes if each.contract_id == row.id]
    mark_seen(form, "seen_number", max(own, default=0))
    return part | {
        "own_repricing": form,
        "own_repricing_blockers": blockers,
        "for_all": not row.body_code,
    }


def _line(
    each: ContractChangeRow,
    contract: ContractRow,
    changes: Sequence[ContractChangeRow],
    actor: Actor,
) -> ContractPriceLine:
    of_contract = [other for other in changes if other.contract_id == each.contract_id]
    newest = max(other.number for other in of_contract)
    first = next(other for other in of_contract if other.number == each.number)
    waits = not each.confirmed and each.number == newest and first is each
    return ContractPriceLine(
        row=each,
        price_text=price_words(each.unit_price),
        reason=each.reason if contract.private else "",
        confirms=waits and contract.own and may(actor, Action.PROPOSE),
    )
