"""Tables from the notice to the opening: rule, moments, questions, sealed proposals."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from catalog.models import Vendor
from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once("proposal_receipt", "proposal_withdrawal", "award", "award_breakdown")


class TenderNotice(Base):
    """What is fixed for a notice. The closing of proposals stands in the project itself."""

    __tablename__ = "tender_notice"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    # What procurement.domain.evaluation_rule.read_rule reads; {} = not fixed yet.
    evaluation_rule: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    questions_close_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answers_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    conditional_on_budget: Mapped[bool] = mapped_column(default=False)
    quorum: Mapped[int] = mapped_column(default=1)  # judges whose scores are needed
    unanswered_reason: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class TenderQuestion(Base):
    """A vendor's question. Asked privately; published with its answer and without the asker."""

    __tablename__ = "tender_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    round: Mapped[int]  # which notice of the project, from 1
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"))
    text: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class ProposalReceipt(Base):
    """A sealed proposal as it was received: written once, replaced by a later one, never changed.

    content: price_yen (tax-excluded), summary, lot_digits, mandatory_met. Nobody reads it
    before the opening but the vendor's own people.
    """

    __tablename__ = "proposal_receipt"
    __table_args__ = (UniqueConstraint("project_id", "round", "vendor_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    round: Mapped[int]
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    number: Mapped[int]  # of this vendor in this round, from 1
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    submitted_by: Mapped[str]
    vendor: Mapped[Vendor] = relationship()


class ProposalWithdrawal(Base):
    """A vendor took back what it had handed in, up to this number."""

    __tablename__ = "proposal_withdrawal"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    round: Mapped[int]
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"))
    up_to_number: Mapped[int]
    reason: Mapped[str]
    withdrawn_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_by: Mapped[str]


class TenderOpening(Base):
    """The opening: asked for by one of the lead's people, done by a second one."""

    __tablename__ = "tender_opening"
    __table_args__ = (UniqueConstraint("project_id", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    round: Mapped[int]
    first_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    first_at: Mapped[datetime] = mapped_column(UTCDateTime)
    second_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)
    first: Mapped[User] = relationship(foreign_keys=[first_user_id])
    second: Mapped[User | None] = relationship(foreign_keys=[second_user_id])

    __mapper_args__ = {"version_id_col": row_version}


class JudgeSeat(Base):
    """A judge of one round: the declaration, the own sheet, or why there is none.

    scores: vendor id → criterion key → points as text. Nobody else reads them before every
    judge who is present has handed in.
    """

    __tablename__ = "judge_seat"
    __table_args__ = (UniqueConstraint("project_id", "round", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    round: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    invited_at: Mapped[datetime] = mapped_column(UTCDateTime)
    invited_by: Mapped[str]
    declared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # no conflict of interest
    absent_reason: Mapped[str] = mapped_column(default="")
    scores: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)
    user: Mapped[User] = relationship()

    __mapper_args__ = {"version_id_col": row_version}


class Award(Base):
    """Who is to be contracted with, with the whole sheet as it stood. Written once.

    number: 1 for the winner, 2 when the runner-up is turned to, and so on.
    """

    __tablename__ = "award"
    __table_args__ = (UniqueConstraint("project_id", "round", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    round: Mapped[int]
    number: Mapped[int]
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"))
    price_yen: Mapped[int]  # tax-excluded, as proposed
    sheet: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by: Mapped[str]
    vendor: Mapped[Vendor] = relationship()


class AwardBreakdown(Base):
    """When the awarded lump sum falls due (内訳): tax-excluded yen each time. The newest counts.

    Written once; number: of the award, from 1. reason: why it is less than the award.
    """

    __tablename__ = "award_breakdown"
    __table_args__ = (UniqueConstraint("award_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    number: Mapped[int]
    initial_yen: Mapped[int]
    monthly_yen: Mapped[int]
    yearly_yen: Mapped[int]
    reason: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by: Mapped[str]
