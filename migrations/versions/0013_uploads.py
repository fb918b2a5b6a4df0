"""Files given with entries, and drafts of cases."""

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
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
