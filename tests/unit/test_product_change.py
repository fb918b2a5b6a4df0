"""Another certified product within the term: what it costs by year, and what stands against it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.product_change import (
    OldContract,
    ProductChange,
    cost_by_year,
    list_product_blockers,
    proposed_old_yen,
    spread_by_year,
)
from procurement.domain.signing import Certified

OLD = OldContract(
    id=1,
    number="第1号",
    vendor_id=7,
    vendor_name="架空契約株式会社",
    product="架空チャット甲",
    starts_on=date(2027, 4, 1),
    ends_on=date(2029, 3, 31),
    yen=2_400_000,
    changes=0,
)
CHANGE = ProductChange(last_day=date(2028, 1, 31), old_yen=1_000_000, reason="使い勝手のため")
OTHER = Certified(id=3, vendor_id=8, product="架空チャット乙")


def codes(change=CHANGE, old=OLD, chosen=OTHER):
    return [blocker.code for blocker in list_product_blockers(change, old, chosen)]


def test_worked_by_hand():
    """24 months of 100,000; after ten of them 14 months of the new one at 1,400,000."""
    found = cost_by_year(CHANGE, OLD, 1_400_000, date(2029, 3, 31))
    assert [
        (each.fiscal_year, each.before_yen, each.old_yen, each.new_yen, each.more_yen)
        for each in found
    ] == [(2027, 1_200_000, 1_000_000, 200_000, 0), (2028, 1_200_000, 0, 1_200_000, 0)]
    assert proposed_old_yen(OLD, date(2028, 1, 31)) == 1_000_000


@given(
    yen=st.integers(0, 10**12),
    start=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    days=st.integers(1, 4000),
)
def test_the_years_sum_to_the_yen(yen, start, days):
    ends_on = date.fromordinal(start.toordinal() + days)
    parts = spread_by_year(yen, start, ends_on)
    assert sum(parts.values()) == yen
    assert min(parts.values()) >= 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"last_day": date(2028, 1, 30)}, ["last_day"]),  # within a month
        ({"last_day": date(2027, 3, 31)}, ["last_day"]),  # before it began
        ({"last_day": date(2029, 3, 31)}, ["last_day"]),  # its own end
        ({"old_yen": 2_400_001}, ["old_yen"]),
        ({"old_yen": 2_400_000}, []),
        ({"reason": " "}, ["change_reason"]),
    ],
)
def test_what_stands_against_it(changes, expected):
    assert codes(change=replace(CHANGE, **changes)) == expected


def test_neither_the_same_product_nor_a_month_that_is_settled():
    again = Certified(id=4, vendor_id=7, product="架空チャット甲")
    assert codes(chosen=again) == ["certification_id"]
    assert codes(chosen=Certified(id=5, vendor_id=7, product="架空会議")) == []
    assert codes(old=replace(OLD, closed=date(2028, 2, 1))) == ["last_day"]
    assert codes(old=replace(OLD, closed=date(2028, 1, 1))) == []
    assert codes(old=replace(OLD, booked=frozenset({date(2028, 2, 1)}))) == ["last_day"]
    assert codes(old=replace(OLD, booked=frozenset({date(2028, 1, 1)}))) == []
