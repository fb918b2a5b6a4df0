"""A whole project as frozen data: what the rules look at. No internal ceiling is in it, ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from procurement.domain.consent import AGREED, ConsentView
from procurement.domain.participation import (
    TAKING_PART,
    BudgetStatus,
    ParticipationStatus,
    ProjectRoleKind,
)
from procurement.domain.renewal import takes_part_in
from procurement.domain.states import AgreementBasis, ContractModel, ProcurementMethod, State
from procurement.domain.two_stages import Stages

# A body whose answer has been begun but not given: the form waits for its manager.
PENDING = (ParticipationStatus.REQUESTED, ParticipationStatus.PREPARED)


@dataclass(frozen=True, kw_only=True)
class MemberView:
    """A body in the project. quantity: of the project's main unit."""

    code: str
    name: str
    status: ParticipationStatus
    quantity: int = 0
    wave: int = 1
    budget_status: BudgetStatus | None = None
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class RoleView:
    """What an organisation is in the project."""

    organization_id: int
    name: str
    role: ProjectRoleKind


@dataclass(frozen=True, kw_only=True)
class VersionView:
    """The current share version. lines: body code → fiscal year → tax-included yen.

    term_start: the first day of the term it is about.
    """

    number: int
    sha256: str
    lines: Mapping[str, Mapping[int, int]]
    term_start: date | None = None


@dataclass(frozen=True, kw_only=True)
class NoticeFacts:
    """What is fixed for the notice and the proposals. None and '' : not yet."""

    policy_checked: bool = False
    policy_reason: str = ""
    policy_warns: bool = False
    method: ProcurementMethod | None = None
    method_reason: str = ""
    evaluation_rule_fixed: bool = False
    conditional_on_budget: bool = False  # 「予算の成立を条件とする」 stands in the notice
    url: str = ""
    questions_close_at: datetime | None = None
    answers_due_at: datetime | None = None
    proposals_close_at: datetime | None = None
    unanswered_questions: int = 0
    unanswered_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ResultFacts:
    """What evaluation, contracts and operation have brought so far."""

    valid_proposals: int = 0
    opened: bool = False
    scores_complete: bool = False
    disqualifications_reasoned: bool = True
    awarded: bool = False
    final_shares_due: bool = False  # the newest version does not rest on the awarded price
    runner_up: str = ""
    bodies_without_contract: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()  # codes of bodies that refused after their re-quote
    vendor_is_bound: bool = False  # some contract with the vendor is signed
    basic_contract: bool = False
    bodies_not_in_use: tuple[str, ...] = ()
    know_how: str = ""
    no_know_how_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """A project at one moment. Deadlines are UTC moments.

    consents: the last consent of each body, to whatever version; `version` is the current one.
    """

    project_id: int
    title: str
    state: State
    state_since: datetime
    roles: tuple[RoleView, ...] = ()
    members: tuple[MemberView, ...] = ()
    min_participants: int = 2
    min_quantity: int | None = None
    survey_closes_at: datetime | None = None
    join_closes_at: datetime | None = None
    join_extended: bool = False
    consent_closes_at: datetime | None = None
    has_terms: bool = False
    estimate_bases: int = 0
    agreement_basis: AgreementBasis | None = None
    contract_model: ContractModel | None = None
    version: VersionView | None = None
    consents: tuple[ConsentView, ...] = ()
    notice: NoticeFacts = field(default_factory=NoticeFacts)
    results: ResultFacts = field(default_factory=ResultFacts)
    stages: Stages = field(default_factory=Stages)
    fictional: bool = False

    @property
    def taking_part(self) -> tuple[MemberView, ...]:
        """The bodies that bear costs."""
        return tuple(member for member in self.members if member.status in TAKING_PART)

    @property
    def pending(self) -> tuple[MemberView, ...]:
        """The bodies whose manager has still to confirm."""
        return tuple(member for member in self.members if member.status in PENDING)

    @property
    def first_wave(self) -> tuple[MemberView, ...]:
        """Those whose contracts decide the project's state."""
        return tuple(member for member in self.taking_part if member.wave == 1)

    @property
    def leads(self) -> tuple[RoleView, ...]:
        """The lead bodies; a project has exactly one."""
        return tuple(role for role in self.roles if role.role is ProjectRoleKind.LEAD)

    @property
    def total_quantity(self) -> int:
        """Of the main unit, over the bodies that take part."""
        return sum(member.quantity for member in self.taking_part)

    @property
    def meets_minimum(self) -> bool:
        """Whether enough bodies, and enough quantity, have joined."""
        enough = self.min_quantity is None or self.total_quantity >= self.min_quantity
        return len(self.taking_part) >= self.min_participants and enough

    @property
    def in_newest_term(self) -> tuple[MemberView, ...]:
        """The bodies the newest version is about: not those that leave before its term."""
        start = self.version.term_start if self.version else None
        return tuple(m for m in self.taking_part if takes_part_in(m.ends_on, start))

    @property
    def not_agreed(self) -> tuple[MemberView, ...]:
        """The bodies of the newest version's term without a valid consent."""
        agreed = {consent.code for consent in self.consents if consent.status in AGREED}
        return tuple(member for member in self.in_newest_term if member.code not in agreed)
