"""Tables of selection records: the draft, and what is written once when it is locked."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once("selection_lock", "selection_download", "selection_outcome")


class SelectionRecord(Base):
    """A record while it is a draft. Once locked nobody reads its texts here any more."""

    __tablename__ = "selection_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_by: Mapped[str]
    title: Mapped[str] = mapped_column(String(100))
    purpose: Mapped[str] = mapped_column(Text)
    notes: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(20))  # record_content.Origin
    parameters: Mapped[list[Any]] = mapped_column(JSON)  # [[name, value], …] of the address
    results: Mapped[list[Any]] = mapped_column(JSON)  # record_content.DraftResult, in order
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class SelectionLock(Base):
    """The record as it was locked. `content` is canonical JSON: its bytes are what is hashed."""

    __tablename__ = "selection_lock"

    record_id: Mapped[int] = mapped_column(
        ForeignKey("selection_record.id"), primary_key=True, autoincrement=False
    )
    content: Mapped[str] = mapped_column(Text)
    content_sha256: Mapped[str] = mapped_column(String(64))
    locked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    locked_by: Mapped[str]
    audit_seq: Mapped[int]  # the event that locked it, and its hash
    audit_hash: Mapped[str] = mapped_column(String(64))


class SelectionDownload(Base):
    """Somebody took a locked record away."""

    __tablename__ = "selection_download"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("selection_record.id"), index=True)
    format: Mapped[str] = mapped_column(String(10))
    file_sha256: Mapped[str] = mapped_column(String(64))
    downloaded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    downloaded_by: Mapped[str]


class SelectionOutcome(Base):
    """What came of it, said once."""

    __tablename__ = "selection_outcome"

    record_id: Mapped[int] = mapped_column(
        ForeignKey("selection_record.id"), primary_key=True, autoincrement=False
    )
    outcome: Mapped[str] = mapped_column(String(20))  # record_content.Outcome
    result_key: Mapped[str] = mapped_column(String(60))  # "" where it names none
    note: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_by: Mapped[str]
