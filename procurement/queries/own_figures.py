"""「自分の団体ならいくら・単独ならいくら・差額」 before joining: the reader's own body only."""

import re
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from accounts.bodies import FICTIONAL_SOURCE_NAME
from accounts.models import LocalBody
from catalog.plan_units import Quantities, Unit
from foundation.errors import Blocker, Refused
from procurement.domain.estimates import BodyRange, preview_with
from procurement.domain.sharing_members import SharingMember
from procurement.domain.terms import PopulationSource, SharingTerms, StandaloneBasis
from procurement.models import Participation, Project
from procurement.queries.figures import (
    facts_of,
    list_bases,
    list_sharing_members,
    member_of,
    terms_of,
)
from procurement.queries.told_quantity import get_told_quantity

# One account for about a hundred residents, where the number of staff is not published.
RESIDENTS_PER_ACCOUNT = 100

_DAY = re.compile(r"（(.+?)）")


@dataclass(frozen=True, kw_only=True)
class EstimatedQuantity:
    """A quantity to begin with, and where it comes from. None: nothing to estimate it from."""

    amount: int | None
    source: str


@dataclass(frozen=True, kw_only=True)
class OwnFigures:
    """What the body would pay, low to high over the bases. figures None: see blockers.

    member_count: bodies in the computation, the reader's own included.
    others_estimated: the only other member counts with a quantity from its published facts.
    """

    body_code: str
    body_name: str
    population: int | None
    households: int | None
    quantity: int | None
    quantity_source: str
    basis_count: int
    member_count: int
    fictional: bool
    terms: SharingTerms | None
    figures: BodyRange | None
    blockers: tuple[Blocker, ...] = ()
    others_estimated: bool = False


def estimate_quantity(body: LocalBody, unit: str, row: Participation | None) -> EstimatedQuantity:
    """The quantity the body said, else one from its published facts."""
    said = row.quantities.get(unit) if row is not None else None
    if said:
        return EstimatedQuantity(amount=said, source="自団体が入力した数量")
    population = body.population_register_2025 or body.population_census_2020
    counted = (
        PopulationSource.REGISTER_2025
        if body.population_register_2025
        else PopulationSource.CENSUS_2020
    )
    known = {
        Unit.RESIDENT: (population, f"{counted.label}の人口"),
        Unit.HOUSEHOLD: (body.households_2020, "令和2年国勢調査の世帯数"),
        Unit.ACCOUNT: (body.staff_general_2024, "一般行政部門の職員数（令和6年）"),
    }
    amount, source = known.get(Unit(unit), (None, ""))
    if amount and body.fictional:
        source = in_place_of(source)
    if amount:
        return EstimatedQuantity(amount=amount, source=source)
    if unit == Unit.ACCOUNT and population:
        return EstimatedQuantity(
            amount=max(1, population // RESIDENTS_PER_ACCOUNT),
            source=f"住民{RESIDENTS_PER_ACCOUNT}人に1アカウントとした仮の数",
        )
    return EstimatedQuantity(amount=None, source="数量を入力してください")


def _begin_with(
    session: Session, project: Project, body: LocalBody, row: Participation | None
) -> EstimatedQuantity:
    """What the body said here, else in its need of the same system type, else an estimate."""
    if row is None or not row.quantities.get(project.main_unit):
        told = get_told_quantity(session, project, body.code)
        if told.surveyed is not None:
            return EstimatedQuantity(amount=told.surveyed, source="自団体が意向調査で回答した数量")
        if told.needed is not None:
            return EstimatedQuantity(amount=told.needed, source="自団体のニーズに登録した数量")
    return estimate_quantity(body, project.main_unit, row)


def in_place_of(source: str) -> str:
    """How a made-up figure is credited: to no statistics, yet with the day it stands for."""
    day = _DAY.search(source)
    return f"{FICTIONAL_SOURCE_NAME}、{day[1]}の想定" if day else FICTIONAL_SOURCE_NAME


def own_figures(
    session: Session,
    project: Project,
    body: LocalBody,
    row: Participation | None,
    *,
    quantity: int | None = None,
) -> OwnFigures:
    """The body's figures as if it took part with this quantity, or with the estimated one.

    Three to five queries. Nothing of any other body is in the answer but their number: from the
    figures with one single other member a reader could work out that member's quantity.
    """
    estimated = _begin_with(session, project, body, row)
    chosen = quantity or estimated.amount
    source = "この画面で入力した数量" if quantity else estimated.source
    members = list_sharing_members(session, project.id)
    bases = list_bases(session, project.id)
    others = [member for member in members if member.code != body.code]
    single = len(others) == 1 and len(members) == 1
    terms: SharingTerms | None = None
    figures: BodyRange | None = None
    blockers: tuple[Blocker, ...] = ()
    try:
        terms = terms_of(project)
        candidate = _candidate(project, body, row, chosen)
        if single:
            others = [_as_published(session, project, others[0])]
        plan_terms = replace(terms, standalone_basis=StandaloneBasis.PLAN)
        ranged = preview_with(plan_terms, others, candidate, [basis.costs for basis in bases])
        figures = ranged.body(body.code)
    except Refused as refused:
        blockers = refused.blockers
    return OwnFigures(
        body_code=body.code,
        body_name=body.name,
        population=population_of(body, terms),
        households=body.households_2020,
        quantity=chosen,
        quantity_source=source,
        basis_count=len(bases),
        member_count=len(others) + 1,
        fictional=body.fictional,
        terms=terms,
        figures=figures,
        blockers=blockers,
        others_estimated=single and figures is not None,
    )


def _as_published(session: Session, project: Project, member: SharingMember) -> SharingMember:
    """The member with what anybody could estimate for it. Members only read its own quantity."""
    body = session.get(LocalBody, member.code)
    amount = estimate_quantity(body, project.main_unit, None).amount if body else None
    if amount is None:
        message = "参加団体が2団体以上になると、負担額を試算します（参加団体の数量を守るため）。"
        raise Refused([Blocker(code="single_member", message=message)])
    quantities = Quantities.from_dict({"body": 1, project.main_unit: amount})
    return replace(member, quantities=quantities)


def _candidate(
    project: Project, body: LocalBody, row: Participation | None, quantity: int | None
) -> SharingMember:
    if quantity is None:
        message = "見込みの数量を入力すると、負担額を試算します。"
        raise Refused([Blocker(code="no_quantity", message=message, field="quantity")])
    known = member_of(body, row) if row is not None else facts_of(body)
    quantities = Quantities.from_dict({"body": 1, project.main_unit: quantity})
    return replace(known, quantities=quantities)


def population_of(body: LocalBody, terms: SharingTerms | None) -> int | None:
    """The population the terms count by; the newest register while there are no terms."""
    if terms is None:
        return body.population_register_2025
    return facts_of(body).population(terms.population_source)
