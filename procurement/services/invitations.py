"""Asking bodies in: invitations, stated interest, and join requests a coordinator enters."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Organization
from accounts.roles import Action, Actor, may_for_body
from foundation.errors import Blocker, Refused, refuse
from procurement.domain.participation import ParticipationStatus as Status
from procurement.models import Participation, Project, ProjectRole
from procurement.queries.standing import Standing
from procurement.services.access import (
    find_participation,
    get_body,
    list_leading_blockers,
    list_mixing_blockers,
    lock_led_project,
    lock_project,
)
from procurement.services.joining import list_open_blockers
from procurement.services.traces import Told, leave_trace

INVITING_STATES = ("intention_survey", "forming")
MAX_INVITED_AT_ONCE = 200


def list_inviting_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why nobody can be invited now; empty when the lead may go on."""
    blockers = list_leading_blockers(standing, Action.INVITE)
    if project.state not in INVITING_STATES:
        message = "団体を案内できるのは、意向調査と参加団体募集の間だけです。"
        blockers.append(Blocker(code="not_inviting", message=message))
    return blockers


def invite_bodies(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_codes: Iterable[str],
    message: str = "",
) -> list[str]:
    """Ask bodies to take part; returns the codes newly asked. One event for the whole batch.

    Bodies already asked or taking part are left as they are. Raises Refused for an unknown code.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.INVITE)
    codes = sorted(set(body_codes))
    blockers = list_inviting_blockers(project, standing) + _batch_blockers(session, project, codes)
    if blockers:
        raise Refused(blockers)
    organizations = [organization_of_body(session, code) for code in codes]
    known = _organizations_known(session, project_id)
    asked = [each for each in organizations if each.id not in known]
    session.add_all(
        ProjectRole(project_id=project_id, organization_id=each.id, role="invited", since=now)
        for each in asked
    )
    asked_codes = [each.body_code or "" for each in asked]
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="invite_bodies",
        changes={"body_codes": asked_codes, "message": message},
        told=[
            Told(
                organization_id=each.id,
                title=f"共同調達「{project.title}」への参加の案内",
                text=message
                or "参加の検討をお願いします。負担の見込みは案件のページで確認できます。",
                path=f"/projects/{project_id}/join",
            )
            for each in asked
        ],
    )
    return asked_codes


def _batch_blockers(session: Session, project: Project, codes: Sequence[str]) -> list[Blocker]:
    if not codes:
        return [Blocker(code="nobody", message="案内する団体を選んでください。", field="bodies")]
    if len(codes) > MAX_INVITED_AT_ONCE:
        text = f"一度に案内できるのは{MAX_INVITED_AT_ONCE}団体までです。"
        return [Blocker(code="too_many", message=text, field="bodies")]
    bodies = session.scalars(
        select(LocalBody).where(LocalBody.code.in_(codes)).order_by(LocalBody.code)
    ).all()
    found = {body.code for body in bodies}
    unknown = [
        Blocker(
            code="unknown_body",
            message=f"団体コード「{code}」の団体は登録されていません。",
            field="bodies",
        )
        for code in codes
        if code not in found
    ]
    return unknown + list_mixing_blockers(project, bodies)


def _organizations_known(session: Session, project_id: int) -> set[int]:
    return set(
        session.scalars(
            select(ProjectRole.organization_id).where(ProjectRole.project_id == project_id)
        )
    )


def organization_of_body(session: Session, body_code: str) -> Organization:
    """The organisation that acts for a local body; made when nobody of it has signed in yet."""
    found: Organization | None = session.scalar(
        select(Organization).where(Organization.body_code == body_code)
    )
    if found is not None:
        return found
    body = get_body(session, body_code)
    organization = Organization(
        kind="prefecture" if body.kind == "prefecture" else "municipality",
        name=body.name,
        body_code=body.code,
        corporate_number=body.corporate_number,
        prefecture_code=body.prefecture_code,
        fictional=body.fictional,
    )
    session.add(organization)
    session.flush()
    return organization


def state_interest(
    session: Session, *, actor: Actor, now: datetime, project_id: int, body_code: str
) -> Participation:
    """Say that a body wants to hear more. By its own staff, or by its coordinator for it."""
    project, _ = lock_project(session, actor, project_id)
    if not may_for_body(actor, Action.STATE_INTEREST, body_code):
        raise refuse("other_body", "ほかの団体の関心を登録することはできません。")
    row = find_participation(session, project_id, body_code)
    blockers = list_interest_blockers(project, row, now)
    blockers += list_mixing_blockers(project, [get_body(session, body_code)])
    if blockers:
        raise Refused(blockers)
    row = row or Participation(project_id=project_id, body_code=body_code, quantities={})
    row.status = Status.INTERESTED
    row.requested_by = "" if actor.body_code == body_code else actor.label
    row.updated_at = now
    session.add(row)
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="state_interest",
        changes={"body_code": body_code},
        told=[
            Told(
                organization_id=project.lead_organization_id,
                title=f"「{project.title}」に関心が登録されました",
                text=f"{get_body(session, body_code).name}が関心を登録しました。",
                path=f"/projects/{project_id}/members",
            )
        ],
    )
    return row


def list_interest_blockers(
    project: Project, row: Participation | None, now: datetime
) -> list[Blocker]:
    """Why interest cannot be stated now."""
    if project.state not in INVITING_STATES:
        return [Blocker(code="not_open", message="この案件は関心の登録を受け付けていません。")]
    settled = {Status.LEFT, Status.DECLINED, Status.LAPSED}
    if row is not None and row.status not in settled:
        return [Blocker(code="already", message="この団体はすでに登録されています。")]
    return []


def request_join(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    quantity: int | None = None,
) -> Participation:
    """A coordinator enters a join for one of its municipalities; it counts once that confirms."""
    project, _ = lock_project(session, actor, project_id)
    if not may_for_body(actor, Action.REQUEST_JOIN_ON_BEHALF, body_code):
        raise refuse("other_prefecture", "代理入力できるのは、自県の市区町村だけです。")
    row = find_participation(session, project_id, body_code)
    blockers = list_open_blockers(project, row, now)
    blockers += list_mixing_blockers(project, [get_body(session, body_code)])
    if blockers:
        raise Refused(blockers)
    row = row or Participation(project_id=project_id, body_code=body_code, quantities={})
    row.status = Status.REQUESTED
    row.requested_by = actor.label
    if quantity is not None:
        row.quantities = {project.main_unit: quantity}
    row.updated_at = now
    session.add(row)
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="request_join",
        changes={"body_code": body_code, "quantity": quantity},
        told=[
            Told(
                organization_id=organization_of_body(session, body_code).id,
                title=f"「{project.title}」への参加が代理で入力されました",
                text=f"{actor.label}が入力しました。内容を確認すると参加になります。",
                path=f"/projects/{project_id}/join",
            )
        ],
    )
    return row
