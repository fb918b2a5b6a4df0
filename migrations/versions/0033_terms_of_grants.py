"""On what terms a grant is given, as the lead read them."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None

_TABLE = "project_funding"
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("rate", "period", "eligible"):
        op.add_column(_TABLE, sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column(_TABLE, sa.Column("ceiling_yen", _NUMBER, nullable=True))
    op.add_column(_TABLE, sa.Column("source_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table(_TABLE) as table:
        for name in ("source_on", "ceiling_yen", "eligible", "period", "rate"):
            table.drop_column(name)
