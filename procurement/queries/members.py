"""The bodies of a project, as far as the reader may see them (domain §8)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from accounts.models import Organization
from procurement.domain.participation import (
    KEPT_BETWEEN_BODY_AND_LEAD,
    TAKING_PART,
)
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.states import State
from procurement.models import Participation, Project, ProjectRole
from procurement.queries.secrets import list_ceilings_shown, list_declared
from procurement.queries.standing import Standing

# After contracting the bodies and their shares are public (domain §8).
BODIES_ARE_PUBLIC = (
    State.INTRODUCTION,
    State.OPERATION,
    State.CLOSED,
)
WAITING = (Status.INTERESTED, Status.REQUESTED, Status.PREPARED)


@dataclass(frozen=True, kw_only=True)
class MemberRow:
    """A body that takes part. quantity None: hidden from this reader."""

    code: str
    name: str
    status: str
    wave: int
    joined_at: datetime | None
    starts_on: date | None
    quantity: int | None
    budget_status: str
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class LeadRow:
    """What only the lead sees of a body: contact, note, what it declared."""

    code: str
    name: str
    status: str
    contact_name: str
    note: str
    requested_by: str
    standalone_yen: int | None
    ceiling_yen: int | None
    leave_reason: str
    updated_at: datetime
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class InvitedRow:
    """An organisation asked that has not answered."""

    name: str
    since: datetime
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class MembersPage:
    """Who takes part. Lists the reader may not see are empty; names_public says why."""

    count: int
    names_public: bool
    members: tuple[MemberRow, ...]
    lead_rows: tuple[LeadRow, ...]
    invited: tuple[InvitedRow, ...]


def get_members_page(session: Session, project: Project, standing: Standing) -> MembersPage:
    """At most four queries."""
    rows = list(
        session.scalars(
            select(Participation)
            .where(Participation.project_id == project.id)
            .options(joinedload(Participation.body))
            .order_by(Participation.body_code)
        )
    )
    taking_part = [row for row in rows if row.status in TAKING_PART]
    names_public = project.state in BODIES_ARE_PUBLIC
    shown = standing.is_member or names_public
    return MembersPage(
        count=len(taking_part),
        names_public=names_public,
        members=tuple(_member_row(row, project, standing) for row in taking_part if shown),
        lead_rows=_lead_rows(session, project, standing, rows) if standing.leads else (),
        invited=_invited(session, project.id) if standing.leads else (),
    )


def list_known_codes(session: Session, project_id: int) -> frozenset[str]:
    """The bodies that have a row in the project, whatever its status. For the lead only."""
    return frozenset(
        session.scalars(
            select(Participation.body_code).where(Participation.project_id == project_id)
        )
    )


def _member_row(row: Participation, project: Project, standing: Standing) -> MemberRow:
    return MemberRow(
        code=row.body_code,
        name=row.body.name,
        status=row.status,
        wave=row.wave,
        joined_at=row.joined_at,
        starts_on=row.starts_on,
        quantity=row.quantities.get(project.main_unit, 0) if standing.is_member else None,
        budget_status=row.budget_status if standing.is_member else "",
        fictional=row.body.fictional,
    )


def _lead_rows(
    session: Session, project: Project, standing: Standing, rows: list[Participation]
) -> tuple[LeadRow, ...]:
    declared = list_declared(session, standing, project.id)
    ceilings = list_ceilings_shown(session, standing, project.id)
    order = {status: i for i, status in enumerate((*WAITING, *TAKING_PART))}
    ordered = sorted(rows, key=lambda row: (order.get(Status(row.status), 99), row.body_code))
    return tuple(
        LeadRow(
            code=row.body_code,
            name=row.body.name,
            status=row.status,
            contact_name=row.contact_name,
            note=row.note,
            requested_by=row.requested_by,
            standalone_yen=declared[row.body_code].annual_yen
            if row.body_code in declared
            else None,
            ceiling_yen=ceilings.get(row.body_code),
            leave_reason=row.leave_reason if row.status in KEPT_BETWEEN_BODY_AND_LEAD else "",
            updated_at=row.updated_at,
            fictional=row.body.fictional,
        )
        for row in ordered
    )


def _invited(session: Session, project_id: int) -> tuple[InvitedRow, ...]:
    answered = select(Participation.body_code).where(Participation.project_id == project_id)
    rows = session.execute(
        select(Organization.name, ProjectRole.since, Organization.fictional)
        .join(ProjectRole, ProjectRole.organization_id == Organization.id)
        .where(
            ProjectRole.project_id == project_id,
            ProjectRole.role == "invited",
            Organization.body_code.is_(None) | Organization.body_code.not_in(answered),
        )
        .order_by(Organization.body_code, Organization.name)
    )
    return tuple(
        InvitedRow(name=name, since=since, fictional=fictional) for name, since, fictional in rows
    )
