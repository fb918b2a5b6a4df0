"""Rows of an offerings file in the shape of the catalog's own tables, made before the commit.

The commit then only copies them over, in a handful of statements. They go with their batch.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base


class StagedOffering(Base):
    """What one row makes of an entry. based_on: the version readers saw then, None for a new one.

    same: the version says this already.
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
