"""How far a group is from the next price of a plan: 「あと3団体で次の単価」 (F11)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil

from catalog.pricing import (
    Component,
    Kind,
    Period,
    Plan,
    QuantityBasis,
    Tier,
    TierBy,
    TierMode,
    Unit,
    priced_units,
    sum_quantities,
    tier_quantity,
)
from procurement.domain.pricing import Buyer, price_jointly


@dataclass(frozen=True, kw_only=True)
class TierProgress:
    """One component with tiers, for these buyers together.

    counted: what chooses the tier (bodies, residents, or the component's own unit).
    missing: how many of `counted` until next_price; None and None at the last tier.
    saving_yen: what the present quantities would cost less per period at the next price,
    tax-excluded; 0 where only what comes on top gets cheaper (marginal tiers).
    """

    name: str
    kind: Kind
    period: Period
    unit: Unit
    counted: Unit
    quantity: int
    price: Decimal
    next_price: Decimal | None
    missing: int | None
    saving_yen: int
    marginal: bool


def tier_progress(plan: Plan, buyers: Sequence[Buyer]) -> tuple[TierProgress, ...]:
    """Every component whose price the group's size decides; none where each counts for itself."""
    return tuple(
        _progress(component, buyers)
        for component in plan.components
        if component.tiers and buyers and _is_joint(component) and component.kind is not Kind.OPTION
    )


def _is_joint(component: Component) -> bool:
    return component.quantity_basis is QuantityBasis.JOINT or component.tier_by is not TierBy.UNIT


def _progress(component: Component, buyers: Sequence[Buyer]) -> TierProgress:
    together = sum_quantities(buyer.quantities for buyer in buyers)
    own = together.of(component.unit)
    by_group = tier_quantity(component, together)
    reached = priced_units(component, own) if by_group is None else by_group
    present, following = _tiers_at(component.tiers, reached)
    size = component.unit_size if by_group is None else 1
    quantity = own if by_group is None else by_group
    return TierProgress(
        name=component.name,
        kind=component.kind,
        period=component.period,
        unit=component.unit,
        counted=_counted(component),
        quantity=quantity,
        price=present.unit_price,
        next_price=following.unit_price if following else None,
        missing=_missing(component, following, quantity, size) if following else None,
        saving_yen=_saving(component, buyers, following) if following else 0,
        marginal=component.mode is TierMode.MARGINAL,
    )


def _counted(component: Component) -> Unit:
    by = {TierBy.BODY: Unit.BODY, TierBy.RESIDENT: Unit.RESIDENT}
    return by.get(component.tier_by, component.unit)


def _tiers_at(tiers: Sequence[Tier], reached: int | Fraction) -> tuple[Tier, Tier | None]:
    later = [tier for tier in tiers if tier.from_qty > reached]
    done = [tier for tier in tiers if tier.from_qty <= reached]
    return (done[-1] if done else tiers[0]), next((t for t in later if t is not tiers[0]), None)


def _missing(component: Component, following: Tier, quantity: int, size: int) -> int:
    """How much more reaches the tier; a part of a block that counts whole reaches it too."""
    last_block = following.from_qty - 1 if component.unit_part.value == "whole" and size > 1 else 0
    needed = last_block * size + 1 if last_block else ceil(Fraction(following.from_qty) * size)
    return needed - quantity


def _saving(component: Component, buyers: Sequence[Buyer], following: Tier) -> int:
    if component.mode is TierMode.MARGINAL:
        return 0
    flat = replace(
        component,
        tiers=(),
        unit_price=following.unit_price,
        included=component.free_units,
        tier_by=TierBy.UNIT,
    )
    return _amount(component, buyers) - _amount(flat, buyers)


def _amount(component: Component, buyers: Sequence[Buyer]) -> int:
    plan = Plan(name=component.name, components=(component,))
    (cost,) = price_jointly(plan, buyers, component.kind, component.period)
    return cost.amount_yen
