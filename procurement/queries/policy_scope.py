"""Whether a purchase touches what the state treats apart (F03): a suggestion for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import PolicyItem, SystemType
from catalog.policy import PolicyScope, list_sources, suggest_scope
from catalog.queries.policy import list_valid_items

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
    source_doc: str
    source_lines: str


@dataclass(frozen=True, kw_only=True)
class PolicyFinding:
    """What the check found: by category first, by keyword second."""

    scope: str
    items: tuple[PolicyItemRow, ...]
    sources: tuple[tuple[str, str], ...]

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


def load_policy_tables(session: Session, today: date) -> PolicyTables:
    """Two queries, for any number of purchases."""
    return PolicyTables(
        items={item.id: item for item in list_valid_items(session, today)},
        system_types={kind.code: kind for kind in session.scalars(select(SystemType))},
    )


def check_policy_scope(
    session: Session, system_type_code: str, title: str, purpose: str, today: date
) -> PolicyFinding:
    """The scope of the category, else of the policy item most of whose words occur."""
    return find_policy_scope(load_policy_tables(session, today), system_type_code, title, purpose)


def find_policy_scope(
    tables: PolicyTables, system_type_code: str, title: str, purpose: str
) -> PolicyFinding:
    """As `check_policy_scope`, of tables that were loaded once."""
    kind = tables.system_types.get(system_type_code)
    scope = kind.policy_scope if kind else PolicyScope.GENERAL.value
    text = f"{title} {purpose} {kind.name if kind else ''}"
    suggestion = suggest_scope(scope, text, tables.items.values())
    items = [tables.items[number] for number in suggestion.item_ids]
    return PolicyFinding(
        scope=suggestion.scope.value,
        items=tuple(map(_row, items)),
        sources=list_sources(suggestion.scope, items),
    )


def _row(item: PolicyItem) -> PolicyItemRow:
    return PolicyItemRow(
        id=item.id,
        kind=item.kind,
        name=item.name,
        ministries=item.ministries,
        agreed_on=item.agreed_on,
        outcome=item.outcome,
        source_doc=item.source_doc,
        source_lines=item.source_lines,
    )
