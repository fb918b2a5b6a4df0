"""Both stages of a procurement that proves the effect first."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLE = "stage_entry"
_DECIDED = "stage2_decision = 'open' OR (stage1_result <> '' AND stage1_result_on IS NOT NULL)"
_CHECKS = {
    "pattern": "pattern IN ('none','hiroshima','own')",
    "stage2_decision": "stage2_decision IN ('open','proceed','stop')",
    "stage1_cap": "stage1_amount_yen <= stage1_cap_yen",
    "stage2_needs_result": _DECIDED,
}


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("pattern", sa.String(length=20), nullable=False),
        sa.Column("stage1_cap_yen", _NUMBER, nullable=True),
        sa.Column("stage1_starts_on", sa.Date(), nullable=True),
        sa.Column("stage1_ends_on", sa.Date(), nullable=True),
        sa.Column("stage1_amount_yen", _NUMBER, nullable=True),
        sa.Column("stage1_result", sa.String(), nullable=False),
        sa.Column("stage1_result_on", sa.Date(), nullable=True),
        sa.Column("stage2_decision", sa.String(length=20), nullable=False),
        sa.Column("stage2_reason", sa.String(), nullable=False),
        sa.Column("stage2_decided_on", sa.Date(), nullable=True),
        sa.Column("entered_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        *(
            sa.CheckConstraint(text, name=op.f(f"ck_{_TABLE}_{name}"))
            for name, text in _CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_stage_entry_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_entry")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_stage_entry_project_id_number")),
    )
    protect(op.get_bind(), (_TABLE,))


def downgrade() -> None:
    op.drop_table(_TABLE)
