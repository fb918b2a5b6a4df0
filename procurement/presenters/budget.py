"""予算要求シート: figures by fiscal year and 節, in thousand yen, in words for a budget desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from foundation.clock import era_date, fiscal_year_label, jst_today
from foundation.filters import number, yen
from procurement.domain.budget import (
    Amount,
    BudgetLine,
    budget_lines,
    default_contract_year,
    later_years,
)
from procurement.domain.participation import BudgetStatus
from procurement.domain.states import CONTRACT_MODEL_NOTES, ContractModel
from procurement.presenters.project import term_text
from procurement.queries.budget_page import BudgetPage
from procurement.queries.project_page import ProjectHead

COLUMNS = ("年度", "節", "負担額（税込・円）", "要求額（千円）")
_PAID_TO_ANOTHER = (ContractModel.DELEGATION, ContractModel.INTERMEDIARY)
_RULES_PAGE = "自団体の予算・議会・契約の条件"


@dataclass(frozen=True, kw_only=True)
class BudgetRow:
    """One line: texts for reading, numbers for a spreadsheet."""

    year: str
    expense: str
    yen: int
    thousand_yen: int

    @property
    def yen_text(self) -> str:
        return yen(self.yen)

    @property
    def thousand_text(self) -> str:
        return f"{number(self.thousand_yen)}千円"


@dataclass(frozen=True, kw_only=True)
class BudgetView:
    """The sheet. later: of 債務負担行為; years: the fiscal years a contract may be signed in."""

    title: str
    body_name: str
    made_on: str
    basis: str
    rows: Sequence[tuple[str, str]]
    lines: Sequence[BudgetRow]
    foot: BudgetRow
    later: Sequence[tuple[str, str]]
    notes: Sequence[str]
    years: Sequence[tuple[int, str]]
    contract_year: int | None
    fictional: bool


def budget_view(
    head: ProjectHead, page: BudgetPage, now: datetime, contract_year: int | None = None
) -> BudgetView:
    """contract_year: as chosen; one that is not offered falls back to the usual one."""
    lines = budget_lines(_amounts(page), page.model, buys_property=page.buys_property)
    years = _contract_years(head, lines)
    chosen = contract_year if contract_year in years else _usual_year(head, years)
    return BudgetView(
        title=f"「{head.row.title}」の予算要求",
        body_name=page.body_name,
        made_on=era_date(jst_today(now)),
        basis=_basis(page),
        rows=_rows(head, page),
        lines=[_row(line) for line in lines],
        foot=BudgetRow(
            year="合計",
            expense="",
            yen=sum(line.yen for line in lines),
            thousand_yen=sum(line.thousand_yen for line in lines),
        ),
        later=_later(page, lines, chosen),
        notes=_notes(page),
        years=[(year, fiscal_year_label(year)) for year in years],
        contract_year=chosen,
        fictional=head.fictional,
    )


def _amounts(page: BudgetPage) -> Sequence[Amount]:
    """Of the fixed version; else the dear end of the estimate, as running cost."""
    if page.amounts:
        return page.amounts
    figures = page.estimate.figures if page.estimate else None
    if figures is None:
        return ()
    return [
        Amount(fiscal_year=row.fiscal_year, category="recurring", yen=row.joint.high_yen)
        for row in figures.years
    ]


def _row(line: BudgetLine) -> BudgetRow:
    return BudgetRow(
        year=fiscal_year_label(line.fiscal_year),
        expense=line.expense.label,
        yen=line.yen,
        thousand_yen=line.thousand_yen,
    )


def _contract_years(head: ProjectHead, lines: Sequence[BudgetLine]) -> list[int]:
    if not lines:
        return []
    first = lines[0].fiscal_year
    usual = default_contract_year(head.term_start) if head.term_start else first
    return sorted({first - 1, first, usual})


def _usual_year(head: ProjectHead, years: Sequence[int]) -> int | None:
    if not years:
        return None
    return default_contract_year(head.term_start) if head.term_start else years[-1]


def _basis(page: BudgetPage) -> str:
    if page.amounts:
        return f"負担案 第{page.version_number}版（検証値 {page.version_sha256[:16]}…）による"
    count = page.estimate.basis_count if page.estimate else 0
    return f"概算：{count}件の料金プランのうち、年度ごとに高いほうの額による"


def _rows(head: ProjectHead, page: BudgetPage) -> list[tuple[str, str]]:
    status = BudgetStatus(page.budget_status).label if page.budget_status else "未入力"
    return [
        ("調達するもの", head.row.system_type_name),
        ("幹事団体", head.row.lead_name),
        ("期間", term_text(head)),
        ("契約の形", CONTRACT_MODEL_NOTES[page.model] if page.model else "未定"),
        ("予算の状況", status),
    ]


def _later(
    page: BudgetPage, lines: Sequence[BudgetLine], contract_year: int | None
) -> list[tuple[str, str]]:
    bound = later_years(lines, contract_year) if contract_year is not None else None
    if bound is None:
        return []
    first, last = fiscal_year_label(bound.first_year), fiscal_year_label(bound.last_year)
    return [
        ("契約を結ぶ年度", fiscal_year_label(bound.contract_year)),
        ("期間", first if first == last else f"{first}から{last}まで"),
        ("限度額", f"{number(bound.limit_thousand_yen)}千円（{yen(bound.limit_yen)}）"),
        ("長期継続契約による場合", _long_term(page)),
    ]


def _long_term(page: BudgetPage) -> str:
    if page.long_term_covers is None:
        return f"条例の定めが未入力です。「{_RULES_PAGE}」に入力すると、ここに出ます。"
    if not page.long_term_covers:
        return f"「{_RULES_PAGE}」では、対象外と入力されています。"
    limit = page.long_term_limit_months
    return f"対象（上限{limit}か月）と入力されています。" if limit else "対象と入力されています。"


def _notes(page: BudgetPage) -> list[str]:
    notes = [
        "要求額は、年度・節ごとに千円未満を切り上げています。合計はその和です。",
        "節の区分は契約の形から置いたものです。自団体の財務規則で確かめてください。",
    ]
    if not page.amounts:
        notes.append("負担案が確定していないため、初期費用と運用費用の区分はまだ分けられません。")
    if page.is_lead and page.model in _PAID_TO_ANOTHER:
        notes.append(
            "自団体が契約するときは、契約額の全額が歳出、ほかの団体の負担金が歳入になります。"
            "この表は、自団体の負担分だけです。"
        )
    if page.fictional:
        notes.append("この案件の団体・金額は架空です。")
    return notes
