"""One project as the pages below its address show it: public part, and the reader's place."""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Actor
from catalog.models import Offering
from procurement.domain.lots import is_announced
from procurement.domain.participation import TAKING_PART
from procurement.domain.states import State
from procurement.lot_models import ProjectLot
from procurement.models import (
    Participation,
    Project,
    ProjectOffering,
    ProposalCeiling,
    ShareVersion,
    StateChange,
)
from procurement.queries.project_rows import ProjectRow, to_row
from procurement.queries.standing import (
    Standing,
    find_last_use,
    get_project_and_standing,
    is_public,
)

# The notice makes the ceilings public (domain §3).
CEILINGS_ARE_PUBLIC = (
    "solicitation",
    "evaluation",
    "contracting",
    "introduction",
    "operation",
    "closed",
)


@dataclass(frozen=True, kw_only=True)
class ProjectHead:
    """The public part, the reader's standing, and what the frame of each tab needs.

    terms: stored draft of the sharing terms; its rule's name is public, the rest for members.
    visited: every state the project has entered. lot: 「区分2：保守」, '' for an undivided one.
    settles: the reader's body has left after a contract, and settles what is open.
    """

    row: ProjectRow
    visited: frozenset[str]
    standing: Standing
    public: bool
    purpose: str
    state_since: datetime
    procurement_method: str
    procurement_method_reason: str
    agreement_basis: str
    main_unit: str
    min_quantity: int | None
    survey_closes_at: datetime | None
    consent_closes_at: datetime | None
    join_extended: bool
    term_start: date | None
    term_months: int | None
    notice_url: str
    notice_number: str
    terms: dict[str, Any] = field(default_factory=dict)
    policy_check: dict[str, Any] = field(default_factory=dict)
    row_version: int = 1
    lot: str = ""
    settles: bool = False

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def state(self) -> str:
        return self.row.state

    @property
    def fictional(self) -> bool:
        return self.row.fictional


@dataclass(frozen=True, kw_only=True)
class CeilingRow:
    """A published ceiling of one body and cost kind (提案上限額)."""

    body_code: str
    body_name: str
    cost_kind: str
    amount_yen: int
    tax_included: bool
    source_url: str
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class NamedOfferingRow:
    """An offering the project names in public."""

    id: int
    name: str
    relation: str
    fictional: bool


def get_project_head(session: Session, actor: Actor, project_id: int) -> ProjectHead:
    """Raises NotFound where the actor may not know of it. Three queries."""
    head, _ = get_head_and_project(session, actor, project_id)
    return head


def get_head_and_project(
    session: Session, actor: Actor, project_id: int
) -> tuple[ProjectHead, Project]:
    """The frozen head, and the row itself for queries and blockers (never for a template)."""
    project, standing = get_project_and_standing(session, actor, project_id)
    counted = session.execute(_counted(), {"project_id": project_id}).one()
    bodies, visited, lot_number, lot_name = counted
    visits = frozenset((visited or "").split(",")) - {""}
    told = standing.leads or _is_announced(project, visits)
    head = ProjectHead(
        row=to_row(project, bodies),
        visited=visits,
        standing=standing,
        public=is_public(project),
        purpose=project.purpose,
        state_since=project.state_since,
        procurement_method=project.procurement_method,
        procurement_method_reason=project.procurement_method_reason,
        agreement_basis=project.agreement_basis,
        main_unit=project.main_unit,
        min_quantity=project.min_quantity,
        survey_closes_at=project.survey_closes_at,
        consent_closes_at=project.consent_closes_at,
        join_extended=project.join_extended,
        term_start=project.term_start,
        term_months=project.term_months,
        notice_url=project.notice_url if told else "",
        notice_number=project.notice_number if told else "",
        terms=dict(project.sharing_terms),
        policy_check=dict(project.policy_check),
        row_version=project.row_version,
        settles=find_last_use(session, standing, project_id) is not None,
        lot=f"区分{lot_number}：{lot_name}" if lot_number else "",
    )
    return head, project


def _is_announced(project: Project, visited: Set[str]) -> bool:
    """Whether the notice is out, or was before the project was cancelled: else it is a draft."""
    state = State(project.state)
    was = state is State.CANCELLED and State.SOLICITATION.value in visited
    return was or is_announced(state)


@cache
def _counted() -> Select[int, str | None, int | None, str | None]:
    """How many bodies take part, which states it came by, which lot it is, in one question."""
    number: BindParameter[int] = bindparam("project_id")
    bodies = select(func.count()).select_from(Participation)
    taking_part = Participation.status.in_(TAKING_PART)
    states = select(func.aggregate_strings(StateChange.to_state, ","))
    return select(
        bodies.where(Participation.project_id == number, taking_part).scalar_subquery(),
        states.where(StateChange.project_id == number).scalar_subquery(),
        select(ProjectLot.number).where(ProjectLot.project_id == number).scalar_subquery(),
        select(ProjectLot.name).where(ProjectLot.project_id == number).scalar_subquery(),
    )


def list_ceilings(session: Session, head: ProjectHead) -> tuple[CeilingRow, ...]:
    """The published ceilings, by body; none before the notice but for the lead. One query."""
    if head.state not in CEILINGS_ARE_PUBLIC and not head.standing.leads:
        return ()
    rows = session.execute(
        select(ProposalCeiling, LocalBody.name, LocalBody.fictional)
        .join(LocalBody, LocalBody.code == ProposalCeiling.body_code)
        .where(ProposalCeiling.project_id == head.id)
        .order_by(ProposalCeiling.body_code, ProposalCeiling.id)
    )
    return tuple(
        CeilingRow(
            body_code=ceiling.body_code,
            body_name=name,
            cost_kind=ceiling.cost_kind,
            amount_yen=ceiling.amount_yen,
            tax_included=ceiling.tax_included,
            source_url=ceiling.source_url,
            fictional=fictional,
        )
        for ceiling, name, fictional in rows
    )


def list_named_offerings(session: Session, project_id: int) -> tuple[NamedOfferingRow, ...]:
    """Offerings the project names in public (F05): never a basis of its estimate. One query."""
    rows = session.execute(
        select(Offering.id, Offering.name, ProjectOffering.relation, Offering.fictional)
        .join(ProjectOffering, ProjectOffering.offering_id == Offering.id)
        .where(ProjectOffering.project_id == project_id, Offering.publication_status == "published")
        .order_by(Offering.name)
    )
    return tuple(
        NamedOfferingRow(id=id_, name=name, relation=relation, fictional=fictional)
        for id_, name, relation, fictional in rows
    )


def find_latest_version_number(session: Session, project_id: int) -> int | None:
    """The number of the newest fixed share version."""
    return session.scalar(
        select(func.max(ShareVersion.number)).where(ShareVersion.project_id == project_id)
    )
