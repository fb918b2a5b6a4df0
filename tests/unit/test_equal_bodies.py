"""What equal bodies pay together in the catalog is what the projects' own computation says."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog.pricing import (
    Kind,
    Period,
    Plan,
    Quantities,
    price_equal_bodies,
    price_plan,
)
from procurement.domain.pricing import Buyer, price_jointly


@st.composite
def components(draw: st.DrawFn, key: str) -> dict[str, Any]:
    by = draw(st.sampled_from(["unit", "body", "resident"]))
    prices = sorted(draw(st.lists(st.integers(0, 5_000), min_size=1, max_size=3)), reverse=True)
    starts = sorted(draw(st.sets(st.integers(2, 400), min_size=2, max_size=2)))
    return {
        "key": key,
        "name": key,
        "kind": "recurring",
        "unit": draw(st.sampled_from(["flat", "body", "resident", "account"])),
        "period": draw(st.sampled_from(["month", "year"])),
        "tiers": [
            {"from_qty": start, "unit_price": str(price)}
            for start, price in zip([1, *starts], prices, strict=False)
        ],
        "tier_by": by,
        "mode": "all_units" if by != "unit" else draw(st.sampled_from(["marginal", "all_units"])),
        "quantity_basis": draw(st.sampled_from(["own", "joint"])),
        "minimum_yen": draw(st.sampled_from([0, 10_000])),
        "unit_size": draw(st.sampled_from([1, 10])),
    }


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    keys = ["a", "b", "c"][: draw(st.integers(1, 3))]
    return Plan.from_dict({"name": "p", "components": [draw(components(key)) for key in keys]})


@given(plans(), st.integers(0, 5_000), st.integers(0, 300), st.integers(1, 40))
def test_the_sum_equals_the_joint_price_of_so_many_buyers(
    plan: Plan, residents: int, accounts: int, bodies: int
) -> None:
    one = Quantities(resident=residents, account=accounts)
    buyers = [Buyer(code=f"{n:06}", quantities=one) for n in range(bodies)]
    price = price_equal_bodies(plan, one, bodies)
    for period in (Period.MONTH, Period.YEAR):
        jointly = price_jointly(plan, buyers, Kind.RECURRING, period)
        total = sum(cost.amount_yen for cost in jointly)
        assert price.total_yen(Kind.RECURRING, period) == total


@given(plans(), st.integers(0, 5_000), st.integers(0, 300))
def test_one_body_together_is_one_body_alone(plan: Plan, residents: int, accounts: int) -> None:
    one = Quantities(resident=residents, account=accounts)
    assert price_equal_bodies(plan, one, 1).annual_yen == price_plan(plan, one).annual_yen


def test_a_year_with_tax_is_rounded_down_once_per_rate() -> None:
    parts = [
        {"key": k, "name": k, "kind": "recurring", "unit": "flat", "period": "month"}
        | {"unit_price": price, "tax_rate": rate}
        for k, price, rate in (("a", "101", "10"), ("b", "33", "8"))
    ]
    price = price_plan(Plan.from_dict({"name": "p", "components": parts}), Quantities())
    assert price.annual_yen == 12 * 134
    assert price.annual_taxed_yen == 1_212 * 110 // 100 + 396 * 108 // 100
