"""/interests: what a body needs, said once, and who else needs the same."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public, requires
from accounts.roles import Action, Actor, may, sees_government
from catalog.queries.policy import list_system_types
from foundation.errors import NotFound, Refused
from foundation.forms import add_blockers
from foundation.text import find_number
from foundation.web import attachment, get_session, now, transaction
from procurement.domain.needs import coarsen
from procurement.domain.participation import KEPT_BETWEEN_BODY_AND_LEAD
from procurement.exports import needs_csv
from procurement.forms.needs import ConfirmNeedForm, NeedForm, NeedOnBehalfForm, need_values
from procurement.presenters.amounts import unit_suffix
from procurement.presenters.needs import (
    demand_view,
    ends_text,
    other_needs,
    own_group_view,
    public_facts,
    secret_facts,
)
from procurement.queries.desk import list_municipalities
from procurement.queries.interests import list_interests
from procurement.queries.need_units import unit_of
from procurement.queries.needs import (
    coordinates,
    find_contract,
    get_own_need,
    list_demands,
    list_own_needs,
    list_stated_needs,
)
from procurement.queries.partners import find_groups_of
from procurement.services import needs
from procurement.services.needs import NeedConflict
from procurement.services.projects import Difference
from procurement.views.blueprint import HOME, blueprint

MAX_OTHERS = 50
TRAIL = (HOME, ("ニーズと関心", "/interests"))


@blueprint.get("/interests")
@public
def interests() -> ResponseReturnValue:
    """Own needs, what is needed how often, and projects one can be curious about."""
    session, actor = get_session(), current_actor()
    names = {each.code: each.name for each in list_system_types(session)}
    own = list_own_needs(session, actor)
    said = {row.need.system_type_code for row in own if row.need.body_code == actor.body_code}
    demands = list_demands(session, worlds=_worlds(actor))
    exact = sees_government(actor)
    return render_template(
        "procurement/interests.html",
        own=own,
        demands=[demand_view(d if exact else coarsen(d), names, said) for d in demands],
        exact=exact,
        types=names,
        may_state=may(actor, Action.STATE_INTEREST) and actor.body_code is not None,
        coordinates=coordinates(actor),
        may_find=may(actor, Action.OPEN_PROJECT),
        gathering=list_interests(session, actor) if may(actor, Action.PREPARE_JOIN) else None,
        settled=KEPT_BETWEEN_BODY_AND_LEAD,
    )


def _worlds(actor: Actor) -> tuple[bool, ...]:
    """A body reads of its own world; everybody else of both, each marked."""
    return (actor.fictional,) if actor.body_code else (False, True)


@blueprint.get("/interests/new")
@requires(Action.STATE_INTEREST)
def new_need() -> ResponseReturnValue:
    """The form for the system type of the address, filled with the present contract's facts."""
    session, actor = get_session(), current_actor()
    category = request.args.get("category", "")
    if category not in {each.code for each in list_system_types(session)}:
        return redirect(url_for("procurement.interests"))
    form = _empty_form(actor)
    form.seen_version.data = "0"
    if coordinates(actor):
        return _form_page(form, category, None)
    said = needs.find_need(session, actor.body_code or "", category)
    if needs.list_stating_blockers(said) and said is not None:
        return redirect(url_for("procurement.need", need_id=said.id))
    contract = find_contract(session, actor.body_code or "", category)
    if contract is not None:
        form.contract_ends_on.data = contract.ends_on
        form.annual_cost_yen.data = contract.annual_cost_yen
    return _form_page(form, category, None)


@blueprint.post("/interests/new")
@requires(Action.STATE_INTEREST)
def state_need() -> ResponseReturnValue:
    """Write the need down and lead to who else has it."""
    actor, category = current_actor(), request.args.get("category", "")
    form = _empty_form(actor)
    if category not in {each.code for each in list_system_types(get_session())}:
        raise NotFound("system type")
    if not form.validate():
        return _form_page(form, category, None), 422
    try:
        with transaction() as session:
            need_id = needs.state_need(
                session,
                actor=actor,
                now=now(),
                body_code=_body_of(form, actor),
                system_type_code=category,
                answers=form.answers(),
            ).id
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _form_page(form, category, None), 409
    flash("ニーズを登録しました。", "success")
    return redirect(url_for("procurement.need", need_id=need_id))


@blueprint.get("/interests/<int:need_id>")
@requires(Action.STATE_INTEREST)
def need(need_id: int) -> ResponseReturnValue:
    """What was said, who else needs the same, and what joining would save."""
    session, actor = get_session(), current_actor()
    own = get_own_need(session, actor, need_id)
    rows = list_stated_needs(
        session,
        fictional=own.need.fictional,
        system_type_code=own.need.system_type_code,
    )
    groups = find_groups_of(session, own.need, rows)
    others = other_needs(rows, own.need, [group for group, _ in groups])
    demands = list_demands(session, worlds=(own.need.fictional,))
    stored = needs.find_need(session, own.need.body_code, own.need.system_type_code)
    return render_template(
        "procurement/need.html",
        trail=[*TRAIL, (own.need.system_type_name, None)],
        own=own,
        facts=public_facts(own.need),
        secrets=secret_facts(own),
        groups=[
            own_group_view(group, saving, rows, own.need.body_code) for group, saving in groups
        ],
        others=others[:MAX_OTHERS],
        others_count=len(others),
        ends=next(
            (ends_text(d.ends) for d in demands if d.system_type_code == own.need.system_type_code),
            "",
        ),
        confirm_form=ConfirmNeedForm(formdata=None, data={"seen_version": own.row_version}),
        may_confirm=stored and not needs.list_confirm_blockers(stored, actor),
        change_blockers=needs.list_change_blockers(stored, actor) if stored else (),
        may_withdraw=stored and not needs.list_withdraw_blockers(stored, actor),
        is_own=actor.body_code == own.need.body_code,
    )


@blueprint.get("/interests/<int:need_id>/edit")
@requires(Action.STATE_INTEREST)
def edit_need(need_id: int) -> ResponseReturnValue:
    """The form with what is stored."""
    row = get_own_need(get_session(), current_actor(), need_id)
    form = NeedForm(formdata=None, data=need_values(row))
    return _form_page(form, row.need.system_type_code, need_id)


@blueprint.post("/interests/<int:need_id>/edit")
@requires(Action.STATE_INTEREST)
def change_need(need_id: int) -> ResponseReturnValue:
    """Save; the second of two who save at once sees what changed and decides."""
    actor, form = current_actor(), NeedForm()
    category = get_own_need(get_session(), actor, need_id).need.system_type_code
    if not form.validate():
        return _form_page(form, category, need_id), 422
    try:
        with transaction() as session:
            needs.change_need(
                session,
                actor=actor,
                now=now(),
                need_id=need_id,
                answers=form.answers(),
                seen_version=find_number(form.seen_version.data) or 0,
            )
    except NeedConflict as conflict:
        form.seen_version.data = str(conflict.row_version)
        return _form_page(form, category, need_id, conflict.differences), 409
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _form_page(form, category, need_id), 409
    flash("ニーズを保存しました。", "success")
    return redirect(url_for("procurement.need", need_id=need_id))


@blueprint.post("/interests/<int:need_id>/confirm")
@requires(Action.STATE_INTEREST)
def confirm_need(need_id: int) -> ResponseReturnValue:
    """The body makes it its own."""
    form = ConfirmNeedForm()
    if form.validate():
        with transaction() as session:
            needs.confirm_need(
                session,
                actor=current_actor(),
                now=now(),
                need_id=need_id,
                seen_version=find_number(form.seen_version.data) or 0,
            )
        flash("内容を確認しました。自団体のニーズとして数えられます。", "success")
    return redirect(url_for("procurement.need", need_id=need_id))


@blueprint.post("/interests/<int:need_id>/withdraw")
@requires(Action.STATE_INTEREST)
def withdraw_need(need_id: int) -> ResponseReturnValue:
    """The need counts no more."""
    with transaction() as session:
        needs.withdraw_need(session, actor=current_actor(), now=now(), need_id=need_id)
    flash("ニーズを取り下げました。", "success")
    return redirect(url_for("procurement.interests"))


@blueprint.get("/interests/export.csv")
@requires(Action.STATE_INTEREST)
def export_needs() -> ResponseReturnValue:
    """The own body's needs, or the own prefecture's for its coordinator."""
    content = needs_csv(list_own_needs(get_session(), current_actor()))
    return attachment(content, "text/csv", "needs.csv")


def _empty_form(actor: Actor) -> NeedForm:
    if not coordinates(actor):
        return NeedForm()
    form = NeedOnBehalfForm()
    rows = list_municipalities(get_session(), actor, actor.prefecture_code or "")
    form.body_code.choices = [
        ("", "選んでください"),
        (actor.body_code, actor.organization_name),
        *((row.code, row.name) for row in sorted(rows, key=lambda row: row.code)),
    ]
    return form


def _body_of(form: NeedForm, actor: Actor) -> str:
    chosen = form.body_code.data if isinstance(form, NeedOnBehalfForm) else actor.body_code
    return chosen or ""


def _form_page(
    form: NeedForm, category: str, need_id: int | None, differences: tuple[Difference, ...] = ()
) -> str:
    names = {each.code: each.name for each in list_system_types(get_session())}
    address = (
        url_for("procurement.state_need", category=category)
        if need_id is None
        else url_for("procurement.change_need", need_id=need_id)
    )
    return render_template(
        "procurement/need_form.html",
        trail=[*TRAIL, (names[category], None)],
        type_name=names[category],
        form=form,
        action=address,
        unit=unit_suffix(unit_of(category).value),
        need_id=need_id,
        differences=differences,
    )
