"""/projects/<id>/policy: what the project counts as under the policy, since when, by whom."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from catalog.policy import ClassedKind
from catalog.policy_history import Subject
from catalog.presenters.policy_classes import present_class, scope_text
from catalog.queries.policy_classes import get_class_page
from foundation.clock import jst_today
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, transaction
from procurement.forms.policy_class import ProjectClassForm
from procurement.models import Project
from procurement.presenters.project import project_frame
from procurement.queries.project_page import get_head_and_project
from procurement.services.policy_class import (
    confirm_project_class,
    list_confirming_blockers,
)
from procurement.services.policy_recheck import make_project_subject
from procurement.views.blueprint import blueprint


@blueprint.get("/projects/<int:project_id>/policy")
@public
def policy_class(project_id: int) -> ResponseReturnValue:
    """The class with its dated history; for the lead the form to confirm it."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/policy")
@requires(Action.EDIT_PROJECT)
def confirm_policy_class(project_id: int) -> ResponseReturnValue:
    """The lead's word on exactly the suggestion it was shown."""
    form = ProjectClassForm()
    if not form.validate():
        return _page(project_id, form), 422
    try:
        with transaction() as session:
            confirm_project_class(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                answer=form.answer,
                policy_reason=form.policy_reason.data or "",
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(project_id, form), 409
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        return _page(project_id, form, refresh=True), 409
    flash("国の方針との関係を確認済みにしました。", "success")
    return redirect(url_for("procurement.policy_class", project_id=project_id))


def _page(project_id: int, form: ProjectClassForm | None = None, *, refresh: bool = False) -> str:
    session = get_session()
    head, project = get_head_and_project(session, current_actor(), project_id)
    page = get_class_page(session, ClassedKind.PROJECT.value, project_id)
    subject = make_project_subject(session, project, jst_today(now()))
    if head.standing.leads and (form is None or refresh):
        form = form or _opened(project, subject)
        form.mark_seen(page, subject)
    return render_template(
        "procurement/policy_class.html",
        frame=project_frame(head, "policy", now()),
        head=head,
        suggestion=scope_text(subject.scope, subject.items),
        view=present_class(page, subject.scope),
        form=form,
        blockers=list_confirming_blockers(project, head.standing),
    )


def _opened(project: Project, subject: Subject) -> ProjectClassForm:
    reason = project.policy_check.get("reason", "")
    return ProjectClassForm(formdata=None, data={"scope": subject.scope, "policy_reason": reason})
