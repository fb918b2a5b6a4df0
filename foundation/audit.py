"""The audit chain: what was done, by whom, each event sealed by the hash of the one before.

An event is never changed or deleted: triggers refuse it, and the heads published each
day show a past that was rewritten with the triggers switched off.
"""

import csv
import hashlib
import hmac
import io
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, Index, Integer, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.append_only import write_once
from foundation.clock import jst_today
from foundation.db import Base, UTCDateTime
from foundation.settings import get_or_put_setting, insert_if_absent

FIRST_HASH = "0" * 64
SALT_KEY = "audit_salt"

_Sequence = BigInteger().with_variant(Integer, "sqlite")


class AuditEvent(Base):
    """One action. `changes` holds what it changed; secrets are in it as salted hashes only."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "subject_type", "subject_id"),
        Index("ix_audit_event_organization_seq", "organization_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_user_id: Mapped[int | None]
    actor_label: Mapped[str]
    organization_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(60))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    batch_file_sha256: Mapped[str | None] = mapped_column(String(64))
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditChain(Base):
    """The newest link. Its only row is locked while an event is appended."""

    __tablename__ = "audit_chain"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(_Sequence)
    hash: Mapped[str] = mapped_column(String(64))
    day: Mapped[date | None] = mapped_column(Date)  # the day in Japan of the newest event


class AuditHead(Base):
    """The last link of a day that is over, as published."""

    __tablename__ = "audit_head"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    seq: Mapped[int] = mapped_column(_Sequence)
    hash: Mapped[str] = mapped_column(String(64))


write_once("audit_event", "audit_head")


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A value that enters the chain only as a salted hash."""

    value: object


def secret(value: object) -> Secret:
    """Marks a value of `changes` as one that nobody may read out of the chain."""
    return Secret(value=value)


@dataclass(frozen=True, kw_only=True)
class Head:
    """A link of the chain one can hold on to."""

    seq: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What reading the whole chain found. No problems: every event is as it was written."""

    events: int
    head: Head
    problems: tuple[str, ...]


def record(
    session: Session,
    *,
    actor_id: int | None,
    actor_label: str,
    organization_id: int | None,
    action: str,
    subject: tuple[str, str | int],
    changes: Mapping[str, Any],
    now: datetime,
    batch_file_sha256: str | None = None,
) -> AuditEvent:
    """Append one event. Events are appended one after another: the chain's head is locked.

    subject: (type, id). changes: JSON values (no float), dates and moments; `secret(…)` marks.
    """
    chain = _lock_chain(session)
    _close_day(session, chain, now)
    subject_type, subject_id = subject
    entry = AuditEvent(
        seq=chain.seq + 1,
        at=now.astimezone(UTC),
        actor_user_id=actor_id,
        actor_label=actor_label,
        organization_id=organization_id,
        action=str(action),
        subject_type=str(subject_type),
        subject_id=str(subject_id),
        changes=_plain(changes, _Salt(session, f"{subject_type}/{subject_id}")),
        batch_file_sha256=batch_file_sha256,
        prev_hash=chain.hash,
    )
    entry.hash = event_hash(entry)
    session.add(entry)
    # A day once closed stays closed, even where an event is entered with an earlier moment.
    chain.day = max(chain.day or jst_today(now), jst_today(now))
    chain.seq, chain.hash = entry.seq, entry.hash
    session.flush()
    return entry


def event_hash(entry: AuditEvent) -> str:
    """SHA-256 over the event's canonical JSON, the previous hash included."""
    content = {
        "seq": entry.seq,
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor_user_id": entry.actor_user_id,
        "actor_label": entry.actor_label,
        "organization_id": entry.organization_id,
        "action": entry.action,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "changes": entry.changes,
        "batch_file_sha256": entry.batch_file_sha256,
        "prev_hash": entry.prev_hash,
    }
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def canonical_json(value: object) -> str:
    """One text for one value: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def find_head(session: Session) -> Head | None:
    """The newest link; None before the first event."""
    chain = session.get(AuditChain, 1)
    return Head(seq=chain.seq, hash=chain.hash) if chain and chain.seq else None


def list_heads(session: Session, now: datetime) -> list[tuple[date, Head]]:
    """Each finished day's last link, oldest first; days without events have none."""
    heads = [
        (row.day, Head(seq=row.seq, hash=row.hash))
        for row in session.scalars(select(AuditHead).order_by(AuditHead.day))
    ]
    chain = session.get(AuditChain, 1)
    if chain is not None and chain.day is not None and chain.day < jst_today(now):
        heads.append((chain.day, Head(seq=chain.seq, hash=chain.hash)))
    return heads


def links_csv(links: Iterable[tuple[date, Head]]) -> str:
    """Links of the chain as they are published: day, seq, hash."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["day", "seq", "hash"])
    writer.writerows((day.isoformat(), link.seq, link.hash) for day, link in links)
    return text.getvalue()


def verify(session: Session, head: Head | None = None) -> Verification:
    """Read the chain from its first event and name all that is not as it was written.

    head: a link somebody kept (a published head, an export); it must be in the chain.
    """
    problems: list[str] = []
    known = {seq: (day, digest) for day, seq, digest in session.execute(_published_heads())}
    last = Head(seq=0, hash=FIRST_HASH)
    for entry in _events(session):
        problems += _check_link(entry, last)
        if head is not None and entry.seq == head.seq and entry.hash != head.hash:
            problems.append(
                f"seq {entry.seq}: 控えの値と一致しません（過去が書き換えられています）。"
            )
        day, digest = known.pop(entry.seq, (None, None))
        if digest not in (None, entry.hash):
            problems.append(f"seq {entry.seq}: {day} の公開済みの値と一致しません。")
        last = Head(seq=entry.seq, hash=entry.hash)
    problems += [
        f"seq {seq}: {day} に公開した記録がありません。" for seq, (day, _) in known.items()
    ]
    problems += _check_tail(session, last, head)
    return Verification(events=last.seq, head=last, problems=tuple(problems))


def _events(session: Session) -> Iterator[AuditEvent]:
    statement = select(AuditEvent).order_by(AuditEvent.seq).execution_options(yield_per=1000)
    return iter(session.scalars(statement))


def _published_heads() -> Any:
    return select(AuditHead.day, AuditHead.seq, AuditHead.hash)


def _check_link(entry: AuditEvent, last: Head) -> list[str]:
    problems = []
    if entry.seq != last.seq + 1:
        problems.append(f"seq {last.seq + 1}: 記録が抜けています（次は {entry.seq}）。")
    if entry.prev_hash != last.hash:
        problems.append(f"seq {entry.seq}: 直前の記録とつながっていません。")
    if entry.hash != event_hash(entry):
        problems.append(f"seq {entry.seq}: 内容が変更されています。")
    return problems


def _check_tail(session: Session, last: Head, kept: Head | None) -> list[str]:
    problems = []
    newest = find_head(session) or Head(seq=0, hash=FIRST_HASH)
    if newest != last:
        problems.append(
            f"末尾: 最新は seq {newest.seq} のはずですが seq {last.seq} で終わっています。"
        )
    if kept is not None and kept.seq > last.seq:
        problems.append(f"末尾: 控えの seq {kept.seq} がありません（末尾が切り取られています）。")
    return problems


def _lock_chain(session: Session) -> AuditChain:
    # SQLite writers already stand in line (BEGIN IMMEDIATE); PostgreSQL's wait here.
    newest = select(AuditChain).where(AuditChain.id == 1).with_for_update()
    newest = newest.execution_options(populate_existing=True)
    session.flush()
    chain = session.scalar(newest)
    if chain is None:
        insert_if_absent(session, AuditChain, {"id": 1, "seq": 0, "hash": FIRST_HASH})
        chain = session.scalars(newest).one()
    return chain


def _close_day(session: Session, chain: AuditChain, now: datetime) -> None:
    if chain.day is None or chain.day >= jst_today(now):
        return
    session.add(AuditHead(day=chain.day, seq=chain.seq, hash=chain.hash))


class _Salt:
    """Hashes secrets so that equal amounts of two subjects do not look equal."""

    def __init__(self, session: Session, subject: str) -> None:
        self.session = session
        self.subject = subject

    def digest(self, path: str, value: object) -> str:
        salt = get_or_put_setting(self.session, SALT_KEY, secrets.token_hex(32))
        text = f"{self.subject}|{path}|{canonical_json(_plain(value, self, path))}"
        return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()


def _plain(value: Any, salt: _Salt, path: str = "") -> Any:
    """The value as JSON that reads back equal. TypeError for floats and unknown types."""
    if isinstance(value, Secret):
        return {"secret_sha256": salt.digest(path, value.value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(part, salt, f"{path}.{key}") for key, part in value.items()}
    if isinstance(value, set | frozenset):
        value = sorted(value)
    if isinstance(value, list | tuple):
        return [_plain(part, salt, path) for part in value]
    return _plain_scalar(value, path)


def _plain_scalar(value: Any, path: str) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Decimal | Fraction):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{path or 'changes'}: {type(value).__name__} cannot enter the audit chain")


def count_events(session: Session) -> int:
    """How many events the chain holds."""
    return session.scalar(select(func.count()).select_from(AuditEvent)) or 0
