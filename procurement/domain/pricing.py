"""What a set of bodies pays together under a plan, and what each would pay alone (domain §2).

Amounts are tax-excluded whole yen for one billing period.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from catalog.pricing import (
    Component,
    Kind,
    Period,
    Plan,
    Quantities,
    QuantityBasis,
    TierBy,
    Unit,
    price_component,
    sum_quantities,
    tier_quantity,
)
from foundation.money import with_tax


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """A body with what it would use. options: keys of the option components it chose."""

    code: str
    quantities: Quantities
    options: frozenset[str] = frozenset()

    def takes(self, component: Component) -> bool:
        """Whether the component is part of its purchase."""
        return component.kind is not Kind.OPTION or component.key in self.options


@dataclass(frozen=True, kw_only=True)
class ComponentCost:
    """One component for one billing period. own: each body's exact part; Σ own = amount_yen."""

    component: Component
    amount_yen: int
    own: Mapping[str, Fraction | int]


@dataclass(frozen=True, kw_only=True)
class CategoryCost:
    """One category for one billing period, per tax rate; own as in ComponentCost."""

    net_yen: Mapping[Decimal, int]
    own: Mapping[str, Fraction | int]

    @property
    def total_net_yen(self) -> int:
        """Tax-excluded."""
        return sum(self.net_yen.values())

    @property
    def total_yen(self) -> int:
        """Tax-included, rounded once per rate: what the vendor invoices."""
        return sum(with_tax(net, rate) for rate, net in self.net_yen.items())


class Costs(Protocol):
    """Where the amounts of a sharing come from: a plan, or fixed amounts."""

    @property
    def label(self) -> str:
        """What readers see as the basis: 「試算の前提 A」."""

    def cost_of(self, buyers: Sequence[Buyer], kind: Kind, period: Period) -> CategoryCost:
        """The cost of these buyers together for one billing period."""

    def periods_of(self, kind: Kind) -> tuple[Period, ...]:
        """The billing periods in which the category has any component."""

    def units_needed(self, buyer: Buyer) -> tuple[Unit, ...]:
        """The units a body must have a quantity of to be priced at all."""

    def to_dict(self) -> dict[str, Any]:
        """What goes into a share version's inputs."""


NO_COST = CategoryCost(net_yen={}, own={})


@dataclass(frozen=True, kw_only=True)
class PlanCosts:
    """A plan as the basis of an estimate (試算の前提).

    label: what members see instead of the product's name.
    """

    plan: Plan
    label: str = ""

    def cost_of(self, buyers: Sequence[Buyer], kind: Kind, period: Period) -> CategoryCost:
        """The joint price of these buyers."""
        return add_up(price_jointly(self.plan, buyers, kind, period))

    def periods_of(self, kind: Kind) -> tuple[Period, ...]:
        """In the order of the enum."""
        used = {c.period for c in self.plan.components if c.kind is kind}
        return tuple(period for period in Period if period in used)

    def units_needed(self, buyer: Buyer) -> tuple[Unit, ...]:
        """What the components it takes count, and what chooses their tiers."""
        return units_counted(self.plan, buyer.takes)

    def to_dict(self) -> dict[str, Any]:
        """The plan itself: a version must be recomputable without the catalog."""
        return {"basis": "plan", "label": self.label, "plan": self.plan.to_dict()}


@dataclass(frozen=True, kw_only=True)
class FixedCost:
    """An amount of one billing period that does not depend on who takes part, tax-excluded."""

    kind: Kind
    period: Period
    amount_yen: int
    tax_rate: Decimal = Decimal(10)


@dataclass(frozen=True, kw_only=True)
class FixedCosts:
    """Amounts known as they are: an award, or an estimate received."""

    costs: tuple[FixedCost, ...]
    label: str = ""

    def cost_of(self, buyers: Sequence[Buyer], kind: Kind, period: Period) -> CategoryCost:
        """The same for any buyers; nothing where there are none. Nobody has an own part."""
        net: dict[Decimal, int] = {}
        for cost in self.costs:
            if buyers and cost.kind is kind and cost.period is period:
                net[cost.tax_rate] = net.get(cost.tax_rate, 0) + cost.amount_yen
        return CategoryCost(net_yen=net, own={})

    def periods_of(self, kind: Kind) -> tuple[Period, ...]:
        """In the order of the enum."""
        used = {cost.period for cost in self.costs if cost.kind is kind}
        return tuple(period for period in Period if period in used)

    def units_needed(self, buyer: Buyer) -> tuple[Unit, ...]:
        """None: the amounts are there."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """Amounts with kind, period and rate."""
        costs = [
            {
                "kind": cost.kind.value,
                "period": cost.period.value,
                "amount_yen": cost.amount_yen,
                "tax_rate": str(cost.tax_rate),
            }
            for cost in self.costs
        ]
        return {"basis": "fixed", "label": self.label, "costs": costs}


def units_counted(plan: Plan, taken: Callable[[Component], bool]) -> tuple[Unit, ...]:
    """The units the taken components count or choose their tier by, each once, in enum order.

    A unit of these without a quantity would be priced at nothing: whoever prices asks first.
    """
    components = [component for component in plan.components if taken(component)]
    units = {component.unit for component in components}
    units |= {Unit.RESIDENT for c in components if c.tier_by is TierBy.RESIDENT}
    return tuple(unit for unit in Unit if unit in units)


def price_jointly(
    plan: Plan, buyers: Sequence[Buyer], kind: Kind, period: Period
) -> tuple[ComponentCost, ...]:
    """Every component of the category and period, priced for these buyers together.

    Where a plan counts its tiers by bodies or residents, those of all buyers count: that is
    how an own quantity gets a joint price.
    """
    return tuple(
        _price_component_jointly(component, buyers)
        for component in plan.components
        if component.kind is kind and component.period is period
    )


def price_alone(plan: Plan, buyer: Buyer, kind: Kind, period: Period) -> CategoryCost:
    """The plan at this body's quantity alone."""
    return add_up(price_jointly(plan, [buyer], kind, period))


def add_up(costs: Iterable[ComponentCost]) -> CategoryCost:
    """Components of one category brought together per tax rate and per body."""
    net: dict[Decimal, int] = {}
    own: dict[str, Fraction | int] = {}
    for cost in costs:
        rate = cost.component.tax_rate
        net[rate] = net.get(rate, 0) + cost.amount_yen
        for code, part in cost.own.items():
            own[code] = own.get(code, 0) + part
    return CategoryCost(net_yen=net, own=own)


def _price_component_jointly(component: Component, buyers: Sequence[Buyer]) -> ComponentCost:
    taking = [buyer for buyer in buyers if buyer.takes(component)]
    together = _quantities_that_matter(component, taking)
    tier = tier_quantity(component, together)
    if component.quantity_basis is QuantityBasis.OWN:
        own = {
            buyer.code: price_component(
                component, buyer.quantities.of(component.unit), tier_quantity=tier
            )
            for buyer in taking
        }
        return ComponentCost(component=component, amount_yen=sum(own.values()), own=own)
    amount_yen = price_component(component, together.of(component.unit), tier_quantity=tier)
    return ComponentCost(
        component=component, amount_yen=amount_yen, own=_by_use(component, taking, amount_yen)
    )


def _quantities_that_matter(component: Component, buyers: Sequence[Buyer]) -> Quantities:
    if component.quantity_basis is QuantityBasis.OWN and component.tier_by is TierBy.UNIT:
        return Quantities(body=len(buyers))
    if len(buyers) == 1:
        return buyers[0].quantities
    return sum_quantities(buyer.quantities for buyer in buyers)


def _by_use(
    component: Component, buyers: Sequence[Buyer], amount_yen: int
) -> dict[str, Fraction | int]:
    """A joint amount by each buyer's part of the quantity; a flat one equally."""
    if len(buyers) == 1:
        return {buyers[0].code: amount_yen}
    unit = Unit.BODY if component.unit is Unit.FLAT else component.unit
    used = {buyer.code: buyer.quantities.of(unit) for buyer in buyers}
    total = sum(used.values())
    if not total:
        return dict.fromkeys(used, 0)
    return {code: Fraction(amount_yen * quantity, total) for code, quantity in used.items()}
