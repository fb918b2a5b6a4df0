"""The bodies of a project, as far as the reader may see them (domain §8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Organization
from foundation.paging import Page, cut
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
ROWS_A_PAGE = 50
_SHOWN = (
    "body_code", "status", "wave", "joined_at", "starts_on", "quantities", "budget_status",
    "contact_name", "note", "requested_by", "leave_reason", "updated_at",
)  # fmt: skip
Row = TypeVar("Row")
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
    members: Page[MemberRow]
    lead_rows: Page[LeadRow]
    invited: tuple[InvitedRow, ...]


def get_members_page(
    session: Session, project: Project, standing: Standing, *, page: int = 1, lead_page: int = 1
) -> MembersPage:
    """At most four queries. page, lead_page: of the bodies, and of what only the lead sees."""
    rows = _list_rows(session, project.id)
    taking_part = [row for row in rows if row.status in TAKING_PART]
    names_public = project.state in BODIES_ARE_PUBLIC
    shown = taking_part if standing.is_member or names_public else []
    return MembersPage(
        count=len(taking_part),
        names_public=names_public,
        members=_page(shown, page, lambda row: _member_row(row, project, standing)),
        lead_rows=_lead_rows(session, project, standing, rows if standing.leads else [], lead_page),
        invited=_invited(session, project.id) if standing.leads else (),
    )


def _list_rows(session: Session, project_id: int) -> Sequence[Any]:
    """What there is of every body, by code: columns, as objects of 200 bodies take their time."""
    columns = (getattr(Participation, name) for name in _SHOWN)
    return session.execute(
        select(*columns, LocalBody.name, LocalBody.fictional)
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .where(Participation.project_id == project_id)
        .order_by(Participation.body_code)
    ).all()


def _page(rows: Sequence[Any], number: int, make_row: Callable[[Any], Row]) -> Page[Row]:
    """The rows of one page. Raises NotFound past the last one."""
    found = cut(rows, number, ROWS_A_PAGE)
    return replace(found, rows=[make_row(row) for row in found.rows])


def list_known_codes(session: Session, project_id: int) -> frozenset[str]:
    """The bodies that have a row in the project, whatever its status. For the lead only."""
    return frozenset(
        session.scalars(
            select(Participation.body_code).where(Participation.project_id == project_id)
        )
    )


def _member_row(row: Any, project: Project, standing: Standing) -> MemberRow:
    return MemberRow(
        code=row.body_code,
        name=row.name,
        status=row.status,
        wave=row.wave,
        joined_at=row.joined_at,
        starts_on=row.starts_on,
        quantity=row.quantities.get(project.main_unit, 0) if standing.is_member else None,
        budget_status=row.budget_status if standing.is_member else "",
        fictional=row.fictional,
    )


def _lead_rows(
    session: Session, project: Project, standing: Standing, rows: Sequence[Any], number: int
) -> Page[LeadRow]:
    declared = list_declared(session, standing, project.id) if rows else {}
    ceilings = list_ceilings_shown(session, standing, project.id) if rows else {}
    order = {status: i for i, status in enumerate((*WAITING, *TAKING_PART))}
    ordered = sorted(rows, key=lambda row: (order.get(Status(row.status), 99), row.body_code))
    return _page(
        ordered,
        number,
        lambda row: LeadRow(
            code=row.body_code,
            name=row.name,
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
            fictional=row.fictional,
        ),
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
