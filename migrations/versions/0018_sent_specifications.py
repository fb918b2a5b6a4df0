"""Specifications sent in, and recommended marks with their issuer."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "spec_document",
        sa.Column("supersedes", sa.String(length=60), nullable=False, server_default=""),
    )
    op.add_column(
        "spec_document",
        sa.Column("fictional", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "spec_document", sa.Column("row_version", _NUMBER, nullable=False, server_default="1")
    )
    op.create_table(
        "recommended_mark",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("offering_id", _NUMBER, nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("marked_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_recommended_mark_offering_id_offering")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommended_mark")),
    )
    op.create_index(op.f("ix_recommended_mark_offering_id"), "recommended_mark", ["offering_id"])
    op.create_table(
        "mark_withdrawal",
        sa.Column("mark_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mark_id"],
            ["recommended_mark.id"],
            name=op.f("fk_mark_withdrawal_mark_id_recommended_mark"),
        ),
        sa.PrimaryKeyConstraint("mark_id", name=op.f("pk_mark_withdrawal")),
    )
    protect(op.get_bind(), ("recommended_mark", "mark_withdrawal"))


def downgrade() -> None:
    op.drop_table("mark_withdrawal")
    op.drop_table("recommended_mark")
    for name in ("row_version", "fictional", "supersedes"):
        op.drop_column("spec_document", name)
