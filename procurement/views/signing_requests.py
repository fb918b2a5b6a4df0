"""/projects/<id>/contracts/…: asking bodies to sign, and what it means to go on without one."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.clock import jst_moment
from foundation.errors import NotFound, Refused
from foundation.forms import MoyaiForm
from foundation.text import find_number
from foundation.web import get_session, now, transaction
from procurement.forms.contracts import NotSigningForm, SigningDeadlineForm
from procurement.presenters.project import project_frame
from procurement.presenters.sharing_words import what_if_table, what_if_words
from procurement.queries.project_page import get_head_and_project
from procurement.queries.sharing_page import get_sharing_page
from procurement.queries.signing_facts import Around
from procurement.queries.signing_requests import list_unsigned
from procurement.queries.what_if import Question, find_what_if
from procurement.services import signing_requests as service
from procurement.views.blueprint import blueprint
from procurement.views.contracts import save_and_show
from procurement.views.saving import mark_seen, save_form, seen_anew


@blueprint.post("/projects/<int:project_id>/contracts/deadline")
@requires(Action.MOVE_PROJECT)
def ask_to_sign(project_id: int) -> ResponseReturnValue:
    """Until when those who could sign are asked to."""
    form = SigningDeadlineForm(prefix="asking")

    def save(session: Session) -> None:
        day = form.closes_on.data
        service.ask_to_sign(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            closes_at=jst_moment(day) if day else None,
        )

    return save_and_show(project_id, "asking", form, save, "契約の期限を知らせました。")


@blueprint.post("/projects/<int:project_id>/contracts/remind/<body_code>")
@requires(Action.MOVE_PROJECT)
def remind_to_sign(project_id: int, body_code: str) -> ResponseReturnValue:
    """Ask a silent body again."""
    get_head_and_project(get_session(), current_actor(), project_id)
    try:
        with transaction() as session:
            service.remind_to_sign(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                body_code=body_code,
            )
        flash("催促しました。", "success")
    except Refused as refused:
        for blocker in refused.blockers:
            flash(blocker.message, "error")
    return redirect(url_for("procurement.contracts", project_id=project_id))


@blueprint.get("/projects/<int:project_id>/contracts/not-signing/<body_code>")
@requires(Action.LAPSE_CONSENT)
def not_signing(project_id: int, body_code: str) -> ResponseReturnValue:
    """For those who lead: what follows, and what the others would then pay."""
    return _page(project_id, body_code, NotSigningForm(formdata=None, prefix="silent"))


@blueprint.post("/projects/<int:project_id>/contracts/not-signing/<body_code>")
@requires(Action.LAPSE_CONSENT)
def record_not_signing(project_id: int, body_code: str) -> ResponseReturnValue:
    """Record it; the next version is about the others."""
    form = NotSigningForm(prefix="silent")

    def save(session: Session) -> None:
        service.record_not_signing(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=body_code,
            reason=form.reason.data or "",
            seen_version=find_number(form.seen_version.data) or 0,
        )

    return save_form(
        form,
        save,
        seen_anew(form, lambda: _page(project_id, body_code, form)),
        address=url_for("procurement.sharing", project_id=project_id),
        done="契約しないものとして記録しました。負担案の次の版を確定してください。",
    )


def _page(project_id: int, body_code: str, form: MoyaiForm) -> str:
    session, moment = get_session(), now()
    session.expire_all()
    head, project = get_head_and_project(session, current_actor(), project_id)
    if not head.standing.leads:
        raise NotFound("unsigned body")
    around = Around(session, project)
    rows = list_unsigned(session, around)
    row = next((each for each in rows if each.code == body_code), None)
    if row is None:
        raise NotFound("unsigned body")
    page = get_sharing_page(session, project, head.standing, None)
    mark_seen(form, "seen_version", page.version.number if page.version else 0)
    answer = None
    if page.previews is not None:
        asked = Question(leaver=body_code)
        answer = find_what_if(session, project, page.previews, page.chosen, asked)
    return render_template(
        "procurement/not_signing.html",
        frame=project_frame(head, "contracts", moment),
        row=row,
        form=form,
        words=what_if_words(answer) if answer else "",
        others=what_if_table(answer) if answer else None,
        blockers=service.list_recording_blockers(around, head.standing, row, moment),
    )
