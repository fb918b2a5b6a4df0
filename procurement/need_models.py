"""Tables of what bodies need: needs, what they have now, and what coordinators were told of."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import LocalBody
from catalog.models import SystemType
from foundation.db import Base, UTCDateTime


class Need(Base):
    """What one body needs of one system type, said once. Its history is in the audit chain."""

    __tablename__ = "need"
    __table_args__ = (
        UniqueConstraint("body_code", "system_type_code"),
        CheckConstraint("status IN ('requested','stated','withdrawn')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"))
    system_type_code: Mapped[str] = mapped_column(ForeignKey("system_type.code"), index=True)
    status: Mapped[str] = mapped_column(String(20), index=True)
    wanted_from: Mapped[date] = mapped_column(Date)  # first day of a month
    contract_ends_on: Mapped[date | None] = mapped_column(Date)
    # Yearly, tax-included. Read by the body and its own prefecture's coordinator only.
    annual_cost_yen: Mapped[int | None]
    quantity: Mapped[int | None]
    unit: Mapped[str] = mapped_column(String(20))
    network: Mapped[str] = mapped_column(String(20), default="any")
    must_haves: Mapped[list[str]] = mapped_column(JSON, default=list)
    obstacles: Mapped[str] = mapped_column(default="")  # read by whom annual_cost_yen is
    entered_by: Mapped[str] = mapped_column(default="")  # the coordinator's label, if on behalf
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)
    body: Mapped[LocalBody] = relationship()
    system_type: Mapped[SystemType] = relationship()

    __mapper_args__ = {"version_id_col": row_version}


class NeedAlert(Base):
    """A coordinator was told that enough bodies of its prefecture need the same: once."""

    __tablename__ = "need_alert"

    prefecture_code: Mapped[str] = mapped_column(String(2), primary_key=True)
    system_type_code: Mapped[str] = mapped_column(ForeignKey("system_type.code"), primary_key=True)
    bodies: Mapped[int]  # as many as there were then
    told_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PresentContract(Base):
    """What a body uses today for a system type, as imported. Read as a need's annual cost is."""

    __tablename__ = "present_contract"
    __table_args__ = (UniqueConstraint("body_code", "system_type_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"))
    system_type_code: Mapped[str] = mapped_column(ForeignKey("system_type.code"), index=True)
    vendor_name: Mapped[str] = mapped_column(default="")
    ends_on: Mapped[date | None] = mapped_column(Date)
    annual_cost_yen: Mapped[int | None]  # tax-included
    imported_at: Mapped[datetime] = mapped_column(UTCDateTime)
