"""Invitations to a vendor, until their day is over, so that they can be taken back."""

import sqlalchemy as sa
from alembic import op

from foundation.db import UTCDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLE = "vendor_invitation"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("organization_id", _NUMBER, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("sent_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("closes_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('','accepted','revoked')", name=op.f("ck_vendor_invitation_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_vendor_invitation_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor_invitation")),
        sa.UniqueConstraint("key", name=op.f("uq_vendor_invitation_key")),
    )
    op.create_index(op.f("ix_vendor_invitation_organization_id"), _TABLE, ["organization_id"])


def downgrade() -> None:
    op.drop_table(_TABLE)
