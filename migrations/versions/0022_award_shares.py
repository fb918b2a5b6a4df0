"""When an award falls due: what the final share version is computed from."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name)


def upgrade() -> None:
    op.create_table(
        "award_breakdown",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("award_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("initial_yen", _NUMBER, nullable=False),
        sa.Column("monthly_yen", _NUMBER, nullable=False),
        sa.Column("yearly_yen", _NUMBER, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        _refers("award_breakdown", "award_id", "award"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_breakdown")),
        sa.UniqueConstraint("award_id", "number", name=op.f("uq_award_breakdown_award_id_number")),
    )
    protect(op.get_bind(), ("award_breakdown",))


def downgrade() -> None:
    op.drop_table("award_breakdown")
