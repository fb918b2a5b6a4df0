"""What people do with selection records: keep a search, edit the draft, lock it, say what came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record as record_event
from accounts.models import Organization
from accounts.roles import Action, Actor, may, sees_government
from catalog.entries import content_sha256
from catalog.search.documents import Viewer
from catalog.selection.freezing import freeze
from catalog.selection.outcomes import (
    OUTCOME_ACTION,
    OutcomeRow,
    list_outcome_blockers,
    outcome_content,
)
from catalog.selection.record_content import (
    LOCK_ACTION,
    MOST_NOTES,
    MOST_PURPOSE,
    MOST_REASON,
    MOST_TITLE,
    Decision,
    Draft,
    DraftResult,
    FrozenEntry,
    Link,
    Origin,
    Outcome,
    Searched,
    list_result_blockers,
    make_content,
    reason_field,
    record_sha256,
)
from catalog.selection.record_models import (
    SelectionDownload,
    SelectionLock,
    SelectionOutcome,
    SelectionRecord,
)
from catalog.selection.record_queries import can_read, get_record
from foundation.audit import canonical_json, find_head, list_heads
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse
from foundation.text import without_directions

LOCKED = Blocker(
    code="locked", message="この選定記録は確定済みです。確定した記録は変更できません。"
)
NOT_LOCKED = Blocker(
    code="not_locked", message="この選定記録は確定していません。先に確定してください。"
)
NOT_CONFIRMED = Blocker(
    code="not_confirmed",
    message="内容を確かめたうえで、確認の欄にチェックを入れてください。",
    field="confirmed",
)
FOUND_MEANWHILE = Blocker(
    code="found_meanwhile",
    message="今はこの検索で見つかるものがあります。検索の結果から、記録を作り直してください。",
)
NOT_FOUND_NOW = Blocker(
    code="not_found_now",
    message="選んだ結果の一部が、今の検索の結果にありません。選び直してください。",
    field="chosen",
)
CHANGED_SINCE = "ほかの人が先に変更しました。今の内容を確かめてください。"


class AlreadyAnswered(Exception):
    """The outcome was said before; it is said once only (410)."""


@dataclass(frozen=True, kw_only=True)
class Texts:
    """What a person writes about a record."""

    title: str
    purpose: str = ""
    notes: str = ""


def create_record(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    texts: Texts,
    origin: Origin,
    parameters: Sequence[Sequence[str]],
    results: Sequence[DraftResult],
    found: int = 1,
) -> int:
    """A new draft; its number. found: how many results there were to choose from.

    Raises Refused, NotFound for who may not.
    """
    if actor.organization_id is None or not may(actor, Action.LOCK_RECORD):
        raise NotFound("selection_record")
    _refuse_while([*_list_text_blockers(texts, results), *list_result_blockers(results, found)])
    made = SelectionRecord(
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        made_by=actor.label,
        origin=origin.value,
        parameters=[list(pair) for pair in parameters],
        created_at=now,
        **_stored(texts, results),
        updated_at=now,
        updated_by=actor.label,
    )
    session.add(made)
    session.flush()
    _note(session, actor, now, "create_selection_record", made.id, _counts(results))
    return made.id


def edit_record(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    record_id: int,
    seen_version: int,
    texts: Texts,
    results: Sequence[DraftResult],
) -> None:
    """Write the draft anew. Raises Refused, NotFound; Conflict if it changed since it was seen."""
    draft = _get_draft(session, actor, record_id, seen_version)
    known = {f"{stored['kind']}:{stored['id']}" for stored in draft.results}
    if any(result.key not in known for result in results):
        raise NotFound("a result that is not of this record")
    blockers = list_result_blockers(results, found=len(known))
    _refuse_while([*_list_text_blockers(texts, results), *blockers])
    for name, value in _stored(texts, results).items():
        setattr(draft, name, value)
    draft.updated_at, draft.updated_by = now, actor.label
    _note(session, actor, now, "edit_selection_record", draft.id, _counts(results))
    session.flush()


def delete_draft(
    session: Session, *, actor: Actor, now: datetime, record_id: int, seen_version: int
) -> None:
    """Throw a draft away. Raises Refused for a locked one, Conflict, NotFound."""
    draft = _get_draft(session, actor, record_id, seen_version)
    _note(session, actor, now, "delete_selection_record", draft.id, {})
    session.delete(draft)
    session.flush()


def lock_record(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    record_id: int,
    seen_version: int,
    confirmed: bool,
    searched: Searched,
) -> SelectionLock:
    """Freeze the record for ever: the search as it was answered now, each result as it is now.

    Raises Refused (also where a result can no longer be found), Conflict, NotFound.
    """
    row = _get_draft(session, actor, record_id, seen_version)
    draft = _draft(session, row)
    viewer = Viewer.GOVERNMENT if sees_government(actor) else Viewer.PUBLIC
    entries = freeze(session, [(r.kind, r.id) for r in draft.results], viewer)
    _refuse_while(
        [
            *([] if confirmed else [NOT_CONFIRMED]),
            *([FOUND_MEANWHILE] if searched.total and not draft.results else []),
            *list_result_blockers(draft.results, found=0 if not draft.results else 1),
            *_list_gone(draft.results, entries),
        ]
    )
    content = make_content(
        draft,
        searched,
        entries,
        locked_by=actor.label,
        locked_at=now,
        before=_newest_link(session),
        day_head=_last_published(session, now),
    )
    sha256 = record_sha256(content)
    changes = {"content_sha256": sha256, **_counts(draft.results)}
    event = _note(session, actor, now, LOCK_ACTION, record_id, changes)
    lock = SelectionLock(
        record_id=record_id,
        content=canonical_json(content),
        content_sha256=sha256,
        locked_at=now,
        locked_by=actor.label,
        audit_seq=event.seq,
        audit_hash=event.hash,
    )
    session.add(lock)
    session.flush()
    return lock


def note_download(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    record_id: int,
    format_: str,
    file_sha256: str,
) -> None:
    """Remember who took the record away, when and how. Raises Refused for a draft, NotFound."""
    get_record(session, actor, record_id)
    _refuse_while([] if _find_lock(session, record_id) else [NOT_LOCKED])
    session.add(
        SelectionDownload(
            record_id=record_id,
            format=format_,
            file_sha256=file_sha256,
            downloaded_at=now,
            downloaded_by=actor.label,
        )
    )
    changes = {"format": format_, "file_sha256": file_sha256}
    _note(session, actor, now, "download_selection_record", record_id, changes)
    session.flush()


def answer_outcome(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    record_id: int,
    outcome: Outcome,
    result_key: str,
    note: str,
) -> None:
    """Say once what came of it. Raises AlreadyAnswered, Refused, NotFound."""
    _get_own(session, actor, record_id)
    lock = _find_lock(session, record_id)
    if lock is None:
        raise Refused([NOT_LOCKED])
    if session.get(SelectionOutcome, record_id) is not None:
        raise AlreadyAnswered
    _refuse_while(list_outcome_blockers(lock.content, outcome, result_key, note))
    said = OutcomeRow(
        outcome=outcome,
        result_key=result_key,
        note=tidy(note),
        answered_at=now,
        answered_by=actor.label,
    )
    session.add(SelectionOutcome(record_id=record_id, **vars(said) | {"outcome": outcome.value}))
    changes = {
        "selection_outcome": outcome.value,
        "result": result_key,
        "content_sha256": content_sha256(outcome_content(said)),
    }
    _note(session, actor, now, OUTCOME_ACTION, record_id, changes)
    session.flush()


def tidy(text: str) -> str:
    """The text with one kind of line break, nothing around it and nothing that turns it round."""
    return without_directions(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _too_long(field: str, most: int) -> Blocker:
    return Blocker(code="too_long", message=f"{most:,}文字以内で入力してください。", field=field)


def _list_text_blockers(texts: Texts, results: Sequence[DraftResult]) -> list[Blocker]:
    blockers = []
    if not tidy(texts.title):
        message = "表題を入力してください。"
        blockers.append(Blocker(code="required", message=message, field="title"))
    limits = (
        ("title", texts.title, MOST_TITLE),
        ("purpose", texts.purpose, MOST_PURPOSE),
        ("notes", texts.notes, MOST_NOTES),
        *((reason_field(result.key), result.reason, MOST_REASON) for result in results),
    )
    return blockers + [_too_long(name, most) for name, text, most in limits if len(text) > most]


def _list_gone(results: Sequence[DraftResult], entries: Mapping[str, FrozenEntry]) -> list[Blocker]:
    return [
        Blocker(
            code="gone",
            message=f"「{result.title}」は今は公開されていません。記録から外してください。",
        )
        for result in results
        if result.key not in entries
    ]


def _stored(texts: Texts, results: Sequence[DraftResult]) -> dict[str, Any]:
    return {
        "title": tidy(texts.title),
        "purpose": tidy(texts.purpose),
        "notes": tidy(texts.notes),
        "results": [{**result.stored(), "reason": tidy(result.reason)} for result in results],
    }


def _draft(session: Session, row: SelectionRecord) -> Draft:
    organization = session.get_one(Organization, row.organization_id)
    return Draft(
        id=row.id,
        title=row.title,
        purpose=row.purpose,
        notes=row.notes,
        origin=Origin(row.origin),
        parameters=row.parameters,
        results=[DraftResult.read(stored) for stored in row.results],
        organization={
            "name": organization.name,
            "body_code": organization.body_code,
            "fictional": organization.fictional,
        },
        made_by=row.made_by,
        made_at=row.created_at,
    )


def _newest_link(session: Session) -> Link | None:
    head = find_head(session)
    return Link(seq=head.seq, hash=head.hash) if head else None


def _last_published(session: Session, now: datetime) -> Link | None:
    heads = list_heads(session, now)
    if not heads:
        return None
    day, head = heads[-1]
    return Link(seq=head.seq, hash=head.hash, day=day)


def _get_draft(
    session: Session, actor: Actor, record_id: int, seen_version: int
) -> SelectionRecord:
    row = _get_own(session, actor, record_id)
    _refuse_while([LOCKED] if _find_lock(session, record_id) else [])
    if row.row_version != seen_version:
        raise Conflict(CHANGED_SINCE)
    return row


def _get_own(session: Session, actor: Actor, record_id: int) -> SelectionRecord:
    """The record, locked for this transaction where the database can. Raises NotFound."""
    statement = select(SelectionRecord).where(SelectionRecord.id == record_id).with_for_update()
    row = session.scalar(statement)
    if row is None or not can_read(actor, row.organization_id):
        raise NotFound("selection_record")
    if not may(actor, Action.LOCK_RECORD) or row.organization_id != actor.organization_id:
        raise refuse("not_permitted", "この操作を行う権限がありません。")
    return row


def _find_lock(session: Session, record_id: int) -> SelectionLock | None:
    return session.get(SelectionLock, record_id)


def _counts(results: Sequence[DraftResult]) -> dict[str, int]:
    excluded = sum(result.decision is Decision.EXCLUDED for result in results)
    return {"candidates": len(results) - excluded, "excluded": excluded}


def _note(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    record_id: int,
    changes: Mapping[str, Any],
) -> Any:
    return record_event(session, actor, action, "selection_record", record_id, changes, now)


def _refuse_while(blockers: list[Blocker]) -> None:
    if blockers:
        raise Refused(blockers)
