"""What a vendor, an offering or a case says before it has a row: plain frozen data.

Imports, the example data and a closing project all make these; catalog.services turns
them into rows. Money is whole yen; '' and None mean 「記載なし」.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from foundation.labels import LabelledEnum


class PublicationStatus(LabelledEnum):
    """Where an entry is between being written and being taken down."""

    DRAFT = "draft", "下書き"
    SUBMITTED = "submitted", "審査中"
    PUBLISHED = "published", "公開中"
    SUSPENDED = "suspended", "公開停止"
    WITHDRAWN = "withdrawn", "掲載終了"


# An entry that was public stays readable at its address; one that never was does not exist.
READABLE_STATUSES = (PublicationStatus.PUBLISHED, PublicationStatus.WITHDRAWN)


class CaseKind(LabelledEnum):
    JOINT = "joint", "共同調達"
    SINGLE = "single", "単独調達"
    TRIAL = "trial", "実証・試行"


class SourceKind(LabelledEnum):
    """What kind of page a case rests on."""

    OFFICIAL = "official", "公式発表"
    COPY = "copy", "公式資料の写し"
    PRESS = "press", "報道・専門誌"
    BLOG = "blog", "ブログ・個人の記事"


class LeadBodyKind(LabelledEnum):
    PREFECTURE = "prefecture", "都道府県"
    COUNCIL = "council", "協議会"
    ASSOCIATION = "association", "一部事務組合・広域連合"
    MUNICIPALITY = "municipality", "市区町村"
    OTHER = "other", "その他"


class CaseStatus(LabelledEnum):
    PLANNED = "planned", "計画中"
    SELECTING = "selecting", "選定中"
    SELECTED = "selected", "選定済み"
    AWARDED = "awarded", "契約済み"
    IN_USE = "in_use", "運用中"
    ENDED = "ended", "利用終了"
    CLOSED = "closed", "公募終了（結果の記載なし）"
    RESULT_UNVERIFIED = "result_unverified", "結果を確認できない"
    FAILED = "failed", "不調"


class ProcurementMethod(LabelledEnum):
    OPEN_BIDDING = "open_bidding", "一般競争入札"
    COMPREHENSIVE_EVALUATION = "comprehensive_evaluation", "総合評価落札方式"
    DESIGNATED_BIDDING = "designated_bidding", "指名競争入札"
    OPEN_PROPOSAL = "open_proposal", "公募型プロポーザル"
    NEGOTIATED_CONTRACT = "negotiated_contract", "随意契約"
    QUOTE_COMPARISON = "quote_comparison", "見積合わせ"
    TWO_STAGE_PROCUREMENT = "two_stage_procurement", "2段階調達"


class ContractModel(LabelledEnum):
    """Who contracts with the vendor, and what each body signs (domain §4)."""

    BASIC_AND_INDIVIDUAL = "basic_and_individual", "基本契約＋個別契約"
    SELECTION_AND_REQUOTE = "selection_and_requote", "選定後に各団体が再見積"
    DELEGATION = "delegation", "事務委託"
    INTERMEDIARY = "intermediary", "組合・協議会が契約"
    RECOMMENDED_PRODUCT = "recommended_product", "推奨製品の認定"


class CostBasis(LabelledEnum):
    """On what a cost figure rests: kinds that must never be mixed."""

    BUDGET_INITIAL = "budget_initial", "当初予算"
    BUDGET_REVISED = "budget_revised", "補正後予算"
    SETTLEMENT = "settlement", "決算"
    CONTRACT = "contract", "契約額"
    ESTIMATE = "estimate", "見積り"
    CEILING = "ceiling", "上限額"


class SpecAvailability(LabelledEnum):
    PUBLIC = "public", "公開"
    ON_REQUEST = "on_request", "問い合わせにより提供"
    NOT_AVAILABLE = "not_available", "提供しない"


@dataclass(frozen=True, kw_only=True)
class VendorEntry:
    """A vendor as it registers. One of corporate_number and alternate_key identifies it."""

    name: str
    registered_on: date
    corporate_number: str | None = None
    alternate_key: str | None = None
    kana: str = ""
    prefecture_code: str | None = None
    address: str = ""
    website: str = ""
    introduction: str = ""
    sme: bool = False
    startup: bool = False
    size_basis: str = ""
    fictional: bool = False


@dataclass(frozen=True, kw_only=True)
class PlanEntry:
    """A price plan, tax-excluded; `definition` is what catalog.pricing.Plan.from_dict reads."""

    name: str
    definition: Mapping[str, Any]
    tax_rate_percent: Decimal = Decimal(10)
    not_included: str = ""
    price_basis: str = ""


@dataclass(frozen=True, kw_only=True)
class OfferEntry:
    """A seller's offer of the product. seller_id: vendor.id."""

    seller_id: int
    contract_conditions: str = ""
    plans: tuple[PlanEntry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OfferingEntry:
    """A product with its answers (criterion key → value) and all its offers.

    files: see catalog.entry_files; None (imports, which hold none) = as the current version.
    """

    key: str
    maker_id: int
    system_type_code: str
    name: str
    summary: str
    registered_on: date
    answers: Mapping[str, Any] = field(default_factory=dict)
    offers: tuple[OfferEntry, ...] = ()
    fictional: bool = False
    files: tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True, kw_only=True)
class CaseParticipantEntry:
    """A municipality the source names."""

    body_code: str
    joined_on: date | None = None
    left_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class CaseEntry:
    """A published purchase (F01). participant_count counts municipalities only."""

    key: str
    kind: CaseKind
    title: str
    system_type_code: str
    lead_body_name: str
    first_published_on: date
    last_confirmed_on: date
    fictional: bool = False
    lead_body_code: str | None = None
    lead_body_kind: LeadBodyKind = LeadBodyKind.OTHER
    prefecture_code: str | None = None
    participants_text: str = ""
    participant_count: int | None = None
    status: str = ""
    fiscal_year_start: int | None = None
    started_text: str = ""
    contract_start: date | None = None
    contract_end: date | None = None
    procurement_method: str = ""
    procurement_method_text: str = ""
    contract_model: str = ""
    contract_model_text: str = ""
    vendor_text: str = ""
    applicant_count: int | None = None
    initial_cost_yen: int | None = None
    annual_operating_cost_yen: int | None = None
    ceiling_yen: int | None = None
    contract_amount_yen: int | None = None
    cost_basis: str = ""
    tax_included: bool | None = None
    cost_sharing_method: str = ""
    cost_facts: str = ""
    prefecture_borne_cost: str = ""
    spec_availability: str = ""
    background: str = ""
    process_steps: str = ""
    know_how: str = ""
    issues_met: str = ""
    measured_effects: tuple[str, ...] = ()
    contact_office: str = ""
    source_url: str = ""
    source_kind: str = ""
    participants: tuple[CaseParticipantEntry, ...] = ()
    offering_keys: tuple[str, ...] = ()


def content_sha256(content: Mapping[str, Any]) -> str:
    """The hash of a version's content in canonical JSON: equal content, equal hash."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
