"""Tables of lots (区分): projects that are procured together, each with its own award."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime
from procurement.models import Project

write_once("lot_group", "project_lot")


class LotGroup(Base):
    """What was divided into lots. title: of the whole, as it was when it was divided."""

    __tablename__ = "lot_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    divided_by: Mapped[str] = mapped_column(String(20))  # system_part region
    divided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    divided_by_label: Mapped[str]  # who


class ProjectLot(Base):
    """One lot: a project with requirements, tender, award, contracts and shares of its own."""

    __tablename__ = "project_lot"
    __table_args__ = (UniqueConstraint("lot_group_id", "number"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    lot_group_id: Mapped[int] = mapped_column(ForeignKey("lot_group.id"))
    number: Mapped[int]  # of the group, from 1
    name: Mapped[str]
    project: Mapped[Project] = relationship()
    group: Mapped[LotGroup] = relationship()
