"""Dividing a project into lots: a project of its own for each, to which its bodies are asked in."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Action, Actor
from catalog.search.outbox import queue
from foundation.errors import Conflict, Refused
from procurement.domain.lots import (
    DivisionDraft,
    list_division_blockers,
    list_draft_blockers,
)
from procurement.domain.reshaping import GOES_ALONG
from procurement.domain.states import State
from procurement.lot_models import LotGroup, ProjectLot
from procurement.models import Participation, Project, ProjectRole, StateChange
from procurement.queries.lots import list_lots
from procurement.services.access import lock_led_project
from procurement.services.projects import MAX_TITLE
from procurement.services.stages import copy_stages
from procurement.services.traces import Told, leave_trace

# What the new lot has of the project; prices, terms and requirements are its own.
_COPIED = (
    "system_type_code",
    "purpose",
    "lead_organization_id",
    "prefecture_code",
    "procurement_method",
    "procurement_method_reason",
    "contract_model",
    "agreement_basis",
    "min_participants",
    "main_unit",
    "term_start",
    "term_months",
    "published",
    "fictional",
    "reenactment_of",
)
_RUNNING_ROLES = ("lead", "secretariat", "observer")
_FIRST = "ほかの担当者が先に区分を加えました。今の区分を確かめて、もう一度保存してください。"


def add_lot(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    draft: DivisionDraft,
    seen_count: int,
) -> Project:
    """One more lot, and with the first the project itself becomes lot 1. Raises Refused, Conflict.

    seen_count: how many lots the actor saw, 0 for an undivided project.
    """
    project, _ = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    _lock_group(session, project_id)
    lots = list_lots(session, project_id)
    blockers = list_division_blockers(State(project.state), len(lots))
    blockers += list_draft_blockers(draft, [lot.name for lot in lots])
    if blockers:
        raise Refused(blockers)
    if len(lots) != seen_count:
        raise Conflict(_FIRST)
    group = lots[0].group if lots else _divide(session, project, draft, actor, now)
    number = max(len(lots), 1) + 1
    new = _open_lot(session, project, group, number, draft.name, actor, now)
    asked = _ask_bodies(session, project, new, now)
    queue(session, "project", new.id, now=now)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="add_lot",
        changes={"lot": draft.name, "new_project": new.id},
        told=[_told(new, draft.name, organization_id) for organization_id in asked],
    )
    return new


def _lock_group(session: Session, project_id: int) -> None:
    """Two people who add to different lots of one group wait for each other."""
    group = select(ProjectLot.lot_group_id).where(ProjectLot.project_id == project_id)
    session.execute(
        select(LotGroup.id).where(LotGroup.id == group.scalar_subquery()).with_for_update()
    )


def _divide(
    session: Session, project: Project, draft: DivisionDraft, actor: Actor, now: datetime
) -> LotGroup:
    assert draft.divided_by is not None
    group = LotGroup(
        title=project.title,
        divided_by=draft.divided_by.value,
        divided_at=now,
        divided_by_label=actor.label,
    )
    session.add(group)
    session.flush()
    session.add(
        ProjectLot(project_id=project.id, lot_group_id=group.id, number=1, name=draft.own_name)
    )
    session.flush()
    return group


def _open_lot(
    session: Session,
    project: Project,
    group: LotGroup,
    number: int,
    name: str,
    actor: Actor,
    now: datetime,
) -> Project:
    """At 参加団体募集 (or 意向調査 like the project): each body decides whether to join."""
    early = project.state == State.INTENTION_SURVEY.value
    suffix = f"（区分{number}：{name}）"
    closes = {
        field: moment
        for field in ("survey_closes_at", "join_closes_at", "consent_closes_at")
        if (moment := getattr(project, field)) is not None and moment > now
    }
    new = Project(
        title=group.title[: MAX_TITLE - len(suffix)] + suffix,
        state=State.INTENTION_SURVEY.value if early else State.FORMING.value,
        state_since=now,
        sharing_terms={},
        policy_check=dict(project.policy_check),
        created_at=now,
        updated_at=now,
        **closes,
        **{field: getattr(project, field) for field in _COPIED},
    )
    session.add(new)
    session.flush()
    _enter(session, project, new, group, number, name, actor, now)
    copy_stages(session, actor, now, project.id, new.id)
    return new


def _enter(
    session: Session,
    project: Project,
    new: Project,
    group: LotGroup,
    number: int,
    name: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Its first line of history, and its place among the lots."""
    change = StateChange(
        project_id=new.id,
        from_state="",
        to_state=new.state,
        action="open_project",
        actor_label=actor.label,
        reason=f"「{project.title}」の区分",
        at=now,
    )
    lot = ProjectLot(project_id=new.id, lot_group_id=group.id, number=number, name=name)
    session.add_all([change, lot])
    session.flush()


def _ask_bodies(session: Session, project: Project, new: Project, now: datetime) -> list[int]:
    """Who runs it runs the lot; whose body goes along is asked in. Returns who is asked."""
    roles = session.execute(
        select(ProjectRole.organization_id, ProjectRole.role).where(
            ProjectRole.project_id == project.id,
            ProjectRole.role.in_((*_RUNNING_ROLES, "invited")),
        )
    ).all()
    running = [(id_, role) for id_, role in roles if role != "invited"]
    bodies = session.scalars(
        select(Organization.id)
        .join(Participation, Participation.body_code == Organization.body_code)
        .where(Participation.project_id == project.id, Participation.status.in_(GOES_ALONG))
    ).all()
    leads = {id_ for id_, _ in running}
    asked = sorted({id_ for id_, role in roles if role == "invited"} | set(bodies))
    # The lead may take part with its own body: it is asked in by leading.
    session.add_all(
        ProjectRole(project_id=new.id, organization_id=id_, role=role, since=now)
        for id_, role in [*running, *((id_, "invited") for id_ in asked if id_ not in leads)]
    )
    session.flush()
    return [id_ for id_ in asked if id_ not in leads]


def _told(new: Project, name: str, organization_id: int) -> Told:
    return Told(
        organization_id=organization_id,
        title=f"「{new.title}」への参加の案内",
        text=f"調達を区分に分けました。区分「{name}」に参加するかどうかを、区分ごとに決めてください。",
        path=f"/projects/{new.id}/lots",
    )
