"""What a plan would cost a body of a given size, and what must be known for that (domain §2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.plan_units import Kind, Quantities, Unit
from catalog.plans import Plan
from catalog.pricing import price_equal_bodies

# Units a body's own facts tell nothing about must be typed; a flat charge needs nothing.
_ALWAYS_KNOWN = frozenset({Unit.FLAT, Unit.BODY})


@dataclass(frozen=True, kw_only=True)
class PlanEstimate:
    """A plan at given quantities: whole yen, tax-excluded, options left out.

    annual_taxed_yen: the year with tax. missing: units the plan prices and nobody has said a
    quantity of; then the sums are None.
    """

    once_yen: int | None
    annual_yen: int | None
    annual_taxed_yen: int | None = None
    missing: tuple[Unit, ...] = ()


def units_of(plan: Plan) -> tuple[Unit, ...]:
    """The units whose quantity must be known to price the plan without its options."""
    used = {c.unit for c in plan.components if c.kind is not Kind.OPTION} - _ALWAYS_KNOWN
    used |= {
        Unit.RESIDENT
        for c in plan.components
        if c.kind is not Kind.OPTION and c.tier_by.value == Unit.RESIDENT.value
    }
    return tuple(unit for unit in Unit if unit in used)


def known_quantities(
    *, population: int | None, households: int | None, staff: int | None
) -> dict[Unit, int]:
    """The quantities a body's published facts give; one account per member of staff."""
    facts = {Unit.RESIDENT: population, Unit.HOUSEHOLD: households, Unit.ACCOUNT: staff}
    return {unit: count for unit, count in facts.items() if count is not None}


def estimate_plan(plan: Plan, known: Mapping[Unit, int]) -> PlanEstimate:
    """The plan for one body alone."""
    return estimate_together(plan, known, bodies=1)


def estimate_together(plan: Plan, known: Mapping[Unit, int], *, bodies: int) -> PlanEstimate:
    """The plan for so many bodies together, each with the known quantities: their sum."""
    missing = tuple(unit for unit in units_of(plan) if unit not in known)
    if missing:
        return PlanEstimate(once_yen=None, annual_yen=None, missing=missing)
    one = Quantities(**{unit.value: count for unit, count in known.items()})
    price = price_equal_bodies(plan, one, bodies)
    return PlanEstimate(
        once_yen=price.once_yen,
        annual_yen=price.annual_yen,
        annual_taxed_yen=price.annual_taxed_yen,
    )
