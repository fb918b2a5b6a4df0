"""A body's way in: own figures before joining, the form, and the answer no."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action, Actor, may
from foundation.errors import Refused
from foundation.forms import add_blockers
from foundation.text import parse_whole_number
from foundation.web import get_session, now, transaction
from procurement.domain.participation import ParticipationStatus
from procurement.forms.joining import DeclineForm, JoinForm, PrepareForm
from procurement.models import Participation
from procurement.presenters.amounts import own_figures_view
from procurement.presenters.ceiling import highest_of, over_ceiling_text
from procurement.presenters.project import project_frame
from procurement.queries.figures import get_local_body
from procurement.queries.own_figures import own_figures
from procurement.queries.project_page import get_head_and_project
from procurement.queries.secrets import find_own_ceiling
from procurement.services import invitations, joining
from procurement.services.access import find_participation, list_mixing_blockers
from procurement.services.joining import MAX_QUANTITY
from procurement.views.blueprint import blueprint


@blueprint.get("/projects/<int:project_id>/join")
@requires(Action.PREPARE_JOIN)
def join(project_id: int) -> ResponseReturnValue:
    """What the own body would pay, and the form."""
    return _join_page(project_id, None)


@blueprint.post("/projects/<int:project_id>/join")
@requires(Action.PREPARE_JOIN)
def submit_join(project_id: int) -> ResponseReturnValue:
    """The manager joins; a clerk's form is kept for the manager."""
    actor = current_actor()
    form = _form_for(actor)
    if not form.validate():
        return _join_page(project_id, form), 422
    try:
        text = _save(project_id, actor, form)
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _join_page(project_id, form), 409
    flash(text, "success")
    return redirect(url_for("procurement.join", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/decline")
@requires(Action.PREPARE_JOIN)
def decline(project_id: int) -> ResponseReturnValue:
    """The body says no."""
    actor, form = current_actor(), DeclineForm()
    if not form.validate():
        return _join_page(project_id, None, form), 422
    with transaction() as session:
        joining.decline(
            session,
            actor=actor,
            now=now(),
            project_id=project_id,
            body_code=actor.body_code or "",
            reason=form.decline_reason.data or "",
        )
    flash("参加しないと回答しました。", "success")
    return redirect(url_for("procurement.project", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/interest")
@requires(Action.STATE_INTEREST)
def state_interest(project_id: int) -> ResponseReturnValue:
    """The body wants to hear more."""
    actor = current_actor()
    with transaction() as session:
        invitations.state_interest(
            session,
            actor=actor,
            now=now(),
            project_id=project_id,
            body_code=actor.body_code or "",
        )
    flash("関心を登録しました。", "success")
    return redirect(url_for("procurement.project", project_id=project_id))


def _form_for(actor: Actor) -> PrepareForm:
    return JoinForm() if may(actor, Action.JOIN) else PrepareForm()


def _save(project_id: int, actor: Actor, form: PrepareForm) -> str:
    body_code = form.body_code.data or ""
    with transaction() as session:
        if isinstance(form, JoinForm):
            joining.join_project(
                session,
                actor=actor,
                now=now(),
                project_id=project_id,
                body_code=body_code,
                answers=form.answers(),
                approval_date=form.approval_date.data,
                approval_number=form.approval_number.data or "",
            )
            return "参加しました。幹事団体に知らせました。"
        joining.prepare_join(
            session,
            actor=actor,
            now=now(),
            project_id=project_id,
            body_code=body_code,
            answers=form.answers(),
        )
    return "入力を保存し、決裁者に知らせました。決裁日・決裁番号が入ると参加になります。"


def _join_page(
    project_id: int, form: PrepareForm | None, declining: DeclineForm | None = None
) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    body_code = actor.body_code or ""
    body = get_local_body(session, body_code)
    row = find_participation(session, project_id, body_code)
    tried = _tried_quantity()
    own = own_figures(session, project, body, row, quantity=tried.quantity)
    if form is None:
        form = _form_for(actor)
        _fill(form, row, own.quantity, actor, body_code)
    blockers = joining.list_open_blockers(project, row, moment)
    blockers += list_mixing_blockers(project, [body])
    return render_template(
        "procurement/join.html",
        frame=project_frame(head, "join", moment),
        own=own_figures_view(own, project.main_unit),
        tried=tried,
        over_ceiling=over_ceiling_text(
            highest_of(own), find_own_ceiling(session, head.standing, project_id)
        ),
        form=form,
        decline_form=declining or DeclineForm(formdata=None),
        decides=isinstance(form, JoinForm),
        blockers=blockers,
        status=_status_text(row),
        takes_part=head.standing.takes_part,
        may_interest=not invitations.list_interest_blockers(project, row, moment),
        may_decline=not joining.list_decline_blockers(
            project, row, actor=actor, body_code=body_code
        ),
    )


@dataclass(frozen=True, kw_only=True)
class TriedQuantity:
    """The quantity of the address: as typed, as read (None: the estimate is used), or why not."""

    text: str = ""
    quantity: int | None = None
    error: str = ""


def _tried_quantity() -> TriedQuantity:
    """What was typed stays in the field, with the reason beside it where it cannot be used."""
    text = request.args.get("quantity", "").strip()
    if not text:
        return TriedQuantity()
    try:
        quantity = parse_whole_number(text)
    except ValueError as error:
        return TriedQuantity(text=text, error=str(error))
    if not 1 <= quantity <= MAX_QUANTITY:
        return TriedQuantity(
            text=text, error=f"1から{MAX_QUANTITY:,}までの整数で入力してください。"
        )
    return TriedQuantity(text=text, quantity=quantity)


def _fill(
    form: PrepareForm,
    row: Participation | None,
    quantity: int | None,
    actor: Actor,
    body_code: str,
) -> None:
    form.body_code.data = body_code
    form.quantity.data = quantity
    form.contact_name.data = actor.name
    if row is None:
        return
    form.starts_on.data = row.starts_on
    form.budget_status.data = row.budget_status
    form.contact_name.data = row.contact_name or actor.name
    form.standalone_yen.data = row.declared_standalone_yen
    form.note.data = row.note


def _status_text(row: Participation | None) -> str:
    if row is None:
        return "まだ回答していません"
    status = ParticipationStatus(row.status).label
    return f"{status}（{row.requested_by}が入力）" if row.requested_by else status
