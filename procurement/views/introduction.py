"""/projects/<id>/introduction: each body's checklist and first day of use, and the know-how."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.clock import jst_today
from foundation.errors import NotFound
from foundation.forms import MoyaiForm
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.domain.introduction import IntroductionStep, list_use_blockers
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.states import State
from procurement.forms.introduction import CheckForm, KnowHowForm, StartForm
from procurement.presenters import introduction as words
from procurement.presenters.project import project_frame
from procurement.queries.introduction import BodyProgress, get_closing, list_progress
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.services import introduction as service
from procurement.views.blueprint import blueprint
from procurement.views.saving import save_form

_WITH_INTRODUCTION = (State.INTRODUCTION, State.OPERATION, State.CLOSED)
Typed = dict[str, MoyaiForm]


@blueprint.get("/projects/<int:project_id>/introduction")
@public
def introduction(project_id: int) -> ResponseReturnValue:
    """For members and the lead: how far everybody is."""
    return _page(project_id, {})


@blueprint.post("/projects/<int:project_id>/introduction/<body_code>/check")
@requires(Action.EDIT_PROJECT)
def record_check(project_id: int, body_code: str) -> ResponseReturnValue:
    """One entry of a body's checklist."""
    form = CheckForm(prefix=f"c{body_code}")

    def save(session: Session) -> None:
        service.record_check(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=body_code,
            step=IntroductionStep(form.step.data),
            check=form.check(),
            seen_id=find_number(form.seen_id.data) or 0,
        )

    return _save(project_id, f"c{body_code}", form, save, "導入の確認を記録しました。")


@blueprint.post("/projects/<int:project_id>/introduction/<body_code>/start")
@requires(Action.EDIT_PROJECT)
def start_use(project_id: int, body_code: str) -> ResponseReturnValue:
    """A body's first day of use."""
    form = StartForm(prefix=f"s{body_code}")

    def save(session: Session) -> None:
        service.start_use(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=body_code,
            starts_on=form.starts_on.data,
        )

    return _save(project_id, f"s{body_code}", form, save, "利用開始を記録しました。")


@blueprint.post("/projects/<int:project_id>/introduction/know-how")
@requires(Action.EDIT_PROJECT)
def write_know_how(project_id: int) -> ResponseReturnValue:
    """What others can learn."""
    form = KnowHowForm(prefix="closing")

    def save(session: Session) -> None:
        service.write_know_how(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            know_how=form.know_how.data or "",
            no_know_how_reason=form.no_know_how_reason.data or "",
            seen_version=find_number(form.seen_version.data) or 0,
        )

    return _save(project_id, "closing", form, save, "ノウハウを記録しました。")


def _save(
    project_id: int, name: str, form: MoyaiForm, save: Callable[[Session], None], done: str
) -> ResponseReturnValue:
    _get_head(project_id)
    return save_form(
        form,
        save,
        partial(_page, project_id, {name: form}),
        address=url_for("procurement.introduction", project_id=project_id),
        done=done,
    )


def _get_head(project_id: int) -> tuple[ProjectHead, Any]:
    """Raises NotFound for everybody but members, and before the introduction."""
    head, project = get_head_and_project(get_session(), current_actor(), project_id)
    member = head.standing.leads or head.standing.is_member
    if not member or State(project.state) not in _WITH_INTRODUCTION:
        raise NotFound("introduction")
    return head, project


def _page(project_id: int, typed: Typed, *, refresh: bool = False) -> str:
    session, moment = get_session(), now()
    session.expire_all()
    head, project = _get_head(project_id)
    rows = list_progress(session, project_id)
    closing = get_closing(session, project_id)
    mine = [
        row
        for row in rows
        if row.status is not Status.IN_USE
        and row.code in _chosen(head, typed)
        and not service.list_recording_blockers(project, head.standing, row.code)
    ]
    know_how = typed.get("closing") or KnowHowForm(
        formdata=None,
        prefix="closing",
        data={
            "seen_version": str(closing.row_version),
            "know_how": closing.know_how,
            "no_know_how_reason": closing.no_know_how_reason,
        },
    )
    if refresh:
        know_how["seen_version"].data = str(closing.row_version)
    return render_template(
        "procurement/introduction.html",
        frame=project_frame(head, "introduction", moment),
        steps=words.STEP_LABELS,
        lines=words.progress_lines(rows, head.standing),
        cards=[_card(project.state, row, typed, refresh=refresh) for row in mine],
        closing=closing,
        know_how=know_how if head.standing.leads else None,
        know_how_blockers=service.list_know_how_blockers(project, head.standing),
    )


def _chosen(head: ProjectHead, typed: Typed) -> set[str]:
    """The bodies whose forms are shown: one's own, the one asked for, the one just typed."""
    own = head.standing.actor.body_code or ""
    return {own, request.args.get("body", ""), *(name[1:] for name in typed)}


def _card(state: str, row: BodyProgress, typed: Typed, *, refresh: bool) -> dict[str, Any]:
    """The forms for one body."""
    checking = typed.get(f"c{row.code}") or CheckForm(formdata=None, prefix=f"c{row.code}")
    if refresh or f"c{row.code}" not in typed:
        checking["seen_id"].data = str(row.newest_id)
    today = jst_today(now())
    return {
        "row": row,
        "checking": checking,
        "starting": typed.get(f"s{row.code}") or StartForm(formdata=None, prefix=f"s{row.code}"),
        "blockers": list_use_blockers(State(state), row.status, row.checks, None, today),
    }
