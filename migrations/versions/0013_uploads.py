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
    _create_vendor_changes()
    protect(op.get_bind(), ("case_submission", "case_review", "vendor_change"))


def downgrade() -> None:
    op.drop_table("vendor_rename")
    op.drop_table("vendor_change")
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


def _create_vendor_changes() -> None:
    op.create_table(
        "vendor_change",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("vendor_id", _NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("old_name", sa.String(), nullable=False),
        sa.Column("successor_id", _NUMBER, nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('rename','merge')", name=op.f("ck_vendor_change_kind")),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("fk_vendor_change_vendor_id_vendor")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["vendor.id"], name=op.f("fk_vendor_change_successor_id_vendor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor_change")),
    )
    for name in ("vendor_id", "successor_id"):
        op.create_index(op.f(f"ix_vendor_change_{name}"), "vendor_change", [name])
    op.create_table(
        "vendor_rename",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("vendor_id", _NUMBER, nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("old_name", "new_name", "new_kana")
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("requested_at", UTCDateTime(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('','approved','sent_back','recalled')",
            name=op.f("ck_vendor_rename_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("fk_vendor_rename_vendor_id_vendor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor_rename")),
    )
    op.create_index(op.f("ix_vendor_rename_vendor_id"), "vendor_rename", ["vendor_id"])
