"""The first months of the example's ledger (架空): invoiced, received, paid, one month closed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.pricing import Kind
from foundation.clock import add_months, jst_today
from procurement.domain.dunning import LetterDraft
from procurement.domain.ledger import Billed
from procurement.ledger_models import Invoice, VendorInvoice
from procurement.models import Participation, Project
from procurement.services.contracts import Approval
from procurement.services.dunning import send_letter
from procurement.services.ledger import InvoiceDraft, record_vendor_invoice
from procurement.services.ledger_money import pay_vendor, record_receipt
from procurement.services.ledger_upkeep import close_period, record_usage, write_legal_basis

MONTHS = 3
BASIS = "架空県と市町村の事務委託規約 第6条（経費の負担）、架空県財務規則（架空）"


@dataclass(frozen=True, kw_only=True)
class Books:
    """Whose ledger it is, and when it is kept. price_yen: the award, tax-excluded."""

    session: Session
    project: Project
    lead: Actor
    now: datetime
    price_yen: int

    @property
    def given(self) -> dict[str, Any]:
        return {"actor": self.lead, "now": self.now, "project_id": self.project.id}


def load_example_ledger(books: Books) -> int:
    """The set-up and three months; the last month is open with one body in arrears."""
    start, months = books.project.term_start, books.project.term_months
    assert start is not None
    assert months is not None
    write_legal_basis(books.session, **books.given, text=BASIS, seen_version=0)
    initial = books.price_yen // 10
    monthly = (books.price_yen - initial) // months
    _bill(books, start, Kind.INITIAL, initial)
    for place in range(MONTHS):
        period = add_months(start, place)
        _use(books, period, place)
        entry = _bill(books, period, Kind.RECURRING, monthly)
        if place < MONTHS - 1:
            _settle(books, period)
        else:
            _remind(books, _settle_partly(books, entry))
    close_period(books.session, **books.given, period=start)
    return MONTHS + 1


def _bill(books: Books, period: date, category: Kind, net_yen: int) -> VendorInvoice:
    invoiced_on = add_months(period, 1) + timedelta(days=4)
    return record_vendor_invoice(
        books.session,
        **books.given,
        draft=InvoiceDraft(
            billed=Billed(
                period=period, category=category, net_yen=net_yen, tax_percent=Decimal(10)
            ),
            vendor_number=f"架-{period:%y%m}-{category.value[:3]}",
            invoiced_on=invoiced_on,
            due_on=invoiced_on + timedelta(days=20),
        ),
        seen_number=_count(books),
    )


def _count(books: Books) -> int:
    found = select(VendorInvoice.number).where(VendorInvoice.project_id == books.project.id)
    return max(books.session.scalars(found), default=0)


def _use(books: Books, period: date, place: int) -> None:
    """The first body uses far less than it contracted for; the others nearly all."""
    rows = books.session.scalars(
        select(Participation)
        .where(Participation.project_id == books.project.id)
        .order_by(Participation.body_code)
    )
    for n, row in enumerate(rows):
        contracted = row.quantities[books.project.main_unit]
        record_usage(
            books.session,
            **books.given,
            body_code=row.body_code,
            period=period,
            quantity=contracted * (60 + place if n == 0 else 95) // 100,
            seen_number=0,
        )


def _settle(books: Books, period: date) -> None:
    """Everybody has paid, and the vendor has its money."""
    entries = books.session.scalars(
        select(VendorInvoice).where(
            VendorInvoice.project_id == books.project.id, VendorInvoice.period == period
        )
    ).all()
    for entry in entries:
        for line in _lines(books, entry):
            _receive(books, line, line.amount_yen, entry.due_on)
        pay_vendor(
            books.session,
            **books.given,
            number=entry.number,
            paid_on=entry.due_on + timedelta(days=5),
            approval_number=f"支出第{entry.number}号（架空）",
        )


def _settle_partly(books: Books, entry: VendorInvoice) -> Invoice:
    """One pays half, one too much, one nothing yet; the half-paid invoice."""
    first, second, _, *others = _lines(books, entry)
    _receive(books, first, first.amount_yen // 2, entry.due_on)
    _receive(books, second, second.amount_yen + 1_000, entry.due_on)
    for line in others:
        _receive(books, line, line.amount_yen, entry.due_on)
    return first


def _remind(books: Books, line: Invoice) -> None:
    """A letter about what is still open of it."""
    today = jst_today(books.now)
    send_letter(
        books.session,
        **books.given,
        invoice_id=line.id,
        draft=LetterDraft(letter_number="架空県督第1号", pay_by=today + timedelta(days=14)),
        approval=Approval(day=today, number="架空県督決第1号（架空）"),
        seen_number=0,
    )


def _lines(books: Books, entry: VendorInvoice) -> list[Invoice]:
    """The bodies' invoices; the prefecture's own part is no receipt of the prefecture."""
    statement = (
        select(Invoice)
        .where(Invoice.project_id == books.project.id, Invoice.payer == "body")
        .where(Invoice.vendor_invoice_number == entry.number)
        .order_by(Invoice.body_code)
    )
    return list(books.session.scalars(statement))


def _receive(books: Books, line: Invoice, amount_yen: int, day: date) -> None:
    record_receipt(
        books.session,
        **books.given,
        invoice_id=line.id,
        amount_yen=amount_yen,
        received_on=day,
        note="",
        seen_yen=0,
    )
