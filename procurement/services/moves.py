"""Moving a project along its life: the one table of moves, taken under lock and told once."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Action, Actor
from foundation.errors import Blocker, Conflict, Refused
from foundation.filters import jst
from procurement.domain import lifecycle
from procurement.domain.dossier import PENDING, Dossier
from procurement.domain.lifecycle import Audience, Move, Mover, State
from procurement.domain.participation import TAKING_PART, ParticipationStatus
from procurement.domain.states import BEFORE_NOTICE
from procurement.models import Participation, Project, ProjectRole, StateChange
from procurement.queries.dossier import load_dossier
from procurement.queries.standing import HIDDEN_STATE, Standing
from procurement.queries.tender import list_bidders
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.judging import turn_to_runner_up
from procurement.services.notice import notice_as_announced
from procurement.services.project_case import fill_project_case
from procurement.services.traces import Told, leave_trace

EXTEND = "extend_recruitment"
RUNNER_UP = "turn_to_runner_up"

_STATUSES: dict[Audience, tuple[ParticipationStatus, ...]] = {
    Audience.INTERESTED: (ParticipationStatus.INTERESTED, *PENDING),
    Audience.PARTICIPANTS: TAKING_PART,
}
_ROLES: dict[Audience, tuple[str, ...]] = {
    Audience.INVITED: ("invited",),
    Audience.PARTICIPANTS: ("secretariat", "lead"),
    Audience.OBSERVERS: ("observer",),
}


def list_move_blockers(
    dossier: Dossier, move: Move, standing: Standing, now: datetime
) -> list[Blocker]:
    """Why this actor cannot take this move now: who may, then what is still to do."""
    needed = {Mover.LEAD_STAFF: Action.MOVE_PROJECT, Mover.LEAD_MANAGER: Action.FIX_SHARE_VERSION}
    return list_leading_blockers(standing, needed[move.who]) + lifecycle.blockers(
        dossier, move, now
    )


def move_project(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    action: str,
    seen_state: str,
    reason: str = "",
) -> Project:
    """Take one row of the table of moves.

    seen_state: the state the actor saw. Raises Conflict when the project moved meanwhile.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.MOVE_PROJECT)
    if project.state != seen_state:
        raise Conflict("ほかの担当者が先に段階を進めました。今の段階を確かめてください。")
    move = lifecycle.get_move(State(project.state), action)
    blockers = list_move_blockers(load_dossier(session, project), move, standing, now)
    blockers += lifecycle.list_reason_blockers(move, reason)
    if action == EXTEND:
        message = "延長後の回答期限を入力してください。"
        blockers.append(Blocker(code="closes_at", message=message, field="closes_on"))
    if blockers:
        raise Refused(blockers)
    told = list_told(session, project, move, actor)
    if move.target is State.CANCELLED and project.state == HIDDEN_STATE:
        project.published = False  # it never was public, and does not become so by ending
    if action == RUNNER_UP:
        turn_to_runner_up(session, actor=actor, now=now, project_id=project_id)
    _enter(session, project, move, actor, now, reason)
    if move.target is not move.source:
        fill_project_case(session, project, now, actor.label)
    _leave_trace(session, actor, now, project, move, reason, told)
    return project


def extend_join_deadline(
    session: Session, *, actor: Actor, now: datetime, project_id: int, closes_at: datetime
) -> Project:
    """The way out of too few bodies at the deadline: later, once, everybody told once."""
    project, standing = lock_led_project(session, actor, project_id, Action.MOVE_PROJECT)
    move = lifecycle.get_move(State(project.state), EXTEND)
    blockers = list_move_blockers(load_dossier(session, project), move, standing, now)
    if closes_at <= max(now, project.join_closes_at or now):
        message = "延長後の期限は、今の期限より後にしてください。"
        blockers.append(Blocker(code="not_later", message=message, field="closes_on"))
    if blockers:
        raise Refused(blockers)
    project.join_closes_at = closes_at
    project.join_extended = True
    reason = f"新しい回答期限：{jst(closes_at)}"
    told = list_told(session, project, move, actor)
    _enter(session, project, move, actor, now, reason)
    _leave_trace(session, actor, now, project, move, reason, told)
    return project


def _enter(
    session: Session, project: Project, move: Move, actor: Actor, now: datetime, reason: str
) -> None:
    session.add(
        StateChange(
            project_id=project.id,
            from_state=move.source.value,
            to_state=move.target.value,
            action=move.action,
            actor_label=actor.label,
            reason=reason,
            at=now,
        )
    )
    if move.target is not move.source:
        project.state = move.target.value
        project.state_since = now
    project.updated_at = now
    session.flush()


def _leave_trace(
    session: Session,
    actor: Actor,
    now: datetime,
    project: Project,
    move: Move,
    reason: str,
    told: list[int],
) -> None:
    text = f"「{move.source.label}」から「{move.target.label}」に変わりました。"
    if move.target is move.source:
        text = f"{move.label}。"
    if reason:
        text += f"理由：{reason}" if move.reason_needed else reason
    announces = move.target is State.SOLICITATION and move.source in BEFORE_NOTICE
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action=move.event,
        changes={
            "from": move.source.value,
            "to": move.target.value,
            "action": move.action,
            "reason": reason,
            **(notice_as_announced(session, project) if announces else {}),
        },
        told=[
            Told(
                organization_id=organization_id,
                title=f"「{project.title}」：{move.label}",
                text=text,
                path=f"/projects/{project.id}",
            )
            for organization_id in told
        ],
    )


def list_told(session: Session, project: Project, move: Move, actor: Actor) -> list[int]:
    """Organisations of the move's audiences, each once, the actor's own left out.

    Bidders are among them: no page may show the list.
    """
    found: set[int] = set()
    for audience in move.told:
        found.update(_by_status(session, project.id, _STATUSES.get(audience, ())))
        found.update(_by_role(session, project.id, _ROLES.get(audience, ())))
    if Audience.BIDDERS in move.told:
        found.update(list_bidders(session, project.id))
    return sorted(found - {actor.organization_id or 0})


def _by_status(
    session: Session, project_id: int, statuses: tuple[ParticipationStatus, ...]
) -> Iterable[int]:
    if not statuses:
        return ()
    return session.scalars(
        select(Organization.id)
        .join(Participation, Participation.body_code == Organization.body_code)
        .where(Participation.project_id == project_id, Participation.status.in_(statuses))
    )


def _by_role(session: Session, project_id: int, roles: tuple[str, ...]) -> Iterable[int]:
    if not roles:
        return ()
    return session.scalars(
        select(ProjectRole.organization_id).where(
            ProjectRole.project_id == project_id, ProjectRole.role.in_(roles)
        )
    )
