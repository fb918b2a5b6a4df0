"""What each body would pay alone, over the same months and on the same tax basis (domain §2)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from catalog.pricing import Kind, Period
from procurement.domain.award_costs import AwardCosts
from procurement.domain.billing import Timeline
from procurement.domain.own_prices import OwnPrices
from procurement.domain.pricing import PlanCosts
from procurement.domain.sharing_members import (
    DeclaredStandalone,
    SharingMember,
    StandaloneSource,
    Stay,
)
from procurement.domain.terms import DEFAULT_ORDER, StandaloneBasis


@dataclass(frozen=True, kw_only=True)
class Standalone:
    """A stand-alone figure with its source. by_line: (fiscal year, category) → yen."""

    source: StandaloneSource
    by_line: Mapping[tuple[int, Kind], int]

    @property
    def total_yen(self) -> int:
        """Over the whole term, tax-included."""
        return sum(self.by_line.values())

    @property
    def by_year(self) -> dict[int, int]:
        """Fiscal year → yen."""
        years: dict[int, int] = {}
        for (year, _), amount_yen in self.by_line.items():
            years[year] = years.get(year, 0) + amount_yen
        return years


def timeline_alone(timeline: Timeline) -> Timeline:
    """Where the costs of one body alone are read: an award is measured by the agreed plan."""
    costs = timeline.costs
    if not isinstance(costs, AwardCosts | OwnPrices) or costs.agreed is None:
        return timeline
    return Timeline(terms=timeline.terms, members=timeline.members, costs=costs.agreed)


def standalone_of(timeline: Timeline, member: SharingMember) -> Standalone | None:
    """The figure on the basis the terms name, or None where there is none on that basis.

    timeline: as `timeline_alone` gives it.
    """
    stay = timeline.stays[member.code]
    if timeline.terms.standalone_basis is StandaloneBasis.DECLARED:
        return _declared(timeline, member.declared, stay) if member.declared else None
    if not isinstance(timeline.costs, PlanCosts):
        return None
    return _by_plan(timeline, member, stay)


def _by_plan(timeline: Timeline, member: SharingMember, stay: Stay) -> Standalone:
    alone = frozenset({member.code})
    by_line: dict[tuple[int, Kind], int] = {}
    for kind in DEFAULT_ORDER:
        for period in timeline.costs.periods_of(kind):
            amount_yen = timeline.cost(kind, period, alone).total_yen
            if amount_yen:
                for year, count in _due(timeline, stay, period).items():
                    by_line[year, kind] = by_line.get((year, kind), 0) + count * amount_yen
    return Standalone(source=StandaloneSource.PLAN, by_line=by_line)


def _due(timeline: Timeline, stay: Stay, period: Period) -> Counter[int]:
    """How often per fiscal year the body alone would be billed: when the joint bills fall due."""
    months = stay.months
    if period is Period.YEAR and months:
        months = range(stay.first - stay.first % 12, stay.last + 1, 12)
    elif period is Period.ONCE:
        months = months[:1]
    return timeline.years_of(months)


def _declared(timeline: Timeline, declared: DeclaredStandalone, stay: Stay) -> Standalone:
    by_line = {
        (year, Kind.RECURRING): int(Fraction(declared.annual_yen * count, 12))
        for year, count in timeline.years_of(stay.months).items()
    }
    if declared.initial_yen and stay.months:
        by_line[timeline.fiscal_year(stay.first), Kind.INITIAL] = declared.initial_yen
    return Standalone(source=declared.source, by_line=by_line)
