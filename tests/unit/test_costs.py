"""What of costs is compared with what (domain §7)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.plan_units import Period
from procurement.domain.costs import (
    Compared,
    CostCategory,
    Term,
    add_up,
    category_of_line,
    declared_by_year,
    newest_of_each_term,
)

YEN = st.integers(-(10**12), 10**12)


def compared(alone=100, joint=70, parts=10):
    return Compared(standalone_yen=alone, joint_yen=joint, parts_yen=parts)


def test_a_saving_is_alone_less_joint_before_and_after_what_others_bear():
    assert compared().gross_yen == 80
    assert compared().saving_before_grants_yen == 20
    assert compared().saving_after_grants_yen == 30
    assert compared(alone=60).saving_before_grants_yen == -20


def test_what_is_not_known_of_one_is_not_known_of_all():
    total = add_up([compared(), compared(alone=None)])
    assert (total.joint_yen, total.standalone_yen) == (140, None)
    assert total.saving_before_grants_yen is None
    assert add_up([compared(), compared(parts=None)]).saving_before_grants_yen is None


@given(st.lists(st.tuples(YEN, YEN, YEN), min_size=1))
def test_the_saving_of_the_term_is_the_sum_of_its_years(rows):
    years = [compared(*row) for row in rows]
    total = add_up(years)
    assert total.saving_before_grants_yen == sum(y.saving_before_grants_yen for y in years)
    assert total.saving_after_grants_yen == sum(y.saving_after_grants_yen for y in years)


@pytest.mark.parametrize(
    ("line", "periods", "category"),
    [
        ("initial", (), CostCategory.BUILD_OTHER),
        ("recurring", (), CostCategory.OPERATING),
        ("option", (Period.ONCE,), CostCategory.BUILD_OTHER),
        ("option", (Period.MONTH, Period.YEAR), CostCategory.OPERATING),
        ("option", (Period.ONCE, Period.MONTH), CostCategory.OTHER),
        ("option", (), CostCategory.OTHER),
        ("cap_adjustment", (), CostCategory.OTHER),
    ],
)
def test_each_line_of_a_share_has_its_cost_category(line, periods, category):
    assert category_of_line(line, periods) is category


def test_a_later_version_of_a_term_replaces_and_a_renewal_stands_beside_it():
    first = Term(start=date(2026, 4, 1), months=60)
    moved = Term(start=date(2026, 7, 1), months=60)
    renewed = Term(start=date(2031, 7, 1), months=24)
    assert newest_of_each_term([moved, first]) == (0,)
    assert newest_of_each_term([renewed, moved, first]) == (0, 1)
    assert newest_of_each_term([]) == ()


def test_a_declared_year_is_paid_by_its_months():
    years = declared_by_year(1_000_001, date(2026, 10, 1), date(2028, 6, 1))
    assert years == {2026: 500_000, 2027: 1_000_001, 2028: 166_666}
