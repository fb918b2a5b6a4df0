"""A person's confirmation of a policy class; how long a policy item holds."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ITEM_COLUMNS = ("valid_from", "valid_to", "edited_at", "row_version")


def upgrade() -> None:
    op.create_table(
        "policy_confirmation",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("class_id", _NUMBER, nullable=False),
        sa.Column("scope", sa.String(length=30), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("organization_name", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["policy_class.id"],
            name=op.f("fk_policy_confirmation_class_id_policy_class"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_confirmation")),
        sa.UniqueConstraint(
            "subject_kind",
            "subject_id",
            "number",
            name=op.f("uq_policy_confirmation_subject_kind_subject_id_number"),
        ),
    )
    op.add_column(
        "policy_class", sa.Column("sources", sa.JSON(), server_default="[]", nullable=False)
    )
    for name in ("valid_from", "valid_to"):
        op.add_column("policy_item", sa.Column(name, sa.Date(), nullable=True))
    op.add_column("policy_item", sa.Column("edited_at", UTCDateTime(), nullable=True))
    op.add_column(
        "policy_item", sa.Column("row_version", _NUMBER, server_default="1", nullable=False)
    )
    protect(op.get_bind(), ("policy_confirmation",))


def downgrade() -> None:
    for name in reversed(_ITEM_COLUMNS):
        op.drop_column("policy_item", name)
    op.drop_column("policy_class", "sources")
    op.drop_table("policy_confirmation")
