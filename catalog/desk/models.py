"""Tables of the vendor's desk: what is being written, what was handed in, what was decided.

Submissions and reviews are written once: what was approved can be looked at for ever.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once("offering_submission", "offering_review")


class OfferingDraft(Base):
    """The next content of an entry while its vendor writes it; may be incomplete."""

    __tablename__ = "offering_draft"

    offering_id: Mapped[int] = mapped_column(
        ForeignKey("offering.id"), primary_key=True, autoincrement=False
    )
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # see catalog.desk.contents
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class OfferingSubmission(Base):
    """Content a vendor handed in. version: the one published at once, None while it waits."""

    __tablename__ = "offering_submission"
    __table_args__ = (CheckConstraint("review IN ('none','after','before')", name="review"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_sha256: Mapped[str] = mapped_column(String(64))
    based_on: Mapped[int]  # number of the version readers saw then; 0 = none
    review: Mapped[str] = mapped_column(String(10))
    version: Mapped[int | None]
    change_note: Mapped[str]
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    submitted_by: Mapped[str]


class OfferingReview(Base):
    """What became of a submission: decided once, and of exactly this content."""

    __tablename__ = "offering_review"

    submission_id: Mapped[int] = mapped_column(
        ForeignKey("offering_submission.id"), primary_key=True, autoincrement=False
    )
    verdict: Mapped[str] = mapped_column(String(20))
    content_sha256: Mapped[str] = mapped_column(String(64))
    version: Mapped[int | None]
    reply: Mapped[str]
    findings: Mapped[list[Any]] = mapped_column(JSON)  # what the checks said then
    reviewed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reviewed_by: Mapped[str]
