"""Files given with entries, and drafts of cases."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "offering_version", sa.Column("files", sa.JSON(), nullable=False, server_default="[]")
    )
    op.add_column(
        "staged_offering", sa.Column("files", sa.JSON(), nullable=False, server_default="[]")
    )
    op.create_table(
        "stored_file",
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("offering_id", _NUMBER, nullable=False),
        sa.Column("place", sa.String(length=48), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", UTCDateTime(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_stored_file_offering_id_offering")
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("place", name=op.f("uq_stored_file_place")),
    )
    op.create_index(op.f("ix_stored_file_offering_id"), "stored_file", ["offering_id"])
    _create_inquiries()
    _create_case_drafts()
    protect(op.get_bind(), ("case_submission", "case_review"))


def downgrade() -> None:
    for name in ("case_review", "case_submission", "case_draft"):
        op.drop_table(name)
    op.drop_table("case_inquiry")
    op.drop_table("stored_file")
    op.drop_column("staged_offering", "files")
    op.drop_column("offering_version", "files")


def _create_inquiries() -> None:
    references = {
        "case_id": "joint_case",
        "sender_user_id": "user_account",
        "sender_organization_id": "organization",
        "recipient_organization_id": "organization",
    }
    op.create_table(
        "case_inquiry",
        sa.Column("id", _NUMBER, nullable=False),
        *(sa.Column(name, _NUMBER, nullable=False) for name in references),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("replied_at", UTCDateTime(), nullable=True),
        sa.Column("replied_by", sa.String(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_case_inquiry_{name}_{table}")
            )
            for name, table in references.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_inquiry")),
    )
    for name in references:
        op.create_index(op.f(f"ix_case_inquiry_{name}"), "case_inquiry", [name])


def _create_case_drafts() -> None:
    op.create_table(
        "case_draft",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("organization_id", _NUMBER, nullable=False),
        sa.Column("case_id", _NUMBER, nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.CheckConstraint(
            "status IN ('draft','submitted','published')", name=op.f("ck_case_draft_status")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_case_draft_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["joint_case.id"], name=op.f("fk_case_draft_case_id_joint_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_draft")),
        sa.UniqueConstraint("key", name=op.f("uq_case_draft_key")),
        sa.UniqueConstraint("case_id", name=op.f("uq_case_draft_case_id")),
    )
    op.create_index(op.f("ix_case_draft_organization_id"), "case_draft", ["organization_id"])
    op.create_table(
        "case_submission",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("draft_id", _NUMBER, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("based_on", _NUMBER, nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["case_draft.id"], name=op.f("fk_case_submission_draft_id_case_draft")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_submission")),
    )
    op.create_index(op.f("ix_case_submission_draft_id"), "case_submission", ["draft_id"])
    op.create_index(op.f("ix_case_submission_submitted_at"), "case_submission", ["submitted_at"])
    op.create_table(
        "case_review",
        sa.Column("submission_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("reviewed_at", UTCDateTime(), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["case_submission.id"],
            name=op.f("fk_case_review_submission_id_case_submission"),
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_case_review")),
    )
