"""予算要求: by 節 and in thousand yen, exact in yen, enough in thousands."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.budget import (
    Amount,
    BudgetLine,
    Expense,
    budget_lines,
    default_contract_year,
    expense_of,
    in_thousands,
    later_years,
)
from procurement.domain.states import ContractModel

CATEGORIES = ("initial", "recurring", "option")
AMOUNTS = st.lists(
    st.builds(
        Amount,
        fiscal_year=st.integers(2027, 2033),
        category=st.sampled_from(CATEGORIES),
        yen=st.integers(0, 10**12),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("model", "category", "buys", "expected"),
    [
        (ContractModel.BASIC_AND_INDIVIDUAL, "recurring", False, Expense.USE),
        (ContractModel.BASIC_AND_INDIVIDUAL, "initial", False, Expense.COMMISSION),
        (ContractModel.BASIC_AND_INDIVIDUAL, "initial", True, Expense.EQUIPMENT),
        (ContractModel.SELECTION_AND_REQUOTE, "option", False, Expense.USE),
        (ContractModel.RECOMMENDED_PRODUCT, "recurring", True, Expense.USE),
        (ContractModel.DELEGATION, "initial", False, Expense.SHARE),
        (ContractModel.INTERMEDIARY, "recurring", False, Expense.SHARE),
        (ContractModel.INTERMEDIARY, "initial", True, Expense.SHARE),
        (None, "recurring", False, Expense.OPEN),
    ],
)
def test_the_contract_model_names_the_expense(model, category, buys, expected):
    assert expense_of(model, category, buys_property=buys) is expected


def test_a_category_nobody_knows_is_not_booked_silently():
    with pytest.raises(KeyError):
        expense_of(ContractModel.DELEGATION, "gift", buys_property=False)


def test_worked_by_hand():
    """FY2027: 1,234,567 set-up, 600,001 + 30,000 running; FY2028: 720,000 running."""
    lines = budget_lines(
        [
            Amount(fiscal_year=2028, category="recurring", yen=720_000),
            Amount(fiscal_year=2027, category="initial", yen=1_234_567),
            Amount(fiscal_year=2027, category="recurring", yen=600_001),
            Amount(fiscal_year=2027, category="option", yen=30_000),
        ],
        ContractModel.BASIC_AND_INDIVIDUAL,
        buys_property=False,
    )
    assert [(x.fiscal_year, x.expense, x.yen, x.thousand_yen) for x in lines] == [
        (2027, Expense.USE, 630_001, 631),
        (2027, Expense.COMMISSION, 1_234_567, 1_235),
        (2028, Expense.USE, 720_000, 720),
    ]
    bound = later_years(lines, 2026)
    assert (bound.first_year, bound.last_year, bound.limit_yen) == (2027, 2028, 2_584_568)
    assert bound.limit_thousand_yen == 2_585
    only = later_years(lines, 2027)
    assert (only.first_year, only.last_year, only.limit_yen) == (2028, 2028, 720_000)
    assert later_years(lines, 2028) is None


@given(AMOUNTS, st.sampled_from([None, *ContractModel]), st.booleans())
def test_nothing_is_lost_and_what_is_voted_is_enough(amounts, model, buys):
    lines = budget_lines(amounts, model, buys_property=buys)
    assert sum(x.yen for x in lines) == sum(x.yen for x in amounts)
    assert budget_lines(amounts[::-1], model, buys_property=buys) == lines
    for line in lines:
        assert 0 <= line.thousand_yen * 1_000 - line.yen < 1_000
    for year in range(2026, 2034):
        bound = later_years(lines, year)
        now = sum(x.yen for x in lines if x.fiscal_year <= year)
        assert now + (bound.limit_yen if bound else 0) == sum(x.yen for x in lines)


def test_thousands_are_rounded_up_and_never_of_a_debt():
    assert [in_thousands(n) for n in (0, 1, 999, 1_000, 1_001)] == [0, 1, 1, 1, 2]
    with pytest.raises(ValueError, match="negative"):
        in_thousands(-1)


def test_a_term_from_april_is_signed_in_the_year_before():
    assert default_contract_year(date(2027, 4, 1)) == 2026
    assert default_contract_year(date(2027, 10, 1)) == 2027
    assert default_contract_year(date(2028, 1, 1)) == 2027


def test_a_line_of_nothing_is_not_asked_for():
    amounts = [Amount(fiscal_year=2027, category="option", yen=0)]
    assert budget_lines(amounts, None, buys_property=False) == ()
    line = BudgetLine(fiscal_year=2027, expense=Expense.USE, yen=1)
    assert line.thousand_yen == 1
