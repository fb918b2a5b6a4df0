"""Prices of a table of unit prices that hold from a later month on."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0029"
down_revision = "0024"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLE = "changed_unit_price"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("award_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("line_number", _NUMBER, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("unit_price > 0", name=op.f("ck_changed_unit_price_unit_price")),
        sa.ForeignKeyConstraint(
            ["award_id"], ["award.id"], name=op.f("fk_changed_unit_price_award_id_award")
        ),
        sa.PrimaryKeyConstraint(
            "award_id", "number", "line_number", name=op.f("pk_changed_unit_price")
        ),
    )
    protect(op.get_bind(), (_TABLE,))


def downgrade() -> None:
    op.drop_table(_TABLE)
