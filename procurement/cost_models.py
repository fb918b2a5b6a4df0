"""Tables beside the cost rows: own goals, effects, funding, the sheet, totals, the case."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, UTCDateTime


class CostGoal(Base):
    """独自目標 of a body in a project: what running it shall cost a year at most."""

    __tablename__ = "cost_goal"
    __table_args__ = (CheckConstraint("target_yen >= 0", name="target"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"), primary_key=True)
    target_yen: Mapped[int]  # 運用等経費 of one fiscal year, tax-included
    note: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class ProjectEffect(Base):
    """An effect measured or expected (F20). before, after: in `unit`."""

    __tablename__ = "project_effect"
    __table_args__ = (
        CheckConstraint(
            "unit IN ('min_per_day','min_per_case','h_per_month','h_per_year','days')",
            name="unit",
        ),
        CheckConstraint("evidence IN ('measured','self_declared','estimate')", name="evidence"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    label: Mapped[str]
    technology: Mapped[str]
    metric: Mapped[str]
    unit: Mapped[str] = mapped_column(String(20))
    before: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    after: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    scope: Mapped[str]
    measured_by: Mapped[str]
    fiscal_year: Mapped[int]
    source: Mapped[str]
    evidence: Mapped[str] = mapped_column(String(20))
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class ProjectFunding(Base):
    """Money of others for a project (F22), planned or decided; body_code None: for all."""

    __tablename__ = "project_funding"
    __table_args__ = (
        CheckConstraint("status IN ('planned','decided')", name="status"),
        CheckConstraint("amount_yen >= 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    fiscal_year: Mapped[int]
    body_code: Mapped[str | None] = mapped_column(ForeignKey("local_body.code"))
    # Of catalog/data/funding_programs.csv; '' for one that is not in the list.
    program_key: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[str]
    status: Mapped[str] = mapped_column(String(10))
    amount_yen: Mapped[int]
    source: Mapped[str]
    # On what terms, as the lead read them in that source: '' and None = not recorded.
    rate: Mapped[str] = mapped_column(default="", server_default="")  # 「1/2」「定額」
    ceiling_yen: Mapped[int | None]
    period: Mapped[str] = mapped_column(default="", server_default="")
    eligible: Mapped[str] = mapped_column(default="", server_default="")
    source_on: Mapped[date | None] = mapped_column(Date)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class ProjectSheet(Base):
    """What people write of the cost-effect sheet (F21); the rest is read from the project."""

    __tablename__ = "project_sheet"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    target: Mapped[str]
    activities: Mapped[str]
    outputs: Mapped[str]
    outcomes: Mapped[str]
    kpi: Mapped[str]
    kpi_target: Mapped[str]
    kpi_year: Mapped[int | None]  # fiscal year
    result: Mapped[str]
    improvement: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class ProjectCase(Base):
    """The case drafted from a project, and until when it was last filled in from it."""

    __tablename__ = "project_case"
    __table_args__ = (UniqueConstraint("draft_id"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("case_draft.id"))
    filled_on: Mapped[date] = mapped_column(Date)
    filled: Mapped[dict[str, Any]] = mapped_column(JSON)  # what was filled in then


class CostTotal(Base):
    """Sums of the tax-included cost rows, kept by the database itself (procurement.cost_totals).

    project_id: 0 for rows of no project. prefecture_code: of the body, two digits.
    """

    __tablename__ = "cost_total"

    fictional: Mapped[bool] = mapped_column(primary_key=True)
    prefecture_code: Mapped[str] = mapped_column(String(2), primary_key=True)
    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    category: Mapped[str] = mapped_column(String(20), primary_key=True)
    basis: Mapped[str] = mapped_column(String(20), primary_key=True)
    row_count: Mapped[int]
    amount_yen: Mapped[int]
