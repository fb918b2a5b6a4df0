"""When an award falls due; costs entered on behalf of a body; the program of a grant."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_ADDED: tuple[tuple[str, str, int | None], ...] = (
    ("cost_row", "entered_on_behalf_by", None),
    ("participation", "declared_on_behalf_by", None),
    ("project_funding", "program_key", 60),
)


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
    for table, name, length in _ADDED:
        column = sa.Column(name, sa.String(length=length), nullable=False, server_default="")
        op.add_column(table, column)


def downgrade() -> None:
    for table, name, _ in reversed(_ADDED):
        op.drop_column(table, name)
    op.drop_table("award_breakdown")
