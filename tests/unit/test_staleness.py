"""Which facts of an entry nobody has looked at for a year."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.criteria import criteria_by_key
from catalog.staleness import DAY, STALE_AFTER_YEARS, list_stale_facts, whole_years

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("since", "today", "years"),
    [
        (date(2025, 11, 20), TODAY, 1),
        (date(2025, 11, 21), TODAY, 0),
        (TODAY, TODAY, 0),
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2024, 2, 29), date(2028, 2, 29), 4),
    ],
)
def test_years_are_whole_ones(since: date, today: date, years: int) -> None:
    assert whole_years(since, today) == years


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 20_000))
def test_the_years_fit_between_the_days(since: date, days: int) -> None:
    today = since + timedelta(days=days)
    years = whole_years(since, today)
    assert 365 * years <= days < 366 * (years + 1)


def test_every_fact_with_a_cut_point_has_a_day_to_measure_from() -> None:
    for key in STALE_AFTER_YEARS:
        assert DAY in {column.key for column in criteria_by_key()[key].columns}


def test_only_what_was_looked_at_long_ago_is_stale() -> None:
    answers = {
        "external_listings": {
            "dmp": {"number": "1", "checked_on": "2024-11-01"},
            "bosai_dx": {"number": "2", "checked_on": "2026-01-01"},
            "water_dx": {"number": "3"},
        },
        "certificates": {"ismap": {"number": "4", "checked_on": "2025-11-20"}},
    }
    found = [(fact.criterion, fact.row, fact.years) for fact in list_stale_facts(answers, TODAY)]
    assert found == [("certificates", "ismap", 1), ("external_listings", "dmp", 2)]
    assert list_stale_facts({"certificates": None}, TODAY) == ()
