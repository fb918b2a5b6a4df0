"""Tables of recommended marks: set once, ended once, never rewritten."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once("recommended_mark", "mark_withdrawal")


class RecommendedMark(Base):
    """That somebody recommends an entry (F02): a fact with its issuer, never the vendor's own.

    marked_on: the issuer's own date. source: where the issuer says so; url: '' for none.
    """

    __tablename__ = "recommended_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"), index=True)
    issuer: Mapped[str]
    reason: Mapped[str]
    marked_on: Mapped[date] = mapped_column(Date)
    source: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
    set_by: Mapped[str]


class MarkWithdrawal(Base):
    """The end of a mark; the mark stays in the history."""

    __tablename__ = "mark_withdrawal"

    mark_id: Mapped[int] = mapped_column(
        ForeignKey("recommended_mark.id"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str]
    withdrawn_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_by: Mapped[str]
