"""The forms of the page of contracts: what lead, body and vendor may record there."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from accounts.access import current_actor
from accounts.roles import OrganizationKind
from foundation.clock import add_months, jst_today
from foundation.errors import NotFound
from foundation.forms import MoyaiForm
from foundation.web import now
from procurement.domain.contract_changes import AFTER_CONTRACTING
from procurement.domain.contracts import ContractKind
from procurement.domain.states import ProcurementMethod, State
from procurement.domain.unit_prices import expected_total
from procurement.forms.contracts import (
    ChangeForm,
    ChooseForm,
    ContractForm,
    ExtensionForm,
    QualificationForm,
    RefusalForm,
    RequoteForm,
    WithdrawalForm,
    first_values,
    make_choose_form,
    make_contract_form,
)
from procurement.forms.unit_prices import UnitPricesForm
from procurement.models import Project
from procurement.presenters import contracts as words
from procurement.queries.contract_prices import ContractPrices
from procurement.queries.contracts import (
    QualificationRow,
    list_qualifications,
    list_vendor_choices,
)
from procurement.queries.project_page import ProjectHead
from procurement.queries.signing_facts import Around
from procurement.services import certifications
from procurement.services import contract_changes as changes
from procurement.services import contract_partners as partners
from procurement.services import contracts as service
from procurement.services import unit_prices as recording
from procurement.services.product_changes import list_replacing_blockers

Typed = dict[str, MoyaiForm]


def contract_form(
    around: Around, kind: ContractKind | None, prefix: str, given: dict[str, Any] | None = None
) -> ContractForm:
    """Raises NotFound where the model has no such document."""
    if kind is None:
        raise NotFound("contract")
    method = around.project.procurement_method
    return make_contract_form(
        prefix,
        kind,
        ProcurementMethod(method) if method else None,
        council=current_actor().organization_kind is OrganizationKind.COUNCIL,
        priced=bool(around.unit_prices),
        choices=words.choices(around, kind),
        given=given,
    )


def vendor_choices(session: Session, project: Project) -> list[tuple[str, str]]:
    found = list_vendor_choices(session, project)
    return [("", "選んでください"), *((str(id_), name) for id_, name in found)]


def lead_part(
    session: Session, head: ProjectHead, project: Project, around: Around, typed: Typed
) -> dict[str, Any]:
    """Choosing the vendor, and the document for all."""
    if not head.standing.leads:
        return {"leads": False}
    choosing_blockers = partners.list_choosing_blockers(around, head.standing)
    part: dict[str, Any] = {"leads": True, "choosing": None, "overall": None}
    if all(each.code not in ("by_notice", "signed") for each in choosing_blockers):
        seen = {"seen_number": str(around.award.number if around.award else 0)}
        choosing = typed.get("choosing") or make_choose_form(
            names_amount=words.names_amount(project), given=seen
        )
        assert isinstance(choosing, ChooseForm)
        choosing.vendor_id.choices = vendor_choices(session, project)
        part |= {"choosing": choosing, "choosing_blockers": choosing_blockers}
    kind = words.overall_kind(around)
    if kind is not None and (around.certifies or around.find_signed(kind) is None):
        part["overall"] = typed.get("overall") or contract_form(
            around, kind, "overall", _first(project)
        )
        part["overall_label"] = kind.label
        part["overall_blockers"] = service.list_overall_blockers(
            around, head.standing, jst_today(now())
        )
    return part


def withdrawal_form(around: Around, given: dict[str, Any] | None = None) -> WithdrawalForm:
    """Posted values, or `given` ones to begin with. Raises NotFound where nothing is certified."""
    if not around.certified:
        raise NotFound("certification")
    form = (
        WithdrawalForm(prefix="withdraw")
        if given is None
        else WithdrawalForm(formdata=None, prefix="withdraw", data=given)
    )
    form.certification_id.choices = words.withdrawal_choices(around)
    return form


def withdrawing_part(head: ProjectHead, around: Around, typed: Typed) -> dict[str, Any]:
    """The lead's form, once a product is certified."""
    if not head.standing.leads or not around.certified:
        return {"withdrawing": None}
    return {
        "withdrawing": typed.get("withdrawing") or withdrawal_form(around, {}),
        "withdrawing_blockers": certifications.list_withdrawing_blockers(around, head.standing),
    }


def unit_prices_part(
    head: ProjectHead, around: Around, typed: Typed, prices: ContractPrices, *, reads: bool
) -> dict[str, Any]:
    """The award's table of unit prices for who may read amounts, and the lead's form for it."""
    lines = around.unit_prices if reads else ()
    part: dict[str, Any] = {
        "unit_prices": lines,
        "expected_yen": expected_total(lines),
        "own_prices": prices.own if lines else {},
    }
    blockers = recording.list_recording_blockers(around, head.standing)
    if lines or not head.standing.leads or any(each.code != "not_manager" for each in blockers):
        return part | {"pricing": None}
    form = typed.get("pricing") or UnitPricesForm(formdata=None, prefix="pricing")
    return part | {"pricing": form, "pricing_blockers": blockers}


def own_part(session: Session, head: ProjectHead, around: Around, typed: Typed) -> dict[str, Any]:
    """What the reader's own organisation records: qualification, contract, refusal."""
    actor, part = head.standing.actor, {"qualifying": None, "own": None, "refusing": None}
    code = actor.body_code or ""
    late = around.takes_part(code)  # a late joiner that has still to sign
    buys = head.standing.leads or head.standing.takes_part or late
    if not buys or around.award is None:
        return part
    found: dict[str, Any] = part | {"qualifying": _qualifying(session, head, around, typed)}
    kind = words.own_kind(around)
    if kind is None or not late or around.find_signed(kind, code):
        return found
    today = jst_today(now())
    refusing = partners.list_refusing_blockers(around, actor, code, today)
    quoted = all(each.code != "no_requote_model" for each in refusing)
    return found | {
        "own": typed.get("own") or contract_form(around, kind, "own", _first(around.project)),
        "own_label": kind.label,
        "own_blockers": service.list_own_blockers(around, actor, code, today),
        "requote": words.requote_text(around, code) if quoted else "",
        "refusing": (typed.get("refusing") or RefusalForm(formdata=None, prefix="refuse"))
        if quoted
        else None,
        "refusing_blockers": refusing,
    }


def qualification_prefix(vendor_id: int | None) -> str:
    """Of the form about this vendor; without a number where there is only one."""
    return f"qualification{vendor_id or ''}"


def _qualifying(
    session: Session, head: ProjectHead, around: Around, typed: Typed
) -> list[tuple[str, int | None, MoyaiForm]]:
    """Vendor's name, its number where there are several, and the form, for each vendor."""
    found: list[tuple[str, int | None, MoyaiForm]] = []
    shown = around.list_partners()
    ids = [each.vendor_id for each in shown]
    kept = list_qualifications(session, head.standing.actor.organization_id, ids)
    for partner in shown:
        stored = kept.get(partner.vendor_id, QualificationRow())
        seen = {
            "seen_version": str(stored.row_version),
            "number": stored.number,
            "valid_until": stored.valid_until,
        }
        number = partner.vendor_id if len(shown) > 1 else None
        prefix = qualification_prefix(number)
        form = typed.get(prefix) or QualificationForm(formdata=None, prefix=prefix, data=seen)
        found.append((partner.vendor_name, number, form))
    return found


def vendor_part(
    around: Around, vendor_id: int | None, typed: Typed, *, refresh: bool
) -> dict[str, Any]:
    """The re-quotes the awarded vendor may give: one form for each body."""
    asked = words.may_requote(around, vendor_id)
    forms = {
        party.code: typed.get(f"q{party.code}")
        or RequoteForm(
            formdata=None,
            prefix=f"q{party.code}",
            data={"seen_number": str(_quote_number(around, party.code))},
        )
        for party in asked
    }
    if refresh:
        for code, form in forms.items():
            form["seen_number"].data = str(_quote_number(around, code))
    return {
        "requoting": [
            (party, forms[party.code], words.requote_text(around, party.code)) for party in asked
        ]
    }


def changes_part(
    head: ProjectHead, around: Around, typed: Typed, *, refresh: bool
) -> dict[str, Any]:
    """What is decided after contracting: extensions by the lead, changes by the own body."""
    actor = head.standing.actor
    part: dict[str, Any] = {"extending": None, "changing": None}
    if State(around.project.state) not in AFTER_CONTRACTING:
        return part
    if head.standing.leads and around.award is not None:
        seen = {"seen_number": str(len(around.extensions))}
        form = typed.get("extending") or ExtensionForm(formdata=None, prefix="extend", data=seen)
        _see(form, seen["seen_number"], refresh=refresh)
        part |= {
            "extending": form,
            "extending_blockers": changes.list_extending_blockers(around, head.standing),
        }
    row = around.find_own_open(actor.body_code or "")
    if row is not None:
        seen = {"seen_number": str(row.changes)}
        form = typed.get("changing") or ChangeForm(formdata=None, prefix="change", data=seen)
        _see(form, seen["seen_number"], refresh=refresh)
        part |= {
            "changing": form,
            "changing_blockers": changes.list_changing_blockers(around, actor, row),
            "replaceable": not list_replacing_blockers(around, actor, row.body_code),
        }
    return part


def _see(form: MoyaiForm, number: str, *, refresh: bool) -> None:
    """After a conflict the page shows what is there now; saving again is a decision."""
    if refresh:
        form["seen_number"].data = number


def _quote_number(around: Around, body_code: str) -> int:
    quote = around.quotes.get(body_code)
    return quote.number if quote else 0


def _first(project: Project) -> dict[str, Any]:
    start, months = project.term_start, project.term_months
    end = add_months(start, months) - timedelta(days=1) if start and months else None
    return first_values(start, end)
