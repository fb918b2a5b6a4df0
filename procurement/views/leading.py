"""The lead's pages: open and edit a project, basis and terms, invitations."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action, may
from catalog.queries.policy import list_system_types
from foundation.errors import NotFound, Refused
from foundation.forms import add_blockers
from foundation.text import find_number
from foundation.web import get_session, now, transaction
from procurement.forms.projects import (
    InviteForm,
    OnBehalfForm,
    ProjectForm,
    project_values,
    typed_codes,
)
from procurement.presenters.amounts import unit_suffix
from procurement.presenters.project import project_frame
from procurement.queries.desk import list_municipalities
from procurement.queries.members import list_known_codes
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.queries.project_rows import list_prefecture_names
from procurement.services import invitations, projects
from procurement.services.projects import Difference, EditConflict
from procurement.services.templates import apply_template
from procurement.views.blueprint import HOME, PROJECTS, blueprint


@blueprint.get("/projects/new")
@requires(Action.OPEN_PROJECT)
def new() -> ResponseReturnValue:
    """An empty form."""
    form = _with_choices(ProjectForm())
    form.prefecture_code.data = current_actor().prefecture_code or ""
    return _new_page(form)


@blueprint.post("/projects/new")
@requires(Action.OPEN_PROJECT)
def open_project() -> ResponseReturnValue:
    """Open the project; a policy warning is shown on the same page with its question."""
    form = _with_choices(ProjectForm())
    if not form.validate():
        return _new_page(form), 422
    try:
        with transaction() as session:
            project = projects.open_project(
                session,
                actor=current_actor(),
                now=now(),
                wanted=form.fields(),
                policy_reason=form.policy_reason.data or "",
            )
            project_id = project.id
            if form.template.data:
                apply_template(
                    session,
                    actor=current_actor(),
                    now=now(),
                    project_id=project_id,
                    key=form.template.data,
                )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _new_page(form), 409
    flash("案件を作りました。次に、試算の前提と負担の条件を決めてください。", "success")
    return redirect(url_for("procurement.terms", project_id=project_id))


@blueprint.get("/projects/<int:project_id>/edit")
@requires(Action.EDIT_PROJECT)
def edit(project_id: int) -> ResponseReturnValue:
    """The form with what is stored."""
    session = get_session()
    _, project = get_head_and_project(session, current_actor(), project_id)
    form = _with_choices(ProjectForm(formdata=None, data=project_values(project)))
    return _edit_page(project_id, form)


@blueprint.post("/projects/<int:project_id>/edit")
@requires(Action.EDIT_PROJECT)
def save(project_id: int) -> ResponseReturnValue:
    """Save; the second of two who save at once sees what changed and decides."""
    form = _with_choices(ProjectForm())
    if not form.validate():
        return _edit_page(project_id, form), 422
    try:
        with transaction() as session:
            projects.edit_project(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                wanted=form.fields(),
                seen_version=find_number(form.seen_version.data) or 0,
                policy_reason=form.policy_reason.data or "",
            )
    except EditConflict as conflict:
        form.seen_version.data = str(conflict.row_version)
        if not conflict.differences:
            form.form_errors.append("ほかの担当者が先に同じ内容で保存しました。")
        return _edit_page(project_id, form, conflict.differences), 409
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _edit_page(project_id, form), 409
    flash("案件の内容を保存しました。", "success")
    return redirect(url_for("procurement.project", project_id=project_id))


@blueprint.get("/projects/<int:project_id>/invite")
@requires(Action.INVITE)
def invite(project_id: int) -> ResponseReturnValue:
    """The prefecture's municipalities to tick, and a field for other codes."""
    return _invite_page(project_id, InviteForm())


@blueprint.post("/projects/<int:project_id>/invite")
@requires(Action.INVITE)
def send_invitations(project_id: int) -> ResponseReturnValue:
    """Ask the bodies."""
    form = InviteForm()
    if not form.validate():
        return _invite_page(project_id, form), 422
    codes = [*(form.bodies.data or []), *typed_codes(form.codes.data or "")]
    try:
        with transaction() as session:
            asked = invitations.invite_bodies(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                body_codes=codes,
                message=(form.message.data or "").strip(),
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _invite_page(project_id, form), 409
    flash(f"{len(asked)}団体に案内しました。", "success")
    return redirect(url_for("procurement.members", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/request")
@requires(Action.REQUEST_JOIN_ON_BEHALF)
def request_join(project_id: int) -> ResponseReturnValue:
    """A coordinator answers for a municipality; a join has to be confirmed by its manager."""
    form, actor = OnBehalfForm(), current_actor()
    form.body_code.choices = [
        (row.code, row.name)
        for row in list_municipalities(get_session(), actor, actor.prefecture_code or "")
    ]
    if not form.validate():
        return _invite_page(project_id, InviteForm(formdata=None), form), 422
    try:
        text = _answer_on_behalf(project_id, form)
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _invite_page(project_id, InviteForm(formdata=None), form), 409
    flash(text, "success")
    return redirect(url_for("procurement.members", project_id=project_id))


def _answer_on_behalf(project_id: int, form: OnBehalfForm) -> str:
    who = {"actor": current_actor(), "now": now(), "body_code": form.body_code.data}
    with transaction() as session:
        if form.answer.data == "interest":
            invitations.state_interest(session, project_id=project_id, **who)
            return "関心を代理で登録しました。"
        quantity = form.quantity.data
        invitations.request_join(session, project_id=project_id, quantity=quantity, **who)
    return "代理で入力しました。団体の決裁者が確認すると参加になります。"


def _new_page(form: ProjectForm) -> str:
    return render_template(
        "procurement/edit.html",
        title="案件を作る",
        trail=[HOME, PROJECTS, ("案件を作る", None)],
        form=form,
        action=url_for("procurement.open_project"),
        differences=(),
        project_id=None,
        blockers=projects.list_opening_blockers(current_actor()),
    )


def _edit_page(project_id: int, form: ProjectForm, differences: tuple[Difference, ...] = ()) -> str:
    head, project = get_head_and_project(get_session(), current_actor(), project_id)
    require_lead(head)
    return render_template(
        "procurement/edit.html",
        title="案件の内容を変える",
        trail=[HOME, PROJECTS, (head.row.title, f"/projects/{project_id}"), ("変更", None)],
        form=form,
        action=url_for("procurement.save", project_id=project_id),
        differences=differences,
        project_id=project_id,
        blockers=projects.list_editing_blockers(project, head.standing),
    )


def _invite_page(project_id: int, form: InviteForm, on_behalf: OnBehalfForm | None = None) -> str:
    session, moment = get_session(), now()
    actor = current_actor()
    head, project = get_head_and_project(session, actor, project_id)
    require_lead(head)
    known = list_known_codes(session, project_id)
    prefecture = head.row.prefecture_code
    rows = list_municipalities(session, actor, prefecture) if prefecture else ()
    form.bodies.choices = [(row.code, row.name) for row in rows if row.code not in known]
    on_behalf = on_behalf or OnBehalfForm(formdata=None)
    on_behalf.body_code.choices = [
        ("", "選んでください"),
        *((row.code, row.name) for row in rows if row.code not in known),
    ]
    return render_template(
        "procurement/invite.html",
        frame=project_frame(head, "invite", moment),
        on_behalf=on_behalf if may(actor, Action.REQUEST_JOIN_ON_BEHALF) else None,
        unit=unit_suffix(project.main_unit),
        form=form,
        rows=[row for row in rows if row.code not in known],
        chosen=set(form.bodies.data or []),
        blockers=invitations.list_inviting_blockers(project, head.standing),
    )


def require_lead(head: ProjectHead) -> None:
    """The lead's own pages exist for nobody else."""
    if not head.standing.leads:
        raise NotFound("lead page")


def _with_choices(form: ProjectForm) -> ProjectForm:
    session = get_session()
    form.system_type_code.choices = [
        ("", "選んでください"),
        *((each.code, each.name) for each in list_system_types(session)),
    ]
    form.prefecture_code.choices = [
        ("", "広域（都道府県を問わない）"),
        *list_prefecture_names(session).items(),
    ]
    return form
