"""/projects/<id>/contracts: what the contract model asks for, what is signed, and signing."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action, OrganizationKind
from foundation.clock import add_months, jst_today
from foundation.errors import NotFound
from foundation.forms import MoyaiForm
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.domain.contract_changes import AFTER_CONTRACTING
from procurement.domain.contracts import ContractKind
from procurement.domain.states import BEFORE_NOTICE, ProcurementMethod, State
from procurement.forms.contracts import (
    ChangeForm,
    ChooseForm,
    ContractForm,
    ExtensionForm,
    QualificationForm,
    RefusalForm,
    RequoteForm,
    first_values,
    make_choose_form,
    make_contract_form,
)
from procurement.models import Project
from procurement.presenters import contracts as words
from procurement.presenters.project import project_frame
from procurement.queries.contracts import (
    CONTRACTS_ARE_PUBLIC as PUBLIC,
)
from procurement.queries.contracts import (
    find_qualification,
    list_readable,
    list_vendor_choices,
)
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.queries.signing_facts import Around
from procurement.queries.tender import find_own_vendor
from procurement.services import contract_changes as changes
from procurement.services import contract_partners as partners
from procurement.services import contracts as service
from procurement.views.blueprint import blueprint
from procurement.views.saving import save_form

_BEFORE_CONTRACTS = (*BEFORE_NOTICE, State.SOLICITATION, State.EVALUATION)
Typed = dict[str, MoyaiForm]


@blueprint.get("/projects/<int:project_id>/contracts")
@public
def contracts(project_id: int) -> ResponseReturnValue:
    """Counts for everybody; amounts after contracting; forms for those who sign."""
    return _page(project_id, {})


@blueprint.post("/projects/<int:project_id>/contracts/vendor")
@requires(Action.FIX_SHARE_VERSION)
def choose_vendor(project_id: int) -> ResponseReturnValue:
    """Whom to contract with, by a method without a notice."""
    _, project = get_head_and_project(get_session(), current_actor(), project_id)
    form = make_choose_form(names_amount=words.names_amount(project))
    form.vendor_id.choices = _vendor_choices(get_session(), project)

    def save(session: Session) -> None:
        partners.choose_vendor(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            vendor_id=find_number(form.vendor_id.data) or 0,
            price_yen=form.price_yen.data if "price_yen" in form else None,
            quotes_taken=form.quotes_taken.data,
            reason=form.reason.data or "",
            seen_number=find_number(form.seen_number.data) or 0,
        )

    return save_and_show(project_id, "choosing", form, save, "契約の相手方を記録しました。")


@blueprint.post("/projects/<int:project_id>/contracts/qualification")
@requires(Action.EDIT_PROJECT)
def record_qualification(project_id: int) -> ResponseReturnValue:
    """入札参加資格 of the vendor with the own organisation."""
    form = QualificationForm(prefix="qualification")

    def save(session: Session) -> None:
        partners.record_qualification(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            number=form.number.data or "",
            valid_until=form.valid_until.data,
            seen_version=find_number(form.seen_version.data) or 0,
        )

    return save_and_show(project_id, "qualifying", form, save, "入札参加資格を記録しました。")


@blueprint.post("/projects/<int:project_id>/contracts/overall")
@requires(Action.FIX_SHARE_VERSION)
def sign_overall(project_id: int) -> ResponseReturnValue:
    """The document made once for all."""
    around = _around(project_id)
    form = _contract_form(around, words.overall_kind(around), "overall")

    def save(session: Session) -> None:
        service.sign_overall(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            draft=form.draft(ContractKind.BASIC),
            approval=form.approval(),
        )

    return save_and_show(
        project_id, "overall", form, save, "契約を記録し、関係する団体に知らせました。"
    )


@blueprint.post("/projects/<int:project_id>/contracts/own")
@requires(Action.JOIN)
def sign_own(project_id: int) -> ResponseReturnValue:
    """A body's own document."""
    around = _around(project_id)
    form = _contract_form(around, words.own_kind(around), "own")

    def save(session: Session) -> None:
        service.sign_own(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=current_actor().body_code or "",
            draft=form.draft(ContractKind.INDIVIDUAL),
            approval=form.approval(),
        )

    return save_and_show(project_id, "own", form, save, "契約を記録し、幹事団体に知らせました。")


@blueprint.post("/projects/<int:project_id>/contracts/refuse")
@requires(Action.JOIN)
def refuse_contract(project_id: int) -> ResponseReturnValue:
    """A body does not contract after its re-quote."""
    form = RefusalForm(prefix="refuse")

    def save(session: Session) -> None:
        partners.refuse_contract(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=current_actor().body_code or "",
            reason=form.reason.data or "",
            approval=form.approval(),
        )

    return save_and_show(project_id, "refusing", form, save, "契約しないことを記録しました。")


@blueprint.post("/projects/<int:project_id>/contracts/quotes/<body_code>")
@requires(Action.PROPOSE)
def give_requote(project_id: int, body_code: str) -> ResponseReturnValue:
    """The awarded vendor's price for one body."""
    form = RequoteForm(prefix=f"q{body_code}")

    def save(session: Session) -> None:
        partners.give_requote(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=body_code,
            amount_yen=form.amount_yen.data,
            note=form.note.data or "",
            seen_number=find_number(form.seen_number.data) or 0,
        )

    return save_and_show(project_id, f"q{body_code}", form, save, "再見積を提出しました。")


def save_and_show(
    project_id: int, name: str, form: MoyaiForm, save: Callable[[Session], None], done: str
) -> ResponseReturnValue:
    """Save and go back to the page; or the page again, with what is wrong beside it."""
    get_head_and_project(get_session(), current_actor(), project_id)
    return save_form(
        form,
        save,
        partial(_page, project_id, {name: form}),
        address=url_for("procurement.contracts", project_id=project_id),
        done=done,
    )


def _around(project_id: int) -> Around:
    _, project = get_head_and_project(get_session(), current_actor(), project_id)
    return Around(get_session(), project)


def _contract_form(
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
        given=given,
    )


def _vendor_choices(session: Session, project: Project) -> list[tuple[str, str]]:
    found = list_vendor_choices(session, project)
    return [("", "選んでください"), *((str(id_), name) for id_, name in found)]


def _page(project_id: int, typed: Typed, *, refresh: bool = False) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    session.expire_all()
    head, project = get_head_and_project(session, actor, project_id)
    cancelled = project.state == State.CANCELLED
    if State(project.state) in _BEFORE_CONTRACTS or (cancelled and not project.contract_model):
        raise NotFound("contracts")
    around = Around(session, project)
    vendor = find_own_vendor(session, actor)
    vendor_id = vendor.id if vendor else None
    knows = head.standing.leads or head.standing.is_member
    forms: dict[str, Any] = {}
    if not cancelled:  # nothing is recorded any more once the project is cancelled
        forms |= _lead_part(session, head, project, around, typed)
        forms |= _own_part(session, head, around, typed)
        forms |= _vendor_part(around, vendor_id, typed, refresh=refresh)
        forms |= _changes_part(head, around, typed, refresh=refresh)
    return render_template(
        "procurement/contracts.html",
        frame=project_frame(head, "contracts", moment),
        facts=words.model_facts(around, head.row.lead_name),
        award=around.award if knows or head.public else None,
        lines=words.contract_lines(
            list_readable(around.contracts, project, head.standing, vendor_id), head.row.lead_name
        ),
        missing=words.missing_texts(around) if knows and not cancelled else [],
        refusals=around.refusals if head.standing.leads else (),
        **forms,
        invoices_to_us=words.invoices_to(around, vendor_id),
        extensions=around.extensions if knows or State(project.state) in PUBLIC else (),
    )


def _lead_part(
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
        choosing.vendor_id.choices = _vendor_choices(session, project)
        part |= {"choosing": choosing, "choosing_blockers": choosing_blockers}
    kind = words.overall_kind(around)
    if kind is not None and around.find_signed(kind) is None:
        part["overall"] = typed.get("overall") or _contract_form(
            around, kind, "overall", _first(project)
        )
        part["overall_label"] = kind.label
        part["overall_blockers"] = service.list_overall_blockers(
            around, head.standing, jst_today(now())
        )
    return part


def _own_part(session: Session, head: ProjectHead, around: Around, typed: Typed) -> dict[str, Any]:
    """What the reader's own organisation records: qualification, contract, refusal."""
    actor, part = head.standing.actor, {"qualifying": None, "own": None, "refusing": None}
    code = actor.body_code or ""
    late = around.takes_part(code)  # a late joiner that has still to sign
    buys = head.standing.leads or head.standing.takes_part or late
    if not buys or around.award is None:
        return part
    stored = find_qualification(session, actor.organization_id, around.award.vendor_id)
    seen = {
        "seen_version": str(stored.row_version),
        "number": stored.number,
        "valid_until": stored.valid_until,
    }
    found: dict[str, Any] = part | {
        "qualifying": typed.get("qualifying")
        or QualificationForm(formdata=None, prefix="qualification", data=seen),
    }
    kind = words.own_kind(around)
    if kind is None or not late or around.find_signed(kind, code):
        return found
    today = jst_today(now())
    refusing = partners.list_refusing_blockers(around, actor, code, today)
    quoted = all(each.code != "no_requote_model" for each in refusing)
    return found | {
        "own": typed.get("own") or _contract_form(around, kind, "own", _first(around.project)),
        "own_label": kind.label,
        "own_blockers": service.list_own_blockers(around, actor, code, today),
        "requote": words.requote_text(around, code) if quoted else "",
        "refusing": (typed.get("refusing") or RefusalForm(formdata=None, prefix="refuse"))
        if quoted
        else None,
        "refusing_blockers": refusing,
    }


def _vendor_part(
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


def _changes_part(
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
