"""Reading what the state treats apart: the standard 20 and the commonization items."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import PolicyItem, SystemType
from foundation.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class PolicyRow:
    """A policy item. decision_fy: Gregorian year of April, 0 for the standard 20."""

    id: int
    kind: str
    decision_fy: int
    cycle_label: str
    item_no: int
    group: str
    name: str
    ministries: str
    agreed_on: date | None
    decided_by: str
    outcome: str
    note: str
    keywords: str
    source_doc: str
    source_lines: str
    source_as_of: str


@dataclass(frozen=True, kw_only=True)
class SystemTypeRow:
    """A kind of system with its place under the policy."""

    code: str
    name: str
    area: str
    policy_scope: str


def list_policy_items(session: Session, *, kind: str = "") -> tuple[PolicyRow, ...]:
    """All items by kind, year and number."""
    statement = select(PolicyItem).order_by(
        PolicyItem.kind.desc(), PolicyItem.decision_fy, PolicyItem.item_no
    )
    if kind:
        statement = statement.where(PolicyItem.kind == kind)
    return tuple(_make_row(item) for item in session.scalars(statement))


def get_policy_item(session: Session, item_id: int) -> PolicyRow:
    """One item. Raises NotFound."""
    item = session.get(PolicyItem, item_id)
    if item is None:
        raise NotFound(f"policy item {item_id}")
    return _make_row(item)


def list_system_types(session: Session) -> tuple[SystemTypeRow, ...]:
    """The category tree in its order."""
    statement = select(SystemType).order_by(SystemType.position, SystemType.code)
    return tuple(
        SystemTypeRow(code=t.code, name=t.name, area=t.area, policy_scope=t.policy_scope)
        for t in session.scalars(statement)
    )


def _make_row(item: PolicyItem) -> PolicyRow:
    return PolicyRow(**{name: getattr(item, name) for name in PolicyRow.__dataclass_fields__})
