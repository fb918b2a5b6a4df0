"""A body goes out of a project: what that means for the others, and doing it."""

from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may_for_body
from foundation.errors import Blocker, NotFound, Refused
from procurement.domain.participation import TAKING_PART
from procurement.domain.participation import ParticipationStatus as Status
from procurement.models import Consent, Participation, Project, ProjectRole
from procurement.services.access import find_participation, get_body, lock_project
from procurement.services.joining import list_approval_blockers
from procurement.services.traces import Told, leave_trace

_UNDER_NOTICE = ("solicitation", "evaluation")
# Before a contract a body may go by its own decision; afterwards by the agreed terms.
LEAVING_STATES = ("forming", "specification", "estimate", "agreement", "contracting")


def list_leave_blockers(
    project: Project, row: Participation | None, *, actor: Actor, body_code: str
) -> list[Blocker]:
    """Why this actor cannot take this body out now."""
    if row is None or row.status not in TAKING_PART:
        return [Blocker(code="not_joined", message="この団体は参加していません。")]
    blockers = []
    if actor.body_code != body_code or not may_for_body(actor, Action.JOIN, body_code):
        message = "離脱を決められるのは、その団体の決裁者だけです。"
        blockers.append(Blocker(code="not_manager", message=message))
    return blockers + _list_late_blockers(project, row)


def _list_late_blockers(project: Project, row: Participation) -> list[Blocker]:
    """Between notice and award the bodies stay who they are; after it the agreed terms hold."""
    if row.status != Status.JOINED:
        message = (
            "契約した後の離脱は、合意した条件に従います。幹事団体に申し出たうえで、"
            "契約のページに解約を記録してください。"
        )
        return [Blocker(code="by_terms", message=message)]
    if project.state in LEAVING_STATES:
        return []
    if project.state in _UNDER_NOTICE:
        message = (
            "公告から審査までの間は離脱できません。幹事団体に申し出てください。"
            "審査の後、契約の段階で離脱できます。"
        )
        return [Blocker(code="under_notice", message=message)]
    message = "今の段階の離脱は、合意した条件に従います。幹事団体に申し出てください。"
    return [Blocker(code="by_terms", message=message)]


def leave_project(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    reason: str,
    approval_date: date | None,
    approval_number: str,
) -> Participation:
    """The body's manager takes it out. Fixed share versions stay; the lead fixes the next one."""
    project, _ = lock_project(session, actor, project_id)
    row = find_participation(session, project_id, body_code)
    blockers = list_leave_blockers(project, row, actor=actor, body_code=body_code)
    blockers += list_approval_blockers(approval_date, approval_number, now)
    if not reason.strip():
        message = "離脱の理由を入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    if blockers:
        raise Refused(blockers)
    if row is None or approval_date is None:
        raise NotFound("participation")
    take_out(
        session,
        row,
        actor=actor,
        now=now,
        reason=reason,
        approval_date=approval_date,
        approval_number=approval_number,
    )
    changes = {
        "body_code": body_code,
        "approval_date": approval_date,
        "approval_number": approval_number,
    }
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="leave_project",
        changes=changes,
        told=[told_lead_of_leaving(project, get_body(session, body_code).name)],
    )
    return row


def take_out(
    session: Session,
    row: Participation,
    *,
    actor: Actor,
    now: datetime,
    reason: str,
    approval_date: date,
    approval_number: str,
) -> None:
    """The row says that the body has left, and nothing is asked of it any more."""
    row.status, row.left_at, row.leave_reason = Status.LEFT, now, reason
    row.leave_approval_date = approval_date
    row.leave_approval_number = approval_number
    row.updated_at = now
    session.flush()
    close_open_consents(session, row.id, actor, now)
    session.execute(
        delete(ProjectRole).where(
            ProjectRole.project_id == row.project_id,
            ProjectRole.organization_id == actor.organization_id,
            ProjectRole.role == "participant",
        )
    )


def told_lead_of_leaving(project: Project, name: str) -> Told:
    """The lead hears that the others' shares change."""
    return Told(
        organization_id=project.lead_organization_id,
        title=f"{name}が「{project.title}」から離脱しました",
        text="ほかの団体の負担が変わります。試算を確かめ、次の版を確定してください。",
        path=f"/projects/{project.id}/sharing",
    )


def close_open_consents(
    session: Session, participation_id: int, actor: Actor, now: datetime
) -> None:
    """A question nobody will answer any more is withdrawn, so that it blocks no move."""
    open_ones = session.scalars(
        select(Consent).where(
            Consent.participation_id == participation_id,
            Consent.status.in_(("asked", "given", "carried")),
        )
    )
    for consent in open_ones:
        consent.status = "withdrawn"
        consent.answered_at = now
        consent.answered_by = actor.label
    session.flush()
