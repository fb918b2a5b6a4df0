"""Prices of plans, by hand (domain §2)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.pricing import (
    Component,
    Kind,
    Period,
    Plan,
    Quantities,
    QuantityBasis,
    Tier,
    TierBy,
    TierMode,
    Unit,
    UnitPart,
    price_component,
    price_plan,
    sum_quantities,
)
from foundation.errors import Refused


def tiers(*steps: tuple[int, str]) -> tuple[Tier, ...]:
    return tuple(Tier(from_qty=qty, unit_price=Decimal(price)) for qty, price in steps)


def component(**changes: object) -> Component:
    values: dict[str, object] = {
        "key": "use",
        "name": "利用料",
        "kind": Kind.RECURRING,
        "unit": Unit.ACCOUNT,
        "period": Period.MONTH,
        "unit_price": Decimal(10),
    }
    return Component(**(values | changes))  # type: ignore[arg-type]


def test_marginal_prices_each_unit_in_its_own_tier() -> None:
    use = component(tiers=tiers((1, "10"), (10, "5")))
    assert price_component(use, 9) == 90
    assert price_component(use, 10) == 95
    assert price_component(use, 12) == 9 * 10 + 3 * 5


def test_all_units_prices_every_unit_at_the_tier_reached() -> None:
    use = component(tiers=tiers((1, "10"), (10, "5")), mode=TierMode.ALL_UNITS)
    assert price_component(use, 9) == 90
    assert price_component(use, 10) == 50  # buying more is cheaper in total


def test_a_tier_from_zero_equals_a_tier_from_one() -> None:
    assert price_component(component(tiers=tiers((0, "10"), (10, "5"))), 12) == 105


def test_amount_is_floored_once_per_component() -> None:
    assert price_component(component(unit_price=Decimal("0.3333")), 10) == 3
    assert price_component(component(unit_price=Decimal("0.9999")), 10_000) == 9_999


def test_a_part_of_a_unit_counts_whole_or_pro_rata() -> None:
    per_10k = {"unit": Unit.CHARACTER, "unit_size": 10_000, "unit_price": Decimal(300)}
    assert price_component(component(**per_10k), 25_000) == 900
    pro_rata = component(**per_10k, unit_part=UnitPart.PRO_RATA)
    assert price_component(pro_rata, 25_000) == 750


def test_minimum_charge_holds_only_for_a_buyer_who_uses_something() -> None:
    use = component(minimum_yen=100)
    assert [price_component(use, q) for q in (0, 5, 10, 20)] == [0, 100, 100, 200]


def test_included_quantity_is_a_tier_at_price_zero() -> None:
    by_field = component(included=100)
    by_tier = component(tiers=tiers((1, "0"), (101, "10")))
    for quantity in (0, 1, 100, 101, 250):
        assert price_component(by_field, quantity) == price_component(by_tier, quantity)
    assert price_component(by_field, 250) == 1_500


def test_included_quantity_is_not_billed_under_all_units_either() -> None:
    use = component(included=5, tiers=tiers((1, "10"), (10, "5")), mode=TierMode.ALL_UNITS)
    assert price_component(use, 12) == 7 * 5


def test_the_number_of_bodies_can_choose_the_tier() -> None:
    use = component(tiers=tiers((1, "10"), (5, "8")), tier_by=TierBy.BODY, mode=TierMode.ALL_UNITS)
    assert price_component(use, 100, tier_quantity=4) == 1_000
    assert price_component(use, 100, tier_quantity=5) == 800
    with pytest.raises(ValueError, match="body"):
        price_component(use, 100)


def test_negative_quantity_is_a_broken_assumption() -> None:
    with pytest.raises(ValueError, match="negative"):
        price_component(component(), -1)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"tiers": tiers((5, "10"), (10, "5"))}, "tier_gap", "第1段階"),
        ({"tiers": tiers((1, "10"), (10, "5"), (10, "4"))}, "tier_overlap", "第3段階（10から）"),
        ({"tiers": tiers((1, "10"), (9, "5"), (4, "3"))}, "tier_overlap", "第3段階（4から）"),
        ({"tiers": tiers((1, "10"), (9, "5"), (20, "6"))}, "tier_rising", "第3段階（20から）"),
        ({"unit_price": Decimal("1.00001")}, "unit_price", "小数第4位"),
        ({"unit_price": Decimal(-1)}, "unit_price", "0円以上"),
        ({"unit_size": 0}, "unit_size", "1以上"),
        ({"minimum_yen": -1}, "minimum", "0円以上"),
        ({"period": Period.ONCE}, "period", "月額か年額"),
        ({"tier_by": TierBy.BODY}, "tier_by", "全数量"),
        ({"included": 3, "tiers": tiers((1, "0"), (9, "5"))}, "included", "どちらか一方"),
    ],
)
def test_an_invalid_component_is_refused_by_name(
    changes: dict[str, object], code: str, words: str
) -> None:
    with pytest.raises(Refused) as refusal:
        component(**changes)
    [blocker] = refusal.value.blockers
    assert blocker.code == code
    assert words in blocker.message
    assert "利用料" in blocker.message


def plan() -> Plan:
    return Plan(
        name="標準",
        components=(
            component(key="setup", name="初期設定", kind=Kind.INITIAL, unit=Unit.BODY,
                      period=Period.ONCE, unit_price=Decimal(110_000)),
            component(tiers=tiers((1, "10"), (10, "5")), quantity_basis=QuantityBasis.JOINT),
            component(key="support", name="保守", unit=Unit.FLAT, period=Period.YEAR,
                      unit_price=Decimal(1_200)),
            component(key="lgwan", name="LGWAN", kind=Kind.OPTION, unit=Unit.BODY,
                      period=Period.ONCE, unit_price=Decimal(165_000)),
        ),
    )  # fmt: skip


def test_a_plan_prices_its_components_and_only_the_options_chosen() -> None:
    price = price_plan(plan(), Quantities(account=12))
    assert price.total_yen(Kind.INITIAL, Period.ONCE) == 110_000
    assert price.annual_yen == 12 * 105 + 1_200
    assert price.once_yen == 110_000
    assert price_plan(plan(), Quantities(account=12), options=["lgwan"]).once_yen == 275_000


def test_a_plan_survives_the_database() -> None:
    stored = plan().to_dict()
    assert stored["components"][1]["tiers"][1] == {"from_qty": 10, "unit_price": "5"}
    assert Plan.from_dict(stored) == plan()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "monthly"}, "monthly"),
        ({"unit_price": "十円"}, "十円"),
        ({"unit_price": "NaN"}, "NaN"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_stored_plans_are_checked_on_reading(change: dict[str, str], words: str) -> None:
    stored = plan().to_dict()
    stored["components"][0] |= change
    with pytest.raises(Refused, match=words):
        Plan.from_dict(stored)


def test_a_plan_without_components_or_with_doubled_keys_is_refused() -> None:
    with pytest.raises(Refused, match="1つ以上"):
        Plan(name="空", components=())
    with pytest.raises(Refused, match="use"):
        Plan(name="重複", components=(component(), component()))


def test_quantities_add_up_and_name_unknown_units() -> None:
    both = sum_quantities([Quantities(account=5), Quantities(account=7, school=1)])
    assert both == Quantities(body=2, account=12, school=1)
    assert Quantities.from_dict({"account": 5}) == Quantities(account=5)
    assert Quantities(account=5).to_dict() == {"body": 1, "account": 5}
    with pytest.raises(Refused, match="seats"):
        Quantities.from_dict({"seats": 5})
    with pytest.raises(Refused, match="0以上"):
        Quantities.from_dict({"account": -5})


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=5, unique=True),
    st.lists(st.integers(0, 1000), min_size=5, max_size=5),
    st.integers(0, 3000),
    st.integers(0, 3000),
)
def test_marginal_prices_never_reward_splitting(
    starts: list[int], prices: list[int], one: int, other: int
) -> None:
    falling = sorted(prices, reverse=True)
    steps = [(1, str(falling[0]))]
    steps += [(start + 1, str(p)) for start, p in zip(sorted(starts), falling[1:], strict=False)]
    use = component(tiers=tiers(*steps))
    together = price_component(use, one + other)
    assert together <= price_component(use, one) + price_component(use, other)
    assert together >= price_component(use, one)
