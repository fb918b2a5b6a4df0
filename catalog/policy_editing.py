"""The operator keeps the table of policy items: names, words, outcome, days, sources (F03).

What changes class by it is shown before it is saved; the next look tells whom it concerns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Action, Actor, may
from catalog.models import PolicyItem
from catalog.policy import KEYWORD_SEPARATOR, Outcome, PolicyScope
from catalog.policy_history import Subject
from foundation.errors import Blocker, Conflict, NotFound, Refused
from foundation.settings import lock_setting
from foundation.text import fold_for_match

MOST_WORDS = 50
LONGEST = 2_000
LONGEST_NAME = 200

# What an item may be; a kind no yearly decision made has 0 for its year.
ITEM_KINDS = (
    PolicyScope.COMMONIZATION_TARGET,
    PolicyScope.COMMON_SAAS_CANDIDATE,
    PolicyScope.STANDARD_20,
)
_NEVER_DECIDED = PolicyScope.STANDARD_20.value
_TAKEN = "同じ名称の項目があります。"
# Who writes a name waits for who does so already: no unique column knows which names read alike.
_NAMES = "policy_item_names"
_YEARS = range(2000, 2101)
_NUMBERS = range(1, 1_000)


@dataclass(frozen=True, kw_only=True)
class ItemEdit:
    """What may be changed of an item. outcome: '' where nothing was decided; days inclusive."""

    name: str
    group: str
    ministries: str
    agreed_on: date | None
    decided_by: str
    keywords: tuple[str, ...]
    outcome: str
    note: str
    valid_from: date | None
    valid_to: date | None
    source_doc: str
    source_lines: str
    source_as_of: str


@dataclass(frozen=True, kw_only=True)
class ItemKey:
    """What an item is known by for good. decision_fy: Gregorian year of April; item_no from 1."""

    kind: str
    decision_fy: int
    cycle_label: str
    item_no: int


@dataclass(frozen=True, kw_only=True)
class ClassChange:
    """An entry or a project whose class the edit would change. before, after: scope and items."""

    id: int
    name: str
    fictional: bool
    before: tuple[str, tuple[str, ...]]
    after: tuple[str, tuple[str, ...]]


def add_policy_item(
    session: Session, *, actor: Actor, now: datetime, key: ItemKey, wanted: ItemEdit
) -> int:
    """Put a new item into the table; its id. Raises NotFound, Refused.

    Of two at once with one number the database lets one through; the other is a Conflict.
    """
    if not may(actor, Action.MANAGE_REFERENCE):
        raise NotFound("policy items")
    lock_setting(session, _NAMES)
    faults = [*list_key_faults(session, key, wanted.name), *list_edit_faults(wanted)]
    if faults:
        raise Refused(faults)
    # Marked as written by hand: a later release of the files leaves it as it is.
    item = PolicyItem(**_key_values(key), **_values(wanted), edited_at=now)
    session.add(item)
    session.flush()
    said = {"policy_item": item.name} | {
        name: _said(value) for name, value in (_key_values(key) | _values(wanted)).items()
    }
    record(session, actor, "add_policy_item", "policy_item", item.id, said, now)
    return item.id


def list_key_faults(session: Session, key: ItemKey, name: str) -> list[Blocker]:
    """Why no item of that kind, year and number can be added. One query."""
    known = session.execute(
        select(PolicyItem.item_no, PolicyItem.name).where(
            PolicyItem.kind == key.kind, PolicyItem.decision_fy == _year(key)
        )
    ).all()
    yearless = key.kind == _NEVER_DECIDED
    checks = (
        ("kind", key.kind in ITEM_KINDS, "区分を選んでください。"),
        (
            "decision_fy",
            yearless or key.decision_fy in _YEARS,
            f"決定の年度を、{_YEARS[0]}から{_YEARS[-1]}までの西暦で入力してください。",
        ),
        ("item_no", key.item_no in _NUMBERS, f"番号は1から{_NUMBERS[-1]}までです。"),
        (
            "item_no",
            key.item_no not in {number for number, _ in known},
            "この区分と年度に、同じ番号の項目があります。",
        ),
        ("name", not _is_taken(name, [known_as for _, known_as in known]), _TAKEN),
        ("cycle_label", len(key.cycle_label) <= LONGEST_NAME, "長すぎます。"),
    )
    return _blockers(checks)


def list_name_faults(session: Session, item_id: int, name: str) -> list[Blocker]:
    """Why the item cannot be called so: another of its kind and year is. Two queries."""
    item = session.get_one(PolicyItem, item_id)
    others = session.scalars(
        select(PolicyItem.name).where(
            PolicyItem.kind == item.kind,
            PolicyItem.decision_fy == item.decision_fy,
            PolicyItem.id != item_id,
        )
    )
    return _blockers([("name", not _is_taken(name, others), _TAKEN)])


def _is_taken(name: str, known: Iterable[str]) -> bool:
    """Whether one of the names is the same to a reader, whatever the width of its signs."""
    return fold_for_match(name) in {fold_for_match(each) for each in known}


def find_next_number(session: Session) -> tuple[int, int]:
    """Year and first free number of the newest decision; (0, 1) where there is none."""
    kind = PolicyScope.COMMONIZATION_TARGET.value
    of_kind = PolicyItem.kind == kind
    year = session.scalar(select(func.max(PolicyItem.decision_fy)).where(of_kind)) or 0
    last = select(func.max(PolicyItem.item_no)).where(of_kind, PolicyItem.decision_fy == year)
    return year, (session.scalar(last) or 0) + 1


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
    lock_setting(session, _NAMES)
    item = session.get(PolicyItem, item_id, with_for_update=True, populate_existing=True)
    if item is None:
        raise NotFound(f"policy item {item_id}")
    if item.row_version != seen_version:
        raise Conflict("ほかの人が先に変更しました。変更後の内容を確かめてください。")
    faults = [*list_edit_faults(wanted), *list_name_faults(session, item_id, wanted.name)]
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
    names = (wanted.name, wanted.group, wanted.ministries, wanted.decided_by)
    starts, ends = wanted.valid_from, wanted.valid_to
    checks = (
        ("name", bool(wanted.name.strip()), "名称を入力してください。"),
        (
            "name",
            max(map(len, names)) <= LONGEST_NAME,
            f"名称・グループ・府省庁・会議は、それぞれ{LONGEST_NAME}文字以内で入力してください。",
        ),
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
    return _blockers(checks)


def edited_items(
    session: Session, items: Sequence[PolicyItem], item_id: int, wanted: ItemEdit, today: date
) -> list[PolicyItem]:
    """The items that would hold today; the edited one is a copy that is not stored."""
    stored = session.get_one(PolicyItem, item_id)
    names = [column.key for column in PolicyItem.__mapper__.column_attrs]
    copy = PolicyItem(**{name: getattr(stored, name) for name in names} | _values(wanted))
    others = [item for item in items if item.id != item_id]
    return _with(others, copy, wanted, today)


def added_items(
    items: Sequence[PolicyItem], key: ItemKey, wanted: ItemEdit, today: date
) -> list[PolicyItem]:
    """The items that would hold today with one more, last of all and not stored."""
    last = max((item.id for item in items), default=0)
    new = PolicyItem(id=last + 1, **_key_values(key), **_values(wanted))
    return _with(items, new, wanted, today)


def _with(
    others: Sequence[PolicyItem], item: PolicyItem, wanted: ItemEdit, today: date
) -> list[PolicyItem]:
    starts, ends = wanted.valid_from, wanted.valid_to
    holds = (starts is None or starts <= today) and (ends is None or ends >= today)
    return sorted([*others, item] if holds else others, key=lambda each: each.id)


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


def _blockers(checks: Sequence[tuple[str, bool, str]]) -> list[Blocker]:
    return [
        Blocker(code=f"item_{field}", message=message, field=field)
        for field, holds, message in checks
        if not holds
    ]


def _year(key: ItemKey) -> int:
    return 0 if key.kind == _NEVER_DECIDED else key.decision_fy


def _key_values(key: ItemKey) -> dict[str, object]:
    values = {each.name: getattr(key, each.name) for each in fields(key)}
    return values | {"decision_fy": _year(key)}


def _values(wanted: ItemEdit) -> dict[str, object]:
    values = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
    return values | {"keywords": KEYWORD_SEPARATOR.join(wanted.keywords)}


def _said(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
