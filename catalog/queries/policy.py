"""Reading what the state treats apart: the standard 20 and the commonization items."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.models import PolicyItem, PolicyReport, SystemType
from foundation.clock import jst_today
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
    valid_from: date | None
    valid_to: date | None
    row_version: int


@dataclass(frozen=True, kw_only=True)
class SystemTypeRow:
    """A kind of system with its place under the policy."""

    code: str
    name: str
    area: str
    policy_scope: str


@dataclass(frozen=True, kw_only=True)
class ReportRow:
    """A ministry's report of progress. as_of: the day it speaks of; reported_on: Japanese day."""

    item_id: int
    organization_name: str
    as_of: date
    reported_on: date
    summary: str
    url: str
    fictional: bool


def list_reports(session: Session, item_ids: Iterable[int]) -> dict[int, tuple[ReportRow, ...]]:
    """The reports of each of these items, newest first. One query."""
    statement = (
        select(PolicyReport)
        .where(PolicyReport.item_id.in_(list(item_ids)))
        .order_by(PolicyReport.as_of.desc(), PolicyReport.id.desc())
    )
    found: dict[int, list[ReportRow]] = {}
    for report in session.scalars(statement):
        row = ReportRow(
            item_id=report.item_id,
            organization_name=report.organization_name,
            as_of=report.as_of,
            reported_on=jst_today(report.reported_at),
            summary=report.summary,
            url=report.url,
            fictional=report.fictional,
        )
        found.setdefault(report.item_id, []).append(row)
    return {item_id: tuple(rows) for item_id, rows in found.items()}


def list_policy_items(session: Session, *, kind: str = "") -> tuple[PolicyRow, ...]:
    """All items by kind, year and number."""
    statement = select(PolicyItem).order_by(
        PolicyItem.kind.desc(), PolicyItem.decision_fy, PolicyItem.item_no
    )
    if kind:
        statement = statement.where(PolicyItem.kind == kind)
    return tuple(_make_row(item) for item in session.scalars(statement))


def list_valid_items(session: Session, today: date) -> tuple[PolicyItem, ...]:
    """The items that hold on that day, in their own order: what checks are made by. One query."""
    statement = (
        select(PolicyItem)
        .where(or_(PolicyItem.valid_from.is_(None), PolicyItem.valid_from <= today))
        .where(or_(PolicyItem.valid_to.is_(None), PolicyItem.valid_to >= today))
        .order_by(PolicyItem.id)
    )
    return tuple(session.scalars(statement))


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
