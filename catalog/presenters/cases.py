"""Cases in words: list items, filters with counts, the full record with its blanks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from catalog.case_desk import needs_confirmation
from catalog.entries import (
    CaseKind,
    CaseStatus,
    ContractModel,
    CostBasis,
    LeadBodyKind,
    ProcurementMethod,
    SourceKind,
    SpecAvailability,
)
from catalog.presenters.words import (
    FICTIONAL,
    amount,
    count_text,
    counts_text,
    day_text,
    fiscal_year_text,
    label_of,
    prefecture_name,
)
from catalog.queries.cases import CaseFilter, CasePage, CaseRow, Counts, LinkedOffering
from catalog.queries.policy import SystemTypeRow
from foundation.feeds import FeedEntry

Facts = tuple[tuple[str, str | None], ...]

NO_KNOW_HOW = "ノウハウ未登録"
NO_EFFECTS = "効果未登録"


@dataclass(frozen=True, kw_only=True)
class CaseItem:
    """A case as a list of resources shows it."""

    title: str
    url: str
    meta: tuple[str, ...]
    chips: tuple[tuple[str, str], ...]
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class FilterChoice:
    """One value of a filter; counts: how many cases it would give as the others stand."""

    value: str
    label: str
    counts: Counts
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One filter of the case list."""

    name: str
    label: str
    choices: tuple[FilterChoice, ...]


@dataclass(frozen=True, kw_only=True)
class CaseListView:
    """Everything the case list prints besides the page of items."""

    counts: str
    filters: tuple[Filter, ...]
    narrowed: bool


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """Everything a case page prints; None and '' become 「記載なし」.

    lead_coded: whether a body leads it that is known by its code.
    """

    row: CaseRow
    chips: tuple[tuple[str, str], ...]
    facts: Facts
    buying: Facts
    costs: Facts
    stories: tuple[tuple[str, str], ...]
    lead_coded: bool
    know_how: str
    effects: tuple[str, ...]
    source_url: str
    source_kind: str
    source: Facts
    stale: bool
    participants: tuple[tuple[str, str, str | None], ...]
    participants_text: str
    offerings: tuple[LinkedOffering, ...]
    similar: tuple[CaseItem, ...]
    similar_note: str
    more_url: str


def case_item(row: CaseRow) -> CaseItem:
    """The case in a list."""
    chips = [(label_of(CaseKind, row.kind), "info")]
    if row.has_know_how:
        chips.append(("ノウハウあり", "success"))
    meta = (
        row.lead_body_name,
        row.system_type_name,
        fiscal_year_text(row.fiscal_year_start) or "開始年度の記載なし",
        f"参加 {count_text(row.participant_count, '市区町村') or '記載なし'}",
    )
    return CaseItem(
        title=row.title,
        url=f"/cases/{row.id}",
        meta=meta,
        chips=tuple(chips),
        fictional=row.fictional,
    )


def feed_entry(row: CaseRow) -> FeedEntry:
    """The case in the feed of changes."""
    mark = "【架空】" if row.fictional else ""
    return FeedEntry(
        path=f"/cases/{row.id}",
        title=f"{mark}{row.title}",
        author=row.lead_body_name,
        updated_at=row.updated_at,
        summary=f"{label_of(CaseKind, row.kind)}・{row.system_type_name}",
    )


def present_list(
    wanted: CaseFilter,
    counts: Counts,
    facet_counts: Mapping[str, Mapping[str, Counts]],
    system_types: Sequence[SystemTypeRow],
) -> CaseListView:
    """The filters of the case list with exact counts, real and fictional apart."""
    yes_no = {"True": "ノウハウあり", "False": NO_KNOW_HOW}
    origin = {"False": "実データ", "True": "架空データ"}
    tables = {
        "kind": ("種別", {kind.value: kind.label for kind in CaseKind}, wanted.kind),
        "category": ("システム種別", {t.code: t.name for t in system_types}, wanted.category),
        "prefecture": (
            "都道府県",
            {code: prefecture_name(code) for code in sorted(facet_counts["prefecture"]) if code},
            wanted.prefecture,
        ),
        "know_how": ("ノウハウ", yes_no, _flag(wanted.know_how)),
        "fictional": ("データの別", origin, _flag(wanted.fictional)),
    }
    filters = tuple(
        _filter(name, label, words, chosen, facet_counts[name])
        for name, (label, words, chosen) in tables.items()
    )
    narrowed = wanted != CaseFilter()
    return CaseListView(counts=counts_text(counts), filters=filters, narrowed=narrowed)


def present_case(page: CasePage, today: date) -> CaseView:
    """The full record. Blanks stay blank here; the page writes 「記載なし」 for them."""
    row = page.row
    stale = needs_confirmation(row.last_confirmed_on, today)
    chips = [FICTIONAL] if row.fictional else []
    chips.append((label_of(CaseKind, row.kind), "info"))
    if stale:
        chips.append(("要更新確認", "warning"))
    return CaseView(
        row=row,
        chips=tuple(chips),
        facts=_facts(page),
        buying=_buying(page),
        costs=_costs(page),
        stories=(
            ("背景・経緯", page.background),
            ("進め方", page.process_steps),
            ("課題", page.issues_met),
        ),
        lead_coded=page.lead_body_code is not None,
        know_how=page.know_how,
        effects=page.measured_effects,
        source_url=page.source_url,
        source_kind=label_of(SourceKind, page.source_kind) or "種類の記載なし",
        source=_source(page),
        stale=stale,
        participants=tuple((p.body_code, p.name, day_text(p.joined_on)) for p in page.participants),
        participants_text=page.participants_text,
        offerings=page.offerings,
        similar=tuple(case_item(case) for case in page.similar),
        similar_note=_similar_note(page),
        more_url=f"/cases?{urlencode({'category': row.system_type_code})}",
    )


def _facts(page: CasePage) -> Facts:
    row = page.row
    return (
        ("幹事団体", row.lead_body_name),
        ("幹事団体の種類", label_of(LeadBodyKind, page.lead_body_kind)),
        ("都道府県", prefecture_name(row.prefecture_code)),
        ("システム種別", row.system_type_name),
        ("参加市区町村数（都道府県を除く）", count_text(row.participant_count, "市区町村")),
        ("状況", label_of(CaseStatus, page.status)),
        ("開始年度", fiscal_year_text(row.fiscal_year_start)),
        ("開始時期（原典の表記）", page.started_text),
        ("契約の開始", day_text(page.contract_start)),
        ("契約の終了", day_text(page.contract_end)),
    )


def _buying(page: CasePage) -> Facts:
    return (
        ("調達方式", label_of(ProcurementMethod, page.procurement_method)),
        ("調達方式（原典の表記）", page.procurement_method_text),
        ("契約の形", label_of(ContractModel, page.contract_model)),
        ("契約の形（原典の表記）", page.contract_model_text),
        ("応募者数", count_text(page.applicant_count, "者")),
        ("事業者・製品（原典の表記）", page.vendor_text),
        ("仕様書の提供", label_of(SpecAvailability, page.spec_availability)),
        ("問い合わせ先の部署", page.contact_office),
    )


def _costs(page: CasePage) -> Facts:
    tax = page.row.tax_included
    return (
        ("初期費用", amount(page.initial_cost_yen, tax)),
        ("年間運用費", amount(page.row.annual_operating_cost_yen, tax)),
        ("上限額", amount(page.ceiling_yen, tax)),
        ("契約額", amount(page.contract_amount_yen, tax)),
        ("費用の根拠", label_of(CostBasis, page.cost_basis)),
        ("費用の分け方", page.cost_sharing_method),
        ("都道府県の負担", page.prefecture_borne_cost),
        ("費用についての記載", page.cost_facts),
    )


def _source(page: CasePage) -> Facts:
    return (
        ("出典の種類", label_of(SourceKind, page.source_kind)),
        ("初回掲載", day_text(page.first_published_on)),
        ("最終確認", day_text(page.row.last_confirmed_on)),
    )


def _similar_note(page: CasePage) -> str:
    if page.lead_population:
        source = "架空の人口" if page.row.fictional else "令和2年国勢調査"
        group = page.lead_peer_group
        first = f"幹事団体が同じ類似団体区分（{group}）のものを先に、次に" if group else ""
        return f"同じシステム種別のうち、{first}幹事団体の人口が近い順（±50%、{source}）"
    return "同じシステム種別の事例（幹事団体の人口が記録にないため、更新の新しい順）"


def _flag(value: bool | None) -> str:
    return "" if value is None else str(value)


def _filter(
    name: str, label: str, words: Mapping[str, str], chosen: str, counts: Mapping[str, Counts]
) -> Filter:
    choices = tuple(
        FilterChoice(
            value=value, label=text, counts=counts.get(value, Counts()), chosen=value == chosen
        )
        for value, text in words.items()
        if value in counts or value == chosen
    )
    return Filter(name=name, label=label, choices=choices)
