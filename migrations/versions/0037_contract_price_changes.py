"""Prices of one contract that change alone, and its vendor's yes to them."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CHANGED = "changed_contract_price"
_CONFIRMED = "confirmed_contract_price"


def upgrade() -> None:
    op.create_table(
        _CHANGED,
        sa.Column("contract_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("line_number", _NUMBER, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("approval_date", sa.Date(), nullable=False),
        sa.Column("approval_number", sa.String(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("unit_price > 0", name=op.f("ck_changed_contract_price_unit_price")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_changed_contract_price_contract_id_contract"),
        ),
        sa.PrimaryKeyConstraint(
            "contract_id", "number", "line_number", name=op.f("pk_changed_contract_price")
        ),
    )
    op.create_table(
        _CONFIRMED,
        sa.Column("contract_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("confirmed_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_confirmed_contract_price_contract_id_contract"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "number", name=op.f("pk_confirmed_contract_price")),
    )
    protect(op.get_bind(), (_CHANGED, _CONFIRMED))


def downgrade() -> None:
    op.drop_table(_CONFIRMED)
    op.drop_table(_CHANGED)
