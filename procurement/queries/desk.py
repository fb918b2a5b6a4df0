"""What waits for whom: a body's desk, a prefecture's, and the lead's open matters."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Exists, Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Membership, Organization
from accounts.roles import Action, Actor, may
from catalog.models import SystemType
from procurement.domain.help import OPEN as OPEN_HELP
from procurement.domain.help import HelpKind, HelpStatus
from procurement.domain.needs import NeedStatus
from procurement.domain.participation import TAKING_PART
from procurement.help_models import HelpRequest
from procurement.models import Consent, Participation, Project, ProjectRole, ShareVersion
from procurement.need_models import Need
from procurement.queries.consents import newest_version_id
from procurement.queries.desk_signing import list_signing_waits
from procurement.queries.project_rows import ENDED_STATES, answer_deadline
from procurement.queries.standing import LEADING_ROLES


@dataclass(frozen=True, kw_only=True)
class WaitingRow:
    """One thing to do; project_id 0: of no project. who: 担当者, 決裁者 or 幹事団体."""

    project_id: int
    project_title: str
    what: str
    who: str
    path: str
    closes_at: datetime | None
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class OwnProjectRow:
    """A project of the body, with its own status in it."""

    project_id: int
    title: str
    state: str
    status: str
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class BodyDeskPage:
    """A body's own desk: what waits, and the projects it is in."""

    waiting: tuple[WaitingRow, ...]
    projects: tuple[OwnProjectRow, ...]


# Status of a participation → what waits, who must act, where.
_BY_STATUS = {
    "requested": ("代理で入力された参加内容の確認", "決裁者", "join"),
    "prepared": ("参加の決裁（決裁日・決裁番号の入力）", "決裁者", "join"),
    "interested": ("参加するかどうかの回答", "担当者", "join"),
}
_ANSWERED_IN = ("intention_survey", "forming")


def list_waiting(session: Session, actor: Actor) -> tuple[WaitingRow, ...]:
    """What waits for the actor's organisation, the nearest deadline first. At most five queries."""
    rows: list[WaitingRow] = []
    if actor.body_code is not None and may(actor, Action.PREPARE_JOIN):
        rows += _participations_waiting(session, actor.body_code)
        rows += _consents_waiting(session, actor.body_code)
    if actor.organization_id is not None and may(actor, Action.OPEN_PROJECT):
        rows += _projects_waiting(session, actor.organization_id)
        rows += _help_waiting(session, actor.organization_id)
        rows += _contracts_waiting(session, actor)
    rows.sort(key=lambda row: (row.closes_at is None, row.closes_at or 0, row.project_id))
    return tuple(rows)


def get_body_desk(session: Session, actor: Actor) -> BodyDeskPage:
    """The desk of the actor's own body. Seven queries."""
    needs = _needs_waiting(session, actor.body_code or "")
    return BodyDeskPage(
        waiting=(*list_waiting(session, actor), *needs),
        projects=list_own_projects(session, actor.body_code or ""),
    )


def list_own_projects(session: Session, body_code: str) -> tuple[OwnProjectRow, ...]:
    """Every project the body has or had a place in, the newest change first."""
    found = session.execute(
        select(Project, Participation.status)
        .join(Participation, Participation.project_id == Project.id)
        .where(Participation.body_code == body_code)
        .order_by(Participation.updated_at.desc(), Participation.id.desc())
    )
    return tuple(
        OwnProjectRow(
            project_id=project.id,
            title=project.title,
            state=project.state,
            status=status,
            fictional=project.fictional,
        )
        for project, status in found
    )


def _participations_waiting(session: Session, body_code: str) -> list[WaitingRow]:
    found = session.execute(
        select(Project, Participation.status)
        .join(Participation, Participation.project_id == Project.id)
        .where(
            Participation.body_code == body_code,
            Participation.status.in_(_BY_STATUS),
            Project.state.in_(_ANSWERED_IN),
        )
    )
    rows = []
    for project, status in found:
        if not _waits(project.state, status):
            continue
        what, who, page = _BY_STATUS[status]
        rows.append(_row(project, what, who, page, answer_deadline(project)))
    return rows


def _waits(state: str, status: str) -> bool:
    """Whether the body must act: while only asked of interest, stating it is the answer."""
    if state not in _ANSWERED_IN or status not in _BY_STATUS:
        return False
    return not (state == "intention_survey" and status == "interested")


def _needs_waiting(session: Session, body_code: str) -> list[WaitingRow]:
    """Needs a coordinator entered; they belong to no project yet."""
    found = session.execute(
        select(Need, SystemType.name, LocalBody.fictional)
        .join(SystemType, SystemType.code == Need.system_type_code)
        .join(LocalBody, LocalBody.code == Need.body_code)
        .where(Need.body_code == body_code, Need.status == NeedStatus.REQUESTED)
    )
    return [
        WaitingRow(
            project_id=0,
            project_title=f"ニーズ：{name}",
            what="代理で入力されたニーズの確認",
            who="担当者",
            path=f"/interests/{need.id}",
            closes_at=None,
            fictional=fictional,
        )
        for need, name, fictional in found
    ]


def _consents_waiting(session: Session, body_code: str) -> list[WaitingRow]:
    found = session.execute(
        select(Project, ShareVersion.number)
        .join(ShareVersion, ShareVersion.project_id == Project.id)
        .join(Consent, Consent.share_version_id == ShareVersion.id)
        .join(Participation, Participation.id == Consent.participation_id)
        .where(
            Participation.body_code == body_code,
            Consent.status == "asked",
            ShareVersion.id == newest_version_id(),
            Project.state.not_in(ENDED_STATES),
        )
    )
    return [
        _row(
            project,
            f"負担案 第{number}版への同意",
            "決裁者",
            "consent",
            project.consent_closes_at,
        )
        for project, number in found
    ]


def _contracts_waiting(session: Session, actor: Actor) -> list[WaitingRow]:
    """The body's own contract to record, and for who leads the bodies that have not. One query."""
    rows = []
    for wait in list_signing_waits(session, actor):
        asked = [("契約の締結と記録（決裁日・決裁番号の入力）", "決裁者")] if wait.own else []
        if wait.others:
            asked.append((f"{wait.others}団体の契約の記録待ち（必要なら催促）", "幹事団体"))
        rows += [_row(wait.project, what, who, "contracts", wait.closes_at) for what, who in asked]
    return rows


def _projects_waiting(session: Session, organization_id: int) -> list[WaitingRow]:
    """Invitations not answered, and led projects in which somebody has not. One query."""
    each = union_all(_invited(organization_id), _led(organization_id)).subquery()
    found = session.execute(
        select(Project, each.c.asked).join(each, each.c.project_id == Project.id)
    )
    return [
        _row(
            project,
            f"{asked}団体の同意待ち（必要なら催促）",
            "幹事団体",
            "sharing",
            project.consent_closes_at,
        )
        if asked
        else _row(project, "参加の案内への回答", "担当者", "join", answer_deadline(project))
        for project, asked in found
    ]


def _invited(organization_id: int) -> Select[int, int]:
    """Projects the organisation was asked into and has not answered; nobody is counted."""
    return (
        select(Project.id.label("project_id"), literal(0).label("asked"))
        .join(ProjectRole, ProjectRole.project_id == Project.id)
        .where(
            ProjectRole.organization_id == organization_id,
            ProjectRole.role == "invited",
            Project.state.in_(_ANSWERED_IN),
            ~_has_own_row(organization_id),
        )
    )


def _has_own_row(organization_id: int) -> Exists:
    own_body = select(Organization.body_code).where(Organization.id == organization_id)
    return (
        select(Participation.id)
        .where(
            Participation.project_id == Project.id,
            Participation.body_code.in_(own_body),
        )
        .exists()
    )


def _led(organization_id: int) -> Select[int, int]:
    """Led projects with the number of bodies asked for consent, none without."""
    return (
        select(Project.id, func.count(Consent.id))
        .join(ProjectRole, ProjectRole.project_id == Project.id)
        .join(ShareVersion, ShareVersion.project_id == Project.id)
        .join(Consent, Consent.share_version_id == ShareVersion.id)
        .where(
            ProjectRole.organization_id == organization_id,
            ProjectRole.role.in_(LEADING_ROLES),
            Consent.status == "asked",
            ShareVersion.id == newest_version_id(),
            Project.state.not_in(ENDED_STATES),
        )
        .group_by(Project.id)
    )


def _help_waiting(session: Session, organization_id: int) -> list[WaitingRow]:
    """Requests that others routed to this organisation and that it has not answered."""
    found = session.execute(
        select(HelpRequest, Organization.name, Organization.fictional)
        .join(Organization, Organization.id == HelpRequest.from_organization_id)
        .where(
            HelpRequest.to_organization_id == organization_id,
            HelpRequest.status.in_(OPEN_HELP),
        )
        .order_by(HelpRequest.id)
    )
    return [
        WaitingRow(
            project_id=0,
            project_title=f"{name}から（{HelpStatus(row.status).label}）",
            what=f"{HelpKind(row.kind).label}の依頼：{row.subject}",
            who="担当者",
            path=f"/help/{row.id}",
            closes_at=None,
            fictional=fictional,
        )
        for row, name, fictional in found
    ]


def _row(
    project: Project, what: str, who: str, page: str, closes_at: datetime | None
) -> WaitingRow:
    return WaitingRow(
        project_id=project.id,
        project_title=project.title,
        what=what,
        who=who,
        path=f"/projects/{project.id}/{page}",
        closes_at=closes_at,
        fictional=project.fictional,
    )


@dataclass(frozen=True, kw_only=True)
class MunicipalityRow:
    """One municipality of a prefecture. joined, in_progress: None for all but its coordinator."""

    code: str
    name: str
    population: int | None
    joined: int | None
    in_progress: int | None
    has_users: bool
    fictional: bool


def list_municipalities(
    session: Session, actor: Actor, prefecture_code: str
) -> tuple[MunicipalityRow, ...]:
    """The prefecture's municipalities. At most four queries.

    Its coordinator is told in how many projects each takes part and how many wait for its
    answer, never-joined ones first; anybody else gets them by code, without these numbers.
    """
    counts = _activity(session, prefecture_code) if _coordinates(actor, prefecture_code) else None
    users = set(
        session.scalars(
            select(Organization.body_code)
            .join(Membership, Membership.organization_id == Organization.id)
            .where(Organization.prefecture_code == prefecture_code)
            .distinct()
        )
    )
    bodies = session.scalars(
        select(LocalBody)
        .where(LocalBody.prefecture_code == prefecture_code, LocalBody.kind != "prefecture")
        .order_by(LocalBody.code)
    )
    rows = [
        MunicipalityRow(
            code=body.code,
            name=body.name,
            population=body.population_register_2025 or body.population_census_2020,
            joined=None if counts is None else counts.joined.get(body.code, 0),
            in_progress=None if counts is None else counts.waiting.get(body.code, 0),
            has_users=body.code in users,
            fictional=body.fictional,
        )
        for body in bodies
    ]
    return tuple(sorted(rows, key=lambda row: (bool(row.joined), row.code)))


@dataclass(frozen=True, kw_only=True)
class _Activity:
    """Body code → number of projects it takes part in, and that wait for its answer."""

    joined: Counter[str]
    waiting: Counter[str]


def _coordinates(actor: Actor, prefecture_code: str) -> bool:
    return may(actor, Action.READ_PREFECTURE_DESK) and actor.prefecture_code == prefecture_code


def _activity(session: Session, prefecture_code: str) -> _Activity:
    counted = session.execute(
        select(Participation.body_code, Participation.status, Project.state, func.count())
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .join(Project, Project.id == Participation.project_id)
        .where(LocalBody.prefecture_code == prefecture_code)
        .group_by(Participation.body_code, Participation.status, Project.state)
    )
    joined: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for code, status, state, count in counted:
        if status in TAKING_PART:
            joined[code] += count
        elif _waits(state, status):
            waiting[code] += count
    waiting.update(_unanswered_invitations(session, prefecture_code))
    return _Activity(joined=joined, waiting=waiting)


def _unanswered_invitations(session: Session, prefecture_code: str) -> dict[str, int]:
    answered = (
        select(Participation.id)
        .where(
            Participation.project_id == Project.id,
            Participation.body_code == Organization.body_code,
        )
        .exists()
    )
    counted = session.execute(
        select(Organization.body_code, func.count())
        .join(ProjectRole, ProjectRole.organization_id == Organization.id)
        .join(Project, Project.id == ProjectRole.project_id)
        .where(
            Organization.prefecture_code == prefecture_code,
            Organization.body_code.is_not(None),
            ProjectRole.role == "invited",
            Project.state.in_(_ANSWERED_IN),
            ~answered,
        )
        .group_by(Organization.body_code)
    )
    return {code or "": count for code, count in counted}
