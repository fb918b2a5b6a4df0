"""What buying together would save, as a range over published plans: an estimate, no choice.

Yearly amounts are tax-included. Figures from plans and from declared costs stand apart:
nothing here adds the one to the other (domain §2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.plan_units import Kind, Period, Unit
from catalog.plans import Component, Plan
from procurement.domain.estimates import YenRange
from procurement.domain.pricing import Buyer, PlanCosts, units_counted

# Every body has these from the published facts, or by being one.
KNOWN_UNITS = frozenset({Unit.FLAT, Unit.BODY, Unit.RESIDENT, Unit.HOUSEHOLD})
_TIMES_A_YEAR = {Period.MONTH: 12, Period.YEAR: 1}


@dataclass(frozen=True, kw_only=True)
class JointSaving:
    """Yearly amounts of several bodies under several plans. plans, bodies: how many counted.

    saving: alone less joint, plan by plan; the lowest and highest are not of one plan.
    """

    plans: int
    bodies: int
    alone: YenRange
    joint: YenRange
    saving: YenRange


def estimate_saving(
    plans: Iterable[Plan], buyers: Sequence[Buyer], unit: Unit
) -> JointSaving | None:
    """The range over the plans that can be priced with these quantities; None without any.

    unit: of the quantity the bodies declared, beside those every body has.
    """
    figures = [_yearly(PlanCosts(plan=plan), buyers) for plan in plans if can_be_priced(plan, unit)]
    if not figures or len(buyers) < 2:
        return None
    return JointSaving(
        plans=len(figures),
        bodies=len(buyers),
        alone=_range([alone for alone, _ in figures]),
        joint=_range([joint for _, joint in figures]),
        saving=_range([alone - joint for alone, joint in figures]),
    )


def can_be_priced(plan: Plan, unit: Unit) -> bool:
    """Whether the plan counts nothing but what is known of the bodies, and costs by the year."""
    counted = units_counted(plan, _is_no_option)
    recurring = any(component.kind is Kind.RECURRING for component in plan.components)
    return recurring and all(each in KNOWN_UNITS or each is unit for each in counted)


def _is_no_option(component: Component) -> bool:
    return component.kind is not Kind.OPTION


def _yearly(costs: PlanCosts, buyers: Sequence[Buyer]) -> tuple[int, int]:
    """(each alone, added up; together) for a full year."""
    alone = joint = 0
    for period in costs.periods_of(Kind.RECURRING):
        times = _TIMES_A_YEAR.get(period, 0)
        joint += times * costs.cost_of(buyers, Kind.RECURRING, period).total_yen
        alone += times * sum(
            costs.cost_of([buyer], Kind.RECURRING, period).total_yen for buyer in buyers
        )
    return alone, joint


def _range(figures: Sequence[int]) -> YenRange:
    return YenRange(low_yen=min(figures), high_yen=max(figures))
