"""The award as the costs of the final share version: one price, or one for each body (§3)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.domain.award_bills import Due, list_due, stays_differ, sum_options
from procurement.domain.award_costs import (
    AFTER_AWARD_BASES,
    AwardCosts,
    Breakdown,
    OwnQuote,
    costs_of_award,
    costs_of_quotes,
    count_parts,
    final_version_is_due,
    gives_own_prices,
    names_lump_sum,
    propose_breakdown,
)
from procurement.domain.consent import AGREED
from procurement.domain.contracts import MODEL_RULES
from procurement.domain.own_prices import OwnPrices
from procurement.domain.pricing import PlanCosts
from procurement.domain.sharing_members import SharingMember
from procurement.domain.states import ContractModel, State
from procurement.domain.stored_costs import find_agreed_plan
from procurement.domain.terms import SharingTerms
from procurement.models import Project, ShareVersion
from procurement.queries.consents import find_latest_version, list_consents
from procurement.queries.contracts import (
    AwardedRow,
    find_newest_award,
    list_extensions,
    list_quotes,
)
from procurement.tender_models import AwardBreakdown

AFTER_AWARD = (State.CONTRACTING, State.INTRODUCTION, State.OPERATION)


@dataclass(frozen=True, kw_only=True)
class AwardBasis:
    """The awarded price over the term, tax-excluded. number: of the stored breakdown, 0 for none.

    breakdown: equal amounts, as stored or as a start for typing them; counts: how often each
    would fall due. due: what does fall due. reason: why that is below the award.
    stays_differ: bodies come or go at different times. version: the project's newest.
    """

    award_id: int
    price_yen: int
    counts: Mapping[str, int]
    breakdown: Breakdown
    number: int
    reason: str
    costs: AwardCosts
    due: tuple[Due, ...]
    stays_differ: bool
    version: ShareVersion

    @property
    def total_yen(self) -> int:
        """What falls due over the term."""
        return sum(each.each_yen * each.count for each in self.due)

    @property
    def options_yen(self) -> int:
        """The part of options, which no breakdown stands for."""
        return sum_options(self.due)

    @property
    def to_break_down_yen(self) -> int:
        """What a breakdown sums to: the award without options."""
        return self.price_yen - self.options_yen


def find_award_basis(
    session: Session, project: Project, terms: SharingTerms, members: Sequence[SharingMember]
) -> AwardBasis | None:
    """None before an award, where it is no lump sum, and once a new term is being agreed.

    No query before the contracts, then four at most.
    """
    if project.state not in AFTER_AWARD or not project.contract_model or not members:
        return None
    if not names_lump_sum(ContractModel(project.contract_model)):
        return None
    found = _find_award(session, project)
    if found is None:
        return None
    latest, agreed, award = found
    stored = _find_stored(session, award.id)
    typed = _read(stored) if stored else None
    costs = costs_of_award(
        typed,
        award_id=award.id,
        price_yen=award.price_yen,
        tax_rate=terms.tax_rate,
        agreed=agreed,
    )
    due = list_due(costs, terms, members)
    to_break_down_yen = award.price_yen - sum_options(due)
    return AwardBasis(
        award_id=award.id,
        price_yen=award.price_yen,
        counts=count_parts(terms, members),
        breakdown=typed or propose_breakdown(to_break_down_yen, terms, members, agreed),
        number=stored.number if stored else 0,
        reason=stored.reason if stored else "",
        version=latest,
        costs=costs,
        due=due,
        stays_differ=stays_differ(terms, members),
    )


@dataclass(frozen=True, kw_only=True)
class RequoteBasis:
    """The re-quotes to all bodies. costs: None while one is missing; missing: whose, by code.

    version: the project's newest.
    """

    costs: OwnPrices | None
    missing: tuple[str, ...]
    version: ShareVersion


def find_requote_basis(
    session: Session, project: Project, terms: SharingTerms, members: Sequence[SharingMember]
) -> RequoteBasis | None:
    """None before an award, where there is one price for all, and once a new term is agreed.

    No query before the contracts, then four at most.
    """
    if project.state not in AFTER_AWARD or not project.contract_model or not members:
        return None
    if not gives_own_prices(ContractModel(project.contract_model)):
        return None
    found = _find_award(session, project)
    if found is None:
        return None
    latest, agreed, award = found
    quotes = {
        row.body_code: OwnQuote(number=row.number, amount_yen=row.amount_yen)
        for row in list_quotes(session, project.id)
        if row.vendor_id == award.vendor_id
    }
    missing = tuple(member.name for member in members if member.code not in quotes)
    if missing:
        return RequoteBasis(costs=None, missing=missing, version=latest)
    costs = costs_of_quotes(quotes, award_id=award.id, terms=terms, members=members, agreed=agreed)
    return RequoteBasis(costs=costs, missing=(), version=latest)


def load_quote_numbers(session: Session, project: Project) -> dict[str, int]:
    """Code → its newest re-quote. One query where bodies are quoted to in 契約, else none."""
    model = project.contract_model
    if (
        project.state != State.CONTRACTING
        or not model
        or not gives_own_prices(ContractModel(model))
    ):
        return {}
    return {row.body_code: row.number for row in list_quotes(session, project.id)}


def is_final_version_due(
    session: Session,
    project: Project,
    version: ShareVersion | None,
    award_id: int | None,
    *,
    taking_part: Collection[str],
    quote_numbers: Mapping[str, int],
) -> bool:
    """In 契約: no version is computed from the newest award and its breakdown, or re-quotes.

    One query for a sum awarded for all, else none.
    """
    if project.state != State.CONTRACTING or not project.contract_model or award_id is None:
        return False
    if version is None:
        return False
    model, costs = ContractModel(project.contract_model), version.inputs["costs"]
    if final_version_is_due(
        model, costs, award_id=award_id, quote_numbers=quote_numbers, taking_part=taking_part
    ):
        return True
    return names_lump_sum(model) and has_newer_breakdown(session, award_id, costs)


@dataclass(frozen=True, kw_only=True)
class FinalVersion:
    """due: it is still to be fixed. not_agreed: who has not consented to it, code → name."""

    due: bool = False
    not_agreed: Mapping[str, str] = field(default_factory=dict)


def find_final_version(
    session: Session,
    project: Project,
    award_id: int | None,
    *,
    taking_part: Collection[str],
    quote_numbers: Mapping[str, int],
) -> FinalVersion:
    """How far the final shares are. Three queries in 契約 at most, none in other states."""
    if project.state != State.CONTRACTING or award_id is None or not project.contract_model:
        return FinalVersion()
    if not MODEL_RULES[ContractModel(project.contract_model)].names_amount:
        return FinalVersion()
    version = find_latest_version(session, project.id)
    if is_final_version_due(
        session, project, version, award_id, taking_part=taking_part, quote_numbers=quote_numbers
    ):
        return FinalVersion(due=True)
    rows = list_consents(session, version.id) if version else ()
    return FinalVersion(
        not_agreed={
            row.code: row.name for row in rows if row.takes_part and row.status not in AGREED
        }
    )


def _find_award(
    session: Session, project: Project
) -> tuple[ShareVersion, PlanCosts, AwardedRow] | None:
    """The newest version, the plan agreed by it and the award; None where costs rest on neither."""
    latest = find_latest_version(session, project.id)
    agreed = _find_agreed(project, latest)
    if latest is None or agreed is None:
        return None
    if project.state == State.OPERATION and list_extensions(session, project.id):
        return None  # what was approved beyond the award is shared by the estimate again
    award = find_newest_award(session, project.id)
    return (latest, agreed, award) if award else None


def _find_agreed(project: Project, latest: ShareVersion | None) -> PlanCosts | None:
    """The agreed plan; in operation a term that is being renewed rests on an estimate again."""
    if latest is None:
        return None
    costs = latest.inputs["costs"]
    if project.state == State.OPERATION and (
        _is_another_term(project, latest) or costs.get("basis") not in AFTER_AWARD_BASES
    ):
        return None
    return find_agreed_plan(costs)


def _is_another_term(project: Project, latest: ShareVersion) -> bool:
    start = project.term_start.isoformat() if project.term_start else ""
    agreed = (latest.terms["term_start"], latest.terms["term_months"])
    return agreed != (start, project.term_months)


def _find_stored(session: Session, award_id: int) -> AwardBreakdown | None:
    found: AwardBreakdown | None = session.scalar(
        select(AwardBreakdown)
        .where(AwardBreakdown.award_id == award_id)
        .order_by(AwardBreakdown.number.desc())
        .limit(1)
    )
    return found


def has_newer_breakdown(session: Session, award_id: int, costs: Mapping[str, Any]) -> bool:
    """Whether the lead broke the award down anew since a version kept these costs. One query."""
    stored = _find_stored(session, award_id)
    return (stored.number if stored else 0) != int(costs.get("breakdown_number", 0))


def _read(stored: AwardBreakdown) -> Breakdown:
    return Breakdown(
        number=stored.number,
        initial_yen=stored.initial_yen,
        monthly_yen=stored.monthly_yen,
        yearly_yen=stored.yearly_yen,
    )
