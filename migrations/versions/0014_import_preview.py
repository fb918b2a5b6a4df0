"""Files sent in on a page, and what each of their rows would do."""

import sqlalchemy as sa
from alembic import op

from foundation.db import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Rows shaped before are thrown away: they live from one import's reading to its commit.
    for table in ("staged_plan", "staged_offer", "staged_offering"):
        op.execute(sa.text(f"DELETE FROM {table}"))
    with op.batch_alter_table("staged_offering") as staged:
        staged.add_column(sa.Column("same_offers", sa.Boolean(), nullable=False))
    op.create_table(
        "incoming_file",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=False),
        sa.Column("organization_id", _NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("phase", sa.String(length=20), nullable=False),
        sa.Column("batch_id", _NUMBER, nullable=True),
        sa.Column("rows_read", _NUMBER, nullable=False),
        sa.Column("rows_compared", _NUMBER, nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_incoming_file_user_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_incoming_file_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
            name=op.f("fk_incoming_file_batch_id_import_batch"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_file")),
    )
    op.create_index("ix_incoming_file_user_id_phase", "incoming_file", ["user_id", "phase"])
    op.create_index(op.f("ix_incoming_file_organization_id"), "incoming_file", ["organization_id"])
    op.create_table(
        "incoming_row",
        sa.Column("file_id", _NUMBER, nullable=False),
        sa.Column("position", _NUMBER, nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("line", _NUMBER, nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("alike", sa.JSON(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("seen", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["incoming_file.id"],
            name=op.f("fk_incoming_row_file_id_incoming_file"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("file_id", "position", name=op.f("pk_incoming_row")),
    )
    op.create_index(
        "ix_incoming_row_file_id_outcome", "incoming_row", ["file_id", "outcome", "position"]
    )


def downgrade() -> None:
    op.drop_table("incoming_row")
    op.drop_table("incoming_file")
    with op.batch_alter_table("staged_offering") as staged:
        staged.drop_column("same_offers")
