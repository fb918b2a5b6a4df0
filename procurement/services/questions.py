"""Questions during the notice: asked privately, published to all at once without the asker."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization
from accounts.roles import Action, Actor, may
from catalog.models import Vendor
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.states import State
from procurement.domain.tender import LONGEST_QUESTION, list_asking_blockers
from procurement.models import Project
from procurement.queries.tender import find_own_vendor, find_round, get_notice
from procurement.services.access import lock_led_project, lock_project
from procurement.services.traces import Told, leave_trace
from procurement.tender_models import ProposalReceipt, TenderNotice, TenderQuestion


def get_acting_vendor(session: Session, actor: Actor, action: Action) -> Vendor:
    """The vendor the actor acts for. Raises NotFound for anybody else."""
    vendor = find_own_vendor(session, actor)
    if vendor is None or not may(actor, action):
        raise NotFound("vendor")
    return vendor


def ask(
    session: Session, *, actor: Actor, now: datetime, project_id: int, text: str
) -> TenderQuestion:
    """A question only the lead reads, and does not learn whose it is. Raises Refused."""
    vendor = get_acting_vendor(session, actor, Action.ASK_QUESTION)
    project, _ = lock_project(session, actor, project_id)
    moments = get_notice(session, project).moments
    blockers = list_asking_blockers(State(project.state), moments, now)
    text = text.strip()
    if not text:
        blockers.append(Blocker(code="empty", message="質問を入力してください。", field="text"))
    if len(text) > LONGEST_QUESTION:
        message = f"質問は{LONGEST_QUESTION:,}文字以内で入力してください。"
        blockers.append(Blocker(code="too_long", message=message, field="text"))
    if blockers:
        raise Refused(blockers)
    question = TenderQuestion(
        project_id=project_id,
        round=find_round(session, project_id),
        vendor_id=vendor.id,
        text=text,
        asked_at=now,
    )
    session.add(question)
    session.flush()
    # The chain says that somebody asked; who did would be told to the lead by it.
    record(session, actor, "ask_question", "vendor", vendor.id, {"question": question.id}, now)
    return question


def answer(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    question_id: int,
    text: str,
    seen_version: int,
) -> TenderQuestion:
    """The lead's draft of an answer; nobody else sees it yet. Raises Refused, Conflict."""
    project, _ = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    question = session.scalar(
        select(TenderQuestion).where(
            TenderQuestion.id == question_id, TenderQuestion.project_id == project_id
        )
    )
    if question is None:
        raise NotFound("question")
    if question.published_at is not None:
        raise Refused([Blocker(code="published", message="公表した回答は変えられません。")])
    if question.row_version != seen_version:
        raise Conflict(
            "ほかの担当者が先に回答を保存しました。今の内容を確かめて、もう一度保存してください。"
        )
    question.answer = text.strip()
    question.answered_at, question.answered_by = now, actor.label
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="answer_question",
        changes={"question": question_id, "answered": bool(question.answer)},
    )
    return question


def publish_answers(
    session: Session, *, actor: Actor, now: datetime, project_id: int
) -> tuple[TenderQuestion, ...]:
    """Everything answered so far, to all at once. Raises Refused when there is nothing."""
    project, _ = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = []
    if project.state != State.SOLICITATION.value:
        message = "回答を公表できるのは公告の期間だけです。"
        blockers.append(Blocker(code="no_notice", message=message))
    rows = session.scalars(
        select(TenderQuestion).where(
            TenderQuestion.project_id == project_id,
            TenderQuestion.published_at.is_(None),
            TenderQuestion.answer != "",
        )
    ).all()
    if not rows:
        blockers.append(Blocker(code="nothing", message="公表していない回答はありません。"))
    if blockers:
        raise Refused(blockers)
    for row in rows:
        row.published_at = now
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="publish_answers",
        changes={"questions": sorted(row.id for row in rows)},
        told=_told_vendors(session, project, len(rows)),
    )
    return tuple(rows)


def excuse_unanswered(
    session: Session, *, actor: Actor, now: datetime, project_id: int, reason: str
) -> None:
    """Why questions stay without an answer, on record. Raises Refused without a reason."""
    project, _ = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    notice = session.get(TenderNotice, project_id)
    if notice is None:
        raise Refused([Blocker(code="no_notice", message="公告の内容がまだ決まっていません。")])
    if not reason.strip():
        message = "回答しない理由を入力してください。"
        raise Refused([Blocker(code="reason", message=message, field="unanswered_reason")])
    notice.unanswered_reason = reason.strip()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="excuse_unanswered",
        changes={"reason": notice.unanswered_reason},
    )


def _told_vendors(session: Session, project: Project, count: int) -> list[Told]:
    """Vendors that asked or handed something in; the public reads the same on the page."""
    asked = select(TenderQuestion.vendor_id).where(TenderQuestion.project_id == project.id)
    handed = select(ProposalReceipt.vendor_id).where(ProposalReceipt.project_id == project.id)
    ids = session.scalars(
        select(Organization.id)
        .join(Vendor, Vendor.organization_id == Organization.id)
        .where(Vendor.id.in_(asked.union(handed)))
        .order_by(Organization.id)
    )
    return [
        Told(
            organization_id=organization_id,
            title=f"「{project.title}」の質問への回答",
            text=f"質問への回答{count}件を公表しました。",
            path=f"/projects/{project.id}/questions",
        )
        for organization_id in ids
    ]
