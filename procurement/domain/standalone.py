"""What each body would pay alone, over the same months and on the same tax basis (domain §2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from catalog.pricing import Kind, Period
from foundation.clock import fiscal_year_of
from procurement.domain.billing import Timeline
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


def standalone_of(timeline: Timeline, member: SharingMember) -> Standalone | None:
    """The figure on the basis the terms name, or None where there is none on that basis."""
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
            for month in _due_months(stay, period):
                key = (fiscal_year_of(timeline.month_of(month)), kind)
                by_line[key] = by_line.get(key, 0) + amount_yen
    return Standalone(source=StandaloneSource.PLAN, by_line=by_line)


def _due_months(stay: Stay, period: Period) -> list[int]:
    """The months in which the body alone would be billed: as in the joint purchase."""
    if not stay.months:
        return []
    if period is Period.MONTH:
        return list(stay.months)
    if period is Period.ONCE:
        return [stay.first]
    return list(range(stay.first - stay.first % 12, stay.last + 1, 12))


def _declared(timeline: Timeline, declared: DeclaredStandalone, stay: Stay) -> Standalone:
    months: dict[int, int] = {}
    for month in stay.months:
        year = fiscal_year_of(timeline.month_of(month))
        months[year] = months.get(year, 0) + 1
    by_line = {
        (year, Kind.RECURRING): int(Fraction(declared.annual_yen * count, 12))
        for year, count in months.items()
    }
    if declared.initial_yen and stay.months:
        by_line[fiscal_year_of(timeline.month_of(stay.first)), Kind.INITIAL] = declared.initial_yen
    return Standalone(source=declared.source, by_line=by_line)
