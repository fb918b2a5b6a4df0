"""Saved searches, and what each is known to find."""

import sqlalchemy as sa
from alembic import op

from foundation.db import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("organization_id", _NUMBER, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("stop_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_saved_search_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_saved_search_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint(
            "organization_id",
            "user_id",
            "name",
            name=op.f("uq_saved_search_organization_id_user_id_name"),
        ),
        sa.UniqueConstraint("stop_token", name=op.f("uq_saved_search_stop_token")),
    )
    for column in ("organization_id", "user_id", "notify"):
        op.create_index(op.f(f"ix_saved_search_{column}"), "saved_search", [column])
    op.create_table(
        "saved_search_match",
        sa.Column("saved_search_id", _NUMBER, nullable=False),
        sa.Column("document_key", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["saved_search_id"],
            ["saved_search.id"],
            name=op.f("fk_saved_search_match_saved_search_id_saved_search"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "saved_search_id", "document_key", name=op.f("pk_saved_search_match")
        ),
    )


def downgrade() -> None:
    op.drop_table("saved_search_match")
    op.drop_table("saved_search")
