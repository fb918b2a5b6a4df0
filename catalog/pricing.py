"""What a price plan asks for a quantity (domain §2). Tax-excluded, floored to whole yen once.

Tiers, minimum and included quantity count *priced units*: the quantity divided by
`unit_size`, whole or pro rata.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

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
from foundation.money import floor_yen

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
        per_year = {Period.ONCE: 0, Period.MONTH: 12, Period.YEAR: 1}
        return sum(x.amount_yen * per_year[x.component.period] for x in self.lines)


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
        amount = _all_units_amount(component, units, Fraction(reached))
    else:
        amount = _marginal_amount(component, units)
    return floor_yen(max(amount, Fraction(component.minimum_yen)))


def priced_units(component: Component, quantity: int) -> Fraction:
    """The quantity in priced units: 5,000,000 characters per 10,000 are 500."""
    units = Fraction(quantity, component.unit_size)
    return Fraction(ceil(units)) if component.unit_part is UnitPart.WHOLE else units


def _all_units_amount(component: Component, units: Fraction, reached: Fraction) -> Fraction:
    billed = max(units - component.free_units, Fraction(0))
    steps = component.price_steps
    step = next((s for s in reversed(steps) if reached >= s.from_qty), steps[0])
    return billed * Fraction(step.unit_price)


def _marginal_amount(component: Component, units: Fraction) -> Fraction:
    """Each unit at its own tier's price: the n-th unit is the stretch from n − 1 to n."""
    steps = component.price_steps
    amount = Fraction(0)
    for index, step in enumerate(steps):
        lower = max(step.from_qty - 1, 0) if index else 0
        upper = steps[index + 1].from_qty - 1 if index + 1 < len(steps) else units
        billed = min(units, Fraction(upper)) - max(lower, component.free_units)
        amount += max(billed, Fraction(0)) * Fraction(step.unit_price)
    return amount
