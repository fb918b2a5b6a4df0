"""An overdue invoice with the letters sent about it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from accounts.models import LocalBody
from foundation.errors import NotFound
from procurement.domain.dunning import Overdue
from procurement.ledger_models import DunningLetter, Invoice, VendorInvoice
from procurement.queries.ledger import OF_ENTRY, LedgerScope, received_by_invoice


@dataclass(frozen=True, kw_only=True)
class LetterRow:
    """A letter as it was sent. open_yen: at that time."""

    number: int
    letter_number: str
    issued_on: date
    pay_by: date
    open_yen: int
    approval_date: date
    approval_number: str
    sent_at: datetime
    sent_by: str


@dataclass(frozen=True, kw_only=True)
class LetterPage:
    """A body's invoice and its letters, the newest first. number: of the vendor's invoice."""

    invoice_id: int
    body_code: str
    body_name: str
    number: int
    period: date
    category: str
    amount_yen: int
    receipt_yen: int
    due_on: date
    live: bool
    letters: tuple[LetterRow, ...]

    @property
    def overdue(self) -> Overdue:
        """As the rules see it."""
        open_yen = max(self.amount_yen - self.receipt_yen, 0) if self.live else 0
        return Overdue(
            open_yen=open_yen,
            due_on=self.due_on,
            live=self.live,
            last_pay_by=self.letters[0].pay_by if self.letters else None,
        )


def get_letter_page(
    session: Session, project_id: int, invoice_id: int, scope: LedgerScope
) -> LetterPage:
    """Two queries. Raises NotFound for a line that the reader does not see, or of no body."""
    came_in = received_by_invoice(project_id)
    back = aliased(VendorInvoice)
    statement = (
        select(Invoice, VendorInvoice, LocalBody.name, came_in.c.receipt_yen, back.id)
        .join(VendorInvoice, OF_ENTRY)
        .join(LocalBody, LocalBody.code == Invoice.body_code)
        .outerjoin(came_in, came_in.c.invoice_id == Invoice.id)
        .outerjoin(
            back,
            (back.project_id == VendorInvoice.project_id) & (back.reverses == VendorInvoice.number),
        )
        .where(
            Invoice.project_id == project_id,
            Invoice.id == invoice_id,
            VendorInvoice.for_body == "",
        )
    )
    row = None if scope.is_vendor else session.execute(scope.lines(statement)).one_or_none()
    if row is None:
        raise NotFound("invoice")
    line, entry, name, receipt_yen, reversal = row
    return LetterPage(
        invoice_id=line.id,
        body_code=line.body_code,
        body_name=name,
        number=entry.number,
        period=entry.period,
        category=entry.category,
        amount_yen=line.amount_yen,
        receipt_yen=int(receipt_yen or 0),
        due_on=entry.due_on,
        live=entry.kind == "invoice" and reversal is None,
        letters=_list_letters(session, line.id),
    )


def _list_letters(session: Session, invoice_id: int) -> tuple[LetterRow, ...]:
    rows = session.scalars(
        select(DunningLetter)
        .where(DunningLetter.invoice_id == invoice_id)
        .order_by(DunningLetter.number.desc())
    )
    return tuple(
        LetterRow(
            number=row.number,
            letter_number=row.letter_number,
            issued_on=row.issued_on,
            pay_by=row.pay_by,
            open_yen=row.open_yen,
            approval_date=row.approval_date,
            approval_number=row.approval_number,
            sent_at=row.sent_at,
            sent_by=row.sent_by,
        )
        for row in rows
    )
