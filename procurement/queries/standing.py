"""What the present user is inside one project, and what it may therefore read (domain §8)."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache

from sqlalchemy import BindParameter, CompoundSelect, bindparam, literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from accounts.roles import Action, Actor, Role, may
from foundation.errors import NotFound
from procurement.domain.participation import TAKING_PART, ParticipationStatus
from procurement.models import Participation, Project, ProjectRole

LEADING_ROLES = frozenset({"lead", "secretariat"})
# A participant reads as long as its body takes part: its row says so, not its role.
MEMBER_ROLES = LEADING_ROLES | {"observer"}

HIDDEN_STATE = "intention_survey"  # public from `forming` on (domain §8)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The actor's place in a project. A visitor's is empty.

    roles: project roles of the actor's organisation.
    participation: status of the actor's body, None when it has no row.
    """

    actor: Actor
    roles: frozenset[str] = field(default_factory=frozenset)
    participation: str | None = None

    @property
    def leads(self) -> bool:
        """Lead or secretariat: those who run the project."""
        return bool(self.roles & LEADING_ROLES)

    @property
    def takes_part(self) -> bool:
        """The actor's body is joined, contracted or using."""
        return self.participation in TAKING_PART

    @property
    def is_member(self) -> bool:
        """Reads member quantities and previewed shares. Never a vendor, whatever its roles."""
        if not may(self.actor, Action.READ_MEMBER_FIGURES):
            return False
        audits = Role.AUDITOR in self.actor.roles
        return audits or self.takes_part or bool(self.roles & MEMBER_ROLES)

    @property
    def knows_of_it(self) -> bool:
        """May open a page that is not public: members, the invited, those with a row."""
        return self.is_member or "invited" in self.roles or self.participation is not None

    @property
    def knows_as_body(self) -> bool:
        """Asked in, or with a place of its own: a local body the lead may ask."""
        asked = bool(self.roles & {"invited", "participant"}) or self.participation is not None
        return asked and self.actor.body_code is not None

    @property
    def leads_as_manager(self) -> bool:
        """May fix versions and lapse consents: the lead's manager (domain §8)."""
        return self.leads and may(self.actor, Action.FIX_SHARE_VERSION)

    @property
    def signs_for_body(self) -> bool:
        """May join and consent for the actor's own body."""
        return self.actor.body_code is not None and may(self.actor, Action.JOIN)


def find_standing(session: Session, actor: Actor, project_id: int) -> Standing:
    """The actor's standing in the project; empty for visitors and strangers. One query."""
    if actor.organization_id is None:
        return Standing(actor=actor)
    place = {
        "project_id": project_id,
        "organization_id": actor.organization_id,
        "body_code": actor.body_code,
    }
    found = session.execute(_place(), place).all()
    return Standing(
        actor=actor,
        roles=frozenset(value for kind, value in found if kind == "role"),
        participation=next((value for kind, value in found if kind == "participation"), None),
    )


@cache
def _place() -> CompoundSelect[str, str]:
    """Asked on every page of a project: put together once."""
    project_id: BindParameter[int] = bindparam("project_id")
    return union_all(
        select(literal("role"), ProjectRole.role).where(
            ProjectRole.project_id == project_id,
            ProjectRole.organization_id == bindparam("organization_id"),
        ),
        select(literal("participation"), Participation.status).where(
            Participation.project_id == project_id,
            Participation.body_code == bindparam("body_code"),
        ),
    )


def find_last_use(session: Session, standing: Standing, project_id: int) -> date | None:
    """The last day of a body that has left after it had a contract; None for all others.

    It reads what it owed and paid, and settles what is open. At most one query.
    """
    if standing.participation != ParticipationStatus.LEFT:
        return None
    if not may(standing.actor, Action.READ_MEMBER_FIGURES):
        return None
    found: date | None = session.scalar(
        select(Participation.ends_on).where(
            Participation.project_id == project_id,
            Participation.body_code == standing.actor.body_code,
        )
    )
    return found


def is_public(project: Project) -> bool:
    """Whether everybody may open the project's page."""
    return project.published and project.state != HIDDEN_STATE


def get_readable_project(session: Session, actor: Actor, project_id: int) -> Project:
    """The project, if the actor may know of it. Raises NotFound otherwise, without a difference."""
    project, _ = get_project_and_standing(session, actor, project_id)
    return project


def get_project_and_standing(
    session: Session, actor: Actor, project_id: int
) -> tuple[Project, Standing]:
    """The project and the actor's standing in it. Raises NotFound as `get_readable_project`."""
    project = session.get(
        Project,
        project_id,
        options=(joinedload(Project.lead_organization), joinedload(Project.system_type)),
    )
    if project is None:
        raise NotFound("project")
    standing = find_standing(session, actor, project_id)
    if not (is_public(project) or standing.knows_of_it):
        raise NotFound("project")
    return project, standing
