"""Tables of offices: a body's people for this work, and where its prefecture lends some."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, UTCDateTime


class BodyOffice(Base):
    """What a body's own people say of their office. Read by them and their coordinator.

    dx_staff: people for digital work; None = 未入力. hands_over_on: from that day the successor
    is in charge; an empty successor_name then means 担当者不在.
    """

    __tablename__ = "body_office"

    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"), primary_key=True)
    dx_staff: Mapped[int | None]
    contact_name: Mapped[str] = mapped_column(default="")
    hands_over_on: Mapped[date | None] = mapped_column(Date)
    successor_name: Mapped[str] = mapped_column(default="")
    handover_note: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class StaffPool(Base):
    """Where a prefecture's municipalities ask for people of its pool (人材プール, F23).

    Read by its own municipalities. body_code: the prefecture's.
    """

    __tablename__ = "staff_pool"

    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"), primary_key=True)
    office: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    page_url: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}
