"""Rows of an offerings file in the shape of the catalog's own tables, made before the commit.

The commit then only copies them over, in a handful of statements. They go with their batch.
Below them: files sent in on a page, and what each of their rows would do.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, Numeric, String, false
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, UTCDateTime


class StagedOffering(Base):
    """What one row makes of an entry. based_on: the version readers saw then, None for a new one.

    same: the version says this already. same_offers: its sellers and plans do, at least.
    same_plans: it has the same sellers with plans of the same names, whatever these say.
    """

    __tablename__ = "staged_offering"
    # What the commit asks first is read from here alone: the rows themselves are wide.
    __table_args__ = (Index("ix_staged_offering_new", "batch_id", "based_on", "key", "same"),)

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("import_batch.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    vendor_id: Mapped[int]
    system_type_code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str]
    summary: Mapped[str]
    fictional: Mapped[bool]
    registered_on: Mapped[date] = mapped_column(Date)
    vendor_name: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    offers: Mapped[list[Any]] = mapped_column(JSON)
    # A file of entries holds none: those of the version it follows.
    files: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    content_sha256: Mapped[str] = mapped_column(String(64))
    based_on: Mapped[int | None]
    same: Mapped[bool]
    same_offers: Mapped[bool]
    same_plans: Mapped[bool] = mapped_column(server_default=false())


class StagedOffer(Base):
    """A seller of a new entry."""

    __tablename__ = "staged_offer"

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("import_batch.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    seller_id: Mapped[int] = mapped_column(primary_key=True)
    seller_name: Mapped[str]
    contract_conditions: Mapped[str]


class StagedPlan(Base):
    """A price plan of a new entry's seller. place: from 1."""

    __tablename__ = "staged_plan"

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("import_batch.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    seller_id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    tax_rate_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    not_included: Mapped[str]
    price_basis: Mapped[str]


class IncomingFile(Base):
    """A file somebody sent in on a page. phase: see catalog.importing.incoming.

    limits: what its sender may bring in, as it was then. content: empty once it is taken.
    leased_until: whoever reads it holds it until then, and goes on renewing that.
    """

    __tablename__ = "incoming_file"
    __table_args__ = (Index("ix_incoming_file_user_id_phase", "user_id", "phase"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    limits: Mapped[dict[str, Any]] = mapped_column(JSON)
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    phase: Mapped[str] = mapped_column(String(20))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id", ondelete="SET NULL"))
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_compared: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)


class IncomingRow(Base):
    """What one row would do. said: [label, before, after] of each change, [column, reason, '']
    of each fault. alike: keys of entries it may be the same as. seen: what it was compared with.
    """

    __tablename__ = "incoming_row"
    __table_args__ = (Index("ix_incoming_row_file_id_outcome", "file_id", "outcome", "position"),)

    file_id: Mapped[int] = mapped_column(
        ForeignKey("incoming_file.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    sheet: Mapped[str]
    line: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(10))
    key: Mapped[str]
    name: Mapped[str]
    said: Mapped[list[Any]] = mapped_column(JSON)
    alike: Mapped[list[Any]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(default="")
    seen: Mapped[str] = mapped_column(String(64), default="")
