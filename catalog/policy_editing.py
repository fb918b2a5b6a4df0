"""The operator keeps the table of policy items: words, outcome, days, sources (F03).

What changes class by it is shown before it is saved; the next look tells whom it concerns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Action, Actor, may
from catalog.models import PolicyItem
from catalog.policy import KEYWORD_SEPARATOR, Outcome
from catalog.policy_history import Subject
from foundation.errors import Blocker, Conflict, NotFound, Refused

MOST_WORDS = 50
LONGEST = 2_000


@dataclass(frozen=True, kw_only=True)
class ItemEdit:
    """What may be changed of an item. outcome: '' where nothing was decided; days inclusive."""

    keywords: tuple[str, ...]
    outcome: str
    note: str
    valid_from: date | None
    valid_to: date | None
    source_doc: str
    source_lines: str
    source_as_of: str


@dataclass(frozen=True, kw_only=True)
class ClassChange:
    """An entry or a project whose class the edit would change. before, after: scope and items."""

    id: int
    name: str
    fictional: bool
    before: tuple[str, tuple[str, ...]]
    after: tuple[str, tuple[str, ...]]


def edit_policy_item(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    item_id: int,
    wanted: ItemEdit,
    seen_version: int,
) -> None:
    """Write the item anew. Raises NotFound, Refused; Conflict where another was quicker."""
    if not may(actor, Action.MANAGE_REFERENCE):
        raise NotFound(f"policy item {item_id}")
    item = session.get(PolicyItem, item_id, with_for_update=True, populate_existing=True)
    if item is None:
        raise NotFound(f"policy item {item_id}")
    if item.row_version != seen_version:
        raise Conflict("ほかの人が先に変更しました。変更後の内容を確かめてください。")
    faults = list_edit_faults(wanted)
    if faults:
        raise Refused(faults)
    changes: dict[str, object] = {
        name: {"from": _said(getattr(item, name)), "to": _said(value)}
        for name, value in _values(wanted).items()
        if getattr(item, name) != value
    }
    for name, value in _values(wanted).items():
        setattr(item, name, value)
    item.edited_at, item.row_version = now, item.row_version + 1
    session.flush()
    said = {"policy_item": item.name, **changes}
    record(session, actor, "edit_policy_item", "policy_item", item.id, said, now)


def list_edit_faults(wanted: ItemEdit) -> list[Blocker]:
    """What cannot stand in the table."""
    texts = (wanted.note, wanted.source_doc, wanted.source_lines, wanted.source_as_of)
    starts, ends = wanted.valid_from, wanted.valid_to
    checks = (
        ("keywords", len(wanted.keywords) <= MOST_WORDS, f"語は{MOST_WORDS}個までです。"),
        (
            "keywords",
            all(2 <= len(word) <= 60 and KEYWORD_SEPARATOR not in word for word in wanted.keywords),
            "語は1行に1つ、2文字から60文字までで入力してください。",
        ),
        ("outcome", wanted.outcome in {"", *Outcome}, "結果を選び直してください。"),
        ("source_doc", bool(wanted.source_doc.strip()), "出典の資料を入力してください。"),
        ("note", max(map(len, texts)) <= LONGEST, f"{LONGEST:,}文字以内で入力してください。"),
        (
            "valid_to",
            starts is None or ends is None or starts <= ends,
            "終わりの日は、始まりの日より後にしてください。",
        ),
    )
    return [
        Blocker(code=f"item_{field}", message=message, field=field)
        for field, holds, message in checks
        if not holds
    ]


def edited_items(
    session: Session, items: Sequence[PolicyItem], item_id: int, wanted: ItemEdit, today: date
) -> list[PolicyItem]:
    """The items that would hold today; the edited one is a copy that is not stored."""
    stored = session.get_one(PolicyItem, item_id)
    names = [column.key for column in PolicyItem.__mapper__.column_attrs]
    copy = PolicyItem(**{name: getattr(stored, name) for name in names} | _values(wanted))
    starts, ends = wanted.valid_from, wanted.valid_to
    holds = (starts is None or starts <= today) and (ends is None or ends >= today)
    others = [item for item in items if item.id != item_id]
    return sorted([*others, copy] if holds else others, key=lambda item: item.id)


def list_changes(before: Sequence[Subject], after: Sequence[Subject]) -> tuple[ClassChange, ...]:
    """Those of the subjects that would count as something else, in their order."""
    return tuple(
        ClassChange(
            id=old.id,
            name=old.name,
            fictional=old.fictional,
            before=(old.scope, old.items),
            after=(new.scope, new.items),
        )
        for old, new in zip(before, after, strict=True)
        if (old.scope, old.items) != (new.scope, new.items)
    )


def _values(wanted: ItemEdit) -> dict[str, object]:
    values = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
    return values | {"keywords": KEYWORD_SEPARATOR.join(wanted.keywords)}


def _said(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
