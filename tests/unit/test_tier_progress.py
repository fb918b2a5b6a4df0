"""「あと3団体で次の単価」, by hand; and that reaching it is what the plan then charges."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from catalog.pricing import Kind, Period, Plan, Quantities
from procurement.domain.pricing import Buyer, price_jointly
from procurement.domain.tier_progress import tier_progress


def plan(**changes):
    component = {
        "key": "usage",
        "name": "利用料",
        "kind": "recurring",
        "unit": "account",
        "period": "month",
        "mode": "all_units",
        "quantity_basis": "joint",
        "tiers": [
            {"from_qty": 1, "unit_price": "1000"},
            {"from_qty": 301, "unit_price": "800"},
        ],
    }
    return Plan.from_dict({"name": "試算", "components": [component | changes]})


def buyers(*accounts):
    return [
        Buyer(code=f"{n:06d}", quantities=Quantities(body=1, account=count, resident=count * 100))
        for n, count in enumerate(accounts, start=1)
    ]


def amount(a_plan, some):
    (cost,) = price_jointly(a_plan, some, Kind.RECURRING, Period.MONTH)
    return cost.amount_yen


def test_the_missing_quantity_and_the_saving():
    (tier,) = tier_progress(plan(), buyers(200, 60))
    assert (tier.quantity, tier.missing, tier.price) == (260, 41, Decimal(1000))
    assert (tier.next_price, tier.saving_yen) == (Decimal(800), 260 * 200)
    (last,) = tier_progress(plan(), buyers(200, 101))
    assert (last.missing, last.next_price, last.saving_yen) == (None, None, 0)


def test_tiers_counted_by_bodies():
    by_body = plan(
        tier_by="body",
        quantity_basis="own",
        tiers=[{"from_qty": 1, "unit_price": "1000"}, {"from_qty": 5, "unit_price": "900"}],
    )
    (tier,) = tier_progress(by_body, buyers(10, 20))
    assert (tier.counted.value, tier.quantity, tier.missing) == ("body", 2, 3)
    assert tier.saving_yen == 30 * 100


def test_marginal_tiers_save_nothing_on_what_is_there():
    (tier,) = tier_progress(plan(mode="marginal"), buyers(200, 60))
    assert (tier.missing, tier.saving_yen, tier.marginal) == (41, 0, True)


def test_what_each_counts_for_itself_has_no_way_to_go_together():
    assert tier_progress(plan(quantity_basis="own"), buyers(200)) == ()
    assert tier_progress(plan(), []) == ()


@given(st.integers(1, 400), st.sampled_from([1, 10, 25]))
def test_with_the_missing_quantity_the_next_price_holds(count, size):
    blocks = plan(
        unit_size=size,
        tiers=[{"from_qty": 1, "unit_price": "1000"}, {"from_qty": 12, "unit_price": "700"}],
    )
    (tier,) = tier_progress(blocks, buyers(count))
    if tier.missing is None:
        assert amount(blocks, buyers(count)) == -(-count // size) * 700
        return
    assert tier.missing > 0
    (there,) = tier_progress(blocks, buyers(count + tier.missing))
    (before,) = tier_progress(blocks, buyers(count + tier.missing - 1))
    assert there.price == 700
    assert before.price == 1000
