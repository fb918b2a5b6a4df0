"""Projects as rows of lists: only what is public from `forming` on (domain §8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from math import ceil
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.base import ExecutableOption

from accounts.models import LocalBody
from foundation.db import UTCDateTime
from procurement.domain.lots import is_announced
from procurement.domain.participation import TAKING_PART
from procurement.domain.states import State
from procurement.models import Participation, Project, ProjectRole
from procurement.queries.standing import HIDDEN_STATE

PAGE_SIZE = 20
ENDED_STATES = ("closed", "cancelled")
JOINABLE_STATES = ("forming", "agreement")

IS_PUBLIC = and_(Project.published.is_(True), Project.state != HIDDEN_STATE)
IS_OPEN = and_(IS_PUBLIC, Project.state.not_in(ENDED_STATES))


def answer_deadline(project: Project) -> datetime | None:
    """When a body's answer is due in the present state: to the survey, else to the call to join."""
    asking = project.state == "intention_survey"
    return (project.survey_closes_at if asking else None) or project.join_closes_at


@dataclass(frozen=True, kw_only=True)
class ProjectRow:
    """The public part of a project. body_count: bodies that joined; moments are UTC."""

    id: int
    title: str
    system_type_code: str
    system_type_name: str
    lead_name: str
    prefecture_code: str | None
    state: str
    contract_model: str
    join_closes_at: datetime | None
    answer_closes_at: datetime | None
    proposals_close_at: datetime | None
    body_count: int
    min_participants: int
    fictional: bool
    reenactment_of: str
    updated_at: datetime

    def next_deadline(self, now: datetime) -> datetime | None:
        """The deadline that matters in the present state, if it still lies ahead."""
        by_state = {"forming": self.join_closes_at, "solicitation": self.proposals_close_at}
        deadline = by_state.get(self.state)
        return deadline if deadline is not None and deadline > now else None

    def is_joinable(self, now: datetime) -> bool:
        """Whether a body may still join by the ordinary way."""
        return self.state == "forming" and (
            self.join_closes_at is None or now <= self.join_closes_at
        )


def announced_closing(project: Project) -> datetime | None:
    """When proposals close, once the notice says so: before it that is the lead's draft."""
    return project.proposals_close_at if is_announced(State(project.state)) else None


@dataclass(frozen=True, kw_only=True)
class ProjectFilter:
    """What the list is narrowed to. Empty strings mean no narrowing."""

    state: str = ""
    prefecture: str = ""
    category: str = ""
    joinable: bool = False


@dataclass(frozen=True, kw_only=True)
class ProjectListPage:
    """One page of the list. total counts all matching projects, real and fictional."""

    rows: tuple[ProjectRow, ...]
    total: int
    total_fictional: int
    page: int
    pages: int


def list_public_projects(
    session: Session,
    *,
    narrowed: ProjectFilter,
    page: int,
    now: datetime,
    size: int = PAGE_SIZE,
) -> ProjectListPage:
    """Public projects, the one closing soonest first, then the newest change. Three queries.

    A page past the end shows the last one; `page` of the answer says which.
    """
    condition = _condition(narrowed, now)
    counted = session.execute(
        select(Project.fictional, func.count()).where(condition).group_by(Project.fictional)
    )
    counts: dict[bool, int] = {fictional: count for fictional, count in counted}
    total = sum(counts.values())
    pages = max(1, ceil(total / size))
    query = (
        select(Project)
        .where(condition)
        .order_by(*_closing_first(now))
        .limit(size)
        .offset((page - 1) * size)
    )
    return ProjectListPage(
        rows=load_rows(session, query),
        total=total,
        total_fictional=counts.get(True, 0),
        page=page,
        pages=pages,
    )


def load_rows(
    session: Session, query: Select[Any], values: Mapping[str, Any] | None = None
) -> tuple[ProjectRow, ...]:
    """The rows of a query of projects, in its order; values fill its parameters. Two queries."""
    projects = session.scalars(query.options(*_with_names()), values or {}).all()
    counts = count_bodies(session, [project.id for project in projects])
    return tuple(to_row(project, counts.get(project.id, 0)) for project in projects)


def count_bodies(session: Session, project_ids: Sequence[int]) -> dict[int, int]:
    """Project id → number of bodies that joined and have not left."""
    if not project_ids:
        return {}
    counted = session.execute(_bodies_statement(), {"ids": list(project_ids)})
    return {project_id: count for project_id, count in counted}


# Building a statement costs more than asking it: those of much-read pages are built once.
@cache
def _with_names() -> tuple[ExecutableOption, ...]:
    return (joinedload(Project.lead_organization), joinedload(Project.system_type))


@cache
def _bodies_statement() -> Select[int, int]:
    ids: BindParameter[int] = bindparam("ids", expanding=True)
    return (
        select(Participation.project_id, func.count())
        .where(Participation.project_id.in_(ids), Participation.status.in_(TAKING_PART))
        .group_by(Participation.project_id)
    )


def to_row(project: Project, body_count: int) -> ProjectRow:
    """The public part of one project."""
    return ProjectRow(
        id=project.id,
        title=project.title,
        system_type_code=project.system_type_code,
        system_type_name=project.system_type.name,
        lead_name=project.lead_organization.name,
        prefecture_code=project.prefecture_code,
        state=project.state,
        contract_model=project.contract_model,
        join_closes_at=project.join_closes_at,
        answer_closes_at=answer_deadline(project),
        proposals_close_at=announced_closing(project),
        body_count=body_count,
        min_participants=project.min_participants,
        fictional=project.fictional,
        reenactment_of=project.reenactment_of,
        updated_at=project.updated_at,
    )


def list_closing_soon(session: Session, *, now: datetime, limit: int) -> tuple[ProjectRow, ...]:
    """Open projects with a deadline ahead, the nearest first."""
    return load_rows(session, _closing_soon_statement(limit), {"now": now})


@cache
def _closing_soon_statement(limit: int) -> Select[Any]:
    now = bindparam("now", type_=UTCDateTime())
    return select(Project).where(IS_OPEN, _deadline_ahead(now)).order_by(_deadline()).limit(limit)


def list_projects_of_organization(
    session: Session, organization_id: int, *, roles: Sequence[str]
) -> tuple[ProjectRow, ...]:
    """Projects in which the organisation has one of the roles, drafts included."""
    ids = select(ProjectRole.project_id).where(
        ProjectRole.organization_id == organization_id, ProjectRole.role.in_(roles)
    )
    newest = Project.updated_at.desc(), Project.id.desc()
    query = select(Project).where(Project.id.in_(ids)).order_by(*newest)
    return load_rows(session, query)


def list_prefecture_names(session: Session) -> dict[str, str]:
    """Two-digit code → name, for filters and rows, the fictional prefecture included."""
    return {code: name for code, name in session.execute(_prefectures_statement())}


@cache
def _prefectures_statement() -> Select[str, str]:
    return (
        select(LocalBody.prefecture_code, LocalBody.name)
        .where(LocalBody.kind == "prefecture")
        .order_by(LocalBody.prefecture_code)
    )


def _condition(narrowed: ProjectFilter, now: datetime) -> Any:
    parts = [IS_PUBLIC]
    if narrowed.state:
        parts.append(Project.state == narrowed.state)
    if narrowed.prefecture:
        parts.append(Project.prefecture_code == narrowed.prefecture)
    if narrowed.category:
        parts.append(Project.system_type_code == narrowed.category)
    if narrowed.joinable:
        parts.append(Project.state == "forming")
        parts.append(or_(Project.join_closes_at.is_(None), Project.join_closes_at >= now))
    return and_(*parts)


def _deadline_ahead(now: datetime | BindParameter[datetime]) -> Any:
    return or_(
        and_(Project.state == "forming", Project.join_closes_at > now),
        and_(Project.state == "solicitation", Project.proposals_close_at > now),
    )


def _deadline() -> Any:
    return func.coalesce(
        # The deadline of the state; both columns are moments.
        _when_state("forming", Project.join_closes_at),
        _when_state("solicitation", Project.proposals_close_at),
    )


def _when_state(state: str, column: Any) -> Any:
    return case((Project.state == state, column))


def _closing_first(now: datetime) -> list[Any]:
    return [
        case((_deadline_ahead(now), 0), else_=1),
        case((_deadline_ahead(now), _deadline())),
        Project.updated_at.desc(),
        Project.id.desc(),
    ]
