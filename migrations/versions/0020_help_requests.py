"""Requests for help and their answers; two projects put together."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name)


def upgrade() -> None:
    op.create_table(
        "project_merge",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("other_project_id", _NUMBER, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.CheckConstraint(
            "status IN ('asked','done','declined')", name=op.f("ck_project_merge_status")
        ),
        _refers("project_merge", "project_id", "project"),
        _refers("project_merge", "other_project_id", "project"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_merge")),
    )
    for column in ("project_id", "other_project_id"):
        op.create_index(op.f(f"ix_project_merge_{column}"), "project_merge", [column])
    op.create_table(
        "help_request",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("from_organization_id", _NUMBER, nullable=False),
        sa.Column("to_organization_id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("initial_yen", _NUMBER, nullable=True),
        sa.Column("annual_yen", _NUMBER, nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("replied_by", sa.String(), nullable=False),
        sa.Column("replied_at", UTCDateTime(), nullable=True),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.CheckConstraint("kind IN ('question','scrutiny')", name=op.f("ck_help_request_kind")),
        sa.CheckConstraint(
            "status IN ('asked','taken','answered','withdrawn')",
            name=op.f("ck_help_request_status"),
        ),
        _refers("help_request", "from_organization_id", "organization"),
        _refers("help_request", "to_organization_id", "organization"),
        _refers("help_request", "project_id", "project"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_request")),
    )
    for column in ("from_organization_id", "to_organization_id"):
        op.create_index(op.f(f"ix_help_request_{column}"), "help_request", [column])
    op.create_table(
        "help_step",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("request_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("to_organization_id", _NUMBER, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        _refers("help_step", "request_id", "help_request"),
        _refers("help_step", "to_organization_id", "organization"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_step")),
        sa.UniqueConstraint("request_id", "number", name=op.f("uq_help_step_request_id_number")),
    )
    protect(op.get_bind(), ("help_step",))


def downgrade() -> None:
    for table in ("help_step", "help_request", "project_merge"):
        op.drop_table(table)
