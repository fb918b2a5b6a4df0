"""What a case says (F01): one declaration, read by import, download and API."""

from collections.abc import Mapping
from dataclasses import dataclass

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
from foundation.labels import LabelledEnum

# A name of its own: inside CaseField, `type` is a field.
Codes = type[LabelledEnum]


class FieldType(LabelledEnum):
    """How a field is written in files. text_list and code_list are separated by 「|」."""

    TEXT = "text", "文章"
    WHOLE = "whole", "0以上の整数"
    YEN = "yen", "円（整数）"
    DAY = "day", "日付"
    FLAG = "flag", "true / false"
    CODE = "code", "コード"
    BODY = "body", "団体コード（6桁）"
    BODY_LIST = "body_list", "団体コード（6桁）を | で区切ったもの"
    TEXT_LIST = "text_list", "| で区切った文章"


@dataclass(frozen=True, kw_only=True)
class CaseField:
    """One field. key: its name in CaseEntry, files and the API; label: what people read."""

    key: str
    label: str
    type: FieldType = FieldType.TEXT
    unit: str = ""
    codes: Codes | None = None
    required: bool = False


def _amount(key: str, label: str) -> CaseField:
    return CaseField(key=key, label=label, type=FieldType.YEN, unit="円")


def _code(key: str, label: str, codes: Codes, *, required: bool = False) -> CaseField:
    return CaseField(key=key, label=label, type=FieldType.CODE, codes=codes, required=required)


CASE_FIELDS: tuple[CaseField, ...] = (
    CaseField(key="key", label="キー", required=True),
    _code("kind", "種別", CaseKind, required=True),
    CaseField(key="title", label="件名", required=True),
    CaseField(key="system_type_code", label="システム種別", required=True),
    CaseField(key="fictional", label="架空", type=FieldType.FLAG),
    CaseField(key="lead_body_name", label="幹事団体（原典の表記）", required=True),
    CaseField(key="lead_body_code", label="幹事団体コード", type=FieldType.BODY),
    _code("lead_body_kind", "幹事団体の種類", LeadBodyKind),
    CaseField(key="prefecture_code", label="都道府県コード（2桁）"),
    CaseField(key="participants_text", label="参加団体（原典の表記）"),
    CaseField(
        key="participant_count", label="参加市区町村数", type=FieldType.WHOLE, unit="市区町村"
    ),
    CaseField(key="participants", label="参加市区町村コード", type=FieldType.BODY_LIST),
    _code("status", "状況", CaseStatus),
    CaseField(key="fiscal_year_start", label="開始年度（西暦）", type=FieldType.WHOLE),
    CaseField(key="started_text", label="開始時期（原典の表記）"),
    CaseField(key="contract_start", label="契約の開始", type=FieldType.DAY),
    CaseField(key="contract_end", label="契約の終了", type=FieldType.DAY),
    _code("procurement_method", "調達方式", ProcurementMethod),
    CaseField(key="procurement_method_text", label="調達方式（原典の表記）"),
    _code("contract_model", "契約の形", ContractModel),
    CaseField(key="contract_model_text", label="契約の形（原典の表記）"),
    CaseField(key="vendor_text", label="事業者・製品（原典の表記）"),
    CaseField(key="applicant_count", label="応募者数", type=FieldType.WHOLE, unit="者"),
    _amount("initial_cost_yen", "初期費用"),
    _amount("annual_operating_cost_yen", "年間運用費"),
    _amount("ceiling_yen", "上限額"),
    _amount("contract_amount_yen", "契約額"),
    _code("cost_basis", "費用の根拠", CostBasis),
    CaseField(key="tax_included", label="税込", type=FieldType.FLAG),
    CaseField(key="cost_sharing_method", label="費用の分け方"),
    CaseField(key="cost_facts", label="費用についての記載"),
    CaseField(key="prefecture_borne_cost", label="都道府県の負担"),
    _code("spec_availability", "仕様書の提供", SpecAvailability),
    CaseField(key="background", label="背景・経緯"),
    CaseField(key="process_steps", label="進め方"),
    CaseField(key="know_how", label="ノウハウ"),
    CaseField(key="issues_met", label="課題"),
    CaseField(key="measured_effects", label="測った効果", type=FieldType.TEXT_LIST),
    CaseField(key="contact_office", label="問い合わせ先の部署"),
    CaseField(key="source_url", label="出典のアドレス"),
    _code("source_kind", "出典の種類", SourceKind),
    CaseField(key="first_published_on", label="初回掲載日", type=FieldType.DAY),
    CaseField(key="last_confirmed_on", label="最終確認日", type=FieldType.DAY),
    CaseField(key="offering_keys", label="掲載サービスのキー", type=FieldType.TEXT_LIST),
)


def case_fields_by_key() -> Mapping[str, CaseField]:
    """Every field by its key."""
    return {field.key: field for field in CASE_FIELDS}
