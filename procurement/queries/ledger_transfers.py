"""Where an overpayment can go, and which transfers an invoice has a side of."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from procurement.ledger_models import Invoice, OverpaymentTransfer, VendorInvoice
from procurement.queries.ledger import OF_ENTRY, received_by_invoice

OFFERED = 60


@dataclass(frozen=True, kw_only=True)
class OpenInvoiceRow:
    """An invoice of a body with something to come in. number: of the vendor's invoice."""

    id: int
    number: int
    period: date
    category: str
    due_on: date
    open_yen: int


def list_open_invoices(
    session: Session, project_id: int, body_code: str, but: int
) -> tuple[OpenInvoiceRow, ...]:
    """Of one body, without the one named; what is due first comes first. One query."""
    came_in = received_by_invoice(project_id)
    back = aliased(VendorInvoice)
    open_yen = Invoice.amount_yen - func.coalesce(came_in.c.receipt_yen, 0)
    rows = session.execute(
        select(
            Invoice.id,
            VendorInvoice.number,
            VendorInvoice.period,
            VendorInvoice.category,
            VendorInvoice.due_on,
            open_yen.label("open_yen"),
        )
        .join(VendorInvoice, OF_ENTRY)
        .outerjoin(came_in, came_in.c.invoice_id == Invoice.id)
        .outerjoin(
            back,
            (back.project_id == VendorInvoice.project_id) & (back.reverses == VendorInvoice.number),
        )
        .where(
            Invoice.project_id == project_id,
            Invoice.body_code == body_code,
            Invoice.id != but,
            VendorInvoice.kind == "invoice",
            VendorInvoice.for_body == "",
            back.id.is_(None),
            open_yen > 0,
        )
        .order_by(VendorInvoice.due_on, VendorInvoice.number, Invoice.id)
        .limit(OFFERED)
    )
    return tuple(
        OpenInvoiceRow(**(dict(row._mapping) | {"open_yen": int(row.open_yen)})) for row in rows
    )


@dataclass(frozen=True, kw_only=True)
class TransferRow:
    """A 充当 that stands, with the months of both its invoices."""

    number: int
    amount_yen: int
    from_period: date
    to_period: date


def list_transfers(session: Session, project_id: int, invoice_id: int) -> tuple[TransferRow, ...]:
    """Those of the invoice that were not taken back, by number. One query."""
    source, target = aliased(Invoice), aliased(Invoice)
    paid, pays = aliased(VendorInvoice), aliased(VendorInvoice)
    back = aliased(OverpaymentTransfer)
    of = OverpaymentTransfer
    rows = session.execute(
        select(of.number, of.amount_yen, paid.period, pays.period)
        .join(source, source.id == of.from_invoice_id)
        .join(target, target.id == of.to_invoice_id)
        .join(
            paid,
            (paid.project_id == of.project_id) & (paid.number == source.vendor_invoice_number),
        )
        .join(
            pays,
            (pays.project_id == of.project_id) & (pays.number == target.vendor_invoice_number),
        )
        .outerjoin(back, back.reverses == of.key)
        .where(
            of.project_id == project_id,
            or_(of.from_invoice_id == invoice_id, of.to_invoice_id == invoice_id),
            of.reverses.is_(None),
            back.key.is_(None),
        )
        .order_by(of.number)
    )
    return tuple(
        TransferRow(number=number, amount_yen=amount, from_period=first, to_period=second)
        for number, amount, first, second in rows
    )
