"""The catalog as machine-readable files: long data, dictionary, codes, changelog (F16 Level 3).

One row per record and item; an item with several values has one row each. Everybody may
have these files: only answers of the class `public` reach this module.
"""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from catalog.answers import export_value
from catalog.case_fields import CASE_FIELDS, FieldType, case_fields_by_key
from catalog.certificates import TABLE, expiries_by_criterion
from catalog.criterion import AnswerType, Criterion
from catalog.plan_units import Kind, Period, Tier, TierMode, Unit
from catalog.presenters.api import OFFERING_FIELDS, case_page_json, offering_json
from catalog.queries.cases import CasePage
from catalog.queries.marks import MarkRow
from catalog.queries.offerings import OfferingRow, PlanRow, VersionContent
from catalog.staleness import stale_by_criterion
from foundation.text import harmless_cell

SCHEMA_VERSION = "1"
FIRST_PUBLISHED = "2026-11-20"
# A fixed time makes the same content the same bytes, so that ETag and hash mean something.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# Lead bytes of the NEC and IBM extensions of Shift_JIS: characters that break elsewhere.
_MACHINE_DEPENDENT = frozenset({0x87, 0xED, 0xEE, 0xFA, 0xFB, 0xFC})


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing said of a record. type: string, integer, decimal, boolean, date."""

    key: str
    label: str
    type: str = "string"
    unit: str = ""
    code_list: str = ""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is said of one thing; several values of an item are a sequence."""

    key: str
    fictional: bool
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One download. codes: code list → code → label."""

    name: str
    title: str
    items: Sequence[Item]
    records: Sequence[Record]
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def dataset_zip(dataset: Dataset, as_of: date, audit_head: str) -> bytes:
    """data.csv, data_dictionary.csv, codes.csv and changelog.csv in one zip, UTF-8.

    audit_head: 「SEQ:HASH」 of the audit chain, so that whoever keeps the file can prove
    the past later; '' while the chain is empty.
    """
    files = {
        "data.csv": _data(dataset, as_of),
        "data_dictionary.csv": _dictionary(dataset),
        "codes.csv": _codes(dataset),
        "changelog.csv": _changelog(as_of, audit_head),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in files.items():
            entry = zipfile.ZipInfo(name, date_time=_ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _csv(rows))
    return buffer.getvalue()


def offerings_dataset(
    rows: Sequence[OfferingRow],
    contents: Mapping[int, VersionContent],
    criteria: Sequence[Criterion],
    marks: Mapping[int, Sequence[MarkRow]],
    as_of: date,
) -> Dataset:
    """Offerings with their answers, the recommended marks that stand, what is stale or over."""
    own = [
        Item(key=key, label=label)
        for key, label in OFFERING_FIELDS.items()
        if key not in _OWN_COLUMNS
    ]
    answers = [
        Item(
            key=c.key,
            label=c.label,
            type=_ANSWER_TYPES.get(c.type, "string"),
            unit=c.unit,
            code_list=c.key if c.choices and c.type is not AnswerType.TABLE else "",
        )
        for c in criteria
    ]
    records = [
        Record(
            key=row.key,
            fictional=row.fictional,
            values=offering_json(row)
            | {MARKS.key: [_mark_text(mark) for mark in marks.get(row.id, ())]}
            | {STALE.key: _stale_texts(contents[row.id].answers, criteria, as_of)}
            | {EXPIRED.key: _expired_texts(contents[row.id].answers, criteria, as_of)}
            | _answers(contents[row.id].answers, criteria),
        )
        for row in rows
    ]
    codes = {c.key: c.choice_labels for c in criteria if c.choices}
    return Dataset(
        name="offerings",
        title="掲載サービス",
        items=[*own, MARKS, STALE, EXPIRED, *answers],
        records=records,
        codes=codes,
    )


def _mark_text(mark: MarkRow) -> str:
    return "｜".join((mark.issuer, mark.reason, mark.marked_on.isoformat(), mark.source, mark.url))


def _stale_texts(
    answers: Mapping[str, Any], criteria: Sequence[Criterion], as_of: date
) -> list[str]:
    stale = stale_by_criterion(answers, [c.key for c in criteria], as_of)
    return [
        "｜".join((key, fact.row, fact.checked_on.isoformat()))
        for key, facts in stale.items()
        for fact in facts
    ]


def _expired_texts(
    answers: Mapping[str, Any], criteria: Sequence[Criterion], as_of: date
) -> list[str]:
    ended = expiries_by_criterion(answers, [c.key for c in criteria], as_of)
    return [
        "｜".join((TABLE, one.row, one.ends.isoformat()))
        for one in ended.get(TABLE, ())
        if one.expired
    ]


def _answers(answers: Mapping[str, Any], criteria: Sequence[Criterion]) -> dict[str, Any]:
    return {c.key: export_value(c, answers[c.key]) for c in criteria if c.key in answers}


def plans_dataset(rows: Sequence[OfferingRow], contents: Mapping[int, VersionContent]) -> Dataset:
    """Price plans, tax-excluded: one record per component and tier."""
    records = [
        record
        for row in rows
        for offer in contents[row.id].offers
        for plan in offer.plans
        for record in _plan_records(row, offer.seller_name, plan)
    ]
    codes = {
        name: {member.value: member.label for member in kind}
        for name, kind in (("kind", Kind), ("unit", Unit), ("period", Period), ("mode", TierMode))
    }
    return Dataset(
        name="price-plans",
        title="料金プラン（税抜）",
        items=_PLAN_ITEMS,
        records=records,
        codes=codes,
    )


def cases_dataset(pages: Sequence[CasePage]) -> Dataset:
    """Cases with everything their sources say."""
    records = [
        Record(
            key=str(page.row.id),
            fictional=page.row.fictional,
            values=case_page_json(page)
            | {
                "participants": [p.body_code for p in page.participants],
                "offerings": [o.id for o in page.offerings],
            },
        )
        for page in pages
    ]
    names = list(dict.fromkeys(key for record in records for key in record.values))
    names = [name for name in names if name not in _OWN_COLUMNS]
    codes = {
        field.key: {member.value: member.label for member in field.codes}
        for field in CASE_FIELDS
        if field.codes
    }
    return Dataset(
        name="cases",
        title="調達事例",
        items=[_case_item(name) for name in names],
        records=records,
        codes=codes,
    )


MARKS = Item(key="recommended_mark", label="推奨の表示（者｜理由｜日｜出典｜アドレス）")
STALE = Item(key="stale_facts", label="確認から1年以上たった事実（項目｜行｜確認した日）")
EXPIRED = Item(key="expired_certificates", label="有効期限の過ぎた認証（項目｜行｜有効期限）")
# Columns of their own in data.csv, or of use on screens only.
_OWN_COLUMNS = frozenset({"fictional", "url"})
_ANSWER_TYPES = {
    AnswerType.WHOLE: "integer",
    AnswerType.PERCENT: "decimal",
    AnswerType.DAY: "date",
}
_PLAN_ITEMS = (
    Item(key="offering_key", label="掲載サービスのキー"),
    Item(key="seller_name", label="販売事業者"),
    Item(key="plan_name", label="料金プラン"),
    Item(key="component_name", label="構成要素"),
    Item(key="kind", label="費用の種類", code_list="kind"),
    Item(key="unit", label="数える単位", code_list="unit"),
    Item(key="unit_size", label="課金単位の大きさ", type="integer"),
    Item(key="period", label="課金の周期", code_list="period"),
    Item(key="mode", label="段階の計算", code_list="mode"),
    Item(key="from_qty", label="段階の始まり（この数から）", type="integer"),
    Item(key="unit_price", label="単価（税抜）", type="decimal", unit="円"),
    Item(key="minimum_yen", label="最低料金（税抜）", type="integer", unit="円"),
    Item(key="included", label="無料で含まれる数量", type="integer"),
    Item(key="tax_rate_percent", label="消費税率", type="decimal", unit="%"),
)
# Labels of what the API adds to the fields of an entry.
_CASE_EXTRAS = {
    "id": "番号",
    "category": "システム種別",
    "category_label": "システム種別の名称",
    "prefecture": "都道府県コード（2桁）",
    "updated_at": "更新日時（UTC）",
    "offerings": "掲載サービスの番号",
}
_FIELD_TYPES = {FieldType.YEN: "integer", FieldType.WHOLE: "integer", FieldType.DAY: "date"}


def _case_item(name: str) -> Item:
    field = case_fields_by_key().get(name)
    if field is None:
        return Item(key=name, label=_CASE_EXTRAS.get(name, name))
    return Item(
        key=name,
        label=field.label,
        type=_FIELD_TYPES.get(field.type, "string"),
        unit=field.unit,
        code_list=name if field.codes else "",
    )


def _plan_records(row: OfferingRow, seller: str, plan: PlanRow) -> Iterator[Record]:
    for component in plan.plan.components:
        steps = component.tiers or (Tier(from_qty=1, unit_price=component.unit_price),)
        for number, step in enumerate(steps, start=1):
            values = {
                "offering_key": row.key,
                "seller_name": seller,
                "plan_name": plan.name,
                "component_name": component.name,
                "kind": component.kind.value,
                "unit": component.unit.value,
                "unit_size": component.unit_size,
                "period": component.period.value,
                "mode": component.mode.value,
                "from_qty": step.from_qty,
                "unit_price": step.unit_price,
                "minimum_yen": component.minimum_yen,
                "included": component.included,
                "tax_rate_percent": plan.tax_rate_percent,
            }
            key = f"{row.key}/{seller}/{plan.name}/{component.key}/{number}"
            yield Record(key=key, fictional=row.fictional, values=values)


def _data(dataset: Dataset, as_of: date) -> Iterator[list[Any]]:
    yield ["record_key", "item", "sequence", "value", "unit", "fictional", "as_of"]
    for record in dataset.records:
        for item in dataset.items:
            value = record.values.get(item.key)
            several = value if isinstance(value, list | tuple) else [value]
            for number, one in enumerate(several, start=1):
                if one is not None and one != "":
                    fictional = int(record.fictional)
                    yield [record.key, item.key, number, one, item.unit, fictional, as_of]


def _dictionary(dataset: Dataset) -> Iterator[list[Any]]:
    yield ["column", "label_ja", "type", "unit", "code_list", "null_meaning", "definition"]
    yield ["record_key", "記録のキー", "string", "", "", "", f"{dataset.title}の1件を表す"]
    yield ["item", "項目", "string", "", "item", "", "値が何を表すか"]
    yield ["sequence", "順番", "integer", "番目", "", "", "値が複数ある項目の何番目か"]
    yield ["value", "値", "string", "unit 列", "", "行がない項目は記載なし（0 とは異なる）", ""]
    yield ["unit", "単位", "string", "", "", "単位なし", ""]
    yield ["fictional", "架空データ", "integer", "", "fictional", "", "1 は架空のデータ"]
    yield ["as_of", "時点", "date", "", "", "", "この日の内容"]
    for item in dataset.items:
        name = f"value[{item.key}]"
        yield [name, item.label, item.type, item.unit, item.code_list, "行がない", item.label]


def _codes(dataset: Dataset) -> Iterator[list[Any]]:
    yield ["code_list", "code", "label_ja"]
    for item in dataset.items:
        yield ["item", item.key, item.label]
    for name, words in dataset.codes.items():
        for code, label in words.items():
            yield [name, code, label]
    yield ["fictional", 0, "実データ"]
    yield ["fictional", 1, "架空データ"]


def _changelog(as_of: date, audit_head: str) -> list[list[Any]]:
    head = f"（監査記録の先頭 {audit_head}）" if audit_head else ""
    return [
        ["schema_version", "changed_on", "change"],
        [SCHEMA_VERSION, FIRST_PUBLISHED, "初版"],
        [SCHEMA_VERSION, as_of, f"この日の内容で出力{head}"],
    ]


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def _plain(cell: Any) -> Any:
    """One line, no characters of one maker's code page, nothing a spreadsheet would run."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return _plain_text(cell) if isinstance(cell, str) else cell


# Long data repeats its keys and units: most cells have been seen before.
@lru_cache(maxsize=20_000)
def _plain_text(cell: str) -> str:
    text = " ".join("".join(map(_portable, cell)).split())
    return harmless_cell(text)


def _portable(sign: str) -> str:
    if sign.isascii():
        return sign
    encoded = sign.encode("cp932", errors="ignore")
    if encoded and encoded[0] in _MACHINE_DEPENDENT:
        return unicodedata.normalize("NFKC", sign)
    return sign
