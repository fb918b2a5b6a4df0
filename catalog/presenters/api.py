"""Catalog objects as the public API and the downloads give them. null = not stated.

Field names are those of the open-data dictionary; every object says whether it is fictional.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from catalog.answers import answer_text
from catalog.certificates import Expiry, expiries_by_criterion
from catalog.criteria import CRITERIA
from catalog.criterion import Criterion
from catalog.queries.cases import CasePage, CaseRow
from catalog.queries.files import FileRow
from catalog.queries.marks import MarkRow
from catalog.queries.offerings import OfferingPage, OfferingRow, OfferRow
from catalog.queries.policy import PolicyRow, ReportRow
from catalog.queries.vendors import VendorRow
from catalog.staleness import StaleFact, stale_by_criterion


def criterion_words(criterion: Criterion) -> str:
    """A question with its type, choices, unit and since when it is asked."""
    words = [criterion.label, criterion.type.label]
    words += [f"{choice.key} {choice.label}" for choice in criterion.choices]
    words += [column.label for column in criterion.columns]
    words += [criterion.unit] if criterion.unit else []
    words += ["公開に必要"] if criterion.required else []
    return "・".join([*words, criterion.disclosure.label, f"第{criterion.since}版から"])


OFFERING_FIELDS: Mapping[str, str] = {
    "id": "番号",
    "key": "取込み用のキー",
    "name": "名称",
    "summary": "概要",
    "url": "ページ",
    "vendor_id": "開発元の番号",
    "vendor_name": "開発元",
    "category": "システム種別（コード）",
    "category_label": "システム種別",
    "status": "公開の状態",
    "version": "版",
    "fictional": "架空のデータか",
    "registered_on": "登録日",
    "updated_at": "更新日時（UTC）",
}
# What the API's description says of an offering: its own fields, then each question.
OFFERING_PAGE_FIELDS: Mapping[str, str] = {
    **OFFERING_FIELDS,
    "answers": "回答（項目のキーごとに label・value・text・disclosure・stale・expiring。"
    "null は記載なし。stale は確認した日から1年以上たった行：row・label・checked_on・years。"
    "expiring は有効期限が90日以内か、過ぎた認証：row・label・valid_to・expired）",
    **{f"answers.{c.key}": criterion_words(c) for c in CRITERIA},
    "offers": "販売する事業者と料金プラン（税抜）",
    "recommended_marks": "推奨の表示（推奨した者・理由・日・出典。事業者の申告ではない）",
    "files": "添付ファイル（読める範囲のもの。公開でないものはページから受け取る）",
    "last_confirmed_on": "最後の確認の日（最初の公開か年次更新。1年を過ぎると要更新確認）",
    "versions": "公開した版",
    "cases": "使う事例",
}
VENDOR_FIELDS: Mapping[str, str] = {
    "id": "番号",
    "name": "名称",
    "kana": "よみ",
    "corporate_number": "法人番号（ない場合は null）",
    "prefecture": "都道府県（2桁）",
    "address": "所在地",
    "website": "ウェブサイト",
    "sme": "中小企業か",
    "startup": "スタートアップか",
    "url": "ページ",
    "fictional": "架空のデータか",
    "registered_on": "登録日",
    "updated_at": "更新日時（UTC）",
}
VENDOR_PAGE_FIELDS: Mapping[str, str] = {
    **VENDOR_FIELDS,
    "offerings": "公開中の掲載サービス",
    "former_names": "これまでの名称（until はその名称だった最後の日、merged は統合された事業者か）",
}
CASE_FIELDS: Mapping[str, str] = {
    "id": "番号",
    "kind": "joint 共同調達・single 単独調達・trial 実証",
    "title": "件名",
    "url": "ページ",
    "fictional": "架空のデータか",
    "category": "システム種別（コード）",
    "category_label": "システム種別",
    "lead_body_name": "幹事団体（原典の表記）",
    "prefecture": "都道府県（2桁）",
    "participant_count": "参加市区町村数（都道府県を除く）",
    "fiscal_year_start": "開始年度（4月の西暦年）",
    "know_how": "ノウハウの有無",
    "annual_operating_cost_yen": "年間運用費（円）",
    "tax_included": "金額が税込か",
    "last_confirmed_on": "最終確認日",
    "updated_at": "更新日時（UTC）",
}
POLICY_FIELDS: Mapping[str, str] = {
    "id": "番号",
    "kind": "standard_20 標準20業務・commonization_target 共通化対象・"
    "common_saas_candidate 共通SaaSの対象候補",
    "name": "名称",
    "decision_fy": "決定年度（標準20業務は null）",
    "item_no": "資料の番号",
    "group": "グループ",
    "ministries": "制度所管府省庁",
    "agreed_on": "合意日",
    "outcome": "commonize・other_method・unclear",
    "note": "注",
    "source_doc": "出典",
    "source_lines": "出典の行",
    "source_as_of": "資料の時点",
    "progress_reports": "進捗の報告（新しい順。時点・府省庁・内容・アドレス・報告日・架空）",
    "url": "ページ",
}
_CASE_DETAILS = (
    "status",
    "lead_body_code",
    "lead_body_kind",
    "participants_text",
    "started_text",
    "contract_start",
    "contract_end",
    "procurement_method",
    "procurement_method_text",
    "contract_model",
    "contract_model_text",
    "vendor_text",
    "applicant_count",
    "initial_cost_yen",
    "ceiling_yen",
    "contract_amount_yen",
    "cost_basis",
    "cost_sharing_method",
    "cost_facts",
    "prefecture_borne_cost",
    "spec_availability",
    "background",
    "process_steps",
    "know_how",
    "issues_met",
    "contact_office",
    "source_url",
    "source_kind",
    "first_published_on",
)


def offering_json(row: OfferingRow) -> dict[str, Any]:
    """An offering in a list."""
    return {
        "id": row.id,
        "key": row.key,
        "name": row.name,
        "summary": row.summary,
        "url": f"/offerings/{row.id}",
        "vendor_id": row.vendor_id,
        "vendor_name": row.vendor_name,
        "category": row.system_type_code,
        "category_label": row.system_type_name,
        "status": row.status,
        "version": row.version,
        "fictional": row.fictional,
        "registered_on": row.registered_on,
        "updated_at": row.updated_at.isoformat(),
    }


def offering_page_json(page: OfferingPage, today: date) -> dict[str, Any]:
    """An offering with the answers this reader may see, its plans (tax-excluded) and cases.

    today: by which it is said what of it was looked at long ago.
    """
    return offering_json(page.row) | {
        "content_sha256": page.content.row.content_sha256,
        "policy_scope": page.policy_scope,
        "answers": answers_json(page.content.answers, page.criteria, today),
        "offers": offers_json(page.content.offers),
        "versions": [
            {"number": v.number, "published_at": v.published_at.isoformat()} for v in page.versions
        ],
        "cases": [
            {"id": case.id, "title": case.title, "fictional": case.fictional} for case in page.cases
        ],
    }


def answers_json(
    answers: Mapping[str, Any], criteria: Sequence[Criterion], today: date
) -> dict[str, dict[str, Any]]:
    """Criterion key → label, stored value and its words; null = not stated."""
    keys = [c.key for c in criteria]
    stale = stale_by_criterion(answers, keys, today)
    ending = expiries_by_criterion(answers, keys, today)
    return {
        c.key: {
            "label": c.label,
            "value": answers.get(c.key),
            "text": answer_text(c, answers.get(c.key)),
            "disclosure": c.disclosure.value,
            "stale": [_stale_json(fact) for fact in stale.get(c.key, ())],
            "expiring": [_expiry_json(one) for one in ending.get(c.key, ())],
        }
        for c in criteria
    }


def _stale_json(fact: StaleFact) -> dict[str, Any]:
    return {
        "row": fact.row,
        "label": fact.label,
        "checked_on": fact.checked_on.isoformat(),
        "years": fact.years,
    }


def _expiry_json(expiry: Expiry) -> dict[str, Any]:
    return {
        "row": expiry.row,
        "label": expiry.label,
        "valid_to": expiry.ends.isoformat(),
        "expired": expiry.expired,
    }


def marks_json(marks: Sequence[MarkRow]) -> list[dict[str, Any]]:
    """The recommended marks that stand."""
    return [
        {
            "issuer": mark.issuer,
            "reason": mark.reason,
            "marked_on": mark.marked_on.isoformat(),
            "source": mark.source,
            "source_url": mark.url or None,
        }
        for mark in marks
    ]


def files_json(offering_id: int, files: Sequence[FileRow]) -> list[dict[str, Any]]:
    """The files this reader may have; url is None for those given out by a page's button only."""
    return [
        {
            "title": file.title,
            "use": file.use.value,
            "disclosure": file.disclosure.value,
            "name": file.name,
            "media_type": file.kind.media_type,
            "size_bytes": file.size_bytes,
            "sha256": file.sha256,
            "url": None if file.recorded else f"/offerings/{offering_id}/files/{file.token}",
        }
        for file in files
    ]


def offers_json(offers: Sequence[OfferRow]) -> list[dict[str, Any]]:
    """Sellers and their plans, tax-excluded."""
    return [
        {
            "seller_id": offer.seller_id,
            "seller_name": offer.seller_name,
            "contract_conditions": offer.contract_conditions,
            "plans": [
                {
                    "name": plan.name,
                    "tax": "excluded",
                    "tax_rate_percent": str(plan.tax_rate_percent),
                    "components": plan.plan.to_dict()["components"],
                    "not_included": plan.not_included,
                    "price_basis": plan.price_basis,
                }
                for plan in offer.plans
            ],
        }
        for offer in offers
    ]


def vendor_json(row: VendorRow) -> dict[str, Any]:
    """A vendor."""
    return {
        "id": row.id,
        "name": row.name,
        "kana": row.kana or None,
        "corporate_number": row.corporate_number,
        "prefecture": row.prefecture_code,
        "address": row.address or None,
        "website": row.website or None,
        "sme": row.sme,
        "startup": row.startup,
        "url": f"/vendors/{row.id}",
        "fictional": row.fictional,
        "registered_on": row.registered_on,
        "updated_at": row.updated_at.isoformat(),
    }


def case_json(row: CaseRow) -> dict[str, Any]:
    """A case in a list. know_how: whether there is any."""
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.title,
        "url": f"/cases/{row.id}",
        "fictional": row.fictional,
        "category": row.system_type_code,
        "category_label": row.system_type_name,
        "lead_body_name": row.lead_body_name,
        "prefecture": row.prefecture_code,
        "participant_count": row.participant_count,
        "fiscal_year_start": row.fiscal_year_start,
        "know_how": row.has_know_how,
        "annual_operating_cost_yen": row.annual_operating_cost_yen,
        "tax_included": row.tax_included,
        "last_confirmed_on": row.last_confirmed_on,
        "updated_at": row.updated_at.isoformat(),
    }


def case_page_json(page: CasePage) -> dict[str, Any]:
    """A case with all its fields; know_how: the text itself, null when not registered."""
    details = {name: _or_null(getattr(page, name)) for name in _CASE_DETAILS}
    return (
        case_json(page.row)
        | details
        | {
            "measured_effects": list(page.measured_effects),
            "participants": [
                {"body_code": p.body_code, "name": p.name, "joined_on": p.joined_on}
                for p in page.participants
            ],
            "offerings": [
                {"id": o.id, "name": o.name, "fictional": o.fictional} for o in page.offerings
            ],
        }
    )


def policy_json(row: PolicyRow, reports: Sequence[ReportRow] = ()) -> dict[str, Any]:
    """A policy item with where it stands in its source, and what was reported since."""
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "decision_fy": row.decision_fy or None,
        "item_no": row.item_no,
        "group": row.group or None,
        "ministries": row.ministries or None,
        "agreed_on": row.agreed_on,
        "outcome": row.outcome or None,
        "note": row.note or None,
        "source_doc": row.source_doc,
        "source_lines": row.source_lines or None,
        "source_as_of": row.source_as_of or None,
        "progress_reports": [
            {
                "as_of": report.as_of,
                "organization": report.organization_name,
                "summary": report.summary,
                "url": report.url or None,
                "reported_on": report.reported_on,
                "fictional": report.fictional,
            }
            for report in reports
        ],
        "url": f"/policy/items/{row.id}",
    }


def _or_null(value: Any) -> Any:
    return None if value == "" else value
