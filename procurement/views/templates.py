"""/projects/templates: what kinds of purchase there is a start for, and copying one."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.clock import jst_today
from foundation.errors import NotFound
from foundation.web import get_session, now
from procurement.domain.rules import parse_rule
from procurement.domain.templates.shelf import TEMPLATES, find_template
from procurement.forms.templates import TemplateForm
from procurement.presenters.project import project_frame
from procurement.presenters.template_timeline import find_timeline
from procurement.queries.project_page import get_head_and_project
from procurement.services import templates as service
from procurement.views.blueprint import HOME, PROJECTS, blueprint
from procurement.views.leading import require_lead
from procurement.views.saving import attempt


@blueprint.get("/projects/templates")
@public
def templates() -> ResponseReturnValue:
    """The shelf."""
    return render_template(
        "procurement/templates.html",
        trail=[HOME, PROJECTS, ("案件のひな形", None)],
        templates=tuple(TEMPLATES.values()),
    )


@blueprint.get("/projects/templates/<key>")
@public
def template(key: str) -> ResponseReturnValue:
    """One template with everything it would copy."""
    found = find_template(key)
    if found is None:
        raise NotFound("template")
    return render_template(
        "procurement/template.html",
        trail=[HOME, PROJECTS, ("案件のひな形", "/projects/templates"), (found.name, None)],
        template=found,
        rules=[(parse_rule(rule.text).label, rule.reason) for rule in found.rules],
        timeline=find_timeline(found, jst_today(now())),
    )


@blueprint.get("/projects/<int:project_id>/template")
@requires(Action.EDIT_PROJECT)
def choose_template(project_id: int) -> ResponseReturnValue:
    """The lead chooses which to copy."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/template")
@requires(Action.EDIT_PROJECT)
def apply_template(project_id: int) -> ResponseReturnValue:
    """Copy the chosen one."""
    form = TemplateForm()
    copied: list[service.Copied] = []

    def save(session: Session) -> None:
        copied.append(
            service.apply_template(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                key=form.template.data,
            )
        )

    refused = attempt(form, save)
    if refused:
        return _page(project_id, form), refused
    (made,) = copied
    flash(f"ひな形から質問{made.questions}件、要件{made.requirements}件を写しました。", "success")
    return redirect(url_for("procurement.requirements", project_id=project_id))


def _page(project_id: int, form: TemplateForm | None = None) -> str:
    head, project = get_head_and_project(get_session(), current_actor(), project_id)
    require_lead(head)
    stored = {"template": head.row.system_type_code} if form is None else None
    return render_template(
        "procurement/choose_template.html",
        frame=project_frame(head, "requirements", now()),
        form=form or TemplateForm(formdata=None, data=stored),
        blockers=service.list_template_blockers(project, head.standing),
        templates=tuple(TEMPLATES.values()),
    )
