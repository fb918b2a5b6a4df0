"""An overpayment applied to another invoice, with its two sides; and letters about arrears."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime
from procurement.ledger_guards import GUARDS, TRANSFER_GUARDS, drop_guards, guard_ledger

revision = "0032"
down_revision = "0033"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TRANSFER = "overpayment_transfer"
_LETTER = "dunning_letter"


def upgrade() -> None:
    _transfers()
    _letters()
    _sides()
    protect(op.get_bind(), (_TRANSFER, _LETTER))
    guard_ledger(op.get_bind(), TRANSFER_GUARDS)


def _sides() -> None:
    """SQLite rebuilds the table, and with it loses its triggers: they are made anew."""
    with op.batch_alter_table("receipt") as receipt:
        receipt.add_column(sa.Column("transfer_key", sa.String(length=40), nullable=True))
        receipt.create_foreign_key(
            op.f(f"fk_receipt_transfer_key_{_TRANSFER}"),
            _TRANSFER,
            ["transfer_key"],
            ["key"],
            deferrable=True,
            initially="DEFERRED",
        )
        receipt.create_index(op.f("ix_receipt_transfer_key"), ["transfer_key"])
    _guard_rebuilt()


def _guard_rebuilt() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        protect(connection, ("receipt",))
        guard_ledger(connection, [guard for guard in GUARDS if guard.table == "receipt"])


def _transfers() -> None:
    op.create_table(
        _TRANSFER,
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("from_invoice_id", _NUMBER, nullable=False),
        sa.Column("to_invoice_id", _NUMBER, nullable=False),
        sa.Column("amount_yen", _NUMBER, nullable=False),
        sa.Column("posted_in", sa.Date(), nullable=False),
        sa.Column("reverses", sa.String(length=40), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("amount_yen > 0", name=op.f(f"ck_{_TRANSFER}_amount")),
        sa.CheckConstraint("from_invoice_id <> to_invoice_id", name=op.f(f"ck_{_TRANSFER}_sides")),
        _reference(_TRANSFER, "project_id", "project"),
        _reference(_TRANSFER, "from_invoice_id", "invoice"),
        _reference(_TRANSFER, "to_invoice_id", "invoice"),
        sa.ForeignKeyConstraint(
            ["reverses"], [f"{_TRANSFER}.key"], name=op.f(f"fk_{_TRANSFER}_reverses_{_TRANSFER}")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f(f"pk_{_TRANSFER}")),
        sa.UniqueConstraint("project_id", "number", name=op.f(f"uq_{_TRANSFER}_project_id_number")),
        sa.UniqueConstraint("reverses", name=op.f(f"uq_{_TRANSFER}_reverses")),
    )
    for column in ("from_invoice_id", "to_invoice_id"):
        op.create_index(op.f(f"ix_{_TRANSFER}_{column}"), _TRANSFER, [column])


def _letters() -> None:
    op.create_table(
        _LETTER,
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("invoice_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("letter_number", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("pay_by", sa.Date(), nullable=False),
        sa.Column("open_yen", _NUMBER, nullable=False),
        sa.Column("approval_date", sa.Date(), nullable=False),
        sa.Column("approval_number", sa.String(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.CheckConstraint("open_yen > 0", name=op.f(f"ck_{_LETTER}_open")),
        sa.CheckConstraint("pay_by > issued_on", name=op.f(f"ck_{_LETTER}_pay_by")),
        _reference(_LETTER, "project_id", "project"),
        _reference(_LETTER, "invoice_id", "invoice"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_LETTER}")),
        sa.UniqueConstraint("invoice_id", "number", name=op.f(f"uq_{_LETTER}_invoice_id_number")),
    )
    op.create_index(op.f(f"ix_{_LETTER}_project_id"), _LETTER, ["project_id"])


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def downgrade() -> None:
    drop_guards(op.get_bind(), TRANSFER_GUARDS)
    with op.batch_alter_table("receipt") as receipt:
        receipt.drop_index(op.f("ix_receipt_transfer_key"))
        receipt.drop_constraint(op.f(f"fk_receipt_transfer_key_{_TRANSFER}"), type_="foreignkey")
        receipt.drop_column("transfer_key")
    _guard_rebuilt()
    op.drop_table(_LETTER)
    op.drop_table(_TRANSFER)
