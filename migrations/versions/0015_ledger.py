"""Usage, invoices, receipts and payments."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime
from procurement.ledger_guards import drop_guards, guard_ledger

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = (
    "usage_record",
    "vendor_invoice",
    "invoice",
    "receipt",
    "vendor_payment",
    "ledger_close",
)
_TO_VENDOR_INVOICE = ["vendor_invoice.project_id", "vendor_invoice.number"]


def _link(table: str, column: str, target: str, key: str = "id") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=name)


def _number(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, _NUMBER, nullable=nullable)


def _text(name: str, length: int | None = None) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=length), nullable=False)


def _day(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.Date(), nullable=False)


def _trace(by: str) -> "list[sa.Column[object]]":
    return [
        sa.Column(f"{by}_at", UTCDateTime(), nullable=False),
        sa.Column(f"{by}_by", sa.String(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "ledger_note",
        _number("project_id"),
        _text("legal_basis"),
        *_trace("updated"),
        _number("row_version"),
        _link("ledger_note", "project_id", "project"),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_ledger_note")),
    )
    _usage()
    _vendor_invoice()
    _invoice()
    _receipt()
    _payment()
    op.create_table(
        "ledger_close",
        _number("project_id"),
        _day("period"),
        *_trace("closed"),
        _link("ledger_close", "project_id", "project"),
        sa.PrimaryKeyConstraint("project_id", "period", name=op.f("pk_ledger_close")),
    )
    protect(op.get_bind(), _TABLES)
    guard_ledger(op.get_bind())


def _usage() -> None:
    name = "usage_record"
    key = ("project_id", "body_code", "period", "unit", "number")
    op.create_table(
        name,
        _number("id"),
        _number("project_id"),
        _text("body_code", 6),
        _day("period"),
        _text("unit", 20),
        _number("number"),
        _number("quantity"),
        *_trace("entered"),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_usage_record_quantity")),
        _link(name, "project_id", "project"),
        _link(name, "body_code", "local_body", "code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_record")),
        sa.UniqueConstraint(*key, name=op.f(f"uq_usage_record_{'_'.join(key)}")),
    )


def _vendor_invoice() -> None:
    name = "vendor_invoice"
    once = ("project_id", "for_body", "period", "category", "tax_percent", "kind", "attempt")
    op.create_table(
        name,
        _number("id"),
        _number("project_id"),
        _number("number"),
        _text("kind", 10),
        _number("reverses", nullable=True),
        _number("attempt"),
        _text("for_body", 6),
        _day("period"),
        _day("posted_in"),
        _text("category", 20),
        sa.Column("tax_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        _number("net_yen"),
        _number("amount_yen"),
        _number("vendor_id"),
        _text("vendor_number"),
        _day("invoiced_on"),
        _day("due_on"),
        _number("share_version_id", nullable=True),
        sa.Column("basis", sa.JSON(), nullable=False),
        _text("reason"),
        *_trace("recorded"),
        sa.CheckConstraint("kind IN ('invoice','reversal')", name=op.f("ck_vendor_invoice_kind")),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses IS NOT NULL)",
            name=op.f("ck_vendor_invoice_reverses"),
        ),
        _link(name, "project_id", "project"),
        _link(name, "vendor_id", "vendor"),
        _link(name, "share_version_id", "share_version"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor_invoice")),
        sa.UniqueConstraint(
            "project_id", "number", name=op.f("uq_vendor_invoice_project_id_number")
        ),
        sa.UniqueConstraint(
            "project_id", "reverses", name=op.f("uq_vendor_invoice_project_id_reverses")
        ),
        sa.UniqueConstraint(*once, name=op.f("uq_vendor_invoice_once")),
        sa.ForeignKeyConstraint(
            ["project_id", "reverses"],
            _TO_VENDOR_INVOICE,
            name=op.f("fk_vendor_invoice_project_id_reverses_vendor_invoice"),
        ),
    )
    op.create_index(op.f("ix_vendor_invoice_vendor_id"), name, ["vendor_id"])


def _invoice() -> None:
    name = "invoice"
    key = ("project_id", "vendor_invoice_number", "payer", "payer_key")
    op.create_table(
        name,
        _number("id"),
        _number("project_id"),
        _number("vendor_invoice_number"),
        _text("payer", 12),
        _text("payer_key", 60),
        sa.Column("body_code", sa.String(length=6), nullable=True),
        _number("amount_yen"),
        sa.CheckConstraint(
            "payer IN ('body','shortfall','prefecture','grant')", name=op.f("ck_invoice_payer")
        ),
        _link(name, "project_id", "project"),
        _link(name, "body_code", "local_body", "code"),
        sa.ForeignKeyConstraint(
            ["project_id", "vendor_invoice_number"],
            _TO_VENDOR_INVOICE,
            name=op.f("fk_invoice_project_id_vendor_invoice_number_vendor_invoice"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint(*key, name=op.f(f"uq_invoice_{'_'.join(key)}")),
    )
    op.create_index("ix_invoice_body_code", name, ["body_code"])


def _receipt() -> None:
    name = "receipt"
    op.create_table(
        name,
        _number("id"),
        _number("project_id"),
        _number("invoice_id"),
        _text("kind", 12),
        _number("amount_yen"),
        _day("received_on"),
        _day("posted_in"),
        _number("reverses_id", nullable=True),
        _text("note"),
        *_trace("recorded"),
        sa.CheckConstraint(
            "kind IN ('receipt','overpayment','refund')", name=op.f("ck_receipt_kind")
        ),
        sa.CheckConstraint(
            "(amount_yen < 0) = (kind = 'refund' OR reverses_id IS NOT NULL)",
            name=op.f("ck_receipt_sign"),
        ),
        _link(name, "project_id", "project"),
        _link(name, "invoice_id", "invoice"),
        _link(name, "reverses_id", "receipt"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_receipt_reverses_id")),
    )
    op.create_index(op.f("ix_receipt_project_id"), name, ["project_id"])
    op.create_index(op.f("ix_receipt_invoice_id"), name, ["invoice_id"])


def _payment() -> None:
    name = "vendor_payment"
    op.create_table(
        name,
        _number("id"),
        _number("project_id"),
        _number("vendor_invoice_number"),
        _number("amount_yen"),
        _day("paid_on"),
        _day("posted_in"),
        _text("approval_number"),
        _number("reverses_id", nullable=True),
        *_trace("recorded"),
        _link(name, "project_id", "project"),
        _link(name, "reverses_id", "vendor_payment"),
        sa.ForeignKeyConstraint(
            ["project_id", "vendor_invoice_number"],
            _TO_VENDOR_INVOICE,
            name=op.f("fk_vendor_payment_project_id_vendor_invoice_number_vendor_invoice"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor_payment")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_vendor_payment_reverses_id")),
    )
    op.create_index("ix_vendor_payment_invoice", name, ["project_id", "vendor_invoice_number"])


def downgrade() -> None:
    drop_guards(op.get_bind())
    op.drop_table("ledger_close")
    for table in ("vendor_payment", "receipt", "invoice", "vendor_invoice", "usage_record"):
        op.drop_table(table)
    op.drop_table("ledger_note")
