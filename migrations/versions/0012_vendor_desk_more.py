"""Rows of an offerings file, shaped before their commit; progress of commonization items."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create(
        "staged_offering",
        (),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("vendor_id", _NUMBER, nullable=False),
        sa.Column("system_type_code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("vendor_name", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("offers", sa.JSON(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("based_on", _NUMBER, nullable=True),
        sa.Column("same", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "ix_staged_offering_new", "staged_offering", ["batch_id", "based_on", "key", "same"]
    )
    _create(
        "staged_offer",
        ("seller_id",),
        sa.Column("seller_name", sa.String(), nullable=False),
        sa.Column("contract_conditions", sa.String(), nullable=False),
    )
    _create(
        "staged_plan",
        ("seller_id", "place"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("tax_rate_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("not_included", sa.String(), nullable=False),
        sa.Column("price_basis", sa.String(), nullable=False),
    )
    op.create_table(
        "policy_report",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("item_id", _NUMBER, nullable=False),
        sa.Column("organization_id", _NUMBER, nullable=False),
        sa.Column("organization_name", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("reported_at", UTCDateTime(), nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["policy_item.id"], name=op.f("fk_policy_report_item_id_policy_item")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_policy_report_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_report")),
    )
    op.create_index(op.f("ix_policy_report_item_id"), "policy_report", ["item_id"])
    op.create_table(
        "policy_class",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", _NUMBER, nullable=False),
        sa.Column("scope", sa.String(length=30), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("table_sha256", sa.String(length=64), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_class")),
    )
    op.create_index("ix_policy_class_subject", "policy_class", ["subject_kind", "subject_id"])
    protect(op.get_bind(), ("policy_report", "policy_class"))


def downgrade() -> None:
    op.drop_table("policy_class")
    op.drop_table("policy_report")
    for name in ("staged_plan", "staged_offer", "staged_offering"):
        op.drop_table(name)


def _create(name: str, more_keys: tuple[str, ...], *columns: sa.Column[object]) -> None:
    """A table whose rows belong to a line of a batch and go with it."""
    keys = ("batch_id", "position", *more_keys)
    op.create_table(
        name,
        *(sa.Column(key, _NUMBER, nullable=False) for key in keys),
        *columns,
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
            name=op.f(f"fk_{name}_batch_id_import_batch"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{name}")),
    )
