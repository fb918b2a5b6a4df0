"""Staff bands, who is in charge, and when nobody is."""

from datetime import date

import pytest

from procurement.domain.offices import (
    Office,
    StaffBand,
    in_charge,
    is_vacant,
    next_first_of_april,
    staff_band,
)

APRIL = date(2027, 4, 1)
LEAVING = Office(contact_name="前任", hands_over_on=APRIL)


@pytest.mark.parametrize(
    ("staff", "band"),
    [(None, "未入力"), (0, "0〜1人"), (1, "0〜1人"), (2, "2〜3人"), (3, "2〜3人"), (4, "4人以上")],
)
def test_the_bands_rebuild_both_figures_of_the_papers(staff, band):
    assert staff_band(staff).label == band
    assert len(StaffBand) == 4


def test_from_the_day_on_the_successor_is_in_charge():
    followed = Office(contact_name="前任", hands_over_on=APRIL, successor_name="後任")
    assert in_charge(followed, date(2027, 3, 31)) == "前任"
    assert in_charge(followed, APRIL) == "後任"
    assert in_charge(LEAVING, APRIL) == ""


def test_nobody_is_there_without_a_successor_or_without_an_account():
    assert not is_vacant(LEAVING, True, date(2027, 3, 31))
    assert is_vacant(LEAVING, True, APRIL)
    assert is_vacant(None, False, APRIL)
    assert not is_vacant(None, True, APRIL)


def test_the_next_change_is_the_first_of_april():
    assert next_first_of_april(date(2027, 3, 31)) == APRIL
    assert next_first_of_april(APRIL) == date(2028, 4, 1)
