"""Lots, several products certified in one project, and awards by unit price."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime
from procurement.ledger_guards import CONTRACT_GUARDS, drop_guards, guard_ledger

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BEFORE = "uq_contract_project_id_kind_buyer_organization_id_term"
_AFTER = f"{_BEFORE}_part"
_ONCE = ["project_id", "kind", "buyer_organization_id", "term"]
_TABLES = ("lot_group", "project_lot", "award_unit_price")


def upgrade() -> None:
    _certifications()
    _lots()
    _unit_prices()
    protect(op.get_bind(), ("contract", *_TABLES))
    guard_ledger(op.get_bind(), CONTRACT_GUARDS)


def _certifications() -> None:
    """SQLite rebuilds the table, and with it loses the triggers: they are made anew above."""
    with op.batch_alter_table("contract") as contract:
        contract.add_column(sa.Column("part", _NUMBER, nullable=False, server_default="0"))
        contract.add_column(sa.Column("product", sa.String(), nullable=False, server_default=""))
        contract.add_column(sa.Column("certification_id", _NUMBER, nullable=True))
        contract.create_foreign_key(
            op.f("fk_contract_certification_id_contract"), "contract", ["certification_id"], ["id"]
        )
        contract.drop_constraint(_BEFORE, type_="unique")
        contract.create_unique_constraint(op.f(_AFTER), [*_ONCE, "part"])


def _lots() -> None:
    op.create_table(
        "lot_group",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("divided_by", sa.String(length=20), nullable=False),
        sa.Column("divided_at", UTCDateTime(), nullable=False),
        sa.Column("divided_by_label", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_group")),
    )
    op.create_table(
        "project_lot",
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("lot_group_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_lot_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["lot_group_id"], ["lot_group.id"], name=op.f("fk_project_lot_lot_group_id_lot_group")
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_lot")),
        sa.UniqueConstraint(
            "lot_group_id", "number", name=op.f("uq_project_lot_lot_group_id_number")
        ),
    )


def _unit_prices() -> None:
    name = "award_unit_price"
    op.create_table(
        name,
        sa.Column("award_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("expected_quantity", _NUMBER, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("unit_price > 0", name=op.f("ck_award_unit_price_unit_price")),
        sa.CheckConstraint("expected_quantity > 0", name=op.f("ck_award_unit_price_quantity")),
        sa.ForeignKeyConstraint(
            ["award_id"], ["award.id"], name=op.f("fk_award_unit_price_award_id_award")
        ),
        sa.PrimaryKeyConstraint("award_id", "number", name=op.f("pk_award_unit_price")),
    )


def downgrade() -> None:
    drop_guards(op.get_bind(), CONTRACT_GUARDS)
    for table in reversed(_TABLES):
        op.drop_table(table)
    with op.batch_alter_table("contract") as contract:
        contract.drop_constraint(_AFTER, type_="unique")
        contract.create_unique_constraint(op.f(_BEFORE), _ONCE)
        contract.drop_constraint("fk_contract_certification_id_contract", type_="foreignkey")
        for column in ("part", "product", "certification_id"):
            contract.drop_column(column)
    protect(op.get_bind(), ("contract",))
