"""Goal lines (F18): the state's for the standard 20 tasks after migration, else one's own."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.cost_goals import (
    GoalKind,
    find_goal,
    goal_of,
    is_achieved,
    reduction_percent,
    reduction_text,
)

MIGRATED = date(2026, 4, 1)
BASE = 100_000_000


@pytest.mark.parametrize(
    ("actual", "achieved", "rate", "words"),
    [
        (70_000_000, True, "30.0", "30.0 %減"),
        (70_000_001, False, "30.0", "30.0 %減"),
        (130_000_000, False, "-30.0", "30.0 %増"),
        (100_000_000, False, "0.0", "増減なし"),
    ],
)
def test_the_fixtures_of_the_design(actual, achieved, rate, words):
    assert goal_of(BASE) == 70_000_000
    assert is_achieved(BASE, actual) is achieved
    assert reduction_percent(BASE, actual) == Decimal(rate)
    assert reduction_text(BASE, actual) == words


@given(st.integers(0, 10**13), st.integers(0, 10**13))
def test_the_line_says_exactly_what_the_rule_says(baseline, actual):
    assert (actual <= goal_of(baseline)) is is_achieved(baseline, actual)
    assert is_achieved(baseline, actual) is (actual * 100 <= baseline * 70)


@pytest.mark.parametrize(
    ("scope", "baseline", "migrated", "own", "kind", "yen"),
    [
        ("standard_20", BASE, MIGRATED, None, GoalKind.STATE, 70_000_000),
        ("standard_20", BASE, None, None, GoalKind.BEFORE_MIGRATION, None),
        ("standard_20", None, MIGRATED, None, GoalKind.NO_BASELINE, None),
        ("standard_20", None, MIGRATED, 5, GoalKind.NO_BASELINE, None),
        ("general", BASE, MIGRATED, None, GoalKind.NONE, None),
        ("general", None, None, 5, GoalKind.OWN, 5),
        ("common_saas_candidate", BASE, MIGRATED, 0, GoalKind.OWN, 0),
    ],
)
def test_where_which_line_is_drawn(scope, baseline, migrated, own, kind, yen):
    goal = find_goal(scope, baseline_yen=baseline, migrated_on=migrated, own_yen=own)
    assert (goal.kind, goal.goal_yen) == (kind, yen)


def test_the_words_where_there_is_no_line():
    assert GoalKind.BEFORE_MIGRATION.label == "移行完了後に適用"
    assert GoalKind.NO_BASELINE.label == "2018年度の実績が未登録"


@pytest.mark.parametrize(
    ("year", "words"), [(2025, "移行完了後に適用"), (2026, "達成"), (2027, "達成")]
)
def test_a_year_that_began_before_the_migration_is_not_judged(year, words):
    goal = find_goal("standard_20", baseline_yen=BASE, migrated_on=MIGRATED, own_yen=None)
    assert goal.judged(year, 70_000_000) == words
    late = find_goal("standard_20", baseline_yen=BASE, migrated_on=date(2026, 5, 1), own_yen=None)
    assert late.judged(2026, 1) == "移行完了後に適用"
    assert late.judged(2027, 70_000_001) == "未達成"
