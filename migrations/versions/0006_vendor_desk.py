"""Drafts, submissions and reviews of catalog entries."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "offering_draft",
        sa.Column("offering_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_offering_draft_offering_id_offering")
        ),
        sa.PrimaryKeyConstraint("offering_id", name=op.f("pk_offering_draft")),
    )
    op.create_table(
        "offering_submission",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("offering_id", _NUMBER, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("based_on", _NUMBER, nullable=False),
        sa.Column("review", sa.String(length=10), nullable=False),
        sa.Column("version", _NUMBER, nullable=True),
        sa.Column("change_note", sa.String(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "review IN ('none','after','before')", name=op.f("ck_offering_submission_review")
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"],
            ["offering.id"],
            name=op.f("fk_offering_submission_offering_id_offering"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offering_submission")),
    )
    for column in ("offering_id", "submitted_at"):
        op.create_index(op.f(f"ix_offering_submission_{column}"), "offering_submission", [column])
    op.create_table(
        "offering_review",
        sa.Column("submission_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("version", _NUMBER, nullable=True),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("reviewed_at", UTCDateTime(), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["offering_submission.id"],
            name=op.f("fk_offering_review_submission_id_offering_submission"),
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_offering_review")),
    )
    protect(op.get_bind(), ("offering_submission", "offering_review"))


def downgrade() -> None:
    op.drop_table("offering_review")
    op.drop_table("offering_submission")
    op.drop_table("offering_draft")
