"""A body comes in: its staff prepare, its manager joins with 決裁日・決裁番号, or declines."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may_for_body
from foundation.clock import jst_today, to_jst
from foundation.errors import Blocker, Refused
from procurement.domain.participation import TAKING_PART, BudgetStatus
from procurement.domain.participation import ParticipationStatus as Status
from procurement.models import Participation, Project, ProjectRole
from procurement.services.access import (
    find_participation,
    get_body,
    list_mixing_blockers,
    lock_project,
)
from procurement.services.traces import Told, leave_trace

MAX_QUANTITY = 10_000_000
MAX_NOTE = 1000
MAX_NUMBER = 60


@dataclass(frozen=True, kw_only=True)
class JoinAnswers:
    """What a body says when it joins: at most eight fields with the approval's two.

    quantity: of the project's main unit. starts_on: first day of use, None = with the others.
    standalone_yen: what it pays or would pay alone per year, tax-included; None = not declared.
    """

    quantity: int | None
    starts_on: date | None = None
    budget_status: str = ""
    contact_name: str = ""
    standalone_yen: int | None = None
    note: str = ""


def list_open_blockers(project: Project, row: Participation | None, now: datetime) -> list[Blocker]:
    """Why no body could join, or this one not: state, deadline, already in."""
    if row is not None and row.status in TAKING_PART:
        return [Blocker(code="already_joined", message="この団体はすでに参加しています。")]
    if project.state == "intention_survey":
        message = "まだ参加団体を募集していません。関心の登録はできます。"
        return [Blocker(code="not_yet", message=message)]
    if project.state != "forming":
        message = "参加団体の募集は終わっています。途中参加は幹事団体に相談してください。"
        return [Blocker(code="not_forming", message=message)]
    closes = project.join_closes_at
    if closes is not None and now > closes:
        at = to_jst(closes)
        message = f"回答期限 {at:%Y-%m-%d %H:%M} を過ぎたため参加できません。"
        return [Blocker(code="after_deadline", message=message)]
    return []


def list_join_blockers(
    project: Project, row: Participation | None, *, actor: Actor, body_code: str, now: datetime
) -> list[Blocker]:
    """Why this actor cannot make this body join now. Shown beside the button, and enforced."""
    return _own_body_blockers(actor, Action.JOIN, body_code) + list_open_blockers(project, row, now)


def _own_body_blockers(actor: Actor, action: Action, body_code: str) -> list[Blocker]:
    if actor.body_code != body_code:
        message = "ほかの団体に代わって参加を決めることはできません。"
        return [Blocker(code="other_body", message=message)]
    if not may_for_body(actor, action, body_code):
        message = "参加の決定は、自団体の決裁者が行います。内容を保存して決裁者に渡してください。"
        return [Blocker(code="not_manager", message=message)]
    return []


def prepare_join(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    answers: JoinAnswers,
) -> Participation:
    """Staff fill the form in; it waits for the body's manager and binds nobody."""
    project, _ = lock_project(session, actor, project_id)
    row = find_participation(session, project_id, body_code)
    blockers = _own_body_blockers(actor, Action.PREPARE_JOIN, body_code)
    blockers += list_open_blockers(project, row, now) + _answer_blockers(answers)
    blockers += list_mixing_blockers(project, [get_body(session, body_code)])
    if blockers:
        raise Refused(blockers)
    row = _write_answers(session, project, row, body_code, answers, now)
    row.status = Status.PREPARED
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="prepare_join",
        changes=_changes(body_code, answers),
        told=[
            Told(
                organization_id=actor.organization_id,
                title=f"「{project.title}」への参加が決裁を待っています",
                text="担当者が内容を入力しました。決裁日・決裁番号を入れると参加になります。",
                path=f"/projects/{project_id}/join",
            )
        ],
    )
    return row


def join_project(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    answers: JoinAnswers,
    approval_date: date | None,
    approval_number: str,
) -> Participation:
    """The body's manager takes it into the project."""
    project, _ = lock_project(session, actor, project_id)
    row = find_participation(session, project_id, body_code)
    blockers = list_join_blockers(project, row, actor=actor, body_code=body_code, now=now)
    blockers += list_mixing_blockers(project, [get_body(session, body_code)])
    blockers += _answer_blockers(answers)
    blockers += list_approval_blockers(approval_date, approval_number, now)
    if blockers:
        raise Refused(blockers)
    row = _write_answers(session, project, row, body_code, answers, now)
    row.status = Status.JOINED
    row.approval_date = approval_date
    row.approval_number = approval_number
    row.joined_at = now
    row.left_at = None
    row.leave_reason = ""
    row.leave_approval_date, row.leave_approval_number = None, ""
    session.flush()
    become_participant(session, project.id, actor.organization_id, now)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="join_project",
        changes=_changes(body_code, answers)
        | {"approval_date": approval_date, "approval_number": approval_number},
        told=_tell_lead(project, f"{get_body(session, body_code).name}が参加しました。"),
    )
    return row


def decline(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    reason: str = "",
) -> Participation:
    """The body says it will not take part. Read by the body and the lead only."""
    project, _ = lock_project(session, actor, project_id)
    row = find_participation(session, project_id, body_code)
    blockers = list_decline_blockers(project, row, actor=actor, body_code=body_code)
    if blockers:
        raise Refused(blockers)
    row = row or Participation(project_id=project_id, body_code=body_code, quantities={})
    row.status = Status.DECLINED
    row.leave_reason = reason
    row.updated_at = now
    session.add(row)
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="decline",
        changes={"body_code": body_code},
        told=_tell_lead(
            project, f"{get_body(session, body_code).name}は参加しないと回答しました。"
        ),
    )
    return row


def list_decline_blockers(
    project: Project, row: Participation | None, *, actor: Actor, body_code: str
) -> list[Blocker]:
    """Why the body cannot decline now."""
    if row is not None and row.status in TAKING_PART:
        message = "すでに参加しています。やめる場合は離脱の手続きをしてください。"
        return [Blocker(code="already_joined", message=message)]
    if project.state not in ("intention_survey", "forming"):
        return [Blocker(code="not_forming", message="参加団体の募集は終わっています。")]
    return _own_body_blockers(actor, Action.PREPARE_JOIN, body_code)


def list_approval_blockers(
    approval_date: date | None, approval_number: str, now: datetime
) -> list[Blocker]:
    """What is wrong with 決裁日・決裁番号."""
    blockers = []
    if approval_date is None:
        text = "決裁日を入力してください。"
        blockers.append(Blocker(code="approval_date", message=text, field="approval_date"))
    elif approval_date > jst_today(now):
        text = "決裁日に将来の日付は使えません。"
        blockers.append(Blocker(code="approval_date", message=text, field="approval_date"))
    if not approval_number or len(approval_number) > MAX_NUMBER:
        text = f"決裁番号を{MAX_NUMBER}文字以内で入力してください。"
        blockers.append(Blocker(code="approval_number", message=text, field="approval_number"))
    return blockers


def _answer_blockers(answers: JoinAnswers) -> list[Blocker]:
    blockers = []
    if answers.quantity is None or not 1 <= answers.quantity <= MAX_QUANTITY:
        text = f"数量は1から{MAX_QUANTITY:,}までの整数で入力してください。"
        blockers.append(Blocker(code="quantity", message=text, field="quantity"))
    if answers.budget_status not in {"", *BudgetStatus}:
        text = "予算の状況を選び直してください。"
        blockers.append(Blocker(code="budget_status", message=text, field="budget_status"))
    if answers.standalone_yen is not None and answers.standalone_yen < 0:
        text = "単独の年額は0円以上で入力してください。"
        blockers.append(Blocker(code="standalone", message=text, field="standalone_yen"))
    if len(answers.note) > MAX_NOTE:
        text = f"備考は{MAX_NOTE}文字以内で入力してください。"
        blockers.append(Blocker(code="note", message=text, field="note"))
    return blockers


def _write_answers(
    session: Session,
    project: Project,
    row: Participation | None,
    body_code: str,
    answers: JoinAnswers,
    now: datetime,
) -> Participation:
    row = row or Participation(project_id=project.id, body_code=body_code)
    row.quantities = {project.main_unit: answers.quantity or 0}
    row.starts_on = answers.starts_on
    row.budget_status = answers.budget_status
    row.contact_name = answers.contact_name
    row.declared_standalone_yen = answers.standalone_yen
    row.declared_standalone_source = "present_cost" if answers.standalone_yen is not None else ""
    row.declared_on_behalf_by = ""
    row.note = answers.note
    row.updated_at = now
    session.add(row)
    return row


def become_participant(
    session: Session, project_id: int, organization_id: int | None, now: datetime
) -> None:
    """The invitation is answered: the role `invited` gives way to `participant`."""
    if organization_id is None:
        return
    session.execute(
        delete(ProjectRole).where(
            ProjectRole.project_id == project_id,
            ProjectRole.organization_id == organization_id,
            ProjectRole.role == "invited",
        )
    )
    held = session.scalar(
        select(ProjectRole.id).where(
            ProjectRole.project_id == project_id,
            ProjectRole.organization_id == organization_id,
            ProjectRole.role == "participant",
        )
    )
    if held is None:
        session.add(
            ProjectRole(
                project_id=project_id,
                organization_id=organization_id,
                role="participant",
                since=now,
            )
        )
        session.flush()


def _tell_lead(project: Project, text: str) -> list[Told]:
    return [
        Told(
            organization_id=project.lead_organization_id,
            title=f"「{project.title}」の参加団体に動きがありました",
            text=text,
            path=f"/projects/{project.id}/members",
        )
    ]


def _changes(body_code: str, answers: JoinAnswers) -> dict[str, object]:
    """What the audit chain keeps; the declared stand-alone figure is for body and lead only."""
    return {
        "body_code": body_code,
        "quantity": answers.quantity,
        "starts_on": answers.starts_on,
        "budget_status": answers.budget_status,
        "declares_standalone": answers.standalone_yen is not None,
    }
