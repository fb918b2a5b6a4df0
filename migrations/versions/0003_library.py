"""Specifications, funding programs and related catalogs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = {
    "spec_document": (
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("issued_on", sa.String(length=10), nullable=False),
        sa.Column("next_revision_fy", _NUMBER, nullable=True),
        sa.Column("system_types", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
    ),
    "funding_program": (
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ministry", sa.String(), nullable=False),
        sa.Column("started_fy", _NUMBER, nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("system_types", sa.String(), nullable=False),
        sa.Column("eligible_costs", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("conditions", sa.String(), nullable=False),
    ),
    "related_catalog": (
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("opened", sa.String(length=20), nullable=False),
        sa.Column("lists", sa.String(), nullable=False),
        sa.Column("search_by", sa.String(), nullable=False),
        sa.Column("update_rule", sa.String(), nullable=False),
    ),
}


def upgrade() -> None:
    for name, columns in _TABLES.items():
        op.create_table(
            name,
            sa.Column("id", _NUMBER, nullable=False),
            sa.Column("key", sa.String(length=60), nullable=False),
            *(column._copy() for column in columns),
            sa.Column("source_doc", sa.String(), nullable=False),
            sa.Column("source_lines", sa.String(), nullable=False),
            sa.Column("source_as_of", sa.String(length=10), nullable=False),
            sa.Column("url", sa.String(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
            sa.UniqueConstraint("key", name=op.f(f"uq_{name}_key")),
        )


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)
