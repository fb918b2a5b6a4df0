"""Budgets, settlements and effects of a project."""

import sqlalchemy as sa
from alembic import op

from foundation.db import UTCDateTime
from procurement.cost_totals import drop_totals, keep_totals

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OF_PROJECT = ("project_id", "body_code", "fiscal_year", "category", "basis")


def _link(table: str, column: str, target: str, key: str = "id") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=name)


def _number(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, _NUMBER, nullable=nullable)


def _text(name: str, length: int | None = None) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=length), nullable=False)


def _changed() -> "list[sa.Column[object]]":
    """Who changed a row last, and its version."""
    return [
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        _text("updated_by"),
        _number("row_version"),
    ]


def upgrade() -> None:
    _cost_row()
    _cost_goal()
    _effect()
    _funding()
    _sheet()
    _case()
    _totals()


def _cost_row() -> None:
    table = "cost_row"
    op.add_column(table, sa.Column("updated_at", UTCDateTime(), nullable=True))
    op.add_column(table, sa.Column("updated_by", sa.String(), nullable=False, server_default=""))
    op.add_column(table, sa.Column("row_version", _NUMBER, nullable=False, server_default="1"))
    # Rows of cases have no project: an empty value is never the same as another one.
    op.create_index("uq_cost_row_of_project", table, list(_OF_PROJECT), unique=True)


def _cost_goal() -> None:
    table = "cost_goal"
    op.create_table(
        table,
        _number("project_id"),
        _text("body_code", 6),
        _number("target_yen"),
        _text("note"),
        *_changed(),
        sa.CheckConstraint("target_yen >= 0", name=op.f("ck_cost_goal_target")),
        _link(table, "project_id", "project"),
        _link(table, "body_code", "local_body", "code"),
        sa.PrimaryKeyConstraint("project_id", "body_code", name=op.f("pk_cost_goal")),
    )


def _effect() -> None:
    table = "project_effect"
    op.create_table(
        table,
        _number("id"),
        _number("project_id"),
        _text("label"),
        _text("technology"),
        _text("metric"),
        _text("unit", 20),
        sa.Column("before", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("after", sa.Numeric(precision=14, scale=2), nullable=False),
        _text("scope"),
        _text("measured_by"),
        _number("fiscal_year"),
        _text("source"),
        _text("evidence", 20),
        *_changed(),
        sa.CheckConstraint(
            "unit IN ('min_per_day','min_per_case','h_per_month','h_per_year','days')",
            name=op.f("ck_project_effect_unit"),
        ),
        sa.CheckConstraint(
            "evidence IN ('measured','self_declared','estimate')",
            name=op.f("ck_project_effect_evidence"),
        ),
        _link(table, "project_id", "project"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_effect")),
    )
    op.create_index(op.f("ix_project_effect_project_id"), table, ["project_id"])


def _funding() -> None:
    table = "project_funding"
    op.create_table(
        table,
        _number("id"),
        _number("project_id"),
        _number("fiscal_year"),
        sa.Column("body_code", sa.String(length=6), nullable=True),
        _text("name"),
        _text("status", 10),
        _number("amount_yen"),
        _text("source"),
        *_changed(),
        sa.CheckConstraint(
            "status IN ('planned','decided')", name=op.f("ck_project_funding_status")
        ),
        sa.CheckConstraint("amount_yen >= 0", name=op.f("ck_project_funding_amount")),
        _link(table, "project_id", "project"),
        _link(table, "body_code", "local_body", "code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_funding")),
    )
    op.create_index(op.f("ix_project_funding_project_id"), table, ["project_id"])


def _sheet() -> None:
    table = "project_sheet"
    texts = ("target", "activities", "outputs", "outcomes", "kpi", "kpi_target")
    op.create_table(
        table,
        _number("project_id"),
        *(_text(name) for name in texts),
        _number("kpi_year", nullable=True),
        _text("result"),
        _text("improvement"),
        *_changed(),
        _link(table, "project_id", "project"),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_sheet")),
    )


def _case() -> None:
    table = "project_case"
    op.create_table(
        table,
        _number("project_id"),
        _number("draft_id"),
        sa.Column("filled_on", sa.Date(), nullable=False),
        sa.Column("filled", sa.JSON(), nullable=False),
        _link(table, "project_id", "project"),
        _link(table, "draft_id", "case_draft"),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_case")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_project_case_draft_id")),
    )


def _totals() -> None:
    key = ("fictional", "prefecture_code", "project_id", "fiscal_year", "category", "basis")
    op.create_table(
        "cost_total",
        sa.Column("fictional", sa.Boolean(), nullable=False),
        _text("prefecture_code", 2),
        _number("project_id"),
        _number("fiscal_year"),
        _text("category", 20),
        _text("basis", 20),
        _number("row_count"),
        _number("amount_yen"),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_cost_total")),
    )
    keep_totals(op.get_bind())


def downgrade() -> None:
    drop_totals(op.get_bind())
    for table in ("cost_total", "project_case", "project_sheet", "project_funding"):
        op.drop_table(table)
    op.drop_table("project_effect")
    op.drop_table("cost_goal")
    op.drop_index("uq_cost_row_of_project", "cost_row")
    for column in ("row_version", "updated_by", "updated_at"):
        op.drop_column("cost_row", column)
