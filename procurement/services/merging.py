"""Two projects put together: one lead asks, the other agrees, each body confirms by joining."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization
from accounts.roles import Action, Actor
from catalog.search.outbox import queue
from foundation.clock import to_jst
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.reshaping import (
    ANSWER_TIME,
    GOES_ALONG,
    MERGED_AWAY,
    MERGED_IN,
    list_merge_blockers,
)
from procurement.domain.states import State
from procurement.merge_models import ProjectMerge
from procurement.models import Participation, Project, ProjectRole, StateChange
from procurement.queries.lots import are_lots_of_one
from procurement.queries.reshaping import MergeRow, list_merges, side_of
from procurement.queries.standing import Standing, is_public
from procurement.services.access import (
    find_participation,
    list_leading_blockers,
    lock_led_project,
)
from procurement.services.invitations import organization_of_body
from procurement.services.traces import Told, leave_trace

MAX_REASON = 1000


def list_asking_blockers(
    standing: Standing, rows: Sequence[MergeRow], now: datetime
) -> list[Blocker]:
    """Why the lead cannot ask now. rows: every proposal so far."""
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    if any(row.is_open(now) for row in rows):
        message = "統合の申し出が返答を待っています。返答の後に申し出てください。"
        blockers.append(Blocker(code="open", message=message))
    return blockers


def ask_to_merge(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    other_project_id: int,
    reason: str,
) -> ProjectMerge:
    """The lead of a project asks to take another's bodies over. Raises Refused, NotFound."""
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    blockers = list_asking_blockers(standing, list_merges(session, project_id), now)
    other = session.get(Project, other_project_id)
    if other is None or not is_public(other):
        message = "統合する相手の案件を選んでください。"
        blockers.append(Blocker(code="other", message=message, field="other_project_id"))
    else:
        blockers += list_merge_blockers(side_of(project), side_of(other), now)
        if are_lots_of_one(session, project_id, other.id):
            message = "同じ調達の区分どうしは統合できません。要らない区分は中止してください。"
            blockers.append(Blocker(code="same_lots", message=message, field="other_project_id"))
        if any(row.is_open(now) for row in list_merges(session, other.id)):
            message = "相手の案件で、統合の申し出が返答を待っています。"
            blockers.append(Blocker(code="open", message=message, field="other_project_id"))
    if not 0 < len(reason.strip()) <= MAX_REASON:
        message = f"理由を{MAX_REASON:,}文字以内で入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    if blockers or other is None:
        raise Refused(blockers)
    row = ProjectMerge(
        project_id=project_id,
        other_project_id=other.id,
        reason=reason.strip(),
        asked_by=actor.label,
        asked_at=now,
        closes_at=now + ANSWER_TIME,
    )
    session.add(row)
    until = to_jst(row.closes_at).strftime("%Y-%m-%d %H:%M")
    text = f"「{project.title}」の幹事団体が統合を申し出ました。{until}までに返答してください。"
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="ask_to_merge",
        changes={"other_project": other.id, "reason": row.reason},
        told=[_told(other.lead_organization_id, other, f"{text}理由：{row.reason}")],
    )
    return row


def decline_merge(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    merge_id: int,
    seen_version: int,
) -> ProjectMerge:
    """The asked lead says no; both projects go on as they are. Raises Refused, Conflict."""
    project, _ = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    row = _get_asked(session, project_id, merge_id, seen_version)
    into = session.get_one(Project, row.project_id)
    row.status, row.answered_by, row.answered_at = "declined", actor.label, now
    text = f"「{project.title}」の幹事団体は、統合しないと返答しました。"
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="decline_merge",
        changes={"other_project": into.id},
        told=[_told(into.lead_organization_id, into, text)],
    )
    return row


def list_agreeing_blockers(
    into: Project, other: Project, row_closes_at: datetime, now: datetime
) -> list[Blocker]:
    """Why the asked lead cannot agree any more."""
    blockers = list_merge_blockers(side_of(into), side_of(other), now)
    if now > row_closes_at:
        message = "申し出の返答期限が過ぎています。もう一度申し出てもらってください。"
        blockers.append(Blocker(code="too_late", message=message))
    return blockers


def agree_merge(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    merge_id: int,
    seen_version: int,
) -> ProjectMerge:
    """The bodies go along to be confirmed, and the emptied project ends. Raises Refused, Conflict.

    Both projects are locked in the order of their ids: two who agree crosswise never hang.
    """
    found = session.get(ProjectMerge, merge_id)
    if found is None or found.other_project_id != project_id:
        raise NotFound("merge")
    for id_ in sorted((found.project_id, found.other_project_id)):
        session.get(Project, id_, with_for_update=True, populate_existing=True)
    project, _ = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    row = _get_asked(session, project_id, merge_id, seen_version)
    into = session.get_one(Project, row.project_id)
    blockers = list_agreeing_blockers(into, project, row.closes_at, now)
    if blockers:
        raise Refused(blockers)
    moved, invited = (
        _take_bodies(session, project, into, now),
        _take_invited(session, project, into),
    )
    row.status, row.answered_by, row.answered_at = "done", actor.label, now
    _write_history(session, project, into, actor, len(moved), now)
    queue(session, "project", project.id, now=now)
    text = (
        f"「{project.title}」は「{into.title}」に統合されました。"
        "参加するには、内容を確かめて参加の手続をしてください。"
    )
    asked = [organization_of_body(session, code).id for code in moved] + invited
    done = f"「{project.title}」から{len(moved)}団体を受け入れました。各団体の確認を待っています。"
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=into,
        action="merge_projects",
        changes={"other_project": project.id, "body_codes": moved, "reason": row.reason},
        told=[
            *[_told_body(each, into, text) for each in asked],
            _told(into.lead_organization_id, into, done),
        ],
    )
    # What ended tells of it too: who reads one project's chain need not know of the other.
    ended = {"other_project": into.id, "body_codes": moved, "reason": row.reason}
    record(session, actor, "merge_projects", "project", project.id, ended, now)
    return row


def _take_bodies(session: Session, project: Project, into: Project, now: datetime) -> list[str]:
    """The bodies asked to confirm, by code; who is in the other project already stays as it is."""
    rows = session.scalars(
        select(Participation)
        .where(Participation.project_id == project.id, Participation.status.in_(GOES_ALONG))
        .order_by(Participation.body_code)
    ).all()
    moved = []
    for row in rows:
        there = find_participation(session, into.id, row.body_code)
        if there is not None and there.status in GOES_ALONG:
            continue
        there = there or Participation(project_id=into.id, body_code=row.body_code)
        there.status, there.updated_at = Status.REQUESTED.value, now
        there.requested_by = f"「{project.title}」からの統合"
        # A quantity of another unit says nothing here: the body is asked anew.
        same = {k: v for k, v in (row.quantities or {}).items() if k == into.main_unit}
        there.quantities, there.contact_name = same, row.contact_name
        session.add(there)
        moved.append(row.body_code)
    session.flush()
    return moved


def _take_invited(session: Session, project: Project, into: Project) -> list[int]:
    """Who was asked there and had not answered is asked here."""
    known = set(
        session.scalars(
            select(ProjectRole.organization_id).where(ProjectRole.project_id == into.id)
        )
    )
    waiting = session.scalars(
        select(ProjectRole).where(
            ProjectRole.project_id == project.id, ProjectRole.role == "invited"
        )
    ).all()
    in_row = select(Organization.id).join(
        Participation, Participation.body_code == Organization.body_code
    )
    known |= set(session.scalars(in_row.where(Participation.project_id == into.id)))
    asked = [role for role in waiting if role.organization_id not in known]
    session.add_all(
        ProjectRole(
            project_id=into.id,
            organization_id=role.organization_id,
            role="invited",
            since=role.since,
        )
        for role in asked
    )
    session.flush()
    return [role.organization_id for role in asked]


def _write_history(
    session: Session, project: Project, into: Project, actor: Actor, moved: int, now: datetime
) -> None:
    """Both projects tell of it: one has ended, the other goes on."""
    ended = State.CANCELLED.value
    for each, to_state, action, reason in (
        (project, ended, MERGED_AWAY, f"「{into.title}」に統合"),
        (into, into.state, MERGED_IN, f"「{project.title}」から{moved}団体"),
    ):
        session.add(
            StateChange(
                project_id=each.id,
                from_state=each.state,
                to_state=to_state,
                action=action,
                actor_label=actor.label,
                reason=reason,
                at=now,
            )
        )
    project.published = project.published and project.state != State.INTENTION_SURVEY.value
    project.state, project.state_since = ended, now
    project.updated_at = into.updated_at = now
    session.flush()


def _get_asked(session: Session, project_id: int, merge_id: int, seen_version: int) -> ProjectMerge:
    row = session.get(ProjectMerge, merge_id, populate_existing=True)
    if row is None or row.other_project_id != project_id:
        raise NotFound("merge")
    if row.status != "asked" or row.row_version != seen_version:
        raise Conflict("この申し出は、すでに返答されています。")
    return row


def _told(organization_id: int, project: Project, text: str) -> Told:
    return Told(
        organization_id=organization_id,
        title=f"「{project.title}」：案件の統合",
        text=text,
        path=f"/projects/{project.id}/merge",
    )


def _told_body(organization_id: int, into: Project, text: str) -> Told:
    return Told(
        organization_id=organization_id,
        title=f"「{into.title}」への統合",
        text=text,
        path=f"/projects/{into.id}/join",
    )
