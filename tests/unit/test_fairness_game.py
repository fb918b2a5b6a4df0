"""c(S), the Shapley value and coalitions agree with slow computations from the pricing itself."""

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.pricing import Plan, Quantities
from procurement.domain.coalition_game import CoalitionGame, make_game, untaxed
from procurement.domain.coalitions import best_found, best_of_all
from procurement.domain.fairness import assess_game
from procurement.domain.pricing import PlanCosts
from procurement.domain.shapley import (
    RELATIVE_ERROR,
    costs_of_all_sets,
    sampled_shapley,
    shapley_from_costs,
)
from procurement.domain.sharing import preview
from procurement.domain.sharing_members import SharingMember, buyer_of
from procurement.domain.terms import SharingTerms
from tests.harness.fairness import (
    BY_USE,
    game_of,
    make_members,
    make_plan,
    make_terms,
    slow_shapley,
    yearly_cost,
)

PRICES = ("0.0015", "0.07", "1", "3.5", "10", "120", "1000.25")
UNITS = ("flat", "body", "resident", "household", "account", "character")


@st.composite
def components(draw: st.DrawFn) -> dict[str, object]:
    """Any component a plan may have: tiers, modes, bases, parts, minimum, included, tax."""
    kind = draw(st.sampled_from(["initial", "recurring", "option"]))
    period = "once" if kind == "initial" else draw(st.sampled_from(["month", "year"]))
    tier_by = draw(st.sampled_from(["unit", "unit", "body", "resident"]))
    mode = "all_units" if tier_by != "unit" else draw(st.sampled_from(["marginal", "all_units"]))
    prices = sorted(
        draw(st.lists(st.sampled_from(PRICES), min_size=1, max_size=4)), key=float, reverse=True
    )
    cuts = st.integers(2, 5 if tier_by == "body" else 40_000 if tier_by == "resident" else 60)
    starts = draw(st.lists(cuts, min_size=len(prices) - 1, max_size=len(prices) - 1, unique=True))
    tiers = [
        {"from_qty": start, "unit_price": price}
        for start, price in zip([1, *sorted(starts)], prices, strict=True)
    ]
    return {
        "kind": kind,
        "period": period,
        "unit": draw(st.sampled_from(UNITS)),
        "tiers": tiers,
        "tier_by": tier_by,
        "mode": mode,
        "quantity_basis": draw(st.sampled_from(["own", "joint"])),
        "unit_size": draw(st.sampled_from([1, 1, 7, 1000])),
        "unit_part": draw(st.sampled_from(["whole", "pro_rata"])),
        "minimum_yen": draw(st.sampled_from([0, 0, 100, 5000])),
        "included": draw(st.sampled_from([0, 0, 3, 50])),
        "tax_rate": draw(st.sampled_from(["0", "8", "10"])),
    }


@st.composite
def members(draw: st.DrawFn) -> list[SharingMember]:
    """One to five bodies with options of their own."""
    bodies = draw(st.integers(1, 5))
    made = []
    for member in make_members(*[1] * bodies):
        amounts = {unit: draw(st.integers(1, 200)) for unit in ("account", "resident", "household")}
        quantities = Quantities(**amounts, character=draw(st.integers(1, 90_000)))
        options = draw(st.sets(st.sampled_from(["c0", "c1", "c2"])))
        made.append(replace(member, quantities=quantities, options=frozenset(options)))
    return made


@settings(max_examples=150)
@given(st.lists(components(), min_size=1, max_size=3), members())
def test_every_set_costs_what_the_pricing_says(parts: list[dict], bodies: list[SharingMember]):
    plan, terms = make_plan(*parts), make_terms()
    game = make_game(terms, bodies, plan)
    buyers = [buyer_of(member, terms) for member in bodies]
    costs = costs_of_all_sets(game)
    for mask in range(2 ** len(bodies)):
        group = [buyer for i, buyer in enumerate(buyers) if mask >> i & 1]
        assert costs[mask] == yearly_cost(plan, group)


def test_amounts_beyond_64_bits_stay_exact():
    plan = make_plan(
        {"unit": "character", "unit_price": "999.9999", "period": "month", "minimum_yen": 7},
        {"unit": "character", "unit_size": 10_000, "unit_part": "pro_rata", "unit_price": "0.0001"},
    )
    many = [Quantities(character=10**15 + 7 * i) for i in range(4)]
    bodies = make_members(*many)
    game = make_game(make_terms(), bodies, plan)
    assert game.measures.dtype == object
    buyers = [buyer_of(member, make_terms()) for member in bodies]
    assert game.joint() == yearly_cost(plan, buyers) > 2**62
    assert list(game.alone()) == [yearly_cost(plan, [buyer]) for buyer in buyers]
    values = shapley_from_costs(costs_of_all_sets(game), 4).values
    assert sum(values) == game.joint()


@pytest.mark.parametrize("months", [12, 30])
def test_the_whole_set_costs_what_the_bodies_share_when_some_come_late_or_go(months: int):
    plan = untaxed(
        make_plan(
            {"kind": "initial", "period": "once", "unit": "body", "unit_price": "50000"},
            {"period": "month", "tiers": [
                {"from_qty": 1, "unit_price": "1000"}, {"from_qty": 301, "unit_price": "800"}
            ]},
            {"unit": "resident", "unit_price": "12"},
        )
    )  # fmt: skip
    first, second, third, fourth = make_members(200, 100, 60, 30)
    bodies = [
        first,
        replace(second, starts_on=date(2027, 9, 1)),
        replace(third, ends_on=date(2027, 12, 31)),
        replace(fourth, starts_on=date(2027, 6, 1), ends_on=date(2027, 10, 31)),
    ]
    terms = make_terms(term_months=months, rules={**BY_USE, "initial": "equal"})
    game = make_game(terms, bodies, plan)
    assert game.joint() == preview(terms, bodies, PlanCosts(plan=plan)).total_yen
    assert game.alone()[3] == 50_000 + 5 * 30 * 1000 + 12 * bodies[3].census_2020


def groups(bodies: int) -> list[tuple[int, ...]]:
    """Every set but none and all."""
    everybody = range(bodies)
    return [one for size in everybody for one in combinations(everybody, size) if one]


def random_game(seed: int) -> tuple[Plan, list[SharingMember], SharingTerms]:
    """A game of one to ten bodies with one to three components."""
    chance = random.Random(seed)
    bodies = chance.choice([1, 2, 3, 4, 5, 6, 7, 8, 9, 10] if seed % 10 == 0 else [2, 3, 4, 5])
    parts = []
    for _ in range(chance.randint(1, 3)):
        top = chance.randint(2, 900)
        parts.append(
            {
                "tiers": [
                    {"from_qty": 1, "unit_price": str(top)},
                    {"from_qty": chance.randint(2, 60), "unit_price": str(chance.randint(1, top))},
                ],
                "mode": chance.choice(["marginal", "all_units"]),
                "minimum_yen": chance.choice([0, 0, 2_000]),
                "included": chance.choice([0, 0, 0, 5]),
                "period": chance.choice(["month", "year"]),
            }
        )
    quantities = [chance.randint(1, 40) for _ in range(bodies)]
    return untaxed(make_plan(*parts)), make_members(*quantities), make_terms()


def test_brute_force_agrees_on_200_random_games():
    sizes = set()
    for seed in range(200):
        plan, bodies, terms = random_game(seed)
        sizes.add(len(bodies))
        buyers = [buyer_of(member, terms) for member in bodies]

        @cache
        def cost(group: tuple[int, ...], plan: Plan = plan, buyers: list = buyers) -> int:
            return yearly_cost(plan, [buyers[i] for i in group])

        game = make_game(terms, bodies, plan)
        costs = costs_of_all_sets(game)
        assert list(shapley_from_costs(costs, game.size).values) == slow_shapley(len(bodies), cost)
        rules = {**BY_USE, "recurring": "population"}
        shared = preview(make_terms(rules=rules), bodies, PlanCosts(plan=plan)).bodies
        shares = np.array([body.total_yen for body in shared])
        best = best_of_all(game, shares, costs)
        slow = [sum(int(shares[i]) for i in one) - cost(one) for one in groups(len(bodies))]
        assert (best.gain_yen if best else None) == max(slow, default=None), seed
    assert max(sizes) == 10


def large_game(bodies: int, **component: object) -> CoalitionGame:
    """Quantities as far apart as those of real municipalities."""
    chance = random.Random(bodies)
    quantities = [max(1, int(chance.lognormvariate(5, 1.4))) for _ in range(bodies)]
    return game_of(untaxed(make_plan(component)), *quantities)


MARGINAL = {
    "period": "month",
    "tiers": [
        {"from_qty": 1, "unit_price": "1000"},
        {"from_qty": 5_001, "unit_price": "800"},
        {"from_qty": 100_001, "unit_price": "650"},
    ],
}


@pytest.mark.parametrize("bodies", [21, 60, 1788])
def test_sampling_reaches_one_percent_and_is_the_same_every_time(bodies: int):
    game = large_game(bodies, **MARGINAL)
    found = sampled_shapley(game)
    assert 0 < found.relative_error <= RELATIVE_ERROR
    assert found == sampled_shapley(game)
    assert found != sampled_shapley(game, seed=1)
    assert sum(found.values) == game.joint()


FALLING = [
    {"from_qty": 1, "unit_price": "1000"},
    {"from_qty": 4, "unit_price": "900"},
    {"from_qty": 9, "unit_price": "700"},
]
BY_QUANTITY = [{**tier, "from_qty": 1 + 150 * i} for i, tier in enumerate(FALLING)]
CLIFFS: list[dict[str, object]] = [
    {"tiers": BY_QUANTITY},
    {"tiers": BY_QUANTITY, "mode": "all_units"},
    {"tiers": BY_QUANTITY, "mode": "all_units", "minimum_yen": 90_000, "included": 40},
    {"tiers": BY_QUANTITY, "mode": "all_units", "unit_size": 3},
    {"tiers": BY_QUANTITY, "mode": "all_units", "unit_size": 3, "unit_part": "pro_rata"},
    {"tiers": FALLING, "mode": "all_units", "tier_by": "body"},
    {"tiers": FALLING, "mode": "all_units", "tier_by": "body", "quantity_basis": "own"},
    {"tiers": [{**t, "from_qty": t["from_qty"] * 4_000 - 3_999} for t in FALLING],
     "mode": "all_units", "tier_by": "resident", "tax_rate": "8"},
]  # fmt: skip


@pytest.mark.parametrize("component", CLIFFS)
def test_sampled_values_lie_as_near_the_exact_ones_as_the_error_says(component: dict):
    chance = random.Random(3)
    quantities = [max(1, int(chance.lognormvariate(3, 1))) for _ in range(14)]
    game = game_of(make_plan(component, {"unit_price": "3"}), *quantities)
    exact = shapley_from_costs(costs_of_all_sets(game), game.size).values
    found = sampled_shapley(game)
    assert sum(found.values) == game.joint()
    off = [
        abs(float(a - b)) / error
        for a, b, error in zip(found.values, exact, found.errors, strict=True)
    ]
    assert 0 < max(off) < 4.5
    assert sum(off) / len(off) < 1.6


def test_a_plan_with_a_cliff_reaches_one_percent_for_the_whole_nation():
    tiers = [
        {"from_qty": 1, "unit_price": "1000"},
        {"from_qty": 1_001, "unit_price": "900"},
        {"from_qty": 20_001, "unit_price": "800"},
    ]
    found = sampled_shapley(large_game(1788, tiers=tiers, mode="all_units"))
    assert 0 < found.relative_error <= RELATIVE_ERROR


def test_an_error_that_stays_too_large_is_said():
    tiers = [{"from_qty": 1, "unit_price": "10"}, {"from_qty": 3_000, "unit_price": "5"}]
    found = sampled_shapley(large_game(21, tiers=tiers, mode="all_units"), most_orders=600)
    assert found.relative_error > RELATIVE_ERROR
    assert found.orders >= 600


@pytest.mark.parametrize("seed", range(12))
def test_the_search_finds_the_best_of_all_sets_in_games_small_enough_to_know(seed: int):
    chance = random.Random(seed)
    tiers = [
        {"from_qty": 1, "unit_price": "100"},
        {"from_qty": chance.randint(50, 900), "unit_price": str(chance.randint(40, 95))},
    ]
    mode = chance.choice(["marginal", "all_units"])
    game = large_game(14 + seed % 3, tiers=tiers, mode=mode, minimum_yen=20_000)
    shares = np.full(game.size, game.joint() // game.size)
    if seed % 2:
        shares = np.array([chance.randint(0, 2 * int(share)) for share in shares])
    best = best_of_all(game, shares, costs_of_all_sets(game))
    found = best_found(game, shares)
    assert best and found
    assert found.gain_yen == best.gain_yen


def test_leaving_costs_the_others_what_the_body_paid_less_what_it_added():
    game = game_of(
        make_plan(
            {
                "tiers": [
                    {"from_qty": 1, "unit_price": "10"},
                    {"from_qty": 11, "unit_price": "8"},
                ],
                "tax_rate": "0",
            }
        ),
        *(6, 6, 3),
    )
    # 15 units: 10 × 10 + 5 × 8 = 140. Without a body of 6: 9 units, 90.
    view = assess_game(game, {"000001": 60, "000002": 50, "000003": 30})
    assert view.joint_yen == 140
    assert [body.standalone_yen for body in view.bodies] == [60, 60, 30]
    assert [body.leaving_yen for body in view.bodies] == [60 - 50, 50 - 50, 30 - 24]
    assert [body.saving_yen for body in view.bodies] == [0, 10, 0]
    assert sum(body.shapley_yen for body in view.bodies) == 140
    assert view.bodies[0].shapley == Fraction(60 + 60 + 60 + 56 + 50 + 50, 6)
