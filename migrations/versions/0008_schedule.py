"""The calendar: rules of bodies, lengths of a project's steps."""

import sqlalchemy as sa
from alembic import op

from foundation.db import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "body_rules",
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("budget_request_month", _NUMBER, nullable=True),
        sa.Column("budget_request_day", _NUMBER, nullable=True),
        sa.Column("assembly_months", sa.JSON(), nullable=False),
        sa.Column("long_term", sa.String(length=20), nullable=False),
        sa.Column("long_term_limit_months", _NUMBER, nullable=True),
        sa.Column("property_threshold_yen", _NUMBER, nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["body_code"], ["local_body.code"], name=op.f("fk_body_rules_body_code_local_body")
        ),
        sa.PrimaryKeyConstraint("body_code", name=op.f("pk_body_rules")),
    )
    op.create_table(
        "project_calendar",
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("lengths", sa.JSON(), nullable=False),
        sa.Column("buys_property", sa.Boolean(), nullable=False),
        sa.Column("wave_months", _NUMBER, nullable=False),
        sa.Column("shortest_notice", _NUMBER, nullable=True),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_calendar_project_id_project")
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_calendar")),
    )


def downgrade() -> None:
    op.drop_table("project_calendar")
    op.drop_table("body_rules")
