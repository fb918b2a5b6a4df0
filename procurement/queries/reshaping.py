"""Putting projects together and ending one: who could, who is asked, what it would mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
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
from procurement.merge_models import ProjectMerge
from procurement.models import Participation, Project
from procurement.queries.consents import find_latest_version, list_consents
from procurement.queries.contracts import ContractRow, list_contracts
from procurement.queries.ledger import LedgerScope, list_period_sums
from procurement.queries.project_rows import count_bodies
from procurement.queries.standing import HIDDEN_STATE

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


def list_candidates(session: Session, project: Project) -> tuple[CandidateRow, ...]:
    """Public projects of the same system type before agreement, by id. Two queries."""
    rows = session.scalars(
        select(Project)
        .where(
            Project.id != project.id,
            Project.system_type_code == project.system_type_code,
            Project.fictional == project.fictional,
            Project.state.in_(BEFORE_AGREEMENT),
            Project.state != HIDDEN_STATE,
            Project.published.is_(True),
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
    """For the lead: every body that has not gone, by code. At most nine queries."""
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
    sums = list_period_sums(session, project.id, LedgerScope(everything=True))
    return EndPage(
        rows=tuple(
            _end_row(code, name, Status(status), agreed.get(code), own.get(code))
            for code, status, name in found
        ),
        contracts=len(contracts),
        consents=sum(status in AGREED for status in agreed.values()),
        open_yen=sum(row.open_yen or 0 for row in sums),
        unpaid_yen=sum((row.vendor_yen or 0) - (row.paid_yen or 0) for row in sums),
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
        after=after_cancelling(
            status, consented=consent in AGREED, contracted=contract is not None
        ),
    )


def list_names(session: Session, organization_ids: Iterable[int]) -> tuple[str, ...]:
    """Names of these organisations, in their order. One query."""
    rows = session.scalars(
        select(Organization.name)
        .where(Organization.id.in_(list(organization_ids)))
        .order_by(Organization.name)
    )
    return tuple(rows)
