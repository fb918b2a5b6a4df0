"""起案用資料: what a clerk needs to put the matter before the manager, on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from foundation.clock import era_date, fiscal_year_label, jst_today
from foundation.filters import number, yen
from procurement.domain.consent import AGREED
from procurement.domain.estimates import NO_PRODUCT_CHOSEN
from procurement.domain.states import CONTRACT_MODEL_NOTES, ContractModel, State
from procurement.presenters.amounts import range_text, unit_suffix
from procurement.presenters.project import deadline, method_text, term_text
from procurement.presenters.sharing import leaver_text
from procurement.queries.contracts import AwardedRow
from procurement.queries.own_page import OwnPage
from procurement.queries.project_page import ProjectHead

_CONTRACTED_FROM = (State.CONTRACTING, State.INTRODUCTION, State.OPERATION)
_ALL_PARTNERS = 12  # more names than this would not leave the page in one piece


@dataclass(frozen=True, kw_only=True)
class SheetView:
    """One A4 page. years: (fiscal year, what we pay, alone); foot: the totals."""

    title: str
    body_name: str
    made_on: str
    basis: str
    rows: Sequence[tuple[str, str]]
    years: Sequence[tuple[str, str, str]]
    foot: tuple[str, str, str]
    saving: str
    terms: Sequence[tuple[str, str]]
    schedule: Sequence[tuple[str, str]]
    sources: Sequence[str]
    fictional: bool


def sheet_view(
    head: ProjectHead, page: OwnPage, now: datetime, awarded: AwardedRow | None = None
) -> SheetView:
    """The sheet of the own body: from the fixed version where there is one, else the estimate.

    awarded: whom the contracts are made with, once that is decided.
    """
    fixed = page.version_number is not None and bool(page.own_years)
    return SheetView(
        title=_title(head, page, fixed),
        body_name=page.body_name,
        made_on=era_date(jst_today(now)),
        basis=_basis(page, fixed),
        rows=_rows(head, page, awarded),
        years=_fixed_years(page) if fixed else _estimated_years(page),
        foot=_fixed_foot(page) if fixed else _estimated_foot(page),
        saving=_saving(page, fixed),
        terms=_terms(page),
        schedule=_schedule(head, now),
        sources=_sources(head, page),
        fictional=head.fictional,
    )


def _title(head: ProjectHead, page: OwnPage, fixed: bool) -> str:
    """The matter put to the manager now: joining, then the version, then the contract."""
    name = f"「{head.row.title}」"
    if not fixed:
        return f"{name}への参加について"
    if _is_to_contract(head, page):
        return f"{name}の契約について"
    return f"{name}の負担案 第{page.version_number}版への同意について"


def _is_to_contract(head: ProjectHead, page: OwnPage) -> bool:
    agreed = page.consent is not None and page.consent.status in AGREED
    return agreed and State(head.state) in _CONTRACTED_FROM


def _basis(page: OwnPage, fixed: bool) -> str:
    if fixed:
        return f"負担案 第{page.version_number}版（検証値 {page.version_sha256[:16]}…）による"
    count = page.estimate.basis_count if page.estimate else 0
    return f"概算：{count}件の料金プランを前提とした幅（{NO_PRODUCT_CHOSEN}）"


def _rows(head: ProjectHead, page: OwnPage, awarded: AwardedRow | None) -> list[tuple[str, str]]:
    unit = unit_suffix(head.main_unit)
    model = head.row.contract_model
    rows = [
        ("目的", head.purpose or "記載なし"),
        ("調達するもの", head.row.system_type_name),
        ("幹事団体", head.row.lead_name),
        ("参加団体", _partners(head, page)),
        ("期間", term_text(head)),
        ("契約の形", CONTRACT_MODEL_NOTES[ContractModel(model)] if model else "未定"),
        ("負担ルール", page.terms.rule_label if page.terms else "未定"),
        (
            "自団体の数値",
            f"数量 {number(page.quantity)}{unit}、人口 {number(page.population)}人",
        ),
    ]
    if _is_to_contract(head, page):
        rows.append(("調達方式と理由・根拠条項", method_text(head)))
        if awarded is not None and model != ContractModel.RECOMMENDED_PRODUCT.value:
            rows.append(("選定した事業者", awarded.vendor_name))
    return rows + _approvals(page)


def _approvals(page: OwnPage) -> list[tuple[str, str]]:
    """決裁日 and 決裁番号 of what the body has decided so far, each its own."""
    consent = page.consent if page.consent and page.consent.status in AGREED else None
    decided = (
        ("参加の決裁", page.approval_date, page.approval_number),
        (
            "負担案への同意の決裁",
            consent.approval_date if consent else None,
            consent.approval_number if consent else "",
        ),
        ("離脱の決裁", page.leave_approval_date, page.leave_approval_number),
    )
    return [
        (label, f"{era_date(day)}　{approval}")
        for label, day, approval in decided
        if day is not None
    ]


def _partners(head: ProjectHead, page: OwnPage) -> str:
    count = f"{head.row.body_count}団体"
    if not page.partner_names:
        return count
    shown = "、".join(page.partner_names[:_ALL_PARTNERS])
    more = "ほか" if len(page.partner_names) > _ALL_PARTNERS else ""
    return f"{shown}{more}（{count}）"


def _fixed_years(page: OwnPage) -> list[tuple[str, str, str]]:
    return [
        (fiscal_year_label(row.fiscal_year), yen(row.amount_yen), yen(row.alone_yen))
        for row in page.own_years
    ]


def _fixed_foot(page: OwnPage) -> tuple[str, str, str]:
    return ("合計", yen(page.total_yen), yen(page.alone_total_yen))


def _estimated_years(page: OwnPage) -> list[tuple[str, str, str]]:
    figures = page.estimate.figures if page.estimate else None
    if figures is None:
        return []
    return [
        (fiscal_year_label(row.fiscal_year), range_text(row.joint), range_text(row.standalone))
        for row in figures.years
    ]


def _estimated_foot(page: OwnPage) -> tuple[str, str, str]:
    figures = page.estimate.figures if page.estimate else None
    if figures is None:
        return ("合計", "試算できません", "試算できません")
    return ("合計", range_text(figures.total), range_text(figures.standalone))


def _saving(page: OwnPage, fixed: bool) -> str:
    if not fixed:
        figures = page.estimate.figures if page.estimate else None
        return range_text(figures.saving) if figures else "記載なし"
    alone = page.alone_total_yen
    return yen(None if alone is None else alone - page.total_yen)


def _terms(page: OwnPage) -> list[tuple[str, str]]:
    terms = page.terms
    if terms is None:
        return []
    rows = [
        ("途中離脱", leaver_text(terms)),
        ("途中参加", terms.late_joiner.label),
        ("人口・数量の更新", terms.figures_update.label),
        ("端数処理", terms.rounding.label),
    ]
    if page.consent and page.consent.maximum_yen:
        maximum = "、".join(
            f"{fiscal_year_label(year)} {yen(amount)}"
            for year, amount in sorted(page.consent.maximum_yen.items())
        )
        rows.append(("同意する上限額", maximum))
    return rows


def _schedule(head: ProjectHead, now: datetime) -> list[tuple[str, str]]:
    start = era_date(head.term_start) if head.term_start else "未定"
    return [
        ("現在の段階", State(head.state).label),
        ("参加の回答期限", deadline(head.row.join_closes_at, now)),
        ("負担案への同意期限", deadline(head.consent_closes_at, now)),
        ("共同利用の開始", start),
    ]


def _sources(head: ProjectHead, page: OwnPage) -> list[str]:
    sources = []
    if page.population_source:
        found = page.population_source
        published = f"（{found.publisher}、{found.as_of}）" if found.publisher else ""
        sources.append(f"人口：{found.name}{published}")
    sources.append(f"負担の計算：もやい 案件{head.id}の負担案のページ（計算の根拠を印刷できます）")
    if head.fictional:
        sources.append("この案件の団体・金額は架空です。")
    return sources
