"""Tables of cases before readers see them: what is written, what was handed in, the decisions.

A case that was never published has no row among the cases: no list, search or export can show
it. Submissions and reviews are written once.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once("case_submission", "case_review")


class CaseDraft(Base):
    """What a lead body writes; case_id: the published case it became or would change."""

    __tablename__ = "case_draft"
    __table_args__ = (
        CheckConstraint("status IN ('draft','submitted','published')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("joint_case.id"), unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # see catalog.case_drafting.contents
    status: Mapped[str] = mapped_column(String(20), default="draft")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class CaseSubmission(Base):
    """Content handed in. based_on: row_version of the case readers saw then; 0 = none."""

    __tablename__ = "case_submission"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("case_draft.id"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_sha256: Mapped[str] = mapped_column(String(64))
    based_on: Mapped[int]
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    submitted_by: Mapped[str]


class CaseReview(Base):
    """What became of a submission (catalog.desk.submissions.Verdict)."""

    __tablename__ = "case_review"

    submission_id: Mapped[int] = mapped_column(
        ForeignKey("case_submission.id"), primary_key=True, autoincrement=False
    )
    verdict: Mapped[str] = mapped_column(String(20))
    content_sha256: Mapped[str] = mapped_column(String(64))
    reply: Mapped[str]
    findings: Mapped[list[Any]] = mapped_column(JSON)
    reviewed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reviewed_by: Mapped[str]
