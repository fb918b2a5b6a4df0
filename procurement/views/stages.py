"""/projects/<id>/stages: both stages of a procurement, for its members; written by its lead."""

from collections.abc import Callable

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.forms import MoyaiForm
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.domain.two_stages import StageDecision, Stages
from procurement.forms.stages import FirstStageForm, SecondStageForm
from procurement.presenters.project import project_frame
from procurement.presenters.stages import stage_facts, stage_lines
from procurement.queries.project_page import get_head_and_project
from procurement.queries.stages import list_stage_entries
from procurement.services import stages as service
from procurement.views.blueprint import blueprint
from procurement.views.saving import save_form


@blueprint.get("/projects/<int:project_id>/stages")
@public
def stages(project_id: int) -> ResponseReturnValue:
    """For members: what is recorded, and what stood before."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/stages/first")
@requires(Action.EDIT_PROJECT)
def save_first_stage(project_id: int) -> ResponseReturnValue:
    """The first stage: its cap, days, amount and result."""
    form = FirstStageForm(prefix="first")

    def save(session: Session) -> None:
        service.record_first_stage(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            wanted=form.wanted(),
            seen_number=find_number(form.seen_number.data) or 0,
        )

    return _save(project_id, form, save, "第1段階を記録しました。")


@blueprint.post("/projects/<int:project_id>/stages/second")
@requires(Action.FIX_SHARE_VERSION)
def save_second_stage(project_id: int) -> ResponseReturnValue:
    """The decision on the second stage."""
    form = SecondStageForm(prefix="second")

    def save(session: Session) -> None:
        service.decide_second_stage(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            decision=StageDecision(form.stage2_decision.data),
            reason=form.stage2_reason.data or "",
            decided_on=form.stage2_decided_on.data,
            seen_number=find_number(form.seen_number.data) or 0,
        )

    return _save(project_id, form, save, "第2段階についての決定を記録しました。")


def _save(
    project_id: int, form: MoyaiForm, save: Callable[[Session], None], done: str
) -> ResponseReturnValue:
    def show(*, refresh: bool = False) -> str:
        return _page(project_id, form, refresh=refresh)

    address = url_for("procurement.stages", project_id=project_id)
    return save_form(form, save, show, address=address, done=done)


def _page(project_id: int, typed: MoyaiForm | None = None, *, refresh: bool = False) -> str:
    """typed: the form that was sent and could not be saved; refresh: beside what is there now."""
    session = get_session()
    session.expire_all()
    head, project = get_head_and_project(session, current_actor(), project_id)
    if not (head.standing.leads or head.standing.is_member):
        raise NotFound("stages")
    rows = list_stage_entries(session, project_id)
    known, number = (rows[0].stages, rows[0].number) if rows else (Stages(), 0)
    first, second = FirstStageForm(None, prefix="first"), SecondStageForm(None, prefix="second")
    first.show(known, number)
    second.show(known, number)
    if typed is not None and refresh:
        typed["seen_number"].data = str(number)
    return render_template(
        "procurement/stages.html",
        frame=project_frame(head, "stages", now()),
        facts=stage_facts(known),
        lines=stage_lines(rows),
        leads=head.standing.leads,
        first=typed if isinstance(typed, FirstStageForm) else first,
        second=typed if isinstance(typed, SecondStageForm) else second,
        first_blockers=service.list_first_stage_blockers(project, head.standing, known),
        second_blockers=service.list_second_stage_blockers(project, head.standing, known),
    )
