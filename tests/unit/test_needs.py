"""Months, contradictions, counts too small to show, and the saving of buying together."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.plan_units import Quantities, Unit
from catalog.plans import Plan
from foundation.text import EARLIEST_DAY, LATEST_DAY, parse_month
from procurement.domain.joint_saving import can_be_priced, estimate_saving
from procurement.domain.needs import (
    CONFLICTS,
    SMALLEST_SHOWN,
    Demand,
    MustHave,
    coarsen,
    list_contradictions,
    month_day,
    month_index,
    ready_month,
    two_digits,
)
from procurement.domain.pricing import Buyer
from tests.harness.projects import PLAN


@pytest.mark.parametrize(
    ("wanted", "ends", "ready"),
    [
        (date(2027, 4, 1), None, date(2027, 4, 1)),
        (date(2027, 4, 1), date(2027, 3, 31), date(2027, 4, 1)),
        (date(2027, 4, 1), date(2027, 4, 15), date(2027, 5, 1)),
        (date(2027, 4, 1), date(2028, 12, 31), date(2029, 1, 1)),
    ],
)
def test_a_body_is_ready_once_it_wishes_and_is_no_longer_bound(wanted, ends, ready):
    assert month_day(ready_month(wanted, ends)) == ready


@given(st.dates(EARLIEST_DAY, LATEST_DAY))
def test_a_month_is_found_again(day):
    assert month_day(month_index(day)) == day.replace(day=1)


@pytest.mark.parametrize(
    "text", ["2027-04", "2027/4", "２０２７年４月", "令和9年4月", "R9.4", "2027-04-15"]
)
def test_a_month_is_read_as_people_type_it(text):
    assert parse_month(text) == date(2027, 4, 1)


@pytest.mark.parametrize("text", ["4月", "2027", "2027-13", "来年", "2027-04-31"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError, match="年月として読めません"):
        parse_month(text)


def test_contradictions_are_named():
    (pair, _) = CONFLICTS
    assert list_contradictions([each.value for each in pair]) == [pair]
    assert list_contradictions([MustHave.AS_IT_IS, MustHave.DATA_RETURN]) == []


def demand(bodies, **facts):
    values = {"population": 123_456, "quantity": 7_777, "ends": {2026: 2, 2027: 5}}
    return Demand(
        system_type_code="gis", fictional=False, bodies=bodies, unit="account", **(values | facts)
    )


def test_few_bodies_leave_no_figure_in_public():
    coarse = coarsen(demand(SMALLEST_SHOWN - 1))
    assert (coarse.bodies, coarse.population, coarse.quantity) == (None, None, None)
    assert coarse.ends == {}


def test_enough_bodies_are_shown_coarsely():
    coarse = coarsen(demand(SMALLEST_SHOWN))
    assert (coarse.bodies, coarse.population, coarse.quantity) == (5, 120_000, 7_700)
    assert coarse.ends == {2027: 5}


@given(st.integers(0, 10**12))
def test_two_digits_are_kept(quantity):
    floored = two_digits(quantity)
    assert floored <= quantity
    assert str(floored).strip("0") in ("", *(str(quantity)[:n].rstrip("0") for n in (1, 2)))


def buyer(code, accounts):
    return Buyer(code=code, quantities=Quantities(account=accounts, resident=9, household=4))


def test_a_saving_by_hand():
    """200 and 160 alone at 1,000 yen a month; 360 together at 800; plus 10% tax, twelve months."""
    saving = estimate_saving(
        [Plan.from_dict(PLAN)], [buyer("1", 200), buyer("2", 160)], Unit.ACCOUNT
    )
    assert saving is not None
    assert saving.alone.low_yen == 360 * 1_000 * 11 // 10 * 12
    assert saving.joint.low_yen == 360 * 800 * 11 // 10 * 12
    assert saving.saving.low_yen == saving.alone.low_yen - saving.joint.low_yen == 950_400
    assert (saving.plans, saving.bodies) == (1, 2)


def test_a_range_keeps_each_plan_to_itself():
    flat = PLAN | {
        "components": [
            {
                "key": "use",
                "name": "利用料",
                "kind": "recurring",
                "unit": "account",
                "unit_price": "500",
                "period": "month",
            }
        ]
    }
    plans = [Plan.from_dict(PLAN), Plan.from_dict(flat)]
    saving = estimate_saving(plans, [buyer("1", 200), buyer("2", 160)], Unit.ACCOUNT)
    assert saving is not None
    assert (saving.saving.low_yen, saving.saving.high_yen) == (0, 950_400)


def test_a_plan_that_counts_what_nobody_said_serves_no_estimate():
    plan = Plan.from_dict(PLAN)
    assert can_be_priced(plan, Unit.ACCOUNT)
    assert not can_be_priced(plan, Unit.METER)
    assert estimate_saving([plan], [buyer("1", 5), buyer("2", 6)], Unit.METER) is None
    assert estimate_saving([plan], [buyer("1", 5)], Unit.ACCOUNT) is None
