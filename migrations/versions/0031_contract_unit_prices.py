"""Unit prices of one contract, at or below the award's."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLE = "contract_unit_price"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("contract_id", _NUMBER, nullable=False),
        sa.Column("line_number", _NUMBER, nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("unit_price > 0", name=op.f("ck_contract_unit_price_unit_price")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_unit_price_contract_id_contract"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "line_number", name=op.f("pk_contract_unit_price")),
    )
    protect(op.get_bind(), (_TABLE,))


def downgrade() -> None:
    op.drop_table(_TABLE)
