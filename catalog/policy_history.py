"""What entries and projects count as under the policy, with dates; looked at again each day (F03).

When the table of policy items or of system types changes, what it says of an entry may change:
a row is added to its history and its people are told. Nothing is blocked by it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.notices import tell_organization
from catalog.entries import PublicationStatus
from catalog.models import Offering, PolicyClass, PolicyItem, SystemType, Vendor
from catalog.policy import PolicyScope, suggest_scope
from foundation.clock import jst_today
from foundation.db import Database
from foundation.settings import find_setting, put_setting

OFFERING = "offering"
ROWS_A_STEP = 500
_CHECKED = "policy_checked_offerings"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is classed: its scope and the names of the items found now."""

    id: int
    name: str
    organization_ids: tuple[int, ...]
    scope: str
    items: tuple[str, ...]
    url: str


def recheck_offerings(database: Database, now: datetime) -> int:
    """Once a day and when the table changed; how many entries have another class than before.

    Harmless to run again, and goes on where it was stopped.
    """
    with database.read_session() as session:
        sha256 = table_sha256(session)
        mark = f"{jst_today(now)} {sha256}"
        if find_setting(session, _CHECKED) == mark:
            return 0
        subjects = _list_offerings(session)
    changed = note_classes(database, OFFERING, subjects, sha256, now)
    with database.transaction() as session:
        put_setting(session, _CHECKED, mark)
    return changed


def table_sha256(session: Session) -> str:
    """Names what the check is made by: the items with their words, the kinds with their scope."""
    items = session.execute(
        select(PolicyItem.kind, PolicyItem.name, PolicyItem.keywords).order_by(PolicyItem.id)
    )
    kinds = session.execute(
        select(SystemType.code, SystemType.policy_scope).order_by(SystemType.code)
    )
    said = json.dumps([[*map(list, items)], [*map(list, kinds)]], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def note_classes(
    database: Database, kind: str, subjects: Sequence[Subject], sha256: str, now: datetime
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
            for each in new:
                _note(session, kind, each, sha256, now)
                if each.id in last:
                    _tell(session, each, last[each.id][0], now)
                    changed += 1
    return changed


def list_classes(session: Session, kind: str, subject_id: int) -> tuple[PolicyClass, ...]:
    """The history of one entry or project, newest first."""
    statement = (
        select(PolicyClass)
        .where(PolicyClass.subject_kind == kind, PolicyClass.subject_id == subject_id)
        .order_by(PolicyClass.id.desc())
    )
    return tuple(session.scalars(statement))


def _list_offerings(session: Session) -> list[Subject]:
    items = session.scalars(select(PolicyItem)).all()
    names = {item.id: item.name for item in items}
    rows = session.execute(
        select(
            Offering.id,
            Offering.name,
            Offering.summary,
            SystemType.policy_scope,
            Vendor.organization_id,
        )
        .join(SystemType, SystemType.code == Offering.system_type_code)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .where(Offering.publication_status == PublicationStatus.PUBLISHED.value)
        .order_by(Offering.id)
    )
    found = []
    for number, name, summary, scope, organization_id in rows:
        suggestion = suggest_scope(scope, f"{name} {summary}", items)
        item = names.get(suggestion.item_id or 0)
        found.append(
            Subject(
                id=number,
                name=name,
                organization_ids=(organization_id,),
                scope=suggestion.scope.value,
                items=(item,) if item else (),
                url=f"/desk/vendor/offerings/{number}",
            )
        )
    return found


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


def _note(session: Session, kind: str, subject: Subject, sha256: str, now: datetime) -> None:
    session.add(
        PolicyClass(
            subject_kind=kind,
            subject_id=subject.id,
            scope=subject.scope,
            items=list(subject.items),
            table_sha256=sha256,
            found_at=now,
        )
    )


def _tell(session: Session, subject: Subject, before: str, now: datetime) -> None:
    title = f"「{subject.name}」の国の方針との関係を確かめてください"
    items = f"（{'、'.join(subject.items)}）" if subject.items else ""
    body = (
        f"国の方針の表が変わり、「{subject.name}」の区分が"
        f"「{PolicyScope(before).label}」から「{PolicyScope(subject.scope).label}」{items}に"
        "変わりました。区分は名称や種別からの推定です。掲載や手続きはそのまま続けられます。"
    )
    for organization_id in subject.organization_ids:
        tell_organization(
            session, organization_id, title=title, body=body, url=subject.url, now=now
        )
