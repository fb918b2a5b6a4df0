"""What waits at a vendor: a name it asked for, people it invited."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, UTCDateTime


class VendorRename(Base):
    """A new name a vendor's manager asked for. verdict: '' while it waits."""

    __tablename__ = "vendor_rename"
    __table_args__ = (
        CheckConstraint("verdict IN ('','approved','sent_back','recalled')", name="verdict"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    old_name: Mapped[str]
    new_name: Mapped[str]
    new_kana: Mapped[str]
    effective_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str]
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime)
    requested_by: Mapped[str]
    verdict: Mapped[str] = mapped_column(String(20), default="")
    reply: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[str] = mapped_column(default="")


class VendorInvitation(Base):
    """A person invited to a vendor by a link that carries the key. outcome: '' while it is open.

    Forgotten when its day is over: what was done with it stays in the audit chain.
    """

    __tablename__ = "vendor_invitation"
    __table_args__ = (CheckConstraint("outcome IN ('','accepted','revoked')", name="outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(43), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    email: Mapped[str]
    role: Mapped[str] = mapped_column(String(20))
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_by: Mapped[str]
    closes_at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[str] = mapped_column(String(20), default="")
