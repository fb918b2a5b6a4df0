"""Asking for help: a request routed to a coordinator, a ministry or a vendor, and its way."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once("help_step")


class HelpRequest(Base):
    """A question, or a quote to be looked at; read by who asked and by those it was routed to."""

    __tablename__ = "help_request"
    __table_args__ = (
        CheckConstraint("kind IN ('question','scrutiny')", name="kind"),
        CheckConstraint("status IN ('asked','taken','answered','withdrawn')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    from_organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    # Who is to answer now; who was asked before stands in the steps.
    to_organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    subject: Mapped[str]
    text: Mapped[str]
    # Of a quote to be looked at, whole yen tax-excluded.
    initial_yen: Mapped[int | None]
    annual_yen: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(20))
    asked_by: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reply: Mapped[str] = mapped_column(default="")
    replied_by: Mapped[str] = mapped_column(default="")
    replied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class HelpStep(Base):
    """One step of a request: asked, taken, routed on, answered, taken back. Written once."""

    __tablename__ = "help_step"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("help_request.id"))
    number: Mapped[int]  # of the request, from 1
    action: Mapped[str] = mapped_column(String(20))  # asked taken routed answered withdrawn
    to_organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    note: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by: Mapped[str]
