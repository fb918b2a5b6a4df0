"""What became of a vendor: names it asked for, names it had, whom it was merged into."""

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
