"""What a program can check of a case before a person looks at it: hints, never verdicts."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.case_drafting.contents import FIELDS
from catalog.case_drafting.models import CaseDraft
from catalog.case_fields import FieldType
from catalog.desk.findings import Finding, Weight
from catalog.entries import PublicationStatus
from catalog.models import Case

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|\b0\d{1,4}-\d{1,4}-\d{3,4}\b")
_COSTS = ("initial_cost_yen", "annual_operating_cost_yen", "contract_amount_yen")


def list_case_findings(
    session: Session, draft: CaseDraft, content: Mapping[str, Any], lead_body_code: str | None
) -> tuple[Finding, ...]:
    """Every check, in the same order for everybody. One query."""
    return (
        _know_how(content),
        _addresses(content),
        _costs(content),
        _source(content),
        _like(session, draft, content, lead_body_code),
    )


def _know_how(content: Mapping[str, Any]) -> Finding:
    if content.get("know_how", "").strip():
        return _finding("ノウハウ", Weight.WELL, "書かれています。")
    return _finding("ノウハウ", Weight.HINT, "「ノウハウ未登録」と表示して公開されます。")


def _addresses(content: Mapping[str, Any]) -> Finding:
    named = [
        field.label
        for field in FIELDS
        if field.type is FieldType.TEXT and _ADDRESS.search(str(content.get(field.key) or ""))
    ]
    if named:
        words = f"{'、'.join(named)}に、メールアドレスか電話番号らしいものがあります。"
        return _finding("個人の連絡先", Weight.FAULT, words)
    return _finding("個人の連絡先", Weight.WELL, "見当たりません。")


def _costs(content: Mapping[str, Any]) -> Finding:
    stated = [content.get(key) is not None for key in _COSTS]
    if any(stated) and not content.get("cost_basis"):
        return _finding("費用", Weight.FAULT, "費用の根拠（契約額・予算など）がありません。")
    if any(stated) and content.get("tax_included") is None:
        return _finding("費用", Weight.FAULT, "税込か税抜かがありません。")
    if not any(stated):
        return _finding("費用", Weight.HINT, "費用は「記載なし」と表示されます。")
    return _finding("費用", Weight.WELL, "根拠と税の扱いがあります。")


def _source(content: Mapping[str, Any]) -> Finding:
    if content.get("source_url"):
        return _finding("出典", Weight.WELL, "出典のアドレスがあります。")
    return _finding("出典", Weight.HINT, "出典は「記載なし」と表示されます。")


def _like(
    session: Session, draft: CaseDraft, content: Mapping[str, Any], lead_body_code: str | None
) -> Finding:
    statement = select(Case.title).where(
        Case.lead_body_code == lead_body_code,
        Case.lead_body_code.is_not(None),
        Case.system_type_code == content.get("system_type_code"),
        Case.publication_status == PublicationStatus.PUBLISHED.value,
        Case.id != (draft.case_id or 0),
    )
    titles = session.scalars(statement.order_by(Case.id).limit(3)).all()
    if titles:
        words = f"同じ幹事団体・種別の事例があります：{'、'.join(titles)}"
        return _finding("似た事例", Weight.HINT, words)
    return _finding("似た事例", Weight.WELL, "同じ幹事団体・種別の事例はありません。")


def _finding(check: str, weight: Weight, text: str) -> Finding:
    return Finding(check=check, weight=weight, text=text)
