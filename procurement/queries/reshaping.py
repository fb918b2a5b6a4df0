"""Putting projects together and ending one: who could, who is asked, what it would mean."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, union
from sqlalchemy.orm import Session, joinedload

from accounts.models import LocalBody, Organization
from procurement.domain.consent import AGREED
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.reshaping import (
    BEFORE_AGREEMENT,
    GOES_ALONG,
    Side,
    after_cancelling,
)
from procurement.domain.states import State
from procurement.ledger_models import Invoice, Receipt, VendorInvoice, VendorPayment
from procurement.lot_models import ProjectLot
from procurement.merge_models import ProjectMerge
from procurement.models import Participation, Project, ProjectRole
from procurement.queries.consents import find_latest_version, list_consents
from procurement.queries.contracts import ContractRow, list_contracts
from procurement.queries.project_rows import count_bodies
from procurement.queries.standing import HIDDEN_STATE

_TOLD_ROLES = ("invited", "secretariat", "lead", "observer")
_GONE = (Status.LEFT.value, Status.DECLINED.value, Status.LAPSED.value)


def side_of(project: Project) -> Side:
    """The project as the rules of merging see it."""
    return Side(
        project_id=project.id,
        title=project.title,
        state=State(project.state),
        system_type_code=project.system_type_code,
        fictional=project.fictional,
        join_closes_at=project.join_closes_at,
    )


@dataclass(frozen=True, kw_only=True)
class CandidateRow:
    """A project whose bodies could be taken over, as everybody may read it. state: its label."""

    id: int
    title: str
    lead_name: str
    state: str
    bodies: int


def _other_lots(project_id: int) -> Select[int]:
    """The lots of the same purchase: they are apart so that each finds its own vendor."""
    group = select(ProjectLot.lot_group_id).where(ProjectLot.project_id == project_id)
    return select(ProjectLot.project_id).where(ProjectLot.lot_group_id.in_(group.scalar_subquery()))


def list_candidates(session: Session, project: Project) -> tuple[CandidateRow, ...]:
    """Public projects of the same system type before agreement, by id. Two queries.

    The lots of one purchase are none for one another.
    """
    rows = session.scalars(
        select(Project)
        .where(
            Project.id != project.id,
            Project.system_type_code == project.system_type_code,
            Project.fictional == project.fictional,
            Project.state.in_(BEFORE_AGREEMENT),
            Project.state != HIDDEN_STATE,
            Project.published.is_(True),
            Project.id.not_in(_other_lots(project.id)),
        )
        .options(joinedload(Project.lead_organization))
        .order_by(Project.id)
    ).all()
    counts = count_bodies(session, [row.id for row in rows])
    return tuple(
        CandidateRow(
            id=row.id,
            title=row.title,
            lead_name=row.lead_organization.name,
            state=State(row.state).label,
            bodies=counts.get(row.id, 0),
        )
        for row in rows
    )


@dataclass(frozen=True, kw_only=True)
class MergeRow:
    """One proposal. incoming: the page's project is the one whose bodies would go."""

    id: int
    into_id: int
    into_title: str
    other_id: int
    other_title: str
    reason: str
    asked_by: str
    asked_at: datetime
    closes_at: datetime
    status: str
    row_version: int
    incoming: bool

    def is_open(self, now: datetime) -> bool:
        """Whether it still waits for an answer."""
        return self.status == "asked" and now <= self.closes_at


def list_merges(session: Session, project_id: int) -> tuple[MergeRow, ...]:
    """Every proposal this project was part of, the newest first. One query."""
    other = select(Project.id, Project.title).subquery()
    rows = session.execute(
        select(ProjectMerge, Project.title, other.c.title)
        .join(Project, Project.id == ProjectMerge.project_id)
        .join(other, other.c.id == ProjectMerge.other_project_id)
        .where(
            or_(
                ProjectMerge.project_id == project_id,
                ProjectMerge.other_project_id == project_id,
            )
        )
        .order_by(ProjectMerge.id.desc())
    )
    return tuple(
        MergeRow(
            id=row.id,
            into_id=row.project_id,
            into_title=into_title,
            other_id=row.other_project_id,
            other_title=other_title,
            reason=row.reason,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            closes_at=row.closes_at,
            status=row.status,
            row_version=row.row_version,
            incoming=row.other_project_id == project_id,
        )
        for row, into_title, other_title in rows
    )


@dataclass(frozen=True, kw_only=True)
class MovingRow:
    """A body of the project that would go along."""

    code: str
    name: str
    status: str
    quantity: int | None


def list_moving(session: Session, project: Project) -> tuple[MovingRow, ...]:
    """The bodies that would go along, by code: for their own lead. One query."""
    rows = session.execute(
        select(Participation, LocalBody.name)
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .where(Participation.project_id == project.id, Participation.status.in_(GOES_ALONG))
        .order_by(Participation.body_code)
    )
    return tuple(
        MovingRow(
            code=row.body_code,
            name=name,
            status=row.status,
            quantity=(row.quantities or {}).get(project.main_unit),
        )
        for row, name in rows
    )


@dataclass(frozen=True, kw_only=True)
class EndRow:
    """What cancelling means for one body. contract: number, amount and end, '' for none."""

    code: str
    name: str
    status: str
    consent: str
    contract: str
    contract_yen: int | None
    contract_ends: date | None
    after: str


@dataclass(frozen=True, kw_only=True)
class EndPage:
    """The whole preview. Yen are tax-included: of the ledger, what has not come in or gone out."""

    rows: tuple[EndRow, ...]
    contracts: int
    consents: int
    open_yen: int
    unpaid_yen: int


def get_end_page(session: Session, project: Project) -> EndPage:
    """For the lead: every body that has not gone, by code. At most six queries."""
    version = find_latest_version(session, project.id)
    consents = list_consents(session, version.id) if version else ()
    agreed = {row.code: row.status for row in consents}
    contracts = [row for row in list_contracts(session, project.id) if not row.ended]
    own = {row.body_code: row for row in contracts if row.body_code}
    found = session.execute(
        select(Participation.body_code, Participation.status, LocalBody.name)
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .where(Participation.project_id == project.id, Participation.status.not_in(_GONE))
        .order_by(Participation.body_code)
    )
    open_yen, unpaid_yen = _find_balance(session, project.id)
    return EndPage(
        rows=tuple(
            _end_row(code, name, Status(status), agreed.get(code), own.get(code))
            for code, status, name in found
        ),
        contracts=len(contracts),
        consents=sum(status in AGREED for status in agreed.values()),
        open_yen=open_yen,
        unpaid_yen=unpaid_yen,
    )


def _end_row(
    code: str, name: str, status: Status, consent: object, contract: ContractRow | None
) -> EndRow:
    return EndRow(
        code=code,
        name=name,
        status=status.value,
        consent=getattr(consent, "label", ""),
        contract=(contract.number or contract.kind.label) if contract else "",
        contract_yen=contract.current_yen if contract else None,
        contract_ends=(contract.changed_end or contract.ends_on) if contract else None,
        after=after_cancelling(status, consent in AGREED, contract.kind if contract else None),
    )


def _find_balance(session: Session, project_id: int) -> tuple[int, int]:
    """What bodies owe and have not paid in, and what the vendor has not got. One query."""

    def total(column: Any, owner: Any, *conditions: ColumnElement[bool]) -> Any:
        found = select(func.coalesce(func.sum(column), 0)).where(owner == project_id, *conditions)
        return found.scalar_subquery()

    bodies = Invoice.payer.in_(("body", "shortfall"))
    owed, received, invoiced, paid = session.execute(
        select(
            total(Invoice.amount_yen, Invoice.project_id, bodies),
            total(Receipt.amount_yen, Receipt.project_id, Receipt.kind == "receipt"),
            total(VendorInvoice.amount_yen, VendorInvoice.project_id),
            total(VendorPayment.amount_yen, VendorPayment.project_id),
        )
    ).one()
    return int(owed) - int(received), int(invoiced) - int(paid)


def list_told_names(session: Session, project_id: int, own_organization_id: int) -> tuple[str, ...]:
    """Whom an end would be told, by name, but for the reader's own and for bidders. One query.

    Nobody learns who has proposed, nor whether anybody has.
    """
    roles = select(ProjectRole.organization_id).where(
        ProjectRole.project_id == project_id, ProjectRole.role.in_(_TOLD_ROLES)
    )
    bodies = (
        select(Organization.id)
        .join(Participation, Participation.body_code == Organization.body_code)
        .where(Participation.project_id == project_id, Participation.status.not_in(_GONE))
    )
    rows = session.scalars(
        select(Organization.name)
        .where(
            Organization.id.in_(union(roles, bodies).scalar_subquery()),
            Organization.id != own_organization_id,
        )
        .order_by(Organization.body_code.is_(None), Organization.body_code, Organization.name)
    )
    return tuple(rows)
