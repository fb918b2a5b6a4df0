"""What a plan would cost a body alone, and what must be known first."""

from catalog.plan_units import Unit
from catalog.plans import Plan
from catalog.sizes import estimate_plan, known_quantities, units_of


def plan(*components: dict[str, object]) -> Plan:
    own = [
        {
            "key": str(n),
            "name": f"要素{n}",
            "kind": "recurring",
            "period": "month",
            "unit_price": "100",
        }
        | component
        for n, component in enumerate(components)
    ]
    return Plan.from_dict({"name": "標準", "components": own})


def test_a_year_is_twelve_months_and_the_once_is_apart() -> None:
    setup = {"kind": "initial", "period": "once", "unit": "flat", "unit_price": "5000"}
    estimate = estimate_plan(plan(setup, {"unit": "account"}), {Unit.ACCOUNT: 10})
    assert (estimate.once_yen, estimate.annual_yen) == (5_000, 12_000)


def test_an_unknown_quantity_gives_no_figure_and_is_named() -> None:
    estimate = estimate_plan(plan({"unit": "school"}, {"unit": "flat"}), {Unit.ACCOUNT: 10})
    assert (estimate.once_yen, estimate.annual_yen) == (None, None)
    assert estimate.missing == (Unit.SCHOOL,)


def test_options_need_no_quantity_and_cost_nothing() -> None:
    optional = plan({"unit": "flat"}, {"unit": "device", "kind": "option"})
    assert units_of(optional) == ()
    assert estimate_plan(optional, {}).annual_yen == 1_200


def test_tiers_by_residents_need_the_population() -> None:
    tiered = plan(
        {
            "unit": "account",
            "tier_by": "resident",
            "mode": "all_units",
            "tiers": [
                {"from_qty": 1, "unit_price": "10"},
                {"from_qty": 1000, "unit_price": "5"},
            ],
        }
    )
    assert units_of(tiered) == (Unit.RESIDENT, Unit.ACCOUNT)
    known = {Unit.RESIDENT: 1000, Unit.ACCOUNT: 2}
    assert estimate_plan(tiered, known).annual_yen == 2 * 5 * 12


def test_facts_that_are_not_published_are_not_zero() -> None:
    known = known_quantities(population=0, households=None, staff=7)
    assert known == {Unit.RESIDENT: 0, Unit.ACCOUNT: 7}
