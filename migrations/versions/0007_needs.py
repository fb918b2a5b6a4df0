"""Needs of bodies, their present contracts, and what coordinators were told of."""

import sqlalchemy as sa
from alembic import op

from foundation.db import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "need",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("system_type_code", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("wanted_from", sa.Date(), nullable=False),
        sa.Column("contract_ends_on", sa.Date(), nullable=True),
        sa.Column("annual_cost_yen", _NUMBER, nullable=True),
        sa.Column("quantity", _NUMBER, nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("network", sa.String(length=20), nullable=False),
        sa.Column("must_haves", sa.JSON(), nullable=False),
        sa.Column("obstacles", sa.String(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.CheckConstraint(
            "status IN ('requested','stated','withdrawn')", name=op.f("ck_need_status")
        ),
        *_body_and_type("need"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint(
            "body_code", "system_type_code", name=op.f("uq_need_body_code_system_type_code")
        ),
    )
    for column in ("system_type_code", "status"):
        op.create_index(op.f(f"ix_need_{column}"), "need", [column])
    op.create_table(
        "need_alert",
        sa.Column("prefecture_code", sa.String(length=2), nullable=False),
        sa.Column("system_type_code", sa.String(length=40), nullable=False),
        sa.Column("bodies", _NUMBER, nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_type_code"],
            ["system_type.code"],
            name=op.f("fk_need_alert_system_type_code_system_type"),
        ),
        sa.PrimaryKeyConstraint("prefecture_code", "system_type_code", name=op.f("pk_need_alert")),
    )
    op.create_table(
        "present_contract",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("system_type_code", sa.String(length=40), nullable=False),
        sa.Column("vendor_name", sa.String(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("annual_cost_yen", _NUMBER, nullable=True),
        sa.Column("imported_at", UTCDateTime(), nullable=False),
        *_body_and_type("present_contract"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_present_contract")),
        sa.UniqueConstraint(
            "body_code",
            "system_type_code",
            name=op.f("uq_present_contract_body_code_system_type_code"),
        ),
    )
    op.create_index(
        op.f("ix_present_contract_system_type_code"), "present_contract", ["system_type_code"]
    )


def _body_and_type(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["body_code"], ["local_body.code"], name=op.f(f"fk_{table}_body_code_local_body")
        ),
        sa.ForeignKeyConstraint(
            ["system_type_code"],
            ["system_type.code"],
            name=op.f(f"fk_{table}_system_type_code_system_type"),
        ),
    )


def downgrade() -> None:
    op.drop_table("present_contract")
    op.drop_table("need_alert")
    op.drop_table("need")
