"""Whether an entry may be published, and if not, every reason (one function per entry)."""

from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import urlsplit

from accounts.codes import FICTIONAL_PREFECTURE_CODE, read_corporate_number
from catalog.answers import list_answer_blockers, list_answer_faults
from catalog.conformance import (
    CRITERION,
    fictional_specs,
    find_conformance_fault,
    read_stored,
)
from catalog.entries import (
    CaseEntry,
    CaseStatus,
    ContractModel,
    CostBasis,
    OfferEntry,
    OfferingEntry,
    PlanEntry,
    ProcurementMethod,
    SourceKind,
    SpecAvailability,
    VendorEntry,
)
from catalog.plans import Plan
from foundation.errors import Blocker, Refused
from foundation.labels import LabelledEnum
from foundation.text import EARLIEST_DAY, LATEST_DAY

MAX_NAME = 200
MAX_KEY = 60
MAX_ALTERNATE_KEY = 40
MAX_TEXT = 20_000
_PREFECTURE_CODES = frozenset({*(f"{n:02d}" for n in range(1, 48)), FICTIONAL_PREFECTURE_CODE})

_CASE_CODES: Mapping[str, tuple[str, type[LabelledEnum]]] = {
    "status": ("状況", CaseStatus),
    "procurement_method": ("調達方式", ProcurementMethod),
    "contract_model": ("契約の形", ContractModel),
    "cost_basis": ("費用の根拠", CostBasis),
    "spec_availability": ("仕様書の提供", SpecAvailability),
    "source_kind": ("出典の種類", SourceKind),
}
# Texts of a vendor that may be empty: label, most characters.
_VENDOR_TEXTS = {
    "kana": ("よみ", MAX_NAME),
    "address": ("所在地", MAX_NAME),
    "website": ("ウェブサイト", MAX_NAME),
    "introduction": ("紹介", 2_000),
    "size_basis": ("中小企業・スタートアップとする根拠", MAX_NAME),
}
_CASE_COUNTS = {
    "participant_count": "参加市区町村数",
    "applicant_count": "応募者数",
    "initial_cost_yen": "初期費用",
    "annual_operating_cost_yen": "年間運用費",
    "ceiling_yen": "上限額",
    "contract_amount_yen": "契約額",
}


def list_vendor_blockers(entry: VendorEntry) -> list[Blocker]:
    """Every reason why this vendor cannot be registered."""
    blockers = list(_text_faults({"name": ("名称", entry.name)}))
    blockers += list_number_faults(entry.corporate_number, entry.alternate_key)
    return [*blockers, *list_fact_blockers(entry)]


def list_number_faults(corporate_number: str | None, alternate_key: str | None) -> list[Blocker]:
    """Why a vendor cannot be known by these: exactly one is given, in its form."""
    if bool(corporate_number) == bool(alternate_key):
        message = "法人番号か、法人番号のない方の識別番号の、どちらか一方を入力してください。"
        return [Blocker(code="identity", message=message, field="corporate_number")]
    if len(alternate_key or "") > MAX_ALTERNATE_KEY:
        message = f"{MAX_ALTERNATE_KEY}文字以内で入力してください。"
        return [Blocker(code="too_long", message=message, field="alternate_key")]
    return _corporate_number_faults(corporate_number) if corporate_number else []


def list_fact_blockers(entry: VendorEntry) -> list[Blocker]:
    """Why what a vendor says of itself besides its name and number cannot stand."""
    blockers = []
    if (entry.sme or entry.startup) and not entry.size_basis.strip():
        message = "中小企業・スタートアップとする根拠を入力してください。"
        blockers.append(Blocker(code="size_basis", message=message, field="size_basis"))
    blockers += list_address_faults("website", "ウェブサイト", entry.website)
    for name, (label, limit) in _VENDOR_TEXTS.items():
        if len(getattr(entry, name)) > limit:
            message = f"「{label}」は{limit:,}文字以内で入力してください。"
            blockers.append(Blocker(code="too_long", message=message, field=name))
    return blockers


def list_offering_blockers(entry: OfferingEntry) -> list[Blocker]:
    """Every reason why this offering cannot be published."""
    blockers = list_draft_blockers(entry)
    blockers += list_answer_blockers(entry.answers)
    blockers += _invented_specs(entry)
    blockers += _offer_faults(entry.offers)
    return blockers


def list_written_blockers(entry: OfferingEntry) -> list[Blocker]:
    """Every reason why this cannot be kept as written so far: what is missing is none."""
    blockers = [*list_draft_blockers(entry), *list_answer_faults(entry.answers)]
    blockers += _invented_specs(entry)
    return blockers + (_offer_faults(entry.offers) if entry.offers else [])


def _invented_specs(entry: OfferingEntry) -> list[Blocker]:
    """Nothing real conforms to a specification that was made up."""
    value = entry.answers.get(CRITERION)
    if entry.fictional or not value or find_conformance_fault(value):
        return []
    invented = fictional_specs()
    return [
        Blocker(
            code="fictional_spec",
            message=f"「{one.title}」は架空の仕様書です。実在の掲載からは書けません。",
            field=CRITERION,
        )
        for one in read_stored(value)
        if one.spec in invented
    ]


def list_draft_blockers(entry: OfferingEntry) -> list[Blocker]:
    """Every reason why this offering cannot even be kept as a draft."""
    texts = {"name": ("名称", entry.name), "summary": ("概要", entry.summary)}
    return [*_text_faults(texts), *list_key_faults(entry.key)]


def list_case_blockers(entry: CaseEntry) -> list[Blocker]:
    """Every reason why this case cannot be published."""
    texts = {"title": ("件名", entry.title), "lead_body_name": ("幹事団体", entry.lead_body_name)}
    blockers = [*_text_faults(texts), *list_key_faults(entry.key)]
    for name, (label, codes) in _CASE_CODES.items():
        value = getattr(entry, name)
        if value and value not in list(codes):
            message = f"「{label}」に「{value}」という区分はありません。"
            blockers.append(Blocker(code="code_unknown", message=message, field=name))
    for name, label in _CASE_COUNTS.items():
        count = getattr(entry, name)
        if count is not None and count < 0:
            message = f"「{label}」は0以上にしてください。"
            blockers.append(Blocker(code="negative", message=message, field=name))
    blockers += _date_faults(entry.contract_start, entry.contract_end)
    blockers += _place_and_year_faults(entry)
    blockers += list_address_faults("source_url", "出典のアドレス", entry.source_url)
    blockers += _participant_faults(entry)
    return blockers


def _text_faults(texts: Mapping[str, tuple[str, str]]) -> Iterable[Blocker]:
    for name, (label, text) in texts.items():
        limit = MAX_TEXT if name == "summary" else MAX_NAME
        if not text.strip():
            yield Blocker(code="required", message=f"「{label}」を入力してください。", field=name)
        elif len(text) > limit:
            message = f"「{label}」は{limit:,}文字以内で入力してください。"
            yield Blocker(code="too_long", message=message, field=name)


def list_key_faults(key: str) -> list[Blocker]:
    """Why this is no key of an entry; empty for a good one."""
    good = key and len(key) <= MAX_KEY and key.isascii() and not any(map(str.isspace, key))
    message = f"「キー」は空白のない半角{MAX_KEY}文字以内で入力してください。"
    return [] if good else [Blocker(code="key", message=message, field="key")]


def _corporate_number_faults(text: str) -> list[Blocker]:
    try:
        read_corporate_number(text)
    except ValueError as error:
        return [Blocker(code="corporate_number", message=str(error), field="corporate_number")]
    return []


def list_address_faults(name: str, label: str, address: str) -> list[Blocker]:
    """Why this is no web address; empty for none given."""
    if not address:
        return []
    parts = urlsplit(address)
    if parts.scheme in ("http", "https") and parts.netloc:
        return []
    message = f"「{label}」は http:// か https:// で始まるアドレスにしてください。"
    return [Blocker(code="address", message=message, field=name)]


def _offer_faults(offers: tuple[OfferEntry, ...]) -> list[Blocker]:
    if not offers:
        message = "販売する事業者を1者以上登録してください。"
        return [Blocker(code="offer_missing", message=message, field="offers")]
    sellers = [offer.seller_id for offer in offers]
    blockers = []
    if len(set(sellers)) < len(sellers):
        message = "同じ販売事業者が二度登録されています。"
        blockers.append(Blocker(code="offer_twice", message=message, field="offers"))
    for offer in offers:
        blockers += list_plan_blockers(offer.plans)
    return blockers


def list_plan_blockers(plans: tuple[PlanEntry, ...]) -> list[Blocker]:
    """Every reason why these plans of one seller cannot stand together."""
    names = [plan.name for plan in plans]
    blockers = [
        Blocker(code="plan_twice", message=f"料金プラン「{name}」が二度登録されています。")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    for plan in plans:
        try:
            Plan.from_dict(plan.definition)
        except Refused as refused:
            blockers += [
                Blocker(code=b.code, message=f"料金プラン「{plan.name}」{b.message}", field="plans")
                for b in refused.blockers
            ]
        except (AttributeError, KeyError, TypeError, ValueError):
            message = f"料金プラン「{plan.name}」の定義を読み取れません。"
            blockers.append(Blocker(code="plan_form", message=message, field="plans"))
    return blockers


def _date_faults(start: date | None, end: date | None) -> list[Blocker]:
    if start is None or end is None or start <= end:
        return []
    message = f"契約の終了日{end.isoformat()}が開始日{start.isoformat()}より前です。"
    return [Blocker(code="dates", message=message, field="contract_end")]


def _place_and_year_faults(entry: CaseEntry) -> Iterable[Blocker]:
    if entry.prefecture_code and entry.prefecture_code not in _PREFECTURE_CODES:
        message = "「都道府県コード」は01から47までの2桁で入力してください。"
        yield Blocker(code="prefecture", message=message, field="prefecture_code")
    year = entry.fiscal_year_start
    if year is not None and not EARLIEST_DAY.year <= year <= LATEST_DAY.year:
        message = "「開始年度」は西暦4桁で入力してください。"
        yield Blocker(code="year", message=message, field="fiscal_year_start")


def _participant_faults(entry: CaseEntry) -> list[Blocker]:
    codes = [participant.body_code for participant in entry.participants]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if not twice:
        return []
    message = f"参加団体「{'、'.join(twice)}」が二度記載されています。"
    return [Blocker(code="participant_twice", message=message, field="participants")]
