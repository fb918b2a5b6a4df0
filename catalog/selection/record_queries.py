"""Reading selection records: one's organisation's list, a draft, a locked record with its trail."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Action, Actor, Scope, may, scopes_for
from catalog.selection.outcomes import OUTCOME_ACTION, OutcomeRow, outcome_content
from catalog.selection.record_content import LOCK_ACTION, DraftResult, Origin, Outcome
from catalog.selection.record_models import (
    SelectionDownload,
    SelectionLock,
    SelectionOutcome,
    SelectionRecord,
)
from foundation.audit import AuditEvent, Head, list_heads
from foundation.clock import jst_today
from foundation.errors import NotFound
from foundation.paging import Page, paginate

PAGE_SIZE = 30


@dataclass(frozen=True, kw_only=True)
class RecordRow:
    """A record in a list. outcome: None until it is said; fictional: the organisation is."""

    id: int
    title: str
    organization_name: str
    fictional: bool
    made_by: str
    updated_at: datetime
    locked_at: datetime | None
    outcome: Outcome | None
    real_results: int
    fictional_results: int


@dataclass(frozen=True, kw_only=True)
class DownloadRow:
    """Who took a record away."""

    format: str
    file_sha256: str
    downloaded_at: datetime
    downloaded_by: str


@dataclass(frozen=True, kw_only=True)
class LockedContent:
    """A locked record: its content, the hash it was sealed with, and the event that did."""

    content: dict[str, Any]
    sha256: str
    audit_seq: int
    audit_hash: str


@dataclass(frozen=True, kw_only=True)
class RecordPage:
    """A record as its page shows it. locked: None while it is a draft.

    own: the reader's organisation made it and the reader may write.
    """

    id: int
    organization_name: str
    fictional: bool
    title: str
    purpose: str
    notes: str
    origin: Origin
    parameters: Sequence[Sequence[str]]
    results: tuple[DraftResult, ...]
    made_by: str
    made_at: datetime
    updated_by: str
    updated_at: datetime
    row_version: int
    own: bool
    locked: LockedContent | None
    outcome: OutcomeRow | None
    downloads: tuple[DownloadRow, ...]


def can_read(actor: Actor, organization_id: int) -> bool:
    """Whether the actor may read the records of this organisation."""
    scopes = scopes_for(actor, Action.READ_RECORDS)
    own = Scope.OWN_ORGANIZATION in scopes and actor.organization_id == organization_id
    return own or Scope.EVERYTHING in scopes


def list_records(session: Session, actor: Actor, *, page: int) -> Page[RecordRow]:
    """The latest changed first: of one's own organisation, or of all. Two queries."""
    statement = (
        select(
            SelectionRecord.id,
            SelectionRecord.title,
            SelectionRecord.results,
            SelectionRecord.made_by,
            SelectionRecord.updated_at,
            Organization.name,
            Organization.fictional,
            SelectionLock.locked_at,
            SelectionOutcome.outcome,
        )
        .join(Organization, Organization.id == SelectionRecord.organization_id)
        .outerjoin(SelectionLock, SelectionLock.record_id == SelectionRecord.id)
        .outerjoin(SelectionOutcome, SelectionOutcome.record_id == SelectionRecord.id)
        .order_by(SelectionRecord.updated_at.desc(), SelectionRecord.id.desc())
    )
    statement = _readable(statement, actor)
    return paginate(session, statement, page=page, size=PAGE_SIZE, make_row=_row)


def get_record(session: Session, actor: Actor, record_id: int) -> RecordPage:
    """A record with all that belongs to it. Raises NotFound. Four queries."""
    found = session.execute(
        select(SelectionRecord, Organization)
        .join(Organization, Organization.id == SelectionRecord.organization_id)
        .where(SelectionRecord.id == record_id)
    ).one_or_none()
    if found is None or not can_read(actor, found[0].organization_id):
        raise NotFound("selection_record")
    record, organization = found
    own = record.organization_id == actor.organization_id and may(actor, Action.LOCK_RECORD)
    return RecordPage(
        id=record.id,
        organization_name=organization.name,
        fictional=organization.fictional,
        title=record.title,
        purpose=record.purpose,
        notes=record.notes,
        origin=Origin(record.origin),
        parameters=record.parameters,
        results=tuple(DraftResult.read(stored) for stored in record.results),
        made_by=record.made_by,
        made_at=record.created_at,
        updated_by=record.updated_by,
        updated_at=record.updated_at,
        row_version=record.row_version,
        own=own,
        locked=_find_locked(session, record_id),
        outcome=_find_outcome(session, record_id),
        downloads=_list_downloads(session, record_id),
    )


def make_export(session: Session, locked: LockedContent, now: datetime) -> dict[str, Any]:
    """The value of record.json: content, its hash, the event that locked it, the heads till now.

    The heads begin with the last one published before the lock. What came of the record is there
    once it was said, with its own event: the lock could not know it.
    """
    said = _find_outcome(session, locked.content["id"])
    outcome = {"outcome": _outcome_export(session, locked, said)} if said else {}
    first = (locked.content["audit"]["day_head"] or {"seq": 0})["seq"]
    return {
        "record": locked.content,
        "record_sha256": locked.sha256,
        "audit": {
            "event": _event(session, locked.audit_seq),
            "heads": [
                {"day": day.isoformat(), "seq": head.seq, "hash": head.hash}
                for day, head in list_heads(session, now)
                if head.seq >= first
            ],
        },
        **outcome,
    }


def _outcome_export(session: Session, locked: LockedContent, said: OutcomeRow) -> dict[str, Any]:
    statement = select(AuditEvent.seq).where(
        AuditEvent.action == OUTCOME_ACTION,
        AuditEvent.subject_id == str(locked.content["id"]),
    )
    return {
        "said": outcome_content(said),
        "event": _event(session, session.scalars(statement).one()),
    }


def list_lock_links(session: Session) -> list[tuple[date, Head]]:
    """(day, link) of every lock's event, oldest first: what is published of each, nobody named.

    A day's head alone does not show that an event stands before it: that would take every event
    between the two. The lock's own link, published, is what an export must agree with.
    """
    found = session.execute(
        select(AuditEvent.at, AuditEvent.seq, AuditEvent.hash)
        .where(AuditEvent.action == LOCK_ACTION)
        .order_by(AuditEvent.seq)
    )
    return [(jst_today(at), Head(seq=seq, hash=digest)) for at, seq, digest in found]


def _event(session: Session, seq: int) -> dict[str, Any]:
    """The event with everything its hash is made of."""
    event = session.get_one(AuditEvent, seq)
    facts = {column.key: getattr(event, column.key) for column in AuditEvent.__table__.columns}
    return {**facts, "at": event.at.isoformat(timespec="microseconds")}


def _readable(statement: Select[Any], actor: Actor) -> Select[Any]:
    if Scope.EVERYTHING in scopes_for(actor, Action.READ_RECORDS):
        return statement
    own = actor.organization_id if may(actor, Action.READ_RECORDS) else None
    return statement.where(SelectionRecord.organization_id == own)


def _row(found: Row[Any]) -> RecordRow:
    marks = [bool(result["fictional"]) for result in found.results]
    return RecordRow(
        id=found.id,
        title=found.title,
        organization_name=found.name,
        fictional=found.fictional,
        made_by=found.made_by,
        updated_at=found.locked_at or found.updated_at,
        locked_at=found.locked_at,
        outcome=Outcome(found.outcome) if found.outcome else None,
        real_results=marks.count(False),
        fictional_results=marks.count(True),
    )


def _find_locked(session: Session, record_id: int) -> LockedContent | None:
    lock = session.get(SelectionLock, record_id)
    if lock is None:
        return None
    return LockedContent(
        content=json.loads(lock.content),
        sha256=lock.content_sha256,
        audit_seq=lock.audit_seq,
        audit_hash=lock.audit_hash,
    )


def _find_outcome(session: Session, record_id: int) -> OutcomeRow | None:
    found = session.get(SelectionOutcome, record_id)
    if found is None:
        return None
    return OutcomeRow(
        outcome=Outcome(found.outcome),
        result_key=found.result_key,
        note=found.note,
        answered_at=found.answered_at,
        answered_by=found.answered_by,
    )


def _list_downloads(session: Session, record_id: int) -> tuple[DownloadRow, ...]:
    statement = (
        select(SelectionDownload)
        .where(SelectionDownload.record_id == record_id)
        .order_by(SelectionDownload.id.desc())
    )
    return tuple(
        DownloadRow(
            format=found.format,
            file_sha256=found.file_sha256,
            downloaded_at=found.downloaded_at,
            downloaded_by=found.downloaded_by,
        )
        for found in session.scalars(statement)
    )
