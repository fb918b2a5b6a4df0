"""Selection records (選定記録): what was found, what was decided, who took it away."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WRITTEN_ONCE = ("selection_lock", "selection_download", "selection_outcome")


def upgrade() -> None:
    _create_drafts()
    _create_locks()
    _create_downloads()
    _create_outcomes()
    protect(op.get_bind(), _WRITTEN_ONCE)


def downgrade() -> None:
    for table in ("selection_outcome", "selection_download", "selection_lock", "selection_record"):
        op.drop_table(table)


def _create_drafts() -> None:
    op.create_table(
        "selection_record",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("organization_id", _NUMBER, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_selection_record_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_selection_record_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection_record")),
    )
    op.create_index(
        op.f("ix_selection_record_organization_id"), "selection_record", ["organization_id"]
    )


def _create_locks() -> None:
    op.create_table(
        "selection_lock",
        sa.Column("record_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("locked_at", UTCDateTime(), nullable=False),
        sa.Column("locked_by", sa.String(), nullable=False),
        sa.Column("audit_seq", _NUMBER, nullable=False),
        sa.Column("audit_hash", sa.String(length=64), nullable=False),
        _of_record("selection_lock"),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_selection_lock")),
    )


def _create_downloads() -> None:
    op.create_table(
        "selection_download",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("record_id", _NUMBER, nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("downloaded_at", UTCDateTime(), nullable=False),
        sa.Column("downloaded_by", sa.String(), nullable=False),
        _of_record("selection_download"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection_download")),
    )
    op.create_index(op.f("ix_selection_download_record_id"), "selection_download", ["record_id"])


def _create_outcomes() -> None:
    op.create_table(
        "selection_outcome",
        sa.Column("record_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("result_key", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        _of_record("selection_outcome"),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_selection_outcome")),
    )


def _of_record(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["record_id"],
        ["selection_record.id"],
        name=op.f(f"fk_{table}_record_id_selection_record"),
    )
