"""Quotes normalised and compared, worked by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.pricing import Plan, Quantities, Unit
from procurement.domain.pricing import Buyer
from procurement.domain.quotes import (
    Coverage,
    CoverageItem,
    list_units_missing,
    normalise,
)
from procurement.domain.scrutiny import Place, band_label, scrutinise, size_band
from tests.harness.projects import PLAN

A = Buyer(code="000001", quantities=Quantities(body=1, account=200, resident=50_000))
B = Buyer(code="000002", quantities=Quantities(body=1, account=60, resident=8_000))
EVERYTHING = dict.fromkeys(CoverageItem, Coverage.INCLUDED)


def quote(*buyers, coverage=EVERYTHING, years=5):
    return normalise(Plan.from_dict(PLAN), buyers, coverage, unit=Unit.ACCOUNT, years=years)


def test_a_plan_for_two_bodies_over_five_years():
    found = quote(A, B)
    # 100,000 once for each body; 260 accounts at 1,000 a month.
    assert (found.initial_yen, found.annual_yen) == (200_000, 3_120_000)
    assert found.by_year == (3_320_000, *(3_120_000,) * 4)
    assert found.total_yen == 15_800_000
    assert found.total_taxed_yen == 17_380_000
    assert found.per_body_yen == 7_900_000
    assert found.per_resident == Decimal("53.8")  # 3,120,000 / 58,000 = 53.79…
    assert found.per_unit == Decimal("12000")
    assert found.missing == ()


def test_what_nobody_said_is_not_included():
    found = quote(A, coverage={CoverageItem.MIGRATION: Coverage.SEPARATE})
    assert dict(found.missing) == {
        CoverageItem.MIGRATION: Coverage.SEPARATE,
        CoverageItem.TRAINING: Coverage.UNSTATED,
        CoverageItem.EXIT: Coverage.UNSTATED,
        CoverageItem.DATA_EXPORT: Coverage.UNSTATED,
    }


def test_a_missing_quantity_is_named_and_nobody_is_nothing():
    unknown = Buyer(code="000003", quantities=Quantities(body=1, resident=900))
    assert list_units_missing(Plan.from_dict(PLAN), [A, unknown]) == (Unit.ACCOUNT,)
    assert list_units_missing(Plan.from_dict(PLAN), [A, B]) == ()
    with pytest.raises(ValueError, match="nobody"):
        quote()


@given(st.integers(1, 10))
def test_the_years_add_up(years):
    found = quote(A, B, years=years)
    assert sum(found.by_year) == found.total_yen == found.initial_yen + years * found.annual_yen


def fractions(*values):
    return [Fraction(value) for value in values]


def test_the_quartiles_and_the_fences_by_hand():
    # Inclusive quartiles of 10…50: 20, 30, 40; the fences lie at −10 and 70.
    others = fractions(50, 10, 40, 20, 30)
    found = scrutinise(Fraction(70), others)
    assert (found.first, found.median, found.third) == (20, 30, 40)
    assert found.place is Place.WITHIN
    assert scrutinise(Fraction(701, 10), others).place is Place.HIGH
    assert scrutinise(Fraction(-101, 10), others).place is Place.LOW
    assert scrutinise(Fraction(701, 10), others).asks


def test_under_five_nothing_is_flagged():
    found = scrutinise(Fraction(10**9), fractions(1, 2, 3, 4))
    assert (found.place, found.count, found.median, found.asks) == (
        Place.TOO_FEW,
        4,
        None,
        False,
    )
    assert found.place.label == "比較件数不足"


@given(st.lists(st.integers(0, 10**9), min_size=5, max_size=30), st.integers(0, 10**9))
def test_the_order_of_the_others_says_nothing(values, value):
    others = fractions(*values)
    assert scrutinise(Fraction(value), others) == scrutinise(Fraction(value), others[::-1])
    middle = scrutinise(Fraction(0), others).median
    assert middle is not None
    assert scrutinise(middle, others).place is Place.WITHIN


def test_bands_have_their_lower_end():
    assert [size_band(n) for n in (0, 49_999, 50_000, 1_000_000)] == [0, 0, 1, 3]
    assert [band_label(n) for n in range(4)] == [
        "5万人未満",
        "5万人以上20万人未満",
        "20万人以上100万人未満",
        "100万人以上",
    ]
