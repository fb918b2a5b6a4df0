"""/projects/<id>/sharing/rules: several rules side by side before anybody agrees."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.forms.rules import added_rules
from procurement.presenters.project import project_frame
from procurement.presenters.rule_comparison import rule_notes, rules_table
from procurement.queries.project_page import get_head_and_project
from procurement.queries.rule_comparison import get_rules_page
from procurement.views.blueprint import blueprint


@blueprint.get("/projects/<int:project_id>/sharing/rules")
@requires(Action.READ_MEMBER_FIGURES)
def sharing_rules(project_id: int) -> ResponseReturnValue:
    """For members. Nothing is saved; ?basis= chooses the basis."""
    session = get_session()
    head, project = get_head_and_project(session, current_actor(), project_id)
    if not head.standing.is_member:
        raise NotFound("sharing rules")
    exponent, bands = request.args.get("exponent", ""), request.args.get("bands", "")
    more = added_rules(exponent, bands)
    page = get_rules_page(session, project, find_number(request.args.get("basis")), more)
    return render_template(
        "procurement/sharing_rules.html",
        frame=project_frame(head, "sharing", now()),
        page=page,
        table=rules_table(page) if page.columns else None,
        notes=rule_notes(page),
        leads=head.standing.leads,
        exponent=exponent,
        bands=bands,
    )
