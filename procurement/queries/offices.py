"""A prefecture's municipalities × kinds of system, and each body's office."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Membership, Organization
from catalog.models import SystemType
from procurement.desk_models import BodyOffice
from procurement.domain.needs import NeedStatus
from procurement.domain.offices import Office, StaffBand, is_vacant, staff_band
from procurement.domain.participation import TAKING_PART
from procurement.models import Participation, Project
from procurement.need_models import Need, PresentContract


@dataclass(frozen=True, kw_only=True)
class SystemCell:
    """One body and one kind of system. ends_on: the present contract's end, if anybody said."""

    wants: bool
    ends_on: date | None
    project_titles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OfficeRow:
    """One municipality. cells: system type code → what is known; ever_joined: in any project."""

    code: str
    name: str
    fictional: bool
    band: StaffBand
    vacant: bool
    ever_joined: bool
    cells: Mapping[str, SystemCell]


@dataclass(frozen=True, kw_only=True)
class TypeRow:
    """One kind of system over the prefecture."""

    code: str
    name: str
    wants: int
    ends_known: int
    joined: int


@dataclass(frozen=True, kw_only=True)
class PrefectureSystems:
    """bodies: every municipality by code. types: those of which anything is known."""

    bodies: tuple[OfficeRow, ...]
    types: tuple[TypeRow, ...]


_NOTHING = SystemCell(wants=False, ends_on=None, project_titles=())


def get_prefecture_systems(
    session: Session, prefecture_code: str, today: date
) -> PrefectureSystems:
    """For the prefecture's own coordinator; the caller has asked. Seven queries."""
    bodies = session.scalars(
        select(LocalBody)
        .where(
            LocalBody.prefecture_code == prefecture_code,
            LocalBody.kind != "prefecture",
            LocalBody.valid_to.is_(None),
        )
        .order_by(LocalBody.code)
    ).all()
    codes = {body.code for body in bodies}
    offices = _offices(session, codes)
    users = _bodies_with_users(session, prefecture_code)
    cells, ever = _cells(session, prefecture_code)
    rows = tuple(
        OfficeRow(
            code=body.code,
            name=body.name,
            fictional=body.fictional,
            band=staff_band(offices[body.code].dx_staff if body.code in offices else None),
            vacant=is_vacant(offices.get(body.code), body.code in users, today),
            ever_joined=body.code in ever,
            cells=cells.get(body.code, {}),
        )
        for body in bodies
    )
    return PrefectureSystems(bodies=rows, types=_types(session, rows))


def find_office(session: Session, body_code: str) -> BodyOffice | None:
    """The body's own row."""
    return session.get(BodyOffice, body_code)


def office_of(row: BodyOffice | None) -> Office:
    """The stored office as the domain reads it."""
    if row is None:
        return Office()
    return Office(
        dx_staff=row.dx_staff,
        contact_name=row.contact_name,
        hands_over_on=row.hands_over_on,
        successor_name=row.successor_name,
        handover_note=row.handover_note,
    )


def _offices(session: Session, codes: Iterable[str]) -> dict[str, Office]:
    rows = session.scalars(select(BodyOffice).where(BodyOffice.body_code.in_(sorted(codes))))
    return {row.body_code: office_of(row) for row in rows}


def _bodies_with_users(session: Session, prefecture_code: str) -> set[str]:
    found = session.scalars(
        select(Organization.body_code)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Organization.prefecture_code == prefecture_code)
        .distinct()
    )
    return {code for code in found if code}


def _cells(
    session: Session, prefecture_code: str
) -> tuple[dict[str, dict[str, SystemCell]], set[str]]:
    """Body → type → cell, and the bodies that ever took part in anything. Three queries."""
    inside = LocalBody.prefecture_code == prefecture_code
    needs = session.execute(
        select(Need.body_code, Need.system_type_code, Need.contract_ends_on)
        .join(LocalBody, LocalBody.code == Need.body_code)
        .where(inside, Need.status == NeedStatus.STATED)
    ).all()
    contracts = session.execute(
        select(PresentContract.body_code, PresentContract.system_type_code, PresentContract.ends_on)
        .join(LocalBody, LocalBody.code == PresentContract.body_code)
        .where(inside)
    ).all()
    joined = session.execute(
        select(Participation.body_code, Project.system_type_code, Project.title)
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .join(Project, Project.id == Participation.project_id)
        .where(inside, Participation.status.in_(TAKING_PART))
        .order_by(Project.id)
    ).all()
    ends = {(body, kind): day for body, kind, day in contracts if day}
    ends |= {(body, kind): day for body, kind, day in needs if day}  # said later, and by itself
    wants = {(body, kind) for body, kind, _ in needs}
    titles: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for body, kind, title in joined:
        titles[body, kind].append(title)
    cells: defaultdict[str, dict[str, SystemCell]] = defaultdict(dict)
    for body, kind in sorted({*ends, *wants, *titles}):
        cells[body][kind] = SystemCell(
            wants=(body, kind) in wants,
            ends_on=ends.get((body, kind)),
            project_titles=tuple(titles.get((body, kind), ())),
        )
    return cells, {body for body, _, _ in joined}


def _types(session: Session, rows: tuple[OfficeRow, ...]) -> tuple[TypeRow, ...]:
    known = {code for row in rows for code in row.cells}
    types = session.scalars(
        select(SystemType).where(SystemType.code.in_(sorted(known))).order_by(SystemType.position)
    )
    made = []
    for each in types:
        cells = [row.cells[each.code] for row in rows if each.code in row.cells]
        made.append(
            TypeRow(
                code=each.code,
                name=each.name,
                wants=sum(cell.wants for cell in cells),
                ends_known=sum(cell.ends_on is not None for cell in cells),
                joined=sum(bool(cell.project_titles) for cell in cells),
            )
        )
    return tuple(made)


def cell_of(row: OfficeRow, type_code: str) -> SystemCell:
    """What is known of one body and kind; empty where nothing is."""
    return row.cells.get(type_code, _NOTHING)
