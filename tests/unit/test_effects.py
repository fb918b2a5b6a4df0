"""Effects in their own units, and what others pay of the costs (F20, F22)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.effects import Change, EffectUnit, saved_by_unit
from procurement.domain.funding import FundingStatus, Grant, net_lines

HOURS, MINUTES = EffectUnit.H_PER_MONTH, EffectUnit.MIN_PER_CASE


def change(before, after, unit=HOURS):
    return Change(unit=unit, before=Decimal(before), after=Decimal(after))


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("52.4", "18.1", "52.4 → 18.1 時間/月（−34.3, −65.5 %）"),
        ("1200", "1200", "1,200 → 1,200 時間/月（±0, ±0 %）"),
        ("10", "12.25", "10 → 12.25 時間/月（+2.25, +22.5 %）"),
        ("0", "3", "0 → 3 時間/月（+3）"),
    ],
)
def test_an_effect_in_words(before, after, text):
    assert change(before, after).text == text


def test_units_are_never_added_together():
    changes = [change("10", "4"), change("5", "6"), change("30", "10", MINUTES)]
    assert saved_by_unit(changes) == {MINUTES: Decimal(20), HOURS: Decimal(5)}
    assert saved_by_unit([]) == {}


def grant(year, yen, status=FundingStatus.DECIDED, code=None):
    return Grant(fiscal_year=year, body_code=code, status=status, amount_yen=yen)


def test_net_is_after_what_is_decided_and_says_what_is_planned():
    planned = FundingStatus.PLANNED
    grants = [grant(2026, 30), grant(2026, 20, code="992011"), grant(2027, 5, planned)]
    lines = net_lines(grants, {2026: 100, 2027: 50}, {("992011", 2026): 40})
    assert [
        (x.fiscal_year, x.body_code, x.gross_yen, x.decided_yen, x.net_yen, x.net_if_granted_yen)
        for x in lines
    ] == [
        (2026, None, 100, 50, 50, 50),
        (2026, "992011", 40, 20, 20, 20),
        (2027, None, 50, 0, 50, 45),
    ]


def test_a_grant_of_a_year_without_costs_is_still_said():
    (line,) = net_lines([grant(2030, 7)], {}, {})
    assert (line.gross_yen, line.net_yen, line.decided_yen) == (None, None, 7)


@given(
    st.lists(
        st.builds(
            grant,
            st.integers(2020, 2030),
            st.integers(0, 10**9),
            st.sampled_from(list(FundingStatus)),
        )
    )
)
def test_nothing_given_is_lost(grants):
    lines = [line for line in net_lines(grants, {}, {}) if line.body_code is None]
    assert sum(line.decided_yen + line.planned_yen for line in lines) == sum(
        each.amount_yen for each in grants
    )
