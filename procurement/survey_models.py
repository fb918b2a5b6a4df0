"""Tables of a project's survey: its questions, and one answer sheet per body."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, UTCDateTime


class Survey(Base):
    """The survey of one project. Its deadline is the project's survey_closes_at."""

    __tablename__ = "survey"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # None: still being drafted
    reminders_sent: Mapped[int] = mapped_column(default=0)
    last_reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SurveyQuestion(Base):
    """A question with the kind of its answer. Fixed once the survey is open."""

    __tablename__ = "survey_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("survey.project_id"), index=True)
    text: Mapped[str]
    kind: Mapped[str] = mapped_column(String(20))


class SurveyResponse(Base):
    """What one body answered: question id → answer. Read by the body and the lead."""

    __tablename__ = "survey_response"
    __table_args__ = (
        UniqueConstraint("project_id", "body_code"),
        CheckConstraint("status IN ('requested','given')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("survey.project_id"))
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"), index=True)
    status: Mapped[str] = mapped_column(String(20))  # requested: by a coordinator, unconfirmed
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    entered_by: Mapped[str] = mapped_column(default="")  # the coordinator's label, if on behalf
    answered_by: Mapped[str]
    answered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}
