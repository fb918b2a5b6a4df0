"""Goal lines (F18): the state's 30 % for the standard 20 tasks, elsewhere a goal of one's own.

Amounts are 運用等経費 of one body and fiscal year, whole yen, tax-included.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from catalog.policy import PolicyScope
from foundation.clock import fiscal_year_start
from foundation.labels import LabelledEnum

BASELINE_YEAR = 2018
# 0.70 × the baseline, in whole parts so that no float comes near money.
_GOAL, _OF = 7, 10
# R30: the state looks first at systems whose running costs as much a year.
LARGE_COST_YEN = 100_000_000
# R30: 「計約5,400億円」 of FY2020, in 億円: a round figure, and so is what is left of it.
STATE_BASE_YEAR, STATE_GOAL_YEAR = 2020, 2025
STATE_BASE_OKU = 5_400


class GoalKind(LabelledEnum):
    """Whose goal it is, or why there is no line."""

    STATE = "state", "国の削減目標（2018年度比30％以上）"
    BEFORE_MIGRATION = "before_migration", "移行完了後に適用"
    NO_BASELINE = "no_baseline", "2018年度の実績が未登録"
    OWN = "own", "独自目標"
    NONE = "none", "目標なし"


@dataclass(frozen=True, kw_only=True)
class Goal:
    """goal_yen: None where there is no line to draw. from_year: the first year it counts in."""

    kind: GoalKind
    baseline_yen: int | None = None
    goal_yen: int | None = None
    from_year: int | None = None

    def judged(self, fiscal_year: int, actual_yen: int) -> str:
        """In words, of one year's settlement."""
        if self.goal_yen is None:
            return self.kind.label if self.kind is not GoalKind.NONE else ""
        if self.from_year is not None and fiscal_year < self.from_year:
            return GoalKind.BEFORE_MIGRATION.label
        return "達成" if actual_yen <= self.goal_yen else "未達成"


def find_goal(
    scope: str, *, baseline_yen: int | None, migrated_on: date | None, own_yen: int | None
) -> Goal:
    """The line that is drawn for a body. migrated_on: its first day of use, None before.

    For the standard 20 tasks the state's, and never another in its place; else the own one.
    """
    if scope != PolicyScope.STANDARD_20:
        kind = GoalKind.NONE if own_yen is None else GoalKind.OWN
        return Goal(kind=kind, goal_yen=own_yen)
    if migrated_on is None:
        return Goal(kind=GoalKind.BEFORE_MIGRATION, baseline_yen=baseline_yen)
    if baseline_yen is None:
        return Goal(kind=GoalKind.NO_BASELINE)
    return Goal(
        kind=GoalKind.STATE,
        baseline_yen=baseline_yen,
        goal_yen=goal_of(baseline_yen),
        from_year=_first_whole_year(migrated_on),
    )


def goal_of(baseline_yen: int) -> int:
    """The most whole yen that is at least 30 % less: actual ≤ 0.70 × baseline ⇔ ≤ this."""
    return baseline_yen * _GOAL // _OF


def is_achieved(baseline_yen: int, actual_yen: int) -> bool:
    """Equality passes."""
    return actual_yen * _OF <= baseline_yen * _GOAL


def reduction_percent(baseline_yen: int, actual_yen: int) -> Decimal | None:
    """Positive for a reduction, to one decimal; None for a baseline of 0."""
    if not baseline_yen:
        return None
    exact = Fraction(100 * (baseline_yen - actual_yen), baseline_yen)
    rounded = Decimal(exact.numerator) / Decimal(exact.denominator)
    return rounded.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def reduction_text(baseline_yen: int, actual_yen: int) -> str:
    """「30.0 %減」, 「30.0 %増」."""
    rate = reduction_percent(baseline_yen, actual_yen)
    if rate is None:
        return "算出不可"
    if rate == 0:
        return "増減なし"
    return f"{abs(rate)} %{'減' if rate > 0 else '増'}"


def _first_whole_year(migrated_on: date) -> int:
    """The first fiscal year that begins on or after the first day of use."""
    year = migrated_on.year
    return year if fiscal_year_start(year) >= migrated_on else year + 1
