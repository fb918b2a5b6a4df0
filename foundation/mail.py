"""Telling people: notices for the inbox page, and mail that leaves after the commit.

Both are rows of the same transaction as what they tell about: nobody is told of something
that was rolled back, and nothing that happened stays untold.
"""

import logging
import smtplib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from sqlalchemy import ColumnElement, Index, String, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.db import Base, Database, UTCDateTime

log = logging.getLogger("moyai.mail")

MAX_ATTEMPTS = 8
FIRST_RETRY = timedelta(minutes=1)
# A worker killed while sending leaves its claim; after this long another one may take it.
CLAIM_LASTS = timedelta(minutes=5)


class OutboxMail(Base):
    """A mail waiting to be sent, or its record once it was."""

    __tablename__ = "outbox_mail"
    __table_args__ = (Index("ix_outbox_mail_state_next_try_at", "state", "next_try_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str] = mapped_column("to_address", String(254))
    subject: Mapped[str]
    body: Mapped[str]
    state: Mapped[str] = mapped_column(String(10), default="queued")  # queued sending sent failed
    attempts: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[str] = mapped_column(String(80), unique=True)
    queued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    next_try_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(default="")


class Notice(Base):
    """Something to read in the inbox: of one user, or of everybody in one organisation.

    The numbers point into the accounts package's tables, which this package does not know.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_user_read", "user_id", "read_at"),
        Index("ix_notice_organization_read", "organization_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None]
    organization_id: Mapped[int | None]
    title: Mapped[str]
    body: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    """Where mail is handed over. An empty host or port 0: nowhere, mail stays queued."""

    host: str
    port: int
    sender: str

    @property
    def is_set(self) -> bool:
        return bool(self.host) and self.port > 0


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What one round of sending did."""

    sent: int
    put_off: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class _Claimed:
    id: int
    attempts: int
    message: EmailMessage


def queue_mail(session: Session, *, to: str, subject: str, body: str, now: datetime) -> None:
    """Send this mail once the running transaction is committed."""
    session.add(
        OutboxMail(
            to=to,
            subject=" ".join(subject.split()),
            body=body,
            message_id=f"{uuid.uuid4()}@moyai",
            queued_at=now,
            next_try_at=now,
        )
    )
    session.flush()


def notify(
    session: Session,
    *,
    title: str,
    body: str,
    now: datetime,
    user_id: int | None = None,
    organization_id: int | None = None,
    url: str = "",
) -> None:
    """Put a notice into the inbox of a user, or of everybody in an organisation."""
    if user_id is None and organization_id is None:
        raise ValueError("a notice needs somebody to read it")
    session.add(
        Notice(
            user_id=user_id,
            organization_id=organization_id,
            title=title,
            body=body,
            url=url,
            created_at=now,
        )
    )
    session.flush()


def has_due_mail(session: Session, now: datetime) -> bool:
    """Whether some mail could be sent now."""
    return session.scalar(select(OutboxMail.id).where(_due(now)).limit(1)) is not None


def count_by_state(session: Session) -> dict[str, int]:
    """How many mails are queued, sending, sent, failed."""
    rows = session.execute(select(OutboxMail.state, func.count()).group_by(OutboxMail.state))
    return {state: count for state, count in rows}


def deliver_pending(
    database: Database, settings: MailSettings, now: datetime, limit: int = 100
) -> Delivery:
    """Hand over up to `limit` due mails. May be run again at any time, by several at once.

    A mail that cannot be handed over is tried again after 1, 2, 4 … minutes, eight times.
    Only a process killed between handing over and noting it sends a mail twice, and then
    under the same Message-ID.
    """
    outcomes = {"sent": 0, "queued": 0, "failed": 0}
    if not settings.is_set:
        return Delivery(sent=0, put_off=0, failed=0)
    for _ in range(limit):
        claimed = _claim(database, settings, now)
        if claimed is None:
            break
        outcomes[_send(database, settings, claimed, now)] += 1
    return Delivery(
        sent=outcomes["sent"], put_off=outcomes["queued"], failed=outcomes["failed"]
    )  # fmt: skip


def _due(now: datetime) -> ColumnElement[bool]:
    waiting = OutboxMail.state.in_(("queued", "sending"))
    return waiting & (OutboxMail.next_try_at <= now)


def _claim(database: Database, settings: MailSettings, now: datetime) -> _Claimed | None:
    """Take the oldest due mail, so that no other worker sends it meanwhile."""
    with database.transaction() as session:
        oldest = select(OutboxMail).where(_due(now)).order_by(OutboxMail.id).limit(1)
        mail = session.scalar(oldest.with_for_update(skip_locked=True))
        if mail is None:
            return None
        mail.state = "sending"
        mail.attempts += 1
        mail.next_try_at = now + CLAIM_LASTS
        return _Claimed(id=mail.id, attempts=mail.attempts, message=_message(mail, settings))


def _message(mail: OutboxMail, settings: MailSettings) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.queued_at)
    message["Message-ID"] = f"<{mail.message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def _send(database: Database, settings: MailSettings, claimed: _Claimed, now: datetime) -> str:
    try:
        with smtplib.SMTP(settings.host, settings.port, timeout=20) as smtp:
            smtp.send_message(claimed.message)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail %s was not taken: %s", claimed.id, type(error).__name__)
        return _note_failure(database, claimed, type(error).__name__, now)
    _note(database, claimed.id, state="sent", sent_at=now, last_error="")
    return "sent"


def _note_failure(database: Database, claimed: _Claimed, reason: str, now: datetime) -> str:
    state = "failed" if claimed.attempts >= MAX_ATTEMPTS else "queued"
    wait = FIRST_RETRY * 2 ** (claimed.attempts - 1)
    _note(database, claimed.id, state=state, next_try_at=now + wait, last_error=reason)
    return state


def _note(database: Database, mail_id: int, **values: object) -> None:
    with database.transaction() as session:
        session.execute(update(OutboxMail).where(OutboxMail.id == mail_id).values(**values))


def notices_of(user_id: int | None, organization_id: int | None) -> ColumnElement[bool]:
    """The condition that picks one reader's notices."""
    mine = Notice.user_id == user_id
    ours = Notice.user_id.is_(None) & (Notice.organization_id == organization_id)
    return mine if organization_id is None else or_(mine, ours)
