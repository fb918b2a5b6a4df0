"""Plans, members and slow, plain computations to hold the fairness view against."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial
from typing import Any

from catalog.pricing import Kind, Period, Plan, Quantities
from procurement.domain.coalition_game import CoalitionGame, make_game
from procurement.domain.pricing import Buyer, PlanCosts
from procurement.domain.sharing_members import SharingMember
from procurement.domain.terms import SharingTerms

BY_USE = {"initial": "own_use", "recurring": "own_use", "option": "own_use"}


def make_plan(*components: dict[str, Any]) -> Plan:
    """A plan of these components; each is a yearly joint charge per account unless it says so."""
    usual = {
        "name": "利用料",
        "kind": "recurring",
        "unit": "account",
        "period": "year",
        "quantity_basis": "joint",
    }
    return Plan.from_dict(
        {"components": [{"key": f"c{i}", **usual, **one} for i, one in enumerate(components)]}
    )


def make_members(*quantities: int | Quantities) -> list[SharingMember]:
    """A body per quantity of accounts, with facts that go with it."""
    return [
        SharingMember(
            code=f"{i:06d}",
            name=f"第{i}市",
            census_2020=(accounts := each if isinstance(each, int) else each.account) * 90 + 10,
            register_2025=accounts * 91 + 10,
            households=accounts * 40 + 5,
            quantities=Quantities(account=each) if isinstance(each, int) else each,
        )
        for i, each in enumerate(quantities, start=1)
    ]


def make_terms(**changes: Any) -> SharingTerms:
    """One year, everything by use."""
    usual = {"term_start": "2027-04-01", "term_months": 12, "rules": BY_USE}
    return SharingTerms.from_dict(usual | changes)


def game_of(plan: Plan, *quantities: int) -> CoalitionGame:
    """The game of these quantities over one year."""
    return make_game(make_terms(), make_members(*quantities), plan)


def yearly_cost(plan: Plan, buyers: Sequence[Buyer]) -> int:
    """What the buyers pay in one year, asked of the pricing of a sharing itself."""
    times = {Period.ONCE: 1, Period.MONTH: 12, Period.YEAR: 1}
    costs = PlanCosts(plan=plan)
    return sum(
        costs.cost_of(buyers, kind, period).total_yen * times[period]
        for kind in Kind
        for period in costs.periods_of(kind)
        if buyers
    )


def slow_shapley(players: int, cost: Callable[[tuple[int, ...]], int]) -> list[Fraction]:
    """The definition, word by word."""
    values = []
    for one in range(players):
        others = [player for player in range(players) if player != one]
        value = Fraction(0)
        for size in range(players):
            weight = Fraction(factorial(size) * factorial(players - 1 - size), factorial(players))
            for group in combinations(others, size):
                value += weight * (cost(tuple(sorted((*group, one)))) - cost(group))
        values.append(value)
    return values
