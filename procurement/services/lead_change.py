"""Handing the lead over, claiming it from a silent lead, and keeping it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may
from foundation.clock import to_jst
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.lead_change import (
    ANSWER_TIME,
    ChangeKind,
    list_claim_blockers,
    list_taking_blockers,
)
from procurement.domain.states import ENDED, State
from procurement.lead_models import LeadChange
from procurement.models import Project, ProjectRole
from procurement.queries.dossier import load_dossier
from procurement.queries.lead_change import (
    ChangeRow,
    find_last_kept,
    find_open_change,
    list_changes,
    list_successors,
)
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_led_project, lock_project
from procurement.services.traces import Told, leave_trace

MAX_REASON = 1000


def list_offering_blockers(
    project: Project, standing: Standing, rows: Sequence[ChangeRow], now: datetime
) -> list[Blocker]:
    """Why the lead cannot offer its place now. rows: every change asked for so far."""
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    if State(project.state) in ENDED:
        message = "終了・中止した案件の幹事団体は変えられません。"
        blockers.append(Blocker(code="ended", message=message))
    return blockers + _open_blockers(rows, now)


def offer_lead(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    to_organization_id: int,
    reason: str,
) -> LeadChange:
    """The lead's manager asks another member to lead. Raises Refused."""
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    rows = list_changes(session, project_id)
    blockers = list_offering_blockers(project, standing, rows, now) + _reason_blockers(reason)
    if to_organization_id not in dict(list_successors(session, project)):
        message = "参加団体か事務局から選んでください。"
        blockers.append(Blocker(code="successor", message=message, field="to_organization_id"))
    if blockers:
        raise Refused(blockers)
    return _ask(session, actor, now, project, ChangeKind.OFFER, to_organization_id, reason)


def list_claiming_blockers(
    session: Session,
    project: Project,
    standing: Standing,
    rows: Sequence[ChangeRow],
    now: datetime,
) -> list[Blocker]:
    """Why this member cannot claim the lead now. rows: every change asked for so far."""
    if standing.leads:
        message = "自団体はすでに幹事団体・事務局です。"
        return [Blocker(code="leads", message=message)]
    if not (standing.takes_part and may(standing.actor, Action.FIX_SHARE_VERSION)):
        message = "交代を申し出られるのは、参加団体の決裁者です。決裁者に依頼してください。"
        return [Blocker(code="not_member", message=message)]
    last_kept = find_last_kept(session, project.id)
    blockers = list_claim_blockers(load_dossier(session, project), last_kept, now)
    return blockers + _open_blockers(rows, now)


def claim_lead(
    session: Session, *, actor: Actor, now: datetime, project_id: int, reason: str
) -> LeadChange:
    """A member asks to lead because the lead is silent. Raises Refused, NotFound."""
    project, standing = _lock_as_member(session, actor, project_id)
    rows = list_changes(session, project_id)
    blockers = list_claiming_blockers(session, project, standing, rows, now)
    blockers += _reason_blockers(reason)
    if blockers or actor.organization_id is None:
        raise Refused(blockers)
    return _ask(session, actor, now, project, ChangeKind.CLAIM, actor.organization_id, reason)


def keep_lead(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    change_id: int,
    seen_version: int,
) -> LeadChange:
    """The asked side says no: the lead goes on, or the member does not take it. Raises Refused."""
    project, _ = _lock_as_member(session, actor, project_id)
    row = _get(session, project_id, change_id, seen_version)
    asked = (
        row.from_organization_id if row.kind == ChangeKind.CLAIM.value else row.to_organization_id
    )
    if actor.organization_id != asked or not may(actor, Action.MOVE_PROJECT):
        message = "返答できるのは、申し出を受けた団体だけです。その団体に連絡してください。"
        raise Refused([Blocker(code="not_asked", message=message)])
    _answer(row, "declined", actor, now)
    _trace(session, actor, now, project, "decline_lead", row, "幹事団体の交代は行われません。")
    return row


def take_lead(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    change_id: int,
    seen_version: int,
) -> LeadChange:
    """The new lead takes over: an offer in time, a claim after the lead's silence. Raises Refused.

    Everything the project holds stays as it is; only who leads changes.
    """
    project, _ = _lock_as_member(session, actor, project_id)
    row = _get(session, project_id, change_id, seen_version)
    blockers = list_taking_blockers(ChangeKind(row.kind), row.closes_at, now)
    if actor.organization_id != row.to_organization_id:
        message = "引き継げるのは、新しい幹事団体の決裁者だけです。その団体に連絡してください。"
        blockers.append(Blocker(code="not_successor", message=message))
    if not may(actor, Action.FIX_SHARE_VERSION):
        message = "引き継げるのは決裁者だけです。決裁者に依頼してください。"
        blockers.append(Blocker(code="not_manager", message=message))
    if row.to_organization_id not in dict(list_successors(session, project)):
        message = "この団体はもう参加していないため、幹事団体になれません。"
        blockers.append(Blocker(code="successor", message=message))
    if blockers:
        raise Refused(blockers)
    _hand_over(session, project, row, now)
    _answer(row, "done", actor, now)
    text = f"幹事団体が{actor.organization_name}に変わりました。"
    _trace(session, actor, now, project, "take_lead", row, text)
    return row


def _hand_over(session: Session, project: Project, row: LeadChange, now: datetime) -> None:
    roles = session.scalars(
        select(ProjectRole).where(
            ProjectRole.project_id == project.id,
            ProjectRole.organization_id.in_((row.from_organization_id, row.to_organization_id)),
        )
    ).all()
    kept = {r.role for r in roles if r.organization_id == row.from_organization_id} - {"lead"}
    for role in roles:
        if role.organization_id == row.from_organization_id and role.role == "lead":
            session.delete(role)
        if role.organization_id == row.to_organization_id and role.role == "secretariat":
            session.delete(role)
    session.add(_role(project, row.to_organization_id, "lead", now))
    if not kept:  # what it did so far, it may go on reading
        session.add(_role(project, row.from_organization_id, "observer", now))
    project.lead_organization_id = row.to_organization_id
    project.updated_at = now
    session.flush()


def _role(project: Project, organization_id: int, role: str, now: datetime) -> ProjectRole:
    return ProjectRole(project_id=project.id, organization_id=organization_id, role=role, since=now)


def _ask(
    session: Session,
    actor: Actor,
    now: datetime,
    project: Project,
    kind: ChangeKind,
    to_organization_id: int,
    reason: str,
) -> LeadChange:
    row = LeadChange(
        project_id=project.id,
        from_organization_id=project.lead_organization_id,
        to_organization_id=to_organization_id,
        kind=kind.value,
        reason=reason.strip(),
        asked_by=actor.label,
        asked_at=now,
        closes_at=now + ANSWER_TIME,
    )
    session.add(row)
    session.flush()
    until = to_jst(row.closes_at).strftime("%Y-%m-%d %H:%M")
    text = f"幹事団体の交代の申し出があります（{until}まで）。理由：{row.reason}"
    action = "offer_lead" if kind is ChangeKind.OFFER else "claim_lead"
    _trace(session, actor, now, project, action, row, text)
    return row


def _trace(
    session: Session,
    actor: Actor,
    now: datetime,
    project: Project,
    action: str,
    row: LeadChange,
    text: str,
) -> None:
    told = [
        Told(
            organization_id=organization_id,
            title=f"「{project.title}」：幹事団体の交代",
            text=text,
            path=f"/projects/{project.id}/lead",
        )
        for organization_id in (row.from_organization_id, row.to_organization_id)
        if organization_id != actor.organization_id
    ]
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action=action,
        changes={"organization": row.to_organization_id, "reason": row.reason},
        told=told,
    )


def _lock_as_member(session: Session, actor: Actor, project_id: int) -> tuple[Project, Standing]:
    project, standing = lock_project(session, actor, project_id)
    if not standing.is_member:
        raise NotFound("project's lead")
    return project, standing


def _get(session: Session, project_id: int, change_id: int, seen_version: int) -> LeadChange:
    row = session.get(LeadChange, change_id)
    if row is None or row.project_id != project_id:
        raise NotFound("change of the lead")
    if row.status != "asked" or row.row_version != seen_version:
        raise Conflict("この申し出は、すでに返答されています。")
    return row


def _answer(row: LeadChange, status: str, actor: Actor, now: datetime) -> None:
    row.status, row.answered_by, row.answered_at = status, actor.label, now


def _open_blockers(rows: Sequence[ChangeRow], now: datetime) -> list[Blocker]:
    if find_open_change(rows, now) is None:
        return []
    message = "交代の申し出が返答を待っています。返答の後に申し出てください。"
    return [Blocker(code="open", message=message)]


def _reason_blockers(reason: str) -> list[Blocker]:
    if 0 < len(reason.strip()) <= MAX_REASON:
        return []
    message = f"理由を{MAX_REASON:,}文字以内で入力してください。"
    return [Blocker(code="reason", message=message, field="reason")]
