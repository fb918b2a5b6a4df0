"""/projects/<id>/contracts: what the contract model asks for, what is signed, and signing."""

import csv
import io
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.clock import jst_today
from foundation.errors import NotFound
from foundation.forms import MoyaiForm
from foundation.text import find_number, harmless_cell
from foundation.web import attachment, get_session, now
from procurement.domain.contracts import ContractKind
from procurement.domain.states import BEFORE_NOTICE, State
from procurement.forms.contracts import (
    QualificationForm,
    RefusalForm,
    RequoteForm,
    make_choose_form,
)
from procurement.forms.unit_prices import PriceChangeForm, UnitPricesForm
from procurement.models import Project
from procurement.presenters import contracts as words
from procurement.presenters.contract_file import CSV_COLUMNS, csv_rows
from procurement.presenters.project import project_frame
from procurement.queries.contract_prices import ContractPrices, load_contract_prices
from procurement.queries.contracts import (
    CONTRACTS_ARE_PUBLIC as PUBLIC,
)
from procurement.queries.contracts import (
    list_readable,
)
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.queries.signing_facts import Around
from procurement.queries.tender import find_own_vendor
from procurement.services import certifications, price_changes
from procurement.services import contract_partners as partners
from procurement.services import contracts as service
from procurement.services import unit_prices as recording
from procurement.views import contract_parts as parts
from procurement.views.blueprint import blueprint
from procurement.views.contract_price_part import contract_prices_part
from procurement.views.price_changes import price_changes_part
from procurement.views.saving import save_form
from procurement.views.unsigned import unsigned_part

_BEFORE_CONTRACTS = (*BEFORE_NOTICE, State.SOLICITATION, State.EVALUATION)


@blueprint.get("/projects/<int:project_id>/contracts")
@public
def contracts(project_id: int) -> ResponseReturnValue:
    """Counts for everybody; amounts after contracting; forms for those who sign."""
    return _page(project_id, {})


@blueprint.get("/projects/<int:project_id>/contracts.csv")
@public
def contracts_csv(project_id: int) -> ResponseReturnValue:
    """The documents as far as the reader sees them, in long form."""
    session = get_session()
    head, project = get_head_and_project(session, current_actor(), project_id)
    _refuse_before_contracts(project)
    around = Around(session, project)
    vendor = find_own_vendor(session, current_actor())
    readable = list_readable(
        around.contracts, project, head.standing, vendor.id if vendor else None
    )
    prices = _load_prices(session, around).own
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in csv_rows(project_id, head.row.fictional, readable, prices, head.row.lead_name):
        writer.writerow([harmless_cell(cell) for cell in row])
    content = "\ufeff" + table.getvalue()
    answer: Response = attachment(content, "text/csv", f"contracts-{project_id}.csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/projects/<int:project_id>/contracts/vendor")
@requires(Action.FIX_SHARE_VERSION)
def choose_vendor(project_id: int) -> ResponseReturnValue:
    """Whom to contract with, by a method without a notice."""
    _, project = get_head_and_project(get_session(), current_actor(), project_id)
    form = make_choose_form(names_amount=words.names_amount(project))
    form.vendor_id.choices = parts.vendor_choices(get_session(), project)

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
    vendor_id = find_number(request.form.get("vendor_id"))
    prefix = parts.qualification_prefix(vendor_id)
    form = QualificationForm(prefix=prefix)

    def save(session: Session) -> None:
        partners.record_qualification(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            number=form.number.data or "",
            valid_until=form.valid_until.data,
            seen_version=find_number(form.seen_version.data) or 0,
            vendor_id=vendor_id,
        )

    return save_and_show(project_id, prefix, form, save, "入札参加資格を記録しました。")


@blueprint.post("/projects/<int:project_id>/contracts/overall")
@requires(Action.FIX_SHARE_VERSION)
def sign_overall(project_id: int) -> ResponseReturnValue:
    """The document made once for all."""
    around = _around(project_id)
    form = parts.contract_form(around, words.overall_kind(around), "overall")

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
    form = parts.contract_form(around, words.own_kind(around), "own")

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


@blueprint.post("/projects/<int:project_id>/contracts/withdraw")
@requires(Action.FIX_SHARE_VERSION)
def withdraw_certification(project_id: int) -> ResponseReturnValue:
    """A product can no longer be chosen; running contracts go on."""
    form = parts.withdrawal_form(_around(project_id))

    def save(session: Session) -> None:
        certifications.withdraw_certification(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            wanted=certifications.Withdrawal(
                certification_id=find_number(form.certification_id.data) or 0,
                ends_on=form.ends_on.data,
                reason=form.reason.data or "",
            ),
            approval=form.approval(),
        )

    done = "認定の取消を記録し、参加団体と事業者に知らせました。"
    return save_and_show(project_id, "withdrawing", form, save, done)


@blueprint.post("/projects/<int:project_id>/contracts/unit-prices")
@requires(Action.FIX_SHARE_VERSION)
def record_unit_prices(project_id: int) -> ResponseReturnValue:
    """The award as a table of unit prices."""
    form = UnitPricesForm(prefix="pricing")

    def save(session: Session) -> None:
        recording.record_unit_prices(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            text=form.lines.data or "",
        )

    return save_and_show(project_id, "pricing", form, save, "単価表を記録しました。")


@blueprint.post("/projects/<int:project_id>/contracts/unit-prices/changes")
@requires(Action.FIX_SHARE_VERSION)
def change_unit_prices(project_id: int) -> ResponseReturnValue:
    """Prices that hold from a month on."""
    form = PriceChangeForm(prefix="repricing")

    def save(session: Session) -> None:
        price_changes.change_unit_prices(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            draft=price_changes.PriceDraft(
                valid_from=form.valid_from.data,
                text=form.lines.data or "",
                reason=form.reason.data or "",
            ),
            seen_number=find_number(form.seen_number.data) or 0,
        )

    return save_and_show(project_id, "repricing", form, save, "単価の変更を記録しました。")


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


def _refuse_before_contracts(project: Project) -> None:
    cancelled = project.state == State.CANCELLED
    if State(project.state) in _BEFORE_CONTRACTS or (cancelled and not project.contract_model):
        raise NotFound("contracts")


def _load_prices(session: Session, around: Around) -> ContractPrices:
    """What single contracts say of prices; one query where the award has unit prices at all."""
    if not around.unit_prices:
        return ContractPrices(own={}, changes=())
    return load_contract_prices(session, around.project.id)


def _says_who(head: ProjectHead, project: Project, around: Around) -> bool:
    """Whether everybody reads the vendors' names: of certified ones once contracting is over."""
    return head.public and (not around.certifies or State(project.state) in PUBLIC)


def _page(project_id: int, typed: parts.Typed, *, refresh: bool = False) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    session.expire_all()
    head, project = get_head_and_project(session, actor, project_id)
    cancelled = project.state == State.CANCELLED
    _refuse_before_contracts(project)
    around = Around(session, project)
    vendor = find_own_vendor(session, actor)
    vendor_id = vendor.id if vendor else None
    knows = head.standing.leads or head.standing.is_member
    forms: dict[str, Any] = {}
    if not cancelled:  # nothing is recorded any more once the project is cancelled
        forms |= parts.lead_part(session, head, project, around, typed)
        forms |= parts.withdrawing_part(head, around, typed)
        forms |= parts.own_part(session, head, around, typed)
        forms |= parts.vendor_part(around, vendor_id, typed, refresh=refresh)
        forms |= parts.changes_part(head, around, typed, refresh=refresh)
        forms |= unsigned_part(session, head, around, typed)
    reads_all = knows or State(project.state) in PUBLIC
    reads = reads_all or (around.award is not None and around.award.vendor_id == vendor_id)
    readable = list_readable(around.contracts, project, head.standing, vendor_id)
    prices = _load_prices(session, around)
    forms |= parts.unit_prices_part(head, around, typed, prices, reads=reads)
    forms |= price_changes_part(session, head, around, typed, forms["unit_prices"], refresh=refresh)
    forms |= contract_prices_part(head, around, typed, readable, prices.changes, refresh=refresh)
    return render_template(
        "procurement/contracts.html",
        frame=project_frame(head, "contracts", moment),
        facts=words.model_facts(around, head.row.lead_name),
        partners=around.list_recommended(jst_today(moment))
        if knows or _says_who(head, project, around)
        else (),
        certifies=around.certifies,
        withdrawn_own=words.withdrawn_own(around, actor.body_code or ""),
        lines=words.contract_lines(readable, head.row.lead_name, forms["own_prices"]),
        missing=words.missing_texts(around) if knows and not cancelled else [],
        refusals=around.refusals if head.standing.leads else (),
        **forms,
        invoices_to_us=words.invoices_to(around, vendor_id),
        extensions=around.extensions if reads_all else (),
    )
