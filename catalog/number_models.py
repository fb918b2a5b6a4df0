"""Numbers that vendors were known by: a correction is written once and stays."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once("vendor_number")


class VendorNumber(Base):
    """A number put right by the operator after it was confirmed: what it was, what it became.

    One of corporate_number and alternate_key is None, before as after.
    """

    __tablename__ = "vendor_number"

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    old_corporate_number: Mapped[str | None] = mapped_column(String(13))
    old_alternate_key: Mapped[str | None] = mapped_column(String(40))
    corporate_number: Mapped[str | None] = mapped_column(String(13))
    alternate_key: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by: Mapped[str]
