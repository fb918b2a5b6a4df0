"""What a plan would cost a town, a city and ten towns together: shown as one types it."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.plan_units import Kind, Period, Quantities, QuantityBasis, TierBy, sum_quantities
from catalog.plans import Component, Plan
from catalog.pricing import price_component, tier_quantity

# Round figures near the median of bodies of that size; printed beside the amounts.
TOWN = Quantities(
    body=1,
    resident=5_000,
    household=2_000,
    account=80,
    device=80,
    school=2,
    meter=2_200,
    case=500,
    character=500_000,
)
CITY = Quantities(
    body=1,
    resident=80_000,
    household=33_000,
    account=550,
    device=550,
    school=22,
    meter=35_000,
    case=8_000,
    character=8_000_000,
)
_PER_YEAR = {Period.ONCE: 0, Period.MONTH: 12, Period.YEAR: 1}


@dataclass(frozen=True, kw_only=True)
class Example:
    """A buyer, or several together."""

    key: str
    label: str
    buyers: tuple[Quantities, ...]


@dataclass(frozen=True, kw_only=True)
class ExampleCost:
    """Whole yen for all buyers together, tax-excluded, options left out."""

    example: Example
    once_yen: int
    annual_yen: int

    @property
    def annual_each_yen(self) -> int:
        """A buyer's part if all paid alike, floored."""
        return self.annual_yen // len(self.example.buyers)


EXAMPLES: tuple[Example, ...] = (
    Example(key="town", label="人口5,000人の町", buyers=(TOWN,)),
    Example(key="city", label="人口80,000人の市", buyers=(CITY,)),
    Example(key="joint", label="人口5,000人の町10団体の共同調達", buyers=(TOWN,) * 10),
)


def example_costs(plan: Plan) -> tuple[ExampleCost, ...]:
    """The plan for each example. Raises ValueError where a quantity cannot be priced."""
    return tuple(_cost(plan, example) for example in EXAMPLES)


def _cost(plan: Plan, example: Example) -> ExampleCost:
    once = annual = 0
    for component in plan.components:
        if component.kind is Kind.OPTION:
            continue
        amount = _joint_amount(component, example.buyers)
        once += amount if component.period is Period.ONCE else 0
        annual += amount * _PER_YEAR[component.period]
    return ExampleCost(example=example, once_yen=once, annual_yen=annual)


def _joint_amount(component: Component, buyers: Sequence[Quantities]) -> int:
    """One billing period of all buyers: their sum priced once, or each by itself (domain §2)."""
    together = sum_quantities(buyers)
    tier = tier_quantity(component, together) if component.tier_by is not TierBy.UNIT else None
    if component.quantity_basis is QuantityBasis.JOINT:
        return price_component(component, together.of(component.unit), tier_quantity=tier)
    return sum(
        price_component(component, each.of(component.unit), tier_quantity=tier) for each in buyers
    )
