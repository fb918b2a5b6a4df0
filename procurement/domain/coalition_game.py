"""What any set of bodies would pay together under a plan: c(S) of the fairness view (domain §3).

c(S) is the plan's price for the quantities of S over the whole term, before grants; c(∅) = 0.
It depends on S through sums over its members only, so a million sets are priced at once.
Everything is exact: each billing period's amount as catalog.pricing has it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from catalog.pricing import (
    Component,
    Kind,
    Period,
    Plan,
    QuantityBasis,
    TierBy,
    Unit,
    price_component,
)
from procurement.domain.billing import Timeline, require_quantities
from procurement.domain.price_arrays import Amounts, JointPrice, OwnPrice, OwnPriceByTier, Price
from procurement.domain.pricing import Buyer, PlanCosts
from procurement.domain.sharing_members import SharingMember, in_order
from procurement.domain.terms import DEFAULT_ORDER, SharingTerms

_LARGEST = 2**62


@dataclass(frozen=True, kw_only=True)
class Bills:
    """Equal bills: the prices of one billing period, tax added once, `times` over."""

    prices: tuple[Price, ...]
    times: int
    tax_rate: Decimal

    def of(self, sums: Amounts) -> Amounts:
        """Whole yen over the term, per column of sums."""
        net = self.prices[0].of(sums)
        for price in self.prices[1:]:
            net = net + price.of(sums)
        factor = self._tax_factor
        return (net * factor.numerator // factor.denominator) * self.times

    def bound(self, totals: Amounts) -> int:
        """A number no intermediate result exceeds."""
        most = sum(price.bound(totals) for price in self.prices)
        return most * self._tax_factor.numerator * self.times

    @property
    def roundings(self) -> int:
        """How often an amount of these bills may be cut to whole yen."""
        cut = sum(price.is_rounded for price in self.prices) + (self._tax_factor != 1)
        return self.times * cut

    @property
    def _tax_factor(self) -> Fraction:
        return Fraction((100 + self.tax_rate) / 100)


@dataclass(frozen=True, kw_only=True)
class CoalitionGame:
    """c(S) for all sets S of these bodies.

    measures: a row per measure, a column per body in the order of `codes`.
    billings: how many billing periods are shared over the term.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    measures: Amounts
    bills: tuple[Bills, ...]
    billings: int

    @property
    def size(self) -> int:
        """The number of bodies."""
        return len(self.codes)

    @property
    def rounding_yen(self) -> int:
        """By how much cutting to whole yen can move any c(S) at most."""
        return sum(bill.roundings for bill in self.bills)

    def cost(self, sums: Amounts) -> Amounts:
        """Yen over the term, per column of measures added up over a set of bodies."""
        total = np.zeros(sums.shape[1], dtype=sums.dtype)
        for bill in self.bills:
            total = total + bill.of(sums)
        return total

    @property
    def totals(self) -> Amounts:
        """The measures of all bodies together, as one column."""
        sums: Amounts = self.measures.sum(axis=1, keepdims=True)
        return sums

    def joint(self) -> int:
        """What all bodies pay together."""
        return int(self.cost(self.totals)[0])

    def alone(self) -> Amounts:
        """What each body pays alone."""
        return self.cost(self.measures)

    def without_each(self) -> Amounts:
        """What the others pay together when one body is missing, per missing body."""
        return self.cost(self.totals - self.measures)


def untaxed(plan: Plan) -> Plan:
    """The plan without consumption tax: the fairness view compares tax-excluded amounts."""
    components = tuple(replace(each, tax_rate=Decimal(0)) for each in plan.components)
    return replace(plan, components=components)


def make_game(terms: SharingTerms, members: Sequence[SharingMember], plan: Plan) -> CoalitionGame:
    """The game of these members over the term, each in the months it takes part.

    Tax-included where the plan's components have a rate: pass an `untaxed` plan for net
    amounts. Raises Refused where a quantity is missing.
    """
    ordered = in_order(members)
    timeline = Timeline(terms=terms, members=ordered, costs=PlanCosts(plan=plan))
    require_quantities(timeline)
    table = _MeasureTable(buyers=[timeline.buyers[member.code] for member in ordered])
    dues = list(_list_dues(timeline))
    bills = tuple(bill for due in dues for bill in _bills_of(due, _components_of(plan, due), table))
    measures = table.as_array()
    game = CoalitionGame(
        codes=tuple(member.code for member in ordered),
        names=tuple(member.name for member in ordered),
        measures=measures,
        bills=bills,
        billings=sum(due.times for due in dues),
    )
    bound = sum(bill.bound(measures.sum(axis=1)) for bill in bills)
    if max(bound, int(measures.sum())) < _LARGEST:
        return replace(game, measures=measures.astype(np.int64))
    return game


@dataclass(frozen=True, kw_only=True)
class _Due:
    """Equal billing periods of one category: who buys in them, how often they fall due."""

    kind: Kind
    period: Period
    buying: frozenset[str]
    times: int


def _list_dues(timeline: Timeline) -> Iterator[_Due]:
    for kind in DEFAULT_ORDER:
        for period in timeline.costs.periods_of(kind):
            for buying, times in Counter(_buying(timeline, kind, period)).items():
                if buying:
                    yield _Due(kind=kind, period=period, buying=buying, times=times)


def _buying(timeline: Timeline, kind: Kind, period: Period) -> Iterable[frozenset[str]]:
    """The bodies of each billing period, as the bills of a sharing have them.

    What is paid once is priced for all that ever take part: a late joiner adds what the
    whole grows by.
    """
    months = range(timeline.terms.term_months)
    if period is Period.MONTH:
        return [timeline.active(month) for month in months]
    if period is Period.YEAR:
        return [timeline.active_in_year(month) for month in months[::12]]
    if kind is Kind.OPTION:
        return [timeline.joiners(month) for month in months]
    return [frozenset(code for code, stay in timeline.stays.items() if stay.months)]


def _components_of(plan: Plan, due: _Due) -> dict[Decimal, list[Component]]:
    """The components that fall due, by tax rate: tax is added once per rate."""
    by_rate: dict[Decimal, list[Component]] = {}
    for component in plan.components:
        if component.kind is due.kind and component.period is due.period:
            by_rate.setdefault(component.tax_rate, []).append(component)
    return by_rate


def _bills_of(
    due: _Due, by_rate: dict[Decimal, list[Component]], table: "_MeasureTable"
) -> Iterator[Bills]:
    for rate, components in by_rate.items():
        prices = tuple(table.price_of(component, due.buying) for component in components)
        yield Bills(prices=prices, times=due.times, tax_rate=rate)


class _MeasureTable:
    """Collects the measures the prices ask for; each different one is kept once."""

    def __init__(self, *, buyers: Sequence[Buyer]) -> None:
        self.buyers = buyers
        self._rows: dict[tuple[int, ...], int] = {}

    def as_array(self) -> Amounts:
        """One row per measure, in Python integers."""
        return np.array([list(row) for row in self._rows], dtype=object).reshape(
            len(self._rows), len(self.buyers)
        )

    def price_of(self, component: Component, buying: frozenset[str]) -> Price:
        """The component's price for those that buy and take it."""
        taking = frozenset(
            buyer.code for buyer in self.buyers if buyer.code in buying and buyer.takes(component)
        )
        tier_row = None
        if component.tier_by is not TierBy.UNIT:
            tier_row = self._quantity_row(Unit(component.tier_by.value), taking)
        if component.quantity_basis is QuantityBasis.JOINT:
            row = self._quantity_row(component.unit, taking)
            return JointPrice(component=component, row=row, tier_row=tier_row)
        if tier_row is None:
            return OwnPrice(row=self._own_row(component, taking, None))
        starts = tuple(start for start, _ in component.price_steps)
        rows = tuple(self._own_row(component, taking, start) for start in starts)
        return OwnPriceByTier(rows=rows, from_qty=starts, tier_row=tier_row)

    def _quantity_row(self, unit: Unit, taking: frozenset[str]) -> int:
        """A flat charge counts bodies: there is one as soon as there is a body."""
        return self._row(
            buyer.quantities.of(unit) if buyer.code in taking else 0 for buyer in self.buyers
        )

    def _own_row(self, component: Component, taking: frozenset[str], reached: int | None) -> int:
        return self._row(
            price_component(component, buyer.quantities.of(component.unit), tier_quantity=reached)
            if buyer.code in taking
            else 0
            for buyer in self.buyers
        )

    def _row(self, values: Iterable[int]) -> int:
        return self._rows.setdefault(tuple(values), len(self._rows))
