"""Ending a project, putting two together, splitting a body off: each with what it would mean."""

from datetime import datetime
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.text import find_number
from foundation.web import get_session, now, transaction
from procurement.domain.participation import TAKING_PART
from procurement.domain.states import ENDED, State
from procurement.forms.reshaping import MergeForm, SplitForm
from procurement.models import Project
from procurement.presenters.project import project_frame
from procurement.queries import reshaping as queries
from procurement.queries.merge_preview import get_merge_preview
from procurement.queries.own_page import get_leave_effect
from procurement.queries.project_page import get_head_and_project
from procurement.queries.standing import is_public
from procurement.services import merging, splitting
from procurement.services.access import find_participation, list_leading_blockers
from procurement.views.blueprint import blueprint
from procurement.views.leading import require_lead
from procurement.views.saving import save_form


@blueprint.get("/projects/<int:project_id>/cancel")
@requires(Action.MOVE_PROJECT)
def cancel(project_id: int) -> ResponseReturnValue:
    """What an end would mean for each body, before anybody decides it."""
    session, moment = get_session(), now()
    head, project = get_head_and_project(session, current_actor(), project_id)
    require_lead(head)
    if State(project.state) in ENDED:
        raise NotFound("cancelling")
    own = head.standing.actor.organization_id or 0
    return render_template(
        "procurement/cancel.html",
        frame=project_frame(head, "", moment),
        state=project.state,
        end=queries.get_end_page(session, project),
        told=queries.list_told_names(session, project_id, own),
        # The table of moves asks nothing more of an end than its reason.
        blockers=list_leading_blockers(head.standing, Action.FIX_SHARE_VERSION),
    )


@blueprint.get("/projects/<int:project_id>/merge")
@requires(Action.MOVE_PROJECT)
def merge(project_id: int) -> ResponseReturnValue:
    """Whose bodies could come, who has asked for ours, and what either would mean."""
    return _merge_page(project_id)


@blueprint.post("/projects/<int:project_id>/merge")
@requires(Action.FIX_SHARE_VERSION)
def ask_to_merge(project_id: int) -> ResponseReturnValue:
    """Ask the other lead."""
    form = MergeForm()

    def save(session: Session) -> None:
        merging.ask_to_merge(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            other_project_id=find_number(form.other_project_id.data) or 0,
            reason=form.reason.data or "",
        )

    return save_form(
        form,
        save,
        partial(_merge_page, project_id, form),
        address=url_for("procurement.merge", project_id=project_id),
        done="統合を申し出ました。相手の幹事団体の返答を待ちます。",
    )


@blueprint.post("/projects/<int:project_id>/merge/<int:merge_id>/<answer>")
@requires(Action.FIX_SHARE_VERSION)
def answer_merge(project_id: int, merge_id: int, answer: str) -> ResponseReturnValue:
    """agree: our bodies are asked in there, and this project ends; decline: nothing changes."""
    if answer not in {"agree", "decline"}:
        raise NotFound("answer")
    act = merging.agree_merge if answer == "agree" else merging.decline_merge
    with transaction() as session:
        row = act(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            merge_id=merge_id,
            seen_version=find_number(request.form.get("seen_version")) or 0,
        )
        into = row.project_id
    if answer == "decline":
        flash("統合しないと返答しました。", "success")
        return redirect(url_for("procurement.merge", project_id=project_id))
    flash("統合しました。団体に、参加の確認をお願いしました。", "success")
    return redirect(url_for("procurement.project", project_id=into))


@blueprint.get("/projects/<int:project_id>/split")
@requires(Action.JOIN)
def split(project_id: int) -> ResponseReturnValue:
    """What our going would cost each other, and what we would take along."""
    return _split_page(project_id)


@blueprint.post("/projects/<int:project_id>/split")
@requires(Action.JOIN)
def split_off(project_id: int) -> ResponseReturnValue:
    """Out of the project, into a draft of our own."""
    form, made = SplitForm(), []

    def save(session: Session) -> None:
        new = splitting.split_off(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            title=form.title.data or "",
            reason=form.reason.data or "",
            approval_date=form.approval_date.data,
            approval_number=form.approval_number.data or "",
        )
        made.append(new.id)

    answer = save_form(
        form,
        save,
        partial(_split_page, project_id, form),
        address=url_for("procurement.project", project_id=project_id),
        done="自団体の案件を作りました。ほかの団体からは、募集を始めるまで見えません。",
    )
    return redirect(url_for("procurement.project", project_id=made[0])) if made else answer


def _merge_page(project_id: int, typed: MergeForm | None = None, *, refresh: bool = False) -> str:
    session, moment = get_session(), now()
    session.expire_all()
    head, project = get_head_and_project(session, current_actor(), project_id)
    require_lead(head)
    form = typed or MergeForm(formdata=None)
    candidates = queries.list_candidates(session, project)
    form.other_project_id.choices = [
        ("", "選んでください"),
        *((str(row.id), f"{row.title}（{row.lead_name}）") for row in candidates),
    ]
    rows = queries.list_merges(session, project_id)
    asked = next((row for row in rows if row.incoming and row.is_open(moment)), None)
    return render_template(
        "procurement/merge.html",
        frame=project_frame(head, "members", moment),
        form=form,
        candidates=candidates,
        bodies=head.row.body_count,
        rows=rows,
        moment=moment,
        **_asked_part(session, project, asked, moment),
        blockers=merging.list_asking_blockers(head.standing, rows, moment),
    )


def _asked_part(
    session: Session, project: Project, asked: queries.MergeRow | None, moment: datetime
) -> dict[str, Any]:
    """What the other lead asked, with our bodies that would go along."""
    if asked is None:
        return {"asked": None}
    into = session.get_one(Project, asked.into_id)
    return {
        "asked": asked,
        "moving": queries.list_moving(session, project),
        "shares": get_merge_preview(session, project, into),
        "agreeing_blockers": merging.list_agreeing_blockers(into, project, asked.closes_at, moment),
        "may_read_other": is_public(into),
    }


def _split_page(project_id: int, typed: SplitForm | None = None, *, refresh: bool = False) -> str:
    session, moment = get_session(), now()
    session.expire_all()
    head, project = get_head_and_project(session, current_actor(), project_id)
    standing = head.standing
    if not standing.takes_part or standing.participation not in TAKING_PART:
        raise NotFound("splitting")
    row = find_participation(session, project_id, standing.actor.body_code or "")
    return render_template(
        "procurement/split.html",
        frame=project_frame(head, "members", moment),
        form=typed or SplitForm(formdata=None, data={"title": f"{project.title}（分割）"}),
        effect=get_leave_effect(session, project, standing),
        blockers=splitting.list_splitting_blockers(project, standing, row),
    )
