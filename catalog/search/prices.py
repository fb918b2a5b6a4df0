"""What search says of an offering's prices: the band at a reference town, and what is counted."""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.plan_units import Kind, Quantities, Unit
from catalog.plans import Plan
from catalog.pricing import price_plan
from foundation.errors import Refused

# A town of 30,000: what the price band of an offering is computed for (facets.py says so).
REFERENCE_QUANTITIES = Quantities(
    body=1,
    resident=30_000,
    household=12_000,
    account=220,
    device=220,
    school=8,
    meter=12_000,
    case=1_000,
    character=3_000_000,
)


def reference_annual_yen(definitions: Iterable[Mapping[str, Any]]) -> int | None:
    """What the cheapest of the plans asks of the reference town a year, tax-excluded.

    None when no plan has a recurring price for it.
    """
    prices = [price for definition in definitions if (price := _annual_yen(definition))]
    return min(prices, default=None)


def priced_units(definitions: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """What the recurring charges of the plans count, each unit once, in the table's order."""
    used: set[Unit] = set()
    for definition in definitions:
        plan = _find_plan(definition)
        if plan:
            used |= {c.unit for c in plan.components if c.kind is Kind.RECURRING}
    return tuple(unit.value for unit in Unit if unit in used)


def _annual_yen(definition: Mapping[str, Any]) -> int:
    plan = _find_plan(definition)
    try:
        return price_plan(plan, REFERENCE_QUANTITIES).annual_yen if plan else 0
    except (Refused, ValueError):
        return 0  # a plan that cannot be priced has no band; its page says what is wrong


def _find_plan(definition: Mapping[str, Any]) -> Plan | None:
    try:
        return Plan.from_dict(definition)
    except (Refused, ValueError):
        return None
