"""Which entries and projects an edit of the policy table would class otherwise (F03)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from catalog.models import PolicyItem
from catalog.policy_editing import (
    ClassChange,
    ItemEdit,
    ItemKey,
    added_items,
    edited_items,
    list_changes,
)
from catalog.policy_history import list_offering_subjects
from catalog.queries.policy import list_valid_items
from procurement.queries.policy_scope import load_policy_tables
from procurement.services.policy_recheck import list_project_subjects


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would change class, were the edit saved today. Nothing is written."""

    offerings: tuple[ClassChange, ...]
    projects: tuple[ClassChange, ...]


def preview_edit(session: Session, item_id: int, wanted: ItemEdit, today: date) -> Preview:
    """Every published entry and running project, by the table as it is and as it would be."""
    items = list_valid_items(session, today)
    return _preview(session, items, edited_items(session, items, item_id, wanted, today), today)


def preview_new(session: Session, key: ItemKey, wanted: ItemEdit, today: date) -> Preview:
    """The same for an item that would be added."""
    items = list_valid_items(session, today)
    return _preview(session, items, added_items(items, key, wanted, today), today)


def _preview(
    session: Session, items: Sequence[PolicyItem], after: Sequence[PolicyItem], today: date
) -> Preview:
    tables = load_policy_tables(session, today)
    edited = replace(tables, items={item.id: item for item in after})
    return Preview(
        offerings=list_changes(
            list_offering_subjects(session, items), list_offering_subjects(session, after)
        ),
        projects=list_changes(
            list_project_subjects(session, tables), list_project_subjects(session, edited)
        ),
    )
