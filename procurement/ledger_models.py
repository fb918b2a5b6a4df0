"""Tables of the running costs: usage, the vendor's invoices, who pays what, receipts, payments.

All but the note are written once; a wrong row is reversed by another one. The invariants of
domain §7 are triggers of the database (procurement.ledger_guards).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once(
    "usage_record",
    "vendor_invoice",
    "invoice",
    "receipt",
    "vendor_payment",
    "ledger_close",
    "overpayment_transfer",
    "dunning_letter",
)


class LedgerNote(Base):
    """On what the collecting body rests its collection: its own words, checked by itself."""

    __tablename__ = "ledger_note"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    legal_basis: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class UsageRecord(Base):
    """What a body used in a month; the newest of body, month and unit counts."""

    __tablename__ = "usage_record"
    __table_args__ = (
        UniqueConstraint("project_id", "body_code", "period", "unit", "number"),
        CheckConstraint("quantity >= 0", name="quantity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"))
    period: Mapped[date] = mapped_column(Date)  # the first of the month
    unit: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]  # of this body, month and unit, from 1
    quantity: Mapped[int]
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    entered_by: Mapped[str]


class VendorInvoice(Base):
    """An invoice of the vendor for one month, category and rate; or the reversal of one.

    Its lines (`invoice`) are written before it: the database takes it only when they sum to it.
    for_body: whose invoice it is with individual payment, '' for the one made for all.
    """

    __tablename__ = "vendor_invoice"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        UniqueConstraint("project_id", "reverses"),
        UniqueConstraint(
            *("project_id", "for_body", "period", "category", "tax_percent", "kind", "attempt"),
            name="uq_vendor_invoice_once",
        ),
        ForeignKeyConstraint(
            ["project_id", "reverses"], ["vendor_invoice.project_id", "vendor_invoice.number"]
        ),
        CheckConstraint("kind IN ('invoice','reversal')", name="kind"),
        CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="reverses"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]  # of the project, from 1
    kind: Mapped[str] = mapped_column(String(10))
    reverses: Mapped[int | None]
    attempt: Mapped[int]  # 1, and one more each time it was reversed and issued anew
    for_body: Mapped[str] = mapped_column(String(6))
    period: Mapped[date] = mapped_column(Date)  # the month it is for
    posted_in: Mapped[date] = mapped_column(Date)  # the open month it is booked in
    category: Mapped[str] = mapped_column(String(20))
    tax_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    net_yen: Mapped[int]
    amount_yen: Mapped[int]  # tax-included; negative for a reversal
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    vendor_number: Mapped[str]  # as the vendor numbers it
    invoiced_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    share_version_id: Mapped[int | None] = mapped_column(ForeignKey("share_version.id"))
    basis: Mapped[dict[str, Any]] = mapped_column(JSON)  # how it was shared, in words
    reason: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str]


class Invoice(Base):
    """What one payer owes of a vendor's invoice. payer_key: body code, or who bears the part."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("project_id", "vendor_invoice_number", "payer", "payer_key"),
        # Deferred: the lines come first, and none stays without its invoice.
        ForeignKeyConstraint(
            ["project_id", "vendor_invoice_number"],
            ["vendor_invoice.project_id", "vendor_invoice.number"],
            deferrable=True,
            initially="DEFERRED",
        ),
        CheckConstraint("payer IN ('body','shortfall','prefecture','grant')", name="payer"),
        Index("ix_invoice_body_code", "body_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    vendor_invoice_number: Mapped[int]
    payer: Mapped[str] = mapped_column(String(12))
    payer_key: Mapped[str] = mapped_column(String(60))
    body_code: Mapped[str | None] = mapped_column(ForeignKey("local_body.code"))
    amount_yen: Mapped[int]  # tax-included


class Receipt(Base):
    """Money that came in for an invoice: up to it a receipt, above it an overpayment (過納)."""

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("reverses_id"),
        CheckConstraint("kind IN ('receipt','overpayment','refund')", name="kind"),
        CheckConstraint(
            "(amount_yen < 0) = (kind = 'refund' OR reverses_id IS NOT NULL)", name="sign"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    amount_yen: Mapped[int]
    received_on: Mapped[date] = mapped_column(Date)
    posted_in: Mapped[date] = mapped_column(Date)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"))
    # Deferred: the two sides come first, and none stays without its transfer.
    transfer_key: Mapped[str | None] = mapped_column(
        ForeignKey("overpayment_transfer.key", deferrable=True, initially="DEFERRED"), index=True
    )
    note: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str]


class OverpaymentTransfer(Base):
    """過納の充当: what came in over one invoice pays another of the same body; or its reversal.

    Its two receipts are written before it: the database takes it only with both its sides.
    A reversal goes the other way. key: 「project-number」.
    """

    __tablename__ = "overpayment_transfer"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        UniqueConstraint("reverses"),
        CheckConstraint("amount_yen > 0", name="amount"),
        CheckConstraint("from_invoice_id <> to_invoice_id", name="sides"),
    )

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]  # of the project, from 1
    from_invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    to_invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    amount_yen: Mapped[int]
    posted_in: Mapped[date] = mapped_column(Date)
    reverses: Mapped[str | None] = mapped_column(ForeignKey("overpayment_transfer.key"))
    note: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str]


class DunningLetter(Base):
    """A 督促状 for what is open of an overdue invoice, as it was sent: once, by mail and inbox."""

    __tablename__ = "dunning_letter"
    __table_args__ = (
        UniqueConstraint("invoice_id", "number"),
        CheckConstraint("open_yen > 0", name="open"),
        CheckConstraint("pay_by > issued_on", name="pay_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    number: Mapped[int]  # of the invoice, from 1
    letter_number: Mapped[str]  # as the sender numbers its papers
    issued_on: Mapped[date] = mapped_column(Date)
    pay_by: Mapped[date] = mapped_column(Date)
    open_yen: Mapped[int]  # when it was sent
    approval_date: Mapped[date] = mapped_column(Date)
    approval_number: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_by: Mapped[str]


class VendorPayment(Base):
    """The one payment of a vendor's invoice, whole; or its reversal."""

    __tablename__ = "vendor_payment"
    __table_args__ = (
        UniqueConstraint("reverses_id"),
        ForeignKeyConstraint(
            ["project_id", "vendor_invoice_number"],
            ["vendor_invoice.project_id", "vendor_invoice.number"],
        ),
        Index("ix_vendor_payment_invoice", "project_id", "vendor_invoice_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    vendor_invoice_number: Mapped[int]
    amount_yen: Mapped[int]
    paid_on: Mapped[date] = mapped_column(Date)
    posted_in: Mapped[date] = mapped_column(Date)
    approval_number: Mapped[str]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("vendor_payment.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str]


class LedgerClose(Base):
    """A month that is over: nothing more is booked in it."""

    __tablename__ = "ledger_close"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    period: Mapped[date] = mapped_column(Date, primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_by: Mapped[str]
