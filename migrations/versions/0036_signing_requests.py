"""Until when a body is asked to record its own contract."""

import sqlalchemy as sa
from alembic import op

from foundation.db import UTCDateTime

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLE = "signing_request"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("award_id", _NUMBER, nullable=True),
        sa.Column("closes_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("reminders_sent", _NUMBER, nullable=False),
        sa.Column("last_reminded_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("asked_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.CheckConstraint("reminders_sent >= 0", name=op.f("ck_signing_request_reminders_sent")),
        sa.ForeignKeyConstraint(
            ["award_id"], ["award.id"], name=op.f("fk_signing_request_award_id_award")
        ),
        sa.ForeignKeyConstraint(
            ["body_code"],
            ["local_body.code"],
            name=op.f("fk_signing_request_body_code_local_body"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_signing_request_project_id_project")
        ),
        sa.PrimaryKeyConstraint("project_id", "body_code", name=op.f("pk_signing_request")),
    )


def downgrade() -> None:
    op.drop_table(_TABLE)
