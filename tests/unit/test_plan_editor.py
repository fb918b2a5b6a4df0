"""The tiers as typed, and what a plan would cost the examples."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.desk.tiers import TypedTier, list_tier_blockers, stored_tiers
from catalog.plan_examples import CITY, TOWN, example_costs
from catalog.plans import Component, Plan


def typed(*rows: tuple[int | None, int | None, str | None]) -> list[TypedTier]:
    return [
        TypedTier(
            place=place,
            from_qty=start,
            to_qty=end,
            unit_price=Decimal(price) if price is not None else None,
        )
        for place, (start, end, price) in enumerate(rows)
    ]


def component(**facts: object) -> dict[str, object]:
    plain = {"key": "use", "name": "利用料", "kind": "recurring", "unit": "account"}
    return plain | {"period": "month", "unit_price": "1000"} | facts


@pytest.mark.parametrize(
    ("rows", "field", "said"),
    [
        ([(1, 10, "5"), (12, None, "4")], "1:from_qty", "11から11までの単価がありません"),
        ([(1, 10, "5"), (10, None, "4")], "1:from_qty", "重なっています"),
        ([(1, None, "5"), (None, None, "4")], "1:from_qty", "第2段階が、いくつから"),
        ([(1, 10, "5"), (11, 20, "4")], "1:to_qty", "21からの単価がありません"),
        ([(5, 4, "5")], "0:to_qty", "小さく"),
        ([(None, None, None)], "0:unit_price", "単価を入力"),
        ([(1, 10, None), (11, None, "4")], "0:unit_price", "第1段階の単価"),
    ],
)
def test_what_is_wrong_is_named_at_its_row(
    rows: list[tuple[int | None, int | None, str | None]], field: str, said: str
) -> None:
    blockers = list_tier_blockers(typed(*rows))
    assert field in [blocker.field for blocker in blockers]
    assert any(said in blocker.message for blocker in blockers)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=8))
def test_tiers_without_gap_are_stored_as_where_they_begin(widths: list[int]) -> None:
    starts = [1]
    for width in widths:
        starts.append(starts[-1] + width)
    rows = [
        (start, end, str(1000 - number))
        for number, (start, end) in enumerate(
            zip(starts, [*(after - 1 for after in starts[1:]), None], strict=True)
        )
    ]
    tiers = typed(*rows)
    assert list_tier_blockers(tiers) == []
    read = Component.from_dict(component(**stored_tiers(tiers)))
    assert [tier.from_qty for tier in read.tiers] == starts


def test_one_row_is_a_single_price_and_empty_rows_are_none() -> None:
    rows = typed((None, None, "800.5"), (None, None, None))
    assert list_tier_blockers(rows) == []
    assert stored_tiers(rows) == {"unit_price": "800.5", "tiers": []}


def test_ten_towns_together_reach_the_tier_only_where_the_plan_counts_them_together() -> None:
    tiers = [{"from_qty": 1, "unit_price": "1000"}, {"from_qty": 101, "unit_price": "500"}]
    own = Plan.from_dict({"components": [component(tiers=tiers)]})
    joint = Plan.from_dict({"components": [component(tiers=tiers, quantity_basis="joint")]})
    town, city, ten = example_costs(own)
    assert town.annual_yen == TOWN.account * 1000 * 12
    assert city.annual_yen == (100 * 1000 + (CITY.account - 100) * 500) * 12
    assert ten.annual_yen == 10 * town.annual_yen
    together = example_costs(joint)[2]
    assert together.annual_yen == (100 * 1000 + (10 * TOWN.account - 100) * 500) * 12
    assert together.annual_each_yen == together.annual_yen // 10


def test_a_plan_counting_bodies_is_reached_by_ten() -> None:
    facts = component(
        unit="body",
        tier_by="body",
        mode="all_units",
        tiers=[{"from_qty": 1, "unit_price": "100"}, {"from_qty": 10, "unit_price": "60"}],
    )
    town, _city, ten = example_costs(Plan.from_dict({"components": [facts]}))
    assert (town.annual_yen, ten.annual_yen) == (1_200, 7_200)


def test_options_are_left_out_and_once_is_apart() -> None:
    plan = Plan.from_dict(
        {
            "components": [
                component(key="setup", kind="initial", period="once", unit="flat"),
                component(key="more", kind="option"),
            ]
        }
    )
    town = example_costs(plan)[0]
    assert (town.once_yen, town.annual_yen) == (1000, 0)
