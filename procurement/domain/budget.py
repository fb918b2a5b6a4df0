"""予算要求: which 節 a body books its share under, in thousand yen, and what binds later years.

The contract model says who pays whom: a body with its own contract buys a service, a body that
acts through another pays that other. A figure is asked for in thousand yen, rounded up, so that
what is voted covers what is paid. Amounts include tax.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from foundation.clock import fiscal_year_of
from foundation.labels import LabelledEnum
from procurement.domain.states import ContractModel

THOUSAND = 1_000


class Expense(LabelledEnum):
    """節: the kind of expenditure."""

    USE = "use", "使用料及び賃借料"
    COMMISSION = "commission", "委託料"
    SHARE = "share", "負担金補助及び交付金"
    EQUIPMENT = "equipment", "備品購入費"
    OPEN = "open", "契約の形が決まっていないため未定"


# Through another body's contract a body pays a share, whatever is bought with it.
_THROUGH_ANOTHER = frozenset({ContractModel.DELEGATION, ContractModel.INTERMEDIARY})
_BY_CATEGORY: Mapping[str, Expense] = {
    "initial": Expense.COMMISSION,
    "recurring": Expense.USE,
    "option": Expense.USE,
}


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A part of a body's share. category: initial, recurring, option; tax-included whole yen."""

    fiscal_year: int
    category: str
    yen: int


@dataclass(frozen=True, kw_only=True)
class BudgetLine:
    """What is asked for in one fiscal year under one 節."""

    fiscal_year: int
    expense: Expense
    yen: int

    @property
    def thousand_yen(self) -> int:
        return in_thousands(self.yen)


@dataclass(frozen=True, kw_only=True)
class LaterYears:
    """債務負担行為: the fiscal years bound beyond the one in which the contract is signed."""

    contract_year: int
    first_year: int
    last_year: int
    limit_yen: int

    @property
    def limit_thousand_yen(self) -> int:
        return in_thousands(self.limit_yen)


def in_thousands(yen: int) -> int:
    """Thousand yen, rounded up. yen must not be negative."""
    if yen < 0:
        raise ValueError("yen must not be negative")
    return -(-yen // THOUSAND)


def expense_of(model: ContractModel | None, category: str, *, buys_property: bool) -> Expense:
    """The 節 of a cost category under a contract model. Raises KeyError for an unknown one."""
    expense = _BY_CATEGORY[category]
    if model is None:
        return Expense.OPEN
    if model in _THROUGH_ANOTHER:
        return Expense.SHARE
    return Expense.EQUIPMENT if buys_property and category == "initial" else expense


def budget_lines(
    amounts: Iterable[Amount], model: ContractModel | None, *, buys_property: bool
) -> tuple[BudgetLine, ...]:
    """One line per fiscal year and 節, the years in order; nothing is asked for 0 yen.

    The lines' yen sum to the amounts' yen.
    """
    sums: dict[tuple[int, Expense], int] = {}
    for amount in amounts:
        expense = expense_of(model, amount.category, buys_property=buys_property)
        key = (amount.fiscal_year, expense)
        sums[key] = sums.get(key, 0) + amount.yen
    order = list(Expense)
    return tuple(
        BudgetLine(fiscal_year=year, expense=expense, yen=yen)
        for (year, expense), yen in sorted(
            sums.items(), key=lambda item: (item[0][0], order.index(item[0][1]))
        )
        if yen
    )


def default_contract_year(term_start: date) -> int:
    """The fiscal year the contract is signed in: before 1 April for a term that begins then."""
    year = fiscal_year_of(term_start)
    return year - 1 if (term_start.month, term_start.day) == (4, 1) else year


def later_years(lines: Iterable[BudgetLine], contract_year: int) -> LaterYears | None:
    """What the years after that of the contract add up to; None where there is none."""
    later = [line for line in lines if line.fiscal_year > contract_year]
    if not later:
        return None
    return LaterYears(
        contract_year=contract_year,
        first_year=min(line.fiscal_year for line in later),
        last_year=max(line.fiscal_year for line in later),
        limit_yen=sum(line.yen for line in later),
    )
