"""Rows of a file know whether they leave sellers and plans as they are named."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rows that are shaped already say no, so that the commit looks at all of their plans."""
    column = sa.Column("same_plans", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("staged_offering", column)


def downgrade() -> None:
    op.drop_column("staged_offering", "same_plans")
