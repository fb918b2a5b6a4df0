"""/projects/<id>/contracts/product: another certified product within the term, seen first."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action, OrganizationKind
from foundation.clock import jst_today, month_start
from foundation.errors import Conflict, NotFound, Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, transaction
from procurement.domain.contracts import MODEL_RULES
from procurement.domain.product_change import proposed_old_yen
from procurement.domain.states import ProcurementMethod
from procurement.forms.contracts import ProductChangeForm, make_contract_form
from procurement.presenters import product_change as words
from procurement.presenters.project import project_frame
from procurement.queries.contracts import ContractRow
from procurement.queries.product_change import find_replaceable, load_old_contract
from procurement.queries.project_page import get_head_and_project
from procurement.queries.signing_facts import Around
from procurement.services import product_changes as service
from procurement.views.blueprint import blueprint

_LAST_OF_MONTH = 31


@blueprint.get("/projects/<int:project_id>/contracts/product")
@requires(Action.JOIN)
def product_change(project_id: int) -> ResponseReturnValue:
    """For the body's own manager: the present contract, and what could take its place."""
    around, row = _find(project_id)
    form = _form(around, row, _first(around, row))
    return _page(project_id, around, row, form, None)


@blueprint.post("/projects/<int:project_id>/contracts/product")
@requires(Action.JOIN)
def change_product(project_id: int) -> ResponseReturnValue:
    """First what would follow, then the same once more to record it."""
    around, row = _find(project_id)
    form = _form(around, row, None)
    if not form.validate():
        return _page(project_id, around, row, form, None), 422
    seen = _preview(around, row, form)
    if seen.blockers:
        add_blockers(form, seen.blockers)
        return _page(project_id, around, row, form, None), 409
    if form.seen_sha256.data != seen.sha256:
        return _page(project_id, around, row, form, seen)
    try:
        _record(project_id, row, form)
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(project_id, around, row, form, None), 409
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        return _page(project_id, around, row, form, None), 409
    flash("製品の変更を記録し、幹事団体と事業者に知らせました。", "success")
    return redirect(url_for("procurement.contracts", project_id=project_id))


def _record(project_id: int, row: ContractRow, form: ProductChangeForm) -> None:
    with transaction() as session:
        service.change_product(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=row.body_code,
            change=form.change(),
            draft=form.draft(row.kind),
            approval=form.approval(),
            preview_sha256=form.seen_sha256.data or "",
        )


def _preview(around: Around, row: ContractRow, form: ProductChangeForm) -> service.Preview:
    return service.preview_product_change(
        get_session(),
        actor=current_actor(),
        now=now(),
        around=around,
        body_code=row.body_code,
        change=form.change(),
        draft=form.draft(row.kind),
        approval=form.approval(),
    )


def _find(project_id: int) -> tuple[Around, ContractRow]:
    session = get_session()
    session.expire_all()
    _, project = get_head_and_project(session, current_actor(), project_id)
    around = Around(session, project)
    row = find_replaceable(around, current_actor().body_code or "")
    if row is None:
        raise NotFound("contract")
    return around, row


def _form(around: Around, row: ContractRow, given: dict[str, Any] | None) -> ProductChangeForm:
    method = around.project.procurement_method
    assert around.model is not None
    form = make_contract_form(
        "product",
        MODEL_RULES[around.model].per_body,
        ProcurementMethod(method) if method else None,
        council=current_actor().organization_kind is OrganizationKind.COUNCIL,
        priced=False,
        choices={"certification_id": words.other_products(around, row)},
        given=given,
        made_as=ProductChangeForm,
    )
    del form.starts_on
    assert isinstance(form, ProductChangeForm)
    return form


def _first(around: Around, row: ContractRow) -> dict[str, Any]:
    """This month's last day, the old contract's part until then, and its end for the new one."""
    old = load_old_contract(get_session(), around.project.id, row)
    begins = max(month_start(jst_today(now())), month_start(old.starts_on))
    last_day = month_start(begins + timedelta(days=_LAST_OF_MONTH)) - timedelta(days=1)
    return {
        "last_day": last_day,
        "old_yen": proposed_old_yen(old, last_day),
        "ends_on": old.ends_on,
    }


def _page(
    project_id: int,
    around: Around,
    row: ContractRow,
    form: ProductChangeForm,
    seen: service.Preview | None,
) -> str:
    head, _ = get_head_and_project(get_session(), current_actor(), project_id)
    form.seen_sha256.data = seen.sha256 if seen else ""
    return render_template(
        "procurement/product_change.html",
        frame=project_frame(head, "contracts", now()),
        facts=words.present_facts(row),
        form=form,
        consequences=words.consequences(seen, form.change()) if seen else (),
        years=words.year_table(seen, row.body_name) if seen else None,
        nothing_else=not words.other_products(around, row),
        blockers=service.list_replacing_blockers(around, current_actor(), row.body_code),
    )
