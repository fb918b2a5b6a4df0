"""Whether a purchase touches what the state treats apart (F03): a suggestion for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import PolicyItem, SystemType
from catalog.policy import PolicyScope, suggest_scope

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
        return self.scope != PolicyScope.GENERAL.value

    @property
    def label(self) -> str:
        """The scope in the office's words."""
        return PolicyScope(self.scope).label


@dataclass(frozen=True, kw_only=True)
class PolicyTables:
    """What purchases are checked against: the items, and the kinds of systems by code."""

    items: Mapping[int, PolicyItem]
    system_types: Mapping[str, SystemType]


def load_policy_tables(session: Session) -> PolicyTables:
    """Two queries, for any number of purchases."""
    items = session.scalars(select(PolicyItem).order_by(PolicyItem.id))
    return PolicyTables(
        items={item.id: item for item in items},
        system_types={kind.code: kind for kind in session.scalars(select(SystemType))},
    )


def check_policy_scope(
    session: Session, system_type_code: str, title: str, purpose: str
) -> PolicyFinding:
    """The scope of the category, else of the policy item most of whose words occur."""
    return find_policy_scope(load_policy_tables(session), system_type_code, title, purpose)


def find_policy_scope(
    tables: PolicyTables, system_type_code: str, title: str, purpose: str
) -> PolicyFinding:
    """As `check_policy_scope`, of tables that were loaded once."""
    kind = tables.system_types.get(system_type_code)
    scope = kind.policy_scope if kind else PolicyScope.GENERAL.value
    text = f"{title} {purpose} {kind.name if kind else ''}"
    suggestion = suggest_scope(scope, text, tables.items.values())
    return PolicyFinding(
        scope=suggestion.scope.value,
        items=tuple(_row(tables.items[number]) for number in suggestion.item_ids),
    )


def _row(item: PolicyItem) -> PolicyItemRow:
    return PolicyItemRow(
        id=item.id,
        kind=item.kind,
        name=item.name,
        ministries=item.ministries,
        agreed_on=item.agreed_on,
        outcome=item.outcome,
    )
