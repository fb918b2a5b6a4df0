"""Corrections of vendors' numbers, kept."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect

revision = "0034"
down_revision = "0032"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLE = "vendor_number"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("vendor_id", _NUMBER, nullable=False),
        sa.Column("old_corporate_number", sa.String(13), nullable=True),
        sa.Column("old_alternate_key", sa.String(40), nullable=True),
        sa.Column("corporate_number", sa.String(13), nullable=True),
        sa.Column("alternate_key", sa.String(40), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("fk_vendor_number_vendor_id_vendor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor_number")),
    )
    op.create_index(op.f("ix_vendor_number_vendor_id"), _TABLE, ["vendor_id"])
    protect(op.get_bind(), (_TABLE,))


def downgrade() -> None:
    op.drop_table(_TABLE)
