"""The bodies of a preview: their figures, their time in the project, what they would pay alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from catalog.pricing import Quantities, Unit
from foundation.clock import add_months, month_start, months_between
from foundation.labels import LabelledEnum
from procurement.domain.bases import Member
from procurement.domain.pricing import Buyer
from procurement.domain.terms import PopulationSource, SharingTerms


class Burden(LabelledEnum):
    """How a body takes part in the cost."""

    SHARED = "shared", "負担ルールで分担"
    FIXED_PART = "fixed_part", "別に定めた負担分のみ"


class StandaloneSource(LabelledEnum):
    """Where a stand-alone figure comes from, best first (domain §2)."""

    OWN_QUOTE = "own_quote", "自団体の見積"
    PRESENT_COST = "present_cost", "現行費用"
    PLAN = "plan", "料金プランを単独の数量で計算"


@dataclass(frozen=True, kw_only=True)
class DeclaredStandalone:
    """What a body says it would pay alone, tax-included. Secret from other members (domain §8)."""

    source: StandaloneSource
    annual_yen: int
    initial_yen: int = 0


ONE_BODY = Quantities()


@dataclass(frozen=True, kw_only=True)
class SharingMember:
    """A body as a preview sees it. None is 「記載なし」, never 0.

    starts_on None: from the beginning of the term; ends_on None: to its end. Any day of a
    month counts for the whole month. options: keys of the option components chosen.
    fictional: its facts were made up; that is said beside them and computed with nowhere.
    """

    code: str
    name: str
    census_2020: int | None = None
    register_2025: int | None = None
    households: int | None = None
    fiscal_strength_index: Decimal | None = None
    standard_fiscal_scale: int | None = None
    percent: Decimal | None = None
    quantities: Quantities = ONE_BODY
    options: frozenset[str] = frozenset()
    starts_on: date | None = None
    ends_on: date | None = None
    declared: DeclaredStandalone | None = None
    burden: Burden = Burden.SHARED
    fictional: bool = False

    def population(self, source: PopulationSource) -> int | None:
        """The population of the source the terms name."""
        named = {
            PopulationSource.CENSUS_2020: self.census_2020,
            PopulationSource.REGISTER_2025: self.register_2025,
        }
        return named[source]

    def to_dict(self) -> dict[str, Any]:
        """The inputs of a share version; what a body declared about itself stays out of it."""
        return {
            "code": self.code,
            "name": self.name,
            "census_2020": self.census_2020,
            "register_2025": self.register_2025,
            "households": self.households,
            "fiscal_strength_index": _text(self.fiscal_strength_index),
            "standard_fiscal_scale": self.standard_fiscal_scale,
            "percent": _text(self.percent),
            "quantities": self.quantities.to_dict(),
            "options": sorted(self.options),
            "starts_on": self.starts_on.isoformat() if self.starts_on else None,
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
            "burden": self.burden.value,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "SharingMember":
        """The member a share version was computed from."""
        values = dict(data)
        for name in ("fiscal_strength_index", "percent"):
            values[name] = None if data.get(name) is None else Decimal(data[name])
        for name in ("starts_on", "ends_on"):
            values[name] = date.fromisoformat(data[name]) if data.get(name) else None
        values["quantities"] = Quantities.from_dict(data.get("quantities", {}))
        values["options"] = frozenset(data.get("options", ()))
        values["burden"] = Burden(data.get("burden", Burden.SHARED))
        return cls(**values)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class Stay:
    """The months of the term a body takes part in, counted from 0; last is inclusive."""

    first: int
    last: int

    @property
    def months(self) -> range:
        """Empty for a body outside the term."""
        return range(self.first, self.last + 1)


def stay_of(member: SharingMember, terms: SharingTerms) -> Stay:
    """When the body is in the project, within the term."""
    first, last = 0, terms.term_months - 1
    if member.starts_on:
        first = max(first, months_between(terms.term_start, month_start(member.starts_on)))
    if member.ends_on:
        last = min(last, months_between(terms.term_start, month_start(member.ends_on)))
    return Stay(first=first, last=last)


def month_of(terms: SharingTerms, index: int) -> date:
    """The first day of the index-th month of the term."""
    return add_months(terms.term_start, index)


def buyer_of(member: SharingMember, terms: SharingTerms) -> Buyer:
    """The quantities a plan is priced on; residents and households come from the facts."""
    quantities = member.quantities
    if not (quantities.resident and quantities.household):
        population = member.population(terms.population_source)
        quantities = replace(
            quantities,
            resident=quantities.resident or population or 0,
            household=quantities.household or member.households or 0,
        )
    return Buyer(code=member.code, quantities=quantities, options=member.options)


def bases_of(
    members: Iterable[SharingMember], terms: SharingTerms, own: Mapping[str, Fraction | int]
) -> list[Member]:
    """The members as the rules measure them. own: the exact own part of what is shared."""
    return [
        Member(
            code=member.code,
            name=member.name,
            population=member.population(terms.population_source),
            households=member.households,
            quantity=_quantity(member, terms.quantity_unit),
            fiscal_strength_index=member.fiscal_strength_index,
            standard_fiscal_scale=member.standard_fiscal_scale,
            own_yen=own.get(member.code),
            percent=terms.percents.get(member.code, member.percent),
        )
        for member in members
    ]


def _quantity(member: SharingMember, unit: Unit) -> int:
    return member.quantities.of(unit)


def in_order(members: Sequence[SharingMember]) -> tuple[SharingMember, ...]:
    """By code: the order in which every computation runs."""
    return tuple(sorted(members, key=lambda member: member.code))
