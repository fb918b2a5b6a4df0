"""What a price plan asks for a quantity (domain §2). Tax-excluded, floored to whole yen once.

Tiers, minimum and included quantity count *priced units*: the quantity divided by
`unit_size`, whole or pro rata.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from catalog.plan_units import (
    NO_QUANTITIES,
    Kind,
    Period,
    Quantities,
    QuantityBasis,
    Tier,
    TierBy,
    TierMode,
    Unit,
    UnitPart,
    sum_quantities,
)
from catalog.plans import Component, Plan
from foundation.money import floor_yen, with_tax

# One address for everything about prices; the parts live in plan_units and plans.
__all__ = [
    "NO_QUANTITIES",
    "Component",
    "ComponentPrice",
    "Kind",
    "Period",
    "Plan",
    "PlanPrice",
    "Quantities",
    "QuantityBasis",
    "Tier",
    "TierBy",
    "TierMode",
    "Unit",
    "UnitPart",
    "price_component",
    "price_equal_bodies",
    "price_plan",
    "priced_units",
    "sum_quantities",
    "tier_quantity",
]


@dataclass(frozen=True, kw_only=True)
class ComponentPrice:
    """One component priced for one billing period, tax-excluded."""

    component: Component
    quantity: int
    amount_yen: int


@dataclass(frozen=True, kw_only=True)
class PlanPrice:
    """A plan priced for the quantities of one buyer, one billing period per component."""

    lines: tuple[ComponentPrice, ...]

    def total_yen(self, kind: Kind, period: Period) -> int:
        """The sum of the lines of one category and period."""
        return sum(
            line.amount_yen
            for line in self.lines
            if line.component.kind is kind and line.component.period is period
        )

    @property
    def once_yen(self) -> int:
        """Everything billed once."""
        return sum(x.amount_yen for x in self.lines if x.component.period is Period.ONCE)

    @property
    def annual_yen(self) -> int:
        """Everything billed in a full year: twelve months and one yearly charge."""
        return sum(self._annual_by_rate().values())

    @property
    def annual_taxed_yen(self) -> int:
        """A full year with tax, rounded down once per rate, as a contract of a year has it."""
        return sum(with_tax(net, rate) for rate, net in self._annual_by_rate().items())

    def _annual_by_rate(self) -> dict[Decimal, int]:
        per_year = {Period.ONCE: 0, Period.MONTH: 12, Period.YEAR: 1}
        net: dict[Decimal, int] = {}
        for line in self.lines:
            rate, times = line.component.tax_rate, per_year[line.component.period]
            net[rate] = net.get(rate, 0) + line.amount_yen * times
        return net


def price_plan(plan: Plan, quantities: Quantities, *, options: Iterable[str] = ()) -> PlanPrice:
    """The plan for one buyer. Option components count only if their key is in `options`."""
    chosen = frozenset(options)
    lines = [
        ComponentPrice(
            component=component,
            quantity=quantities.of(component.unit),
            amount_yen=price_component(
                component,
                quantities.of(component.unit),
                tier_quantity=tier_quantity(component, quantities),
            ),
        )
        for component in plan.components
        if component.kind is not Kind.OPTION or component.key in chosen
    ]
    return PlanPrice(lines=tuple(lines))


def price_equal_bodies(plan: Plan, one: Quantities, bodies: int) -> PlanPrice:
    """What so many bodies, each using as much as `one`, pay together; options left out.

    Where tiers count bodies or residents, those of all of them count.
    """
    together = one.times(bodies)
    lines = []
    for component in plan.components:
        if component.kind is Kind.OPTION:
            continue
        tier = tier_quantity(component, together)
        own = component.quantity_basis is QuantityBasis.OWN
        quantity = (one if own else together).of(component.unit)
        amount = price_component(component, quantity, tier_quantity=tier)
        amount *= bodies if own else 1
        lines.append(ComponentPrice(component=component, quantity=quantity, amount_yen=amount))
    return PlanPrice(lines=tuple(lines))


def tier_quantity(component: Component, quantities: Quantities) -> int | None:
    """The quantity that chooses the tier, or None where the priced quantity itself does."""
    by = {TierBy.BODY: quantities.body, TierBy.RESIDENT: quantities.resident}
    return by.get(component.tier_by)


def price_component(
    component: Component, quantity: int, *, tier_quantity: int | None = None
) -> int:
    """The whole-yen, tax-excluded amount of one billing period. Quantity 0 costs 0.

    tier_quantity: bodies or residents, where the plan counts its tiers by those.
    Raises ValueError for a negative quantity or a missing tier_quantity.
    """
    if quantity < 0:
        raise ValueError(f"negative quantity for {component.key}: {quantity}")
    if quantity == 0:
        return 0
    units = priced_units(component, quantity)
    if component.mode is TierMode.ALL_UNITS:
        reached = units if component.tier_by is TierBy.UNIT else tier_quantity
        if reached is None:
            raise ValueError(f"{component.key}: tiers count by {component.tier_by.value}")
        amount = _all_units_amount(component, units, reached)
    else:
        amount = _marginal_amount(component, units)
    return floor_yen(max(amount, component.minimum_yen))


def priced_units(component: Component, quantity: int) -> int | Fraction:
    """The quantity in priced units: 5,000,000 characters per 10,000 are 500."""
    if component.unit_part is UnitPart.WHOLE:
        return -(-quantity // component.unit_size)
    return Fraction(quantity, component.unit_size)


def _all_units_amount(
    component: Component, units: int | Fraction, reached: int | Fraction
) -> int | Fraction:
    billed = max(units - component.free_units, 0)
    steps = component.price_steps
    price = next((p for from_qty, p in reversed(steps) if reached >= from_qty), steps[0][1])
    return billed * price


def _marginal_amount(component: Component, units: int | Fraction) -> int | Fraction:
    """Each unit at its own tier's price: the n-th unit is the stretch from n − 1 to n."""
    steps = component.price_steps
    ends = [from_qty - 1 for from_qty, _ in steps[1:]]
    amount: int | Fraction = 0
    begin: int | Fraction = component.free_units
    for end, (_, price) in zip([*ends, units], steps, strict=True):
        billed = min(units, end) - begin
        if billed > 0:
            amount += billed * price
            begin += billed
    return amount
