"""What entries and projects count as under the policy, with dates; looked at again each day (F03).

When the table of policy items or of system types changes, what it says of an entry may change:
a row is added to its history and its people are told. Nothing is blocked by it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from accounts.notices import tell_organization
from catalog.entries import PublicationStatus
from catalog.models import Offering, PolicyClass, PolicyItem, SystemType, Vendor
from catalog.policy import ClassedKind, ClassState, PolicyScope, list_sources, suggest_scope
from catalog.queries.policy import list_valid_items
from catalog.queries.policy_classes import list_classes
from foundation.clock import era_date, jst_today
from foundation.db import Database
from foundation.errors import NotFound
from foundation.labels import LabelledEnum
from foundation.settings import find_setting, lock_setting, put_setting

OFFERING = ClassedKind.OFFERING.value
ROWS_A_STEP = 500
_CHECKED = "policy_checked_offerings"


class Entry(Protocol):
    """An entry as far as its class needs it."""

    @property
    def id(self) -> int: ...
    @property
    def fictional(self) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is classed: its scope, the names of the items found now and where these stand.

    url: where its people see it; the notice of a changed class leads there.
    content_sha256: of what was handed in and is not public yet, else ''.
    """

    id: int
    name: str
    organization_ids: tuple[int, ...]
    scope: str
    items: tuple[str, ...]
    url: str
    sources: tuple[tuple[str, str], ...] = ()
    fictional: bool = False
    content_sha256: str = ""

    @property
    def sha256(self) -> str:
        """Names the suggestion, for a form that answers exactly this one."""
        of_what = [self.content_sha256] if self.content_sha256 else []
        said = json.dumps([self.scope, self.items, *of_what], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


class Cause(LabelledEnum):
    """Why something counts as something else than before, as its people are told."""

    TABLE = "table", "国の方針の表が変わり"
    ITSELF = "itself", "名称・概要・システム種別のどれかが変わり"


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at everything of a kind. mark: remembered when it is done."""

    mark: str
    sha256: str
    cause: Cause


def recheck_offerings(database: Database, now: datetime) -> int:
    """Once a day and when the table changed; how many entries have another class than before.

    Harmless to run again, and goes on where it was stopped.
    """
    with database.read_session() as session:
        today = jst_today(now)
        look = look_at(session, _CHECKED, today)
        if look is None:
            return 0
        subjects = list_offering_subjects(session, list_valid_items(session, today))
    changed = note_classes(database, OFFERING, subjects, look, now)
    with database.transaction() as session:
        put_setting(session, _CHECKED, look.mark)
    return changed


def look_at(session: Session, key: str, today: date) -> Look | None:
    """Today's look at everything of that key; None where it was done by the tables as they are."""
    sha256 = table_sha256(session, today)
    before = find_setting(session, key) or ""
    # By the same tables as last time, it can only be the thing itself that changed.
    cause = Cause.ITSELF if before.endswith(sha256) else Cause.TABLE
    look = Look(mark=f"{today} {sha256}", sha256=sha256, cause=cause)
    return None if before == look.mark else look


def table_sha256(session: Session, today: date) -> str:
    """Names what the check is made by: the items that hold today, the kinds with their scope."""
    items = [[each.kind, each.name, each.keywords] for each in list_valid_items(session, today)]
    kinds = session.execute(
        select(SystemType.code, SystemType.policy_scope).order_by(SystemType.code)
    )
    said = json.dumps([items, [*map(list, kinds)]], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def note_classes(
    database: Database, kind: str, subjects: Sequence[Subject], look: Look, now: datetime
) -> int:
    """Add to the history what is new, tell whose class is another now; how many those are."""
    changed = 0
    for start in range(0, len(subjects), ROWS_A_STEP):
        some = subjects[start : start + ROWS_A_STEP]
        with database.read_session() as session:
            last = _last_of(session, kind, some)
        new = [each for each in some if last.get(each.id) != (each.scope, each.items)]
        if not new:
            continue
        with database.transaction() as session:
            # Another process, or somebody who confirms, may have noted it meanwhile.
            lock_setting(session, f"policy_noted_{kind}")
            last = _last_of(session, kind, new)
            for each in new:
                if last.get(each.id) == (each.scope, each.items):
                    continue
                note_class(session, kind, each, look.sha256, now)
                if each.id in last:
                    _tell(session, each, last[each.id][0], look.cause, now)
                    changed += 1
    return changed


def note_changed(session: Session, kind: str, subject: Subject, now: datetime) -> None:
    """Keep what the subject counts as since it was changed itself; its people are told.

    At once: the next look finds it noted and does not say that the table changed.
    """
    lock_setting(session, f"policy_noted_{kind}")
    last = _last_of(session, kind, [subject]).get(subject.id)
    if last == (subject.scope, subject.items):
        return
    note_class(session, kind, subject, table_sha256(session, jst_today(now)), now)
    session.flush()
    if last is not None:
        _tell(session, subject, last[0], Cause.ITSELF, now)


def list_offering_subjects(session: Session, items: Sequence[PolicyItem]) -> list[Subject]:
    """Every published entry with what these items make of it. One query."""
    statement = _select_offerings().where(
        Offering.publication_status == PublicationStatus.PUBLISHED.value
    )
    return [_offering_subject(row, items) for row in session.execute(statement)]


def get_offering_subject(session: Session, offering_id: int, today: date) -> Subject:
    """A published or suspended entry with what it counts as now. Raises NotFound. Two queries."""
    shown = (PublicationStatus.PUBLISHED.value, PublicationStatus.SUSPENDED.value)
    statement = _select_offerings().where(
        Offering.id == offering_id, Offering.publication_status.in_(shown)
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(f"offering {offering_id}")
    return _offering_subject(found, list_valid_items(session, today))


def _select_offerings() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Offering.id,
            Offering.name,
            Offering.summary,
            Offering.fictional,
            SystemType.policy_scope,
            Vendor.organization_id,
        )
        .join(SystemType, SystemType.code == Offering.system_type_code)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .order_by(Offering.id)
    )


def _offering_subject(row: Row[Any], items: Sequence[PolicyItem]) -> Subject:
    return class_offering(
        row,
        name=row.name,
        summary=row.summary,
        category_scope=row.policy_scope,
        organization_id=row.organization_id,
        items=items,
    )


def class_offering(
    entry: Entry,
    *,
    name: str,
    summary: str,
    category_scope: str,
    organization_id: int,
    items: Sequence[PolicyItem],
) -> Subject:
    """The entry as these items class it. category_scope: of its system type."""
    suggestion = suggest_scope(category_scope, f"{name} {summary}", items)
    found = [item for item in items if item.id == suggestion.item_id]
    return Subject(
        id=entry.id,
        name=name,
        organization_ids=(organization_id,),
        scope=suggestion.scope.value,
        items=tuple(item.name for item in found),
        url=f"/desk/vendor/offerings/{entry.id}",
        sources=list_sources(suggestion.scope, found),
        fictional=entry.fictional,
    )


def _last_of(
    session: Session, kind: str, subjects: Iterable[Subject]
) -> Mapping[int, tuple[str, tuple[str, ...]]]:
    newest = (
        select(func.max(PolicyClass.id))
        .where(PolicyClass.subject_kind == kind)
        .where(PolicyClass.subject_id.in_([each.id for each in subjects]))
        .group_by(PolicyClass.subject_id)
    )
    rows = session.scalars(select(PolicyClass).where(PolicyClass.id.in_(newest)))
    return {row.subject_id: (row.scope, tuple(row.items)) for row in rows}


def note_class(
    session: Session, kind: str, subject: Subject, sha256: str, now: datetime
) -> PolicyClass:
    """Add what the subject counts as to its history."""
    row = PolicyClass(
        subject_kind=kind,
        subject_id=subject.id,
        scope=subject.scope,
        items=list(subject.items),
        sources=[list(source) for source in subject.sources],
        table_sha256=sha256,
        found_at=now,
    )
    session.add(row)
    return row


def note_if_new(session: Session, kind: str, subject: Subject, now: datetime) -> int:
    """The id of what the subject counts as in its history; added where the history ends otherwise.

    The caller is about to answer it or has just been handed it: nobody is told.
    """
    known = list_classes(session, kind, subject.id)
    if known and (known[0].scope, tuple(known[0].items)) == (subject.scope, subject.items):
        return known[0].id
    row = note_class(session, kind, subject, table_sha256(session, jst_today(now)), now)
    session.flush()
    return row.id


def _tell(session: Session, subject: Subject, before: str, cause: Cause, now: datetime) -> None:
    title = f"「{subject.name}」の国の方針との関係を確かめてください"
    items = f"（{'、'.join(subject.items)}）" if subject.items else ""
    body = (
        f"{era_date(jst_today(now))}に{cause.label}、「{subject.name}」の推定の区分が"
        f"「{PolicyScope(before).label}」から「{PolicyScope(subject.scope).label}」{items}に"
        "変わりました。区分は名称や種別からの推定で、人が確認した区分は変わりません。"
        f"「{ClassState.RECHECK.label}」と表示されます。掲載や手続きはそのまま続けられます。"
    )
    for organization_id in subject.organization_ids:
        tell_organization(
            session, organization_id, title=title, body=body, url=subject.url, now=now
        )
