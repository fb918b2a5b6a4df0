"""Where a prefecture's municipalities ask for people of its pool."""

import sqlalchemy as sa
from alembic import op

from foundation.db import UTCDateTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "staff_pool",
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("page_url", sa.String(), nullable=False),
        sa.Column("updated_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["body_code"], ["local_body.code"], name=op.f("fk_staff_pool_body_code_local_body")
        ),
        sa.PrimaryKeyConstraint("body_code", name=op.f("pk_staff_pool")),
    )


def downgrade() -> None:
    op.drop_table("staff_pool")
