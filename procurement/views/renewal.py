"""/projects/<id>/sharing/next-term/<body>: what it means that a silent body is not in it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.errors import Blocker, Conflict, NotFound, Refused
from foundation.text import find_number
from foundation.web import get_session, now, transaction
from procurement.presenters.project import project_frame
from procurement.presenters.sharing_words import what_if_table, what_if_words
from procurement.queries.project_page import get_head_and_project
from procurement.queries.sharing_page import get_sharing_page
from procurement.queries.what_if import Question, find_what_if
from procurement.services import renewals
from procurement.views.blueprint import blueprint


@blueprint.get("/projects/<int:project_id>/sharing/next-term/<body_code>")
@requires(Action.LAPSE_CONSENT)
def not_renewing(project_id: int, body_code: str) -> ResponseReturnValue:
    """For those who lead: the last day, the others' shares without it, who is told."""
    return _page(project_id, body_code, ())


@blueprint.post("/projects/<int:project_id>/sharing/next-term/<body_code>")
@requires(Action.LAPSE_CONSENT)
def end_with_term(project_id: int, body_code: str) -> ResponseReturnValue:
    """Record it: the body stays to the end of the present term."""
    try:
        with transaction() as session:
            renewals.end_with_term(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                body_code=body_code,
                seen_version=find_number(request.form.get("seen_version")) or 0,
            )
    except Refused as refused:
        return _page(project_id, body_code, refused.blockers), 409
    except Conflict as conflict:
        message = Blocker(code="conflict", message=str(conflict))
        return _page(project_id, body_code, (message,)), 409
    flash("次の期間に参加しないことを記録しました。次の版を確定してください。", "success")
    return redirect(url_for("procurement.sharing", project_id=project_id))


def _page(project_id: int, body_code: str, refused: tuple[Blocker, ...]) -> str:
    session, moment = get_session(), now()
    session.expire_all()
    head, project = get_head_and_project(session, current_actor(), project_id)
    if not head.standing.leads:
        raise NotFound("consent")
    page = get_sharing_page(session, project, head.standing, None)
    row = next((each for each in page.consents if each.code == body_code), None)
    if row is None or page.version is None:
        raise NotFound("consent")
    last_day = renewals.find_last_day(session, project_id)
    answer = None
    if page.previews is not None:
        asked = Question(leaver=body_code)
        answer = find_what_if(session, project, page.previews, page.chosen, asked)
    return render_template(
        "procurement/not_renewing.html",
        frame=project_frame(head, "sharing", moment),
        row=row,
        last_day=last_day,
        seen_version=page.version.number,
        refused=refused,
        words=what_if_words(answer) if answer else "",
        others=what_if_table(answer) if answer else None,
        blockers=renewals.list_not_renewing_blockers(
            project, head.standing, row, page.consents, last_day, moment
        ),
    )
