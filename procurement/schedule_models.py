"""Tables of the calendar: what a body's own rules say, and a project's own lengths."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, UTCDateTime


class BodyRules(Base):
    """A body's dates and limits, stated by its own people; None or '' = 未入力.

    Read by members of projects it takes part in, and by its own people.
    """

    __tablename__ = "body_rules"

    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"), primary_key=True)
    budget_request_month: Mapped[int | None]
    budget_request_day: Mapped[int | None]
    assembly_months: Mapped[list[Any]] = mapped_column(JSON, default=list)  # 1 to 12
    long_term: Mapped[str] = mapped_column(String(20), default="")  # covered not_covered
    long_term_limit_months: Mapped[int | None]
    property_threshold_yen: Mapped[int | None]
    source: Mapped[str] = mapped_column(default="")  # the ordinance or rule it is read from
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class ProjectCalendar(Base):
    """How long a project's steps are where its lead wants other than the first values."""

    __tablename__ = "project_calendar"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    lengths: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # step key → length
    buys_property: Mapped[bool] = mapped_column(default=False)
    wave_months: Mapped[int] = mapped_column(default=6)  # between the waves that are proposed
    shortest_notice: Mapped[int | None]  # working days a notice must stand, by the lead's rules
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}
