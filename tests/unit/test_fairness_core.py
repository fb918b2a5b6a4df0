"""The facts of the fairness view (domain §3), and what lies beyond them."""

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.pricing import Plan
from procurement.domain.coalition_game import make_game, untaxed
from procurement.domain.coalitions import best_of_all
from procurement.domain.core_check import find_core
from procurement.domain.fairness import (
    Fairness,
    assess,
    assess_declared,
    assess_game,
    share_before_tax_and_grants,
)
from procurement.domain.pricing import PlanCosts
from procurement.domain.shapley import costs_of_all_sets, shapley_from_costs, subset_sums
from tests.harness.fairness import BY_USE, game_of, make_members, make_plan, make_terms

TIERS = [{"from_qty": 1, "unit_price": "10"}, {"from_qty": 10, "unit_price": "5"}]


def view_of(plan: Plan, *quantities: int, rule: str = "own_use") -> Fairness:
    """The view of the plan's price for a year, shared by this rule (own_use: by quantity)."""
    terms = make_terms(rules={**BY_USE, "recurring": rule})
    members = make_members(*quantities)
    share = share_before_tax_and_grants(terms, members, PlanCosts(plan=plan))
    return assess(terms, members, plan, share)


@st.composite
def joint_components(draw: st.DrawFn, *, marginal: bool = False) -> dict[str, object]:
    """Components whose price per unit never rises with the quantity: no free units, no whole
    parts of larger units."""
    prices = sorted(draw(st.lists(st.integers(1, 900), min_size=1, max_size=4)), reverse=True)
    tier_by = "unit" if marginal else draw(st.sampled_from(["unit", "unit", "body", "resident"]))
    largest = {"unit": 80, "body": 8, "resident": 9_000}[tier_by]
    cuts = draw(
        st.lists(
            st.integers(2, largest), min_size=len(prices) - 1, max_size=len(prices) - 1, unique=True
        )
    )
    modes = ["marginal", "all_units"] if tier_by == "unit" and not marginal else ["all_units"]
    tiers = zip([1, *sorted(cuts)], prices, strict=True)
    return {
        "unit": draw(st.sampled_from(["account", "account", "flat", "body", "resident"])),
        "tiers": [{"from_qty": start, "unit_price": str(price)} for start, price in tiers],
        "tier_by": tier_by,
        "mode": "marginal" if marginal else draw(st.sampled_from(modes)),
        "minimum_yen": 0 if marginal else draw(st.sampled_from([0, 500, 20_000])),
        "quantity_basis": draw(st.sampled_from(["joint", "joint", "own"])),
    }


QUANTITIES = st.lists(st.integers(1, 60), min_size=2, max_size=7)


@settings(max_examples=150)
@given(st.lists(joint_components(), min_size=1, max_size=3), QUANTITIES)
def test_sharing_by_quantity_is_in_the_core_of_every_valid_plan(parts: list, quantities: list):
    plan, terms, members = make_plan(*parts), make_terms(), make_members(*quantities)
    game = make_game(terms, members, untaxed(plan))
    share = share_before_tax_and_grants(terms, members, PlanCosts(plan=plan))
    exact = {body.code: Fraction(0) for body in share.bodies}
    for table in share.tables:
        for member in table.members:
            exact[member.code] += member.exact_yen * sum(table.by_year.values())
    costs = costs_of_all_sets(game)
    shares = np.array([exact[code] for code in game.codes], dtype=object)
    assert shares.sum() == game.joint()
    assert (subset_sums(shares[np.newaxis, :])[0] <= costs).all()
    assert assess(terms, members, plan, share).sharing.is_in_core is True


@settings(max_examples=100)
@given(st.lists(joint_components(marginal=True), min_size=1, max_size=3), QUANTITIES)
def test_the_shapley_value_is_in_the_core_of_marginal_plans_without_minimum(
    parts: list, quantities: list
):
    game = make_game(make_terms(), make_members(*quantities), untaxed(make_plan(*parts)))
    costs = costs_of_all_sets(game)
    values = np.array(shapley_from_costs(costs, game.size).values, dtype=object)
    assert (subset_sums(values[np.newaxis, :])[0] <= costs).all()


def test_with_a_minimum_charge_two_small_bodies_gain_by_leaving_the_shapley_sharing():
    view = view_of(make_plan({"unit_price": "10", "minimum_yen": 100}), 5, 5, 10)
    assert [body.shapley for body in view.bodies] == [
        Fraction(175, 3),
        Fraction(175, 3),
        Fraction(250, 3),
    ]
    assert view.shapley_sharing.is_in_core is False
    assert view.shapley_sharing.best.codes == ("000001", "000002")
    assert view.shapley_sharing.best.alone_yen == 100
    assert view.sharing.is_in_core is True


def test_with_one_price_for_all_units_a_shapley_value_can_be_negative():
    view = view_of(make_plan({"tiers": TIERS, "mode": "all_units"}), 9, 1)
    assert [body.shapley for body in view.bodies] == [65, -15]
    assert [body.standalone_yen for body in view.bodies] == [90, 10]
    assert view.shapley_sharing.is_in_core is True
    assert view.sharing.is_in_core is True


def test_with_one_price_for_all_units_a_group_gains_by_leaving_the_shapley_sharing():
    view = view_of(make_plan({"tiers": TIERS, "mode": "all_units"}), 9, 1, 1)
    assert sum(body.shapley for body in view.bodies) == view.joint_yen == 55
    assert view.shapley_sharing.is_in_core is False
    assert view.shapley_sharing.best.codes == ("000001", "000002")
    assert view.shapley_sharing.best.alone_yen == 50


def test_sharing_equally_makes_a_small_body_worse_off_and_names_who_would_leave():
    view = view_of(make_plan({"unit_price": "10"}), 2, 10, 12, rule="equal")
    assert [body.share_yen for body in view.bodies] == [80, 80, 80]
    assert [body.name for body in view.worse_off] == ["第1市"]
    assert view.sharing.is_in_core is False
    assert view.sharing.best.codes == ("000001",)
    assert view.sharing.best.gain_yen == 60
    assert view.core.is_empty is False


# What "valid" cannot cover: here the joint price per unit does rise, so no sharing holds.
def test_free_units_counted_once_for_all_leave_no_sharing_that_holds():
    view = view_of(make_plan({"unit_price": "10", "included": 10}), 10, 10)
    assert (view.joint_yen, view.standalone_yen) == (100, 0)
    assert view.core.is_empty is True
    assert view.core.missing_yen == 100
    assert [group.codes for group in view.core.groups] == [("000001",), ("000002",)]


def test_units_counted_in_whole_packs_can_break_sharing_by_quantity_by_part_of_a_pack():
    view = view_of(make_plan({"unit_price": "1000", "unit_size": 10}), 10, 1)
    assert view.sharing.is_in_core is False
    assert view.sharing.best.codes == ("000001",)
    assert 0 < view.sharing.best.gain_yen < 1_000
    assert view.core.is_empty is False


def test_an_empty_core_with_declared_figures_is_recognised():
    game = game_of(make_plan({"unit_price": "10", "minimum_yen": 100, "tax_rate": "0"}), 5, 5, 10)
    found = assess_declared(game, {"000001": 60, "000002": 60, "000003": 70})
    assert found.is_empty is True
    assert found.missing_yen == 10
    assert {group.codes for group in found.groups} == {("000001",), ("000002",), ("000003",)}
    paired = assess_declared(game, {"000001": 60, "000002": 60, "000003": 80})
    assert paired.missing_yen == 20
    assert [group.codes for group in paired.groups] == [("000001", "000002"), ("000003",)]
    held = assess_declared(game, {"000001": 60, "000002": 60, "000003": 100})
    assert (held.is_empty, held.groups) == (False, ())


def test_an_empty_core_may_need_groups_that_overlap():
    """Three bodies, each two of which pay 60 together, all three 100: half of each pair is 90."""
    game = game_of(make_plan({"unit_price": "10"}), 1, 1, 1)
    costs = np.array([0, 90, 90, 60, 90, 60, 60, 100])
    found = find_core(game, costs, 100)
    assert found.is_empty is True
    assert found.missing_yen == 10
    assert {(group.codes, group.weight) for group in found.groups} == {
        (("000001", "000002"), Fraction(1, 2)),
        (("000001", "000003"), Fraction(1, 2)),
        (("000002", "000003"), Fraction(1, 2)),
    }


@pytest.mark.parametrize("seed", range(25))
def test_the_linear_program_proves_what_it_says(seed: int):
    """Where it says empty, its groups are a proof; else its sharing leaves nobody a gain."""
    chance = random.Random(seed)
    size = chance.randint(2, 7)
    costs = np.array(
        [0] + [round(chance.uniform(0.4, 1) * 100 * mask.bit_count() ** 0.7) for mask in
               range(1, 2**size)]
    )  # fmt: skip
    joint_yen = int(costs[-1])
    game = game_of(make_plan({"unit_price": "10"}), *[1] * size)
    found = find_core(game, costs, joint_yen)
    if found.is_empty:
        counted = {code: Fraction(0) for code in game.codes}
        for group in found.groups:
            for code in group.codes:
                counted[code] += group.weight
        assert set(counted.values()) == {1}
        paid = sum(group.weight * group.alone_yen for group in found.groups)
        assert joint_yen - paid == found.missing_yen > 0
    else:
        assert found.is_empty is False
        shares = np.array([float(price) for price in found.sharing])
        assert sum(found.sharing) == joint_yen
        best = best_of_all(game, shares, costs) if size > 1 else None
        gains = subset_sums(shares[np.newaxis, :])[0] - costs
        assert best is not None
        assert gains[1:-1].max() < 0.01


def test_both_answers_of_the_linear_program_come_up_in_that_test():
    answers = set()
    for seed in range(25):
        chance = random.Random(seed)
        size = chance.randint(2, 7)
        costs = [0]
        for mask in range(1, 2**size):
            costs.append(round(chance.uniform(0.4, 1) * 100 * mask.bit_count() ** 0.7))
        game = game_of(make_plan({"unit_price": "10"}), *[1] * size)
        answers.add(find_core(game, np.array(costs), costs[-1]).is_empty)
    assert answers == {True, False}


def test_for_many_bodies_an_empty_core_is_found_by_searching_or_left_open():
    plan = make_plan({"unit_price": "10", "minimum_yen": 1_000, "tax_rate": "0"})
    game = game_of(plan, *[5] * 30)
    cheap = dict.fromkeys(game.codes, 49)
    found = assess_declared(game, cheap)
    assert found.is_empty is True
    assert found.missing_yen == game.joint() - 49 * 30 == 30
    dear = assess_declared(game, dict.fromkeys(game.codes, 50))
    assert (dear.is_empty, dear.groups) == (None, ())


def test_one_body_alone_has_nobody_to_leave():
    view = view_of(make_plan({"unit_price": "10"}), 7)
    assert view.bodies[0].shapley == view.joint_yen == 70
    assert view.bodies[0].leaving_yen == 0
    assert (view.sharing.best, view.sharing.is_in_core) == (None, True)


def test_a_yen_of_rounding_is_no_reason_to_leave():
    view = view_of(make_plan({"unit_price": "0.5", "period": "month"}), 1, 1, 1)
    assert view.joint_yen == 12
    assert [body.standalone_yen for body in view.bodies] == [0, 0, 0]
    assert view.worse_off == ()
    assert view.sharing.gains is False
    assert view.core.is_empty is False


def test_tax_is_added_once_per_bill_to_what_any_set_pays():
    plan = make_plan({"unit_price": "15", "tax_rate": "8"}, {"unit_price": "7"})
    game = make_game(make_terms(), make_members(1, 2), plan)
    assert plan.components[1].tax_rate == Decimal(10)
    assert [int(cost) for cost in costs_of_all_sets(game)] == [0, 16 + 7, 32 + 15, 48 + 23]
    net = assess_game(make_game(make_terms(), make_members(1, 2), untaxed(plan)), {
        "000001": 22, "000002": 44})  # fmt: skip
    assert net.joint_yen == 66
