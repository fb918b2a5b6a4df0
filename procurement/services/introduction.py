"""Introduction and the end: a body's checklist, its first day of use, what others can learn."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.contract_models import IntroductionCheck, ProjectClosing
from procurement.domain.introduction import (
    Check,
    IntroductionStep,
    list_check_blockers,
    list_stage_blockers,
    list_use_blockers,
)
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.states import State
from procurement.models import Participation, Project
from procurement.queries.introduction import BodyProgress, list_progress
from procurement.queries.standing import Standing
from procurement.services.access import (
    find_participation,
    list_leading_blockers,
    lock_led_project,
    lock_project,
)
from procurement.services.contracts import told_lead
from procurement.services.traces import leave_trace

_SAVED_FIRST = "ほかの担当者が先に記録しました。今の内容を確かめて、もう一度記録してください。"


def list_recording_blockers(project: Project, standing: Standing, code: str) -> list[Blocker]:
    """Who records a body's introduction: its own people, or the lead for it; and when."""
    own = standing.takes_part and standing.actor.body_code == code
    blockers = list_stage_blockers(State(project.state))
    if not (own or standing.leads) or not may(standing.actor, Action.EDIT_PROJECT):
        message = "導入を記録できるのは、その団体と幹事団体だけです。"
        blockers.append(Blocker(code="not_own", message=message))
    return blockers


def record_check(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    step: IntroductionStep,
    check: Check,
    seen_id: int,
) -> IntroductionCheck:
    """One entry of the checklist; the newest of a step counts. Raises Refused, Conflict.

    seen_id: the body's newest entry that the actor saw, 0 for none.
    """
    project, standing, progress = _open(session, actor, project_id, body_code)
    blockers = list_recording_blockers(project, standing, body_code)
    blockers += list_check_blockers(step, check, jst_today(now))
    if progress.status is Status.IN_USE:
        blockers.append(Blocker(code="in_use", message="利用開始の後は変えられません。"))
    if blockers:
        raise Refused(blockers)
    if progress.newest_id != seen_id:
        raise Conflict(_SAVED_FIRST)
    entry = IntroductionCheck(
        participation_id=progress.participation_id,
        step=step.value,
        done_on=check.done_on,
        note=check.note.strip(),
        entered_at=now,
        entered_by=actor.label,
    )
    session.add(entry)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="record_introduction",
        changes={"body_code": body_code, "step": step.value, "done_on": check.done_on},
    )
    return entry


def start_use(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    starts_on: date,
) -> Participation:
    """The body's first day of use, once its checklist is done. Raises Refused."""
    project, standing, progress = _open(session, actor, project_id, body_code)
    blockers = list_recording_blockers(project, standing, body_code)
    blockers += list_use_blockers(
        State(project.state), progress.status, progress.checks, starts_on, jst_today(now)
    )
    row = find_participation(session, project_id, body_code)
    if blockers or row is None:
        raise Refused(blockers)
    row.status, row.starts_on, row.updated_at = Status.IN_USE.value, starts_on, now
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="start_use",
        changes={"body_code": body_code, "starts_on": starts_on},
        told=[told_lead(project, f"{progress.name}の利用が始まりました。")],
    )
    return row


def _open(
    session: Session, actor: Actor, project_id: int, body_code: str
) -> tuple[Project, Standing, BodyProgress]:
    """The project, locked, and the body's progress. Raises NotFound for who is no member."""
    project, standing = lock_project(session, actor, project_id)
    rows = {row.code: row for row in list_progress(session, project_id)}
    if body_code not in rows or not (standing.is_member or standing.leads):
        raise NotFound("introduction")
    return project, standing, rows[body_code]


def list_know_how_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why the know-how cannot be written now."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if project.state not in (State.INTRODUCTION, State.OPERATION):
        message = "ノウハウは、導入・運用の段階で記入します。"
        blockers.append(Blocker(code="wrong_state", message=message))
    return blockers


def write_know_how(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    know_how: str,
    no_know_how_reason: str,
    seen_version: int,
) -> ProjectClosing:
    """What others can learn, or why nothing. Raises Refused, Conflict."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = list_know_how_blockers(project, standing)
    if not know_how.strip() and not no_know_how_reason.strip():
        message = "ノウハウを記入するか、「なし」とする理由を記入してください。"
        blockers.append(Blocker(code="know_how", message=message, field="know_how"))
    if blockers:
        raise Refused(blockers)
    row = session.get(ProjectClosing, project_id, populate_existing=True)
    if (row.row_version if row else 0) != seen_version:
        raise Conflict(_SAVED_FIRST)
    if row is None:
        row = ProjectClosing(project_id=project_id)
        session.add(row)
    row.know_how, row.no_know_how_reason = know_how.strip(), no_know_how_reason.strip()
    row.updated_at, row.updated_by = now, actor.label
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="write_know_how",
        changes={"know_how": row.know_how, "no_know_how_reason": row.no_know_how_reason},
    )
    return row
