"""Specifications sent in: invented ones, ones that take another's place, the version of a row."""

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
    for name in ("row_version", "fictional", "supersedes"):
        op.drop_column("spec_document", name)
