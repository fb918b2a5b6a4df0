"""One month of a ledger: the vendor's invoices, each payer's line, receipts, usage."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from accounts.models import LocalBody
from catalog.models import Vendor
from procurement.contract_models import Contract
from procurement.domain.ledger import LinePayer
from procurement.ledger_models import (
    Invoice,
    OverpaymentTransfer,
    Receipt,
    UsageRecord,
    VendorInvoice,
    VendorPayment,
)
from procurement.models import Participation, Project
from procurement.queries.ledger import OF_ENTRY, LedgerScope, received_by_invoice


@dataclass(frozen=True, kw_only=True)
class EntryRow:
    """A vendor's invoice, or a reversal. reversed_by: number of its reversal."""

    number: int
    kind: str
    reverses: int | None
    reversed_by: int | None
    for_body: str
    period: date
    posted_in: date
    category: str
    tax_percent: Any
    net_yen: int
    amount_yen: int
    vendor_name: str
    vendor_number: str
    invoiced_on: date
    due_on: date
    basis: dict[str, Any]
    reason: str
    paid_yen: int

    @property
    def is_live(self) -> bool:
        return self.kind == "invoice" and self.reversed_by is None


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """A payer's invoice with what came in for it. charge: member or other, to an association."""

    id: int
    number: int
    payer: LinePayer
    key: str
    body_code: str
    name: str
    amount_yen: int
    receipt_yen: int
    came_in_yen: int
    live: bool
    charge: str = ""
    own: bool = False

    @property
    def open_yen(self) -> int:
        """What has not come in; 0 once the invoice is taken back."""
        return max(self.amount_yen - self.receipt_yen, 0) if self.live else 0

    @property
    def overpaid_yen(self) -> int:
        """過納: what came in above what is owed, and has not gone back."""
        owed = max(self.amount_yen, 0) if self.live else 0
        return max(self.came_in_yen - owed, 0) if self.amount_yen > 0 else 0


def list_entries(
    session: Session, project_id: int, scope: LedgerScope, period: date | None = None
) -> tuple[EntryRow, ...]:
    """Of one month, or of all; by number. One query."""
    back = aliased(VendorInvoice)
    paid = (
        select(func.coalesce(func.sum(VendorPayment.amount_yen), 0))
        .where(
            VendorPayment.project_id == VendorInvoice.project_id,
            VendorPayment.vendor_invoice_number == VendorInvoice.number,
        )
        .correlate(VendorInvoice)
        .scalar_subquery()
    )
    statement = (
        select(VendorInvoice, back.number, paid, Vendor.name)
        .join(Vendor, Vendor.id == VendorInvoice.vendor_id)
        .outerjoin(
            back,
            (back.project_id == VendorInvoice.project_id) & (back.reverses == VendorInvoice.number),
        )
        .where(VendorInvoice.project_id == project_id)
        .order_by(VendorInvoice.number)
    )
    if period is not None:
        statement = statement.where(VendorInvoice.period == period)
    return tuple(
        _entry(entry, reversed_by, int(paid_yen), vendor_name)
        for entry, reversed_by, paid_yen, vendor_name in session.execute(scope.entries(statement))
    )


def _entry(
    entry: VendorInvoice, reversed_by: int | None, paid_yen: int, vendor_name: str
) -> EntryRow:
    return EntryRow(
        number=entry.number,
        kind=entry.kind,
        reverses=entry.reverses,
        reversed_by=reversed_by,
        for_body=entry.for_body,
        period=entry.period,
        posted_in=entry.posted_in,
        category=entry.category,
        tax_percent=entry.tax_percent,
        net_yen=entry.net_yen,
        amount_yen=entry.amount_yen,
        vendor_name=vendor_name,
        vendor_number=entry.vendor_number,
        invoiced_on=entry.invoiced_on,
        due_on=entry.due_on,
        basis=dict(entry.basis),
        reason=entry.reason,
        paid_yen=paid_yen,
    )


def list_line_rows(
    session: Session,
    project_id: int,
    scope: LedgerScope,
    live: frozenset[int],
    period: date | None = None,
) -> tuple[LineRow, ...]:
    """The payers' invoices by entry and payer; nobody's for a vendor. At most one query.

    live: numbers of the entries that are not reversed.
    """
    if scope.is_vendor:
        return ()
    came_in = received_by_invoice(project_id)
    statement = (
        select(Invoice, LocalBody.name, came_in.c.receipt_yen, came_in.c.all_yen, _membership())
        .join(VendorInvoice, OF_ENTRY)
        .outerjoin(LocalBody, LocalBody.code == Invoice.body_code)
        .outerjoin(came_in, came_in.c.invoice_id == Invoice.id)
        .where(Invoice.project_id == project_id)
        .order_by(Invoice.vendor_invoice_number, Invoice.id)
    )
    if period is not None:
        statement = statement.where(VendorInvoice.period == period)
    return tuple(
        LineRow(
            id=line.id,
            number=line.vendor_invoice_number,
            payer=LinePayer(line.payer),
            key=line.payer_key,
            body_code=line.body_code or "",
            name=name or line.payer_key,
            amount_yen=line.amount_yen,
            receipt_yen=int(receipt_yen or 0),
            came_in_yen=int(all_yen or 0),
            live=line.vendor_invoice_number in live,
            charge=charge or "",
            own=bool(line.body_code) and line.body_code == scope.body_code,
        )
        for line, name, receipt_yen, all_yen, charge in session.execute(scope.lines(statement))
    )


def _membership() -> Any:
    """What the payer is to the association, by its newest paper."""
    return (
        select(Contract.membership)
        .where(Contract.project_id == Invoice.project_id, Contract.body_code == Invoice.body_code)
        .order_by(Contract.term.desc(), Contract.id.desc())
        .limit(1)
        .correlate(Invoice)
        .scalar_subquery()
    )


@dataclass(frozen=True, kw_only=True)
class ReceiptRow:
    """Money of one invoice. reversed: taken back by a later row.

    transfer: number of the 充当 it is a side of, 0 for money that moved.
    """

    id: int
    kind: str
    amount_yen: int
    received_on: date
    note: str
    reversed: bool
    transfer: int = 0

    @property
    def label(self) -> str:
        """What it is called, with what came of it."""
        name = {"receipt": "収納", "overpayment": "過納", "refund": "還付"}[self.kind]
        if self.transfer:
            name = f"充当{self.transfer}番" + ("（取消）" if self.kind == "overpayment" else "")
        return name + ("（取消）" if self.reversed else "")


def list_receipts(session: Session, project_id: int, invoice_id: int) -> tuple[ReceiptRow, ...]:
    """In the order they were booked. One query."""
    booked = session.execute(
        select(Receipt, OverpaymentTransfer.number)
        .outerjoin(OverpaymentTransfer, OverpaymentTransfer.key == Receipt.transfer_key)
        .where(Receipt.project_id == project_id, Receipt.invoice_id == invoice_id)
        .order_by(Receipt.id)
    ).all()
    rows = [row for row, _ in booked]
    numbers = {row.id: number or 0 for row, number in booked}
    taken_back = {row.reverses_id for row in rows}
    return tuple(
        ReceiptRow(
            id=row.id,
            kind=row.kind,
            amount_yen=row.amount_yen,
            received_on=row.received_on,
            note=row.note,
            reversed=row.id in taken_back or row.reverses_id is not None,
            transfer=numbers[row.id],
        )
        for row in rows
    )


@dataclass(frozen=True, kw_only=True)
class UsageRow:
    """A body's use of one month. quantity None: not entered; number 0 then."""

    body_code: str
    name: str
    contracted: int
    quantity: int | None
    number: int
    own: bool = False


def list_usage(
    session: Session, project: Project, scope: LedgerScope, period: date
) -> tuple[UsageRow, ...]:
    """The bodies that took part, by code; a member's own. At most two queries."""
    if scope.is_vendor:
        return ()
    newest = {
        code: (quantity, number)
        for code, quantity, number in session.execute(
            select(UsageRecord.body_code, UsageRecord.quantity, UsageRecord.number)
            .where(
                UsageRecord.project_id == project.id,
                UsageRecord.period == period,
                UsageRecord.unit == project.main_unit,
            )
            .order_by(UsageRecord.number)
        )
    }
    statement = (
        select(Participation.body_code, LocalBody.name, Participation.quantities)
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .where(
            Participation.project_id == project.id,
            Participation.status.in_(("contracted", "in_use", "left")),
        )
        .order_by(Participation.body_code)
    )
    if not scope.everything:
        statement = statement.where(Participation.body_code == scope.body_code)
    return tuple(
        UsageRow(
            body_code=code,
            name=name,
            contracted=quantities.get(project.main_unit) or 0,
            quantity=newest[code][0] if code in newest else None,
            number=newest[code][1] if code in newest else 0,
            own=code == scope.body_code,
        )
        for code, name, quantities in session.execute(statement)
    )
