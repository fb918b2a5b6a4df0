"""What the bodies of the fictional cases paid, year by year: rows for the cost dashboards."""

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, selectinload

from accounts.models import LocalBody
from catalog.models import Case
from foundation.clock import add_months, fiscal_year_of, fiscal_year_start, months_between
from procurement.domain.apportion import split_by_largest_remainder, weights_from
from procurement.models import CostRow

SOURCE = "架空（見本の共同調達事例から計算）"


def load_example_costs(session: Session, base_date: date) -> int:
    """Rows per body, fiscal year and category of each fictional case with amounts.

    A past year is a settlement, the present one a budget. The sum over the bodies is the
    case's amount; each body's part follows its census population.
    """
    people = dict(
        session.execute(
            select(LocalBody.code, LocalBody.population_census_2020).where(LocalBody.fictional)
        ).all()
    )
    cases = session.scalars(
        select(Case)
        .where(Case.fictional, Case.annual_operating_cost_yen.is_not(None))
        .options(selectinload(Case.participants))
        .order_by(Case.id)
    )
    rows = [row for case in cases for row in _case_rows(case, people, base_date)]
    if rows:
        session.execute(insert(CostRow), rows)
    return len(rows)


def _case_rows(
    case: Case, people: Mapping[str, int | None], base_date: date
) -> Iterator[dict[str, Any]]:
    start, end = case.contract_start, case.contract_end
    if start is None or end is None:
        return
    bases = {p.body_code: Fraction(people[p.body_code] or 0) for p in case.participants}
    for category, year, amount in _amounts(case, start, end, base_date):
        for code, portion in split_by_largest_remainder(amount, weights_from(bases)).items():
            yield {
                "case_id": case.id,
                "body_code": code,
                "system_type_code": case.system_type_code,
                "fiscal_year": year,
                "category": category,
                "basis": "settlement" if year < fiscal_year_of(base_date) else "budget_initial",
                "amount_yen": portion.share_yen,
                "tax_included": True,
                "source": SOURCE,
                "fictional": True,
            }


def _amounts(case: Case, start: date, end: date, base_date: date) -> Iterator[tuple[str, int, int]]:
    """(category, fiscal year, yen): building in the first year, then each year's months."""
    if case.initial_cost_yen:
        yield "build_other", fiscal_year_of(start), case.initial_cost_yen
    after = add_months(start, months_between(start, end) + 1)
    for year in range(fiscal_year_of(start), fiscal_year_of(min(end, base_date)) + 1):
        first = max(start, fiscal_year_start(year))
        last = min(after, fiscal_year_start(year + 1))
        months = months_between(first, last)
        yield "operating", year, (case.annual_operating_cost_yen or 0) * months // 12
