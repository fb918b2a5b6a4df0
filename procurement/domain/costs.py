"""The words of costs (domain §7), and what of them is compared: stand-alone, joint, actual.

Amounts are whole yen, tax-included. A settlement and a budget are never one unmarked line.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from catalog.plan_units import Kind, Period
from foundation.clock import add_months, fiscal_year_of
from foundation.labels import LabelledEnum
from procurement.domain.states import State


class CostCategory(LabelledEnum):
    """What money is for; the four are disjoint, 整備経費 is the two builds."""

    OPERATING = "operating", "運用等経費"
    BUILD_MODIFICATION = "build_modification", "整備経費（システム改修）"
    BUILD_OTHER = "build_other", "整備経費（その他）"
    OTHER = "other", "その他"


class CostBasis(LabelledEnum):
    """What a figure is, in the order of how sure it is."""

    SETTLEMENT = "settlement", "決算"
    BUDGET_INITIAL = "budget_initial", "当初予算"
    BUDGET_REVISED = "budget_revised", "補正後予算"
    CONTRACT = "contract", "契約額"
    ESTIMATE = "estimate", "見込み"


# Public after contracting: bodies, contract amounts, shares (domain §8), and what bodies report.
COSTS_ARE_PUBLIC = frozenset({State.INTRODUCTION, State.OPERATION, State.CLOSED})
# What a body enters about itself; contract and estimate follow from the project.
ENTERED = (CostBasis.SETTLEMENT, CostBasis.BUDGET_INITIAL, CostBasis.BUDGET_REVISED)
_BY_LINE: Mapping[str, CostCategory] = {
    "initial": CostCategory.BUILD_OTHER,
    "recurring": CostCategory.OPERATING,
}


def category_of_line(line: str, option_periods: Iterable[Period] = ()) -> CostCategory:
    """initial → build, recurring → operating, option → by its own kind (domain §7).

    line: category of a share line. option_periods: of the plan's options; bought once it is
    built, paid again and again it runs. What is both, or an adjustment, is 「その他」.
    """
    if line != Kind.OPTION.value:
        return _BY_LINE.get(line, CostCategory.OTHER)
    once = {period is Period.ONCE for period in option_periods}
    if len(once) != 1:
        return CostCategory.OTHER
    return CostCategory.BUILD_OTHER if once.pop() else CostCategory.OPERATING


@dataclass(frozen=True, kw_only=True)
class Term:
    """A stretch of joint use. start: the first day of a month; end: the first day after it."""

    start: date
    months: int

    @property
    def end(self) -> date:
        return add_months(self.start, self.months)

    def overlaps(self, other: "Term") -> bool:
        """Whether both have a day in common."""
        return self.start < other.end and other.start < self.end


def newest_of_each_term(terms: Sequence[Term]) -> tuple[int, ...]:
    """The places of what counts, newest first. terms: of versions, from the newest to the oldest.

    A later version of the same term replaces an earlier one; that of a renewal stands beside it.
    """
    kept: list[int] = []
    for place, term in enumerate(terms):
        if not any(term.overlaps(terms[other]) for other in kept):
            kept.append(place)
    return tuple(kept)


def declared_by_year(annual_yen: int, starts_on: date, ends: date) -> dict[int, int]:
    """A declared yearly figure over the months of use: fiscal year → yen, floored per year.

    starts_on: the first day of the first month; ends: the first day after the last one.
    """
    return {year: annual_yen * count // 12 for year, count in _months_by_year(starts_on, ends)}


@lru_cache(maxsize=64)  # two hundred bodies of a project have the same term
def _months_by_year(starts_on: date, ends: date) -> tuple[tuple[int, int], ...]:
    """Fiscal years of use, each with its number of months."""
    months = Counter[int]()
    day = starts_on
    while day < ends:
        months[fiscal_year_of(day)] += 1
        day = add_months(day, 1)
    return tuple(months.items())


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One body or all of them, in one fiscal year or over the term. None: not known.

    joint_yen: what the bodies bear. parts_yen: what prefecture and grants bear of the same.
    """

    standalone_yen: int | None
    joint_yen: int
    parts_yen: int | None = 0

    @property
    def gross_yen(self) -> int | None:
        """What the vendor is paid."""
        return None if self.parts_yen is None else self.joint_yen + self.parts_yen

    @property
    def saving_before_grants_yen(self) -> int | None:
        """What buying together itself saves; negative where it costs more."""
        if self.standalone_yen is None or self.gross_yen is None:
            return None
        return self.standalone_yen - self.gross_yen

    @property
    def saving_after_grants_yen(self) -> int | None:
        """What the bodies save, the parts of others included."""
        return None if self.standalone_yen is None else self.standalone_yen - self.joint_yen


def add_up(rows: Iterable[Compared]) -> Compared:
    """The sum; a figure that one row lacks is not known for all: no sum of a part is shown."""
    listed = list(rows)
    return Compared(
        standalone_yen=sum_if_known(row.standalone_yen for row in listed),
        joint_yen=sum(row.joint_yen for row in listed),
        parts_yen=sum_if_known(row.parts_yen for row in listed),
    )


def sum_if_known(figures: Iterable[int | None]) -> int | None:
    """The sum, or None as soon as one figure is missing."""
    total = 0
    for figure in figures:
        if figure is None:
            return None
        total += figure
    return total
