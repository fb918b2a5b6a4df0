"""Tables of what bodies require together: the list, each body's column, versions, corrections."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once("spec_version", "spec_correction")


class Requirement(Base):
    """One line of the common list. Only the lead changes it.

    survey_question_id: the question whose answers are its first column entries.
    customization_yen: tax-excluded, once; None while nobody has priced it.
    """

    __tablename__ = "requirement"
    __table_args__ = (
        CheckConstraint("settled IN ('open','must','wanted','left_out')", name="settled"),
        UniqueConstraint("project_id", "survey_question_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    text: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    origin: Mapped[str] = mapped_column(String(20))  # lead survey template
    survey_question_id: Mapped[int | None] = mapped_column(ForeignKey("survey_question.id"))
    settled: Mapped[str] = mapped_column(String(20), default="open")
    customization: Mapped[bool] = mapped_column(default=False)
    customization_yen: Mapped[int | None]
    customization_reason: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class RequirementColumn(Base):
    """What one body wants of each requirement: requirement id → wish. Only that body changes it."""

    __tablename__ = "requirement_column"
    __table_args__ = (UniqueConstraint("project_id", "body_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"), index=True)
    wishes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    answered_by: Mapped[str]
    answered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class SpecVersion(Base):
    """The specification as it was fixed (仕様書の版). Never changed, only followed by the next."""

    __tablename__ = "spec_version"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]
    clauses: Mapped[list[Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(default="")
    fixed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    fixed_by: Mapped[str]


class SpecCorrection(Base):
    """A correction of the specification after the notice (訂正). Written once."""

    __tablename__ = "spec_correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    requirement_id: Mapped[int | None]  # of the version's clause; None: of the whole
    text: Mapped[str]
    reason: Mapped[str]
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    issued_by: Mapped[str]
