"""Whether a purchase touches what the state treats apart (F03): a suggestion for a person."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import PolicyItem, SystemType
from foundation.text import fold_for_match

GENERAL = "general"
SCOPE_LABELS = {
    "general": "一般",
    "standard_20": "標準20業務",
    "common_saas_candidate": "共通SaaSの対象候補",
    "commonization_target": "共通化対象",
    "undetermined": "未判定",
}
WARNING = (
    "この業務は『標準20業務』／『共通SaaSの対象候補』に当たる可能性があります。"
    "広域での調達共同化の後押しの対象外です（取りまとめ2025 Ⅲ(3)）。"
    "国の方針を確認してから進めてください"
)


@dataclass(frozen=True, kw_only=True)
class PolicyItemRow:
    """A policy item a purchase may touch."""

    id: int
    kind: str
    name: str
    ministries: str
    agreed_on: date | None
    outcome: str


@dataclass(frozen=True, kw_only=True)
class PolicyFinding:
    """What the check found: by category first, by keyword second."""

    scope: str
    items: tuple[PolicyItemRow, ...]

    @property
    def warns(self) -> bool:
        """Whether the yellow banner is shown and a reason asked for."""
        return self.scope != GENERAL

    @property
    def label(self) -> str:
        """The scope in the office's words."""
        return SCOPE_LABELS.get(self.scope, self.scope)


def check_policy_scope(
    session: Session, system_type_code: str, title: str, purpose: str
) -> PolicyFinding:
    """The scope of the category, or of the first policy item one of whose keywords occurs."""
    system_type = session.get(SystemType, system_type_code)
    scope = system_type.policy_scope if system_type else GENERAL
    name = system_type.name if system_type else ""
    written = fold_for_match(f"{title} {purpose} {name}")
    items = [
        item
        for item in session.scalars(select(PolicyItem).order_by(PolicyItem.id))
        if _mentions(item, written)
    ]
    if scope == GENERAL and items:
        scope = items[0].kind
    return PolicyFinding(scope=scope, items=tuple(_row(item) for item in items))


def _mentions(item: PolicyItem, written: str) -> bool:
    words = [fold_for_match(word) for word in (item.name, *item.keywords.split("|"))]
    return any(word in written for word in words if len(word) > 1)


def _row(item: PolicyItem) -> PolicyItemRow:
    return PolicyItemRow(
        id=item.id,
        kind=item.kind,
        name=item.name,
        ministries=item.ministries,
        agreed_on=item.agreed_on,
        outcome=item.outcome,
    )
