"""A body goes its own way: out of the project, and into a draft of its own with what it needs."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may
from catalog.search.outbox import queue
from foundation.errors import Blocker, Refused
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.requirements import Origin, Settled
from procurement.domain.reshaping import SPLIT_OFF
from procurement.domain.states import State
from procurement.domain.survey import Wish
from procurement.models import Participation, Project, ProjectRole, StateChange
from procurement.queries.standing import Standing
from procurement.requirement_models import Requirement, RequirementColumn
from procurement.services.access import find_participation, get_body, lock_project
from procurement.services.joining import list_approval_blockers
from procurement.services.leaving import list_leave_blockers, take_out, told_lead_of_leaving
from procurement.services.projects import MAX_TITLE
from procurement.services.traces import leave_trace

_SETTLED = {Wish.MUST.value: Settled.MUST, Wish.WANTED.value: Settled.WANTED}


def list_splitting_blockers(
    project: Project, standing: Standing, row: Participation | None
) -> list[Blocker]:
    """Why this actor cannot split its body off now."""
    actor = standing.actor
    blockers = list_leave_blockers(project, row, actor=actor, body_code=actor.body_code or "")
    if project.lead_organization_id == actor.organization_id:
        message = "幹事団体は分かれられません。先に、ほかの団体に幹事を引き継いでください。"
        blockers.append(Blocker(code="leads", message=message))
    if not may(actor, Action.OPEN_PROJECT):
        message = "案件を作れる人だけが分割できます。"
        blockers.append(Blocker(code="not_opening", message=message))
    return blockers


def split_off(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    title: str,
    reason: str,
    approval_date: date | None,
    approval_number: str,
) -> Project:
    """The body's manager takes it out into a project it leads. Raises Refused.

    The new one is a draft (意向調査): nobody sees it until it recruits. Copied are what the body
    said itself and the common list's lines it wants; not the group's terms, nor its estimate.
    """
    project, standing = lock_project(session, actor, project_id)
    row = find_participation(session, project_id, actor.body_code or "")
    blockers = list_splitting_blockers(project, standing, row)
    blockers += list_approval_blockers(approval_date, approval_number, now)
    blockers += _text_blockers(title, reason)
    if blockers or row is None or approval_date is None:
        raise Refused(blockers)
    new = _open_draft(session, project, actor, title.strip(), now)
    _bring_along(session, project, new, row, now)
    take_out(
        session,
        row,
        actor=actor,
        now=now,
        reason=reason.strip(),
        approval_date=approval_date,
        approval_number=approval_number,
    )
    # Which body went is between itself and the lead: the history says that one did.
    _add_change(session, project.id, project.state, project.state, actor, now, SPLIT_OFF, "")
    queue(session, "project", new.id, now=now)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="split_off",
        changes={
            "body_code": row.body_code,
            "new_project": new.id,
            "approval_date": approval_date,
            "approval_number": approval_number,
        },
        told=[told_lead_of_leaving(project, get_body(session, row.body_code).name)],
    )
    return new


def _text_blockers(title: str, reason: str) -> list[Blocker]:
    blockers = []
    if not 0 < len(title.strip()) <= MAX_TITLE:
        message = f"新しい案件名を{MAX_TITLE}文字以内で入力してください。"
        blockers.append(Blocker(code="title", message=message, field="title"))
    if not reason.strip():
        message = "分かれる理由を入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    return blockers


def _open_draft(
    session: Session, project: Project, actor: Actor, title: str, now: datetime
) -> Project:
    state = State.INTENTION_SURVEY.value
    new = Project(
        title=title,
        system_type_code=project.system_type_code,
        purpose=project.purpose,
        lead_organization_id=actor.organization_id,
        prefecture_code=project.prefecture_code,
        state=state,
        state_since=now,
        main_unit=project.main_unit,
        term_start=project.term_start,
        term_months=project.term_months,
        sharing_terms={},
        policy_check=dict(project.policy_check),
        fictional=project.fictional,
        reenactment_of=project.reenactment_of,
        created_at=now,
        updated_at=now,
    )
    session.add(new)
    session.flush()
    role = ProjectRole(
        project_id=new.id, organization_id=actor.organization_id, role="lead", since=now
    )
    session.add(role)
    reason = f"「{project.title}」から分割"
    _add_change(session, new.id, "", state, actor, now, "open_project", reason)
    return new


def _add_change(
    session: Session,
    project_id: int,
    from_state: str,
    to_state: str,
    actor: Actor,
    now: datetime,
    action: str,
    reason: str,
) -> None:
    session.add(
        StateChange(
            project_id=project_id,
            from_state=from_state,
            to_state=to_state,
            action=action,
            actor_label=actor.label,
            reason=reason,
            at=now,
        )
    )
    session.flush()


def _bring_along(
    session: Session, project: Project, new: Project, row: Participation, now: datetime
) -> None:
    """The body's own answers, and each line of the list that it wants."""
    own = Participation(
        project_id=new.id,
        body_code=row.body_code,
        status=Status.INTERESTED.value,
        quantities=dict(row.quantities),
        budget_status=row.budget_status,
        contact_name=row.contact_name,
        declared_standalone_yen=row.declared_standalone_yen,
        declared_standalone_source=row.declared_standalone_source,
        note=row.note,
        updated_at=now,
    )
    session.add(own)
    wishes = session.scalar(
        select(RequirementColumn.wishes).where(
            RequirementColumn.project_id == project.id,
            RequirementColumn.body_code == row.body_code,
        )
    )
    lines = session.scalars(
        select(Requirement).where(Requirement.project_id == project.id).order_by(Requirement.id)
    )
    session.add_all(
        Requirement(
            project_id=new.id,
            text=line.text,
            detail=line.detail,
            origin=Origin.LEAD.value,
            settled=_SETTLED[wish].value,
            updated_at=now,
        )
        for line in lines
        if (wish := (wishes or {}).get(str(line.id), "")) in _SETTLED
    )
    session.flush()
