"""Offerings sent in on a page: the operator publishes them, a vendor writes its drafts.

A vendor's file goes no further than its desk does: into drafts, to be handed in and reviewed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Action, Actor, may
from catalog import publishing
from catalog.answers import stated
from catalog.checks import list_written_blockers
from catalog.criteria import CRITERIA
from catalog.desk.changes import Change, Names, list_changes
from catalog.desk.contents import Content, content_of, sha256_of
from catalog.desk.models import OfferingDraft
from catalog.desk.queries import list_system_types
from catalog.entries import OfferingEntry, PublicationStatus
from catalog.entry_files import files_of, with_files
from catalog.importing import prepared, runs
from catalog.importing.identity import KEY, MAKER, NAME, TWIN_KEY
from catalog.importing.judged import take_judged
from catalog.importing.known import Known, load_known
from catalog.importing.offering_rows import FICTIONAL, REQUIRED, ReadOffering, read_offering
from catalog.importing.page_kinds import (
    Counts,
    Judge,
    Limits,
    Outcome,
    PageKind,
    Taking,
    Verdict,
    refused,
)
from catalog.importing.sheets import read_offering_rows
from catalog.importing.workbooks import offerings_workbook, own_workbook
from catalog.models import Offering, OfferingVersion, Vendor
from catalog.publishing import plan_content
from catalog.renewal import RENEWED_ON
from foundation.clock import jst_today
from foundation.db import Database
from foundation.tables import TableRow
from foundation.text import normalize

MAX_WORDS = 300
NEW_KEY = "new-"
_UNKNOWN_KEY = (
    "自社の掲載にキー「{}」はありません。新しい掲載では、空欄か「new-1」のような new- で始まる"
    "文字列にします。"
)


@dataclass(frozen=True, kw_only=True)
class _There:
    """An entry as it is now: what a row is compared with. content: None if it says nothing."""

    offering: Offering
    content: Content | None
    hidden: bool


def _operator_limits(_session: Session, actor: Actor) -> Limits | None:
    return {} if may(actor, Action.PUBLISH_OFFERING) else None


def _vendor_limits(session: Session, actor: Actor) -> Limits | None:
    if not may(actor, Action.EDIT_OFFERING):
        return None
    statement = (
        select(Vendor.id, Vendor.fictional, Organization)
        .join(Organization, Organization.id == Vendor.organization_id)
        .where(Vendor.organization_id == actor.organization_id)
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        return None
    vendor_id, fictional, organization = found
    number = organization.corporate_number or organization.alternate_key
    return {"vendor_id": vendor_id, "fictional": fictional, "number": number}


def _open_judge(session: Session, _limits: Limits, now: datetime) -> Judge:
    known, names, today = load_known(session), _load_names(session), jst_today(now)

    def judge(own: Session, rows: Sequence[TableRow]) -> list[Verdict]:
        read = [read_offering(row, known, today) for row in rows]
        there = _published(own, read)
        return [_verdict(row, one, there, names) for row, one in zip(rows, read, strict=True)]

    return judge


def _open_vendor_judge(session: Session, limits: Limits, now: datetime) -> Judge:
    known, names, today = load_own(session, limits), _load_names(session), jst_today(now)

    def judge(own: Session, rows: Sequence[TableRow]) -> list[Verdict]:
        read = [read_own(row, limits, known, today) for row in rows]
        there = _written(own, read)
        return [_verdict(row, one, there, names) for row, one in zip(rows, read, strict=True)]

    return judge


def load_own(session: Session, limits: Limits) -> Known:
    """What a vendor's rows are checked against: of all entries, only its own are there."""
    known, vendor_id = load_known(session), limits["vendor_id"]
    own = {key: each for key, each in known.offerings.items() if each[0] == vendor_id}
    names = {pair: keys for pair, keys in known.names.items() if pair[0] == vendor_id}
    return replace(known, offerings=own, names=names)


def read_own(row: TableRow, limits: Limits, known: Known, today: date) -> ReadOffering:
    """A row of a vendor's file: its maker is the vendor, real or fictional as the vendor is.

    A key is one of its own entries' or, beginning with 「new-」, the file's own name for a new
    one: whose any other key is, the answer does not tell. What is missing may come later.
    """
    cells = dict(row.cells)
    cells[MAKER] = cells.get(MAKER) or limits["number"]
    cells[FICTIONAL] = cells.get(FICTIONAL) or ("true" if limits["fictional"] else "false")
    key = normalize(cells[KEY])
    if key not in known.offerings:
        if key and not key.startswith(NEW_KEY):
            return ReadOffering(entry=None, problems=[(KEY, _UNKNOWN_KEY.format(key))])
        cells[KEY] = ""
    if TWIN_KEY in cells and cells[TWIN_KEY] not in known.offerings:
        cells[TWIN_KEY] = ""
    own = TableRow(sheet=row.sheet, line=row.line, cells=cells)
    read = read_offering(own, known, today, list_written_blockers)
    if read.entry is None:
        return read
    problems = []
    if read.entry.maker_id != limits["vendor_id"]:
        problems.append((MAKER, "取り込めるのは自社が開発元の掲載だけです。"))
    if read.entry.fictional != limits["fictional"]:
        problems.append((FICTIONAL, "事業者の登録と同じにしてください。"))
    return ReadOffering(entry=None, problems=problems) if problems else read


def _verdict(
    row: TableRow, read: ReadOffering, there: Mapping[str, _There], names: Names
) -> Verdict:
    name = row.cells.get(NAME, "")
    if read.entry is None:
        return refused(read.problems, name=name, alike=read.alike)
    entry, found = read.entry, there.get(read.entry.key)
    if found is None:
        return Verdict(outcome=Outcome.NEW, key=entry.key, name=entry.name)
    if found.content is None:
        return Verdict(outcome=Outcome.CHANGED, key=entry.key, name=entry.name, seen="empty")
    content = entry_content(entry, found.content)
    said = [_words(change) for change in list_changes(found.content, content, names)]
    same_hash = sha256_of(found.content) == sha256_of(content)
    if not same_hash and not said:
        said.append(("料金の定義など", "書き方の違い", "書き方の違い"))
    if found.hidden:
        status = PublicationStatus(found.offering.publication_status).label
        said.append(("公開の状態", status, PublicationStatus.PUBLISHED.label))
    return Verdict(
        outcome=Outcome.CHANGED if said else Outcome.SAME,
        key=entry.key,
        name=entry.name,
        said=tuple(said),
        seen=sha256_of(found.content),
    )


def entry_content(entry: OfferingEntry, before: Content | None) -> Content:
    """What an entry says, as drafts hold it.

    Attached files, which no table holds, stay, and that the draft is a renewal's.
    """
    content = {
        "name": entry.name,
        "summary": entry.summary,
        "system_type_code": entry.system_type_code,
        "answers": stated(entry.answers, CRITERIA),
        "offers": [
            {
                "seller_id": offer.seller_id,
                "contract_conditions": offer.contract_conditions,
                "plans": [plan_content(plan) for plan in offer.plans],
            }
            for offer in entry.offers
        ],
    }
    begun = {key: before[key] for key in (RENEWED_ON,) if before and key in before}
    return with_files(content | begun, files_of(before or {}))


def _words(change: Change) -> tuple[str, str, str]:
    before, after = (" / ".join(lines)[:MAX_WORDS] for lines in (change.before, change.after))
    return change.label, before, after


def _load_names(session: Session) -> Names:
    vendors = session.execute(select(Vendor.id, Vendor.name))
    return Names(
        system_types=dict(list_system_types(session)),
        vendors={number: name for number, name in vendors},
    )


def _published(session: Session, read: Sequence[ReadOffering]) -> dict[str, _There]:
    """By key, what readers see of the entries these rows speak of."""
    return {
        offering.key: _There(
            offering=offering,
            content=content_of(version) if version else None,
            hidden=offering.publication_status != PublicationStatus.PUBLISHED.value,
        )
        for offering, version in _list_entries(session, read)
    }


def _written(session: Session, read: Sequence[ReadOffering]) -> dict[str, _There]:
    """By key, what the vendor's desk shows: the draft, else what readers see."""
    found = _list_entries(session, read)
    statement = select(OfferingDraft).where(
        OfferingDraft.offering_id.in_([offering.id for offering, _version in found])
    )
    drafts = {draft.offering_id: dict(draft.content) for draft in session.scalars(statement)}
    return {
        offering.key: _There(
            offering=offering,
            content=drafts.get(offering.id) or (content_of(version) if version else None),
            hidden=False,
        )
        for offering, version in found
    }


def _list_entries(
    session: Session, read: Sequence[ReadOffering]
) -> list[tuple[Offering, OfferingVersion | None]]:
    keys = [one.entry.key for one in read if one.entry is not None]
    current = (OfferingVersion.offering_id == Offering.id) & (
        OfferingVersion.number == Offering.current_version
    )
    statement = (
        select(Offering, OfferingVersion)
        .outerjoin(OfferingVersion, current)
        .where(Offering.key.in_(keys))
    )
    return [(offering, version) for offering, version in session.execute(statement)]


def _shape(database: Database, batch_id: int, now: datetime) -> None:
    with database.transaction() as session:
        prepared.forget(session, batch_id)
    runs.prepare_offerings(database, batch_id, now)


def _publish(session: Session, taking: Taking) -> Counts:
    tally = runs.Tally()
    runs.apply_offerings(session, taking.batch_id, tally, taking.actor, taking.now)
    return {"added": tally.added, "changed": tally.changed}


def _write_drafts(session: Session, taking: Taking) -> Counts:
    known, today = load_own(session, taking.limits), jst_today(taking.now)
    judge = _open_vendor_judge(session, taking.limits, taking.now)

    def write(rows: Sequence[TableRow]) -> None:
        read = [read_own(row, taking.limits, known, today) for row in rows]
        there = _written(session, read)
        for one in read:
            if one.entry is not None:
                _write_draft(session, one.entry, there.get(one.entry.key), taking)
        session.flush()

    return take_judged(session, taking, judge, write)


def _write_draft(
    session: Session, entry: OfferingEntry, found: _There | None, taking: Taking
) -> None:
    offering = found.offering if found else publishing.add_offering(session, entry, now=taking.now)
    content: dict[str, Any] = entry_content(entry, found.content if found else None)
    draft = session.get(OfferingDraft, offering.id)
    if draft is None:
        draft = OfferingDraft(offering_id=offering.id)
        session.add(draft)
    draft.content = content
    draft.updated_at = taking.now
    draft.updated_by = taking.actor.label
    if not offering.current_version:
        offering.name, offering.summary = entry.name, entry.summary
        offering.system_type_code = entry.system_type_code


PUBLISHED = PageKind(
    key="offerings",
    label="掲載サービス",
    words="確かめたうえで、そのまま公開されます。",
    action="import_offerings",
    required=REQUIRED,
    limits_of=_operator_limits,
    open_judge=_open_judge,
    shape=_shape,
    take=_publish,
    read=read_offering_rows,
    template="offerings",
    export=lambda session, _limits: offerings_workbook(session)[0],
)
OWN = PageKind(
    key="own-offerings",
    label="自社の掲載サービス",
    words="下書きに入ります。公開するには、確かめて提出します（まとめて提出もできます）。",
    action="import_own_offerings",
    required=tuple(name for name in REQUIRED if name != MAKER),
    limits_of=_vendor_limits,
    open_judge=_open_vendor_judge,
    take=_write_drafts,
    read=read_offering_rows,
    template="offerings",
    export=lambda session, limits: own_workbook(session, limits["vendor_id"]),
)
