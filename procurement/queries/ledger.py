"""The ledger as its readers see it: sums by month, who is in arrears, what was used.

The lead and auditors read every line, a member its own lines and the totals, who has left its
own lines and the invoices they are of, the vendor its invoices and their payment, nobody else
anything.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from accounts.models import LocalBody
from foundation.clock import fiscal_year_of
from procurement.domain.ledger import days_late
from procurement.ledger_models import (
    Invoice,
    LedgerClose,
    LedgerNote,
    Receipt,
    VendorInvoice,
    VendorPayment,
)
from procurement.queries.kept_sums import kept_sums

ARREARS_SHOWN = 50
_CREDIT = "credit"
Rows = Select[*tuple[Any, ...]]
OF_ENTRY = (VendorInvoice.project_id == Invoice.project_id) & (
    VendorInvoice.number == Invoice.vendor_invoice_number
)


@dataclass(frozen=True, kw_only=True)
class LedgerScope:
    """What a reader sees. body_code: its own lines only; vendor_id: invoices to it only.

    own_entries: of the vendor's invoices only those with a line of its own: a body that has left
    reads what it had to do with, and nothing of the time after it.
    """

    everything: bool = False
    body_code: str = ""
    vendor_id: int | None = None
    own_entries: bool = False

    @property
    def is_vendor(self) -> bool:
        return self.vendor_id is not None

    def entries(self, statement: Rows) -> Rows:
        """The vendor's invoices the reader sees: a body those for all and its own."""
        if self.vendor_id is not None:
            return statement.where(VendorInvoice.vendor_id == self.vendor_id)
        if self.everything:
            return statement
        if self.own_entries:
            own = select(Invoice.id).where(OF_ENTRY, self._own)
            return statement.where(own.correlate(VendorInvoice).exists())
        return statement.where(VendorInvoice.for_body.in_(("", self.body_code)))

    def lines(self, statement: Rows) -> Rows:
        """The payers' lines the reader sees."""
        return statement if self.everything else statement.where(self._own)

    @property
    def _own(self) -> ColumnElement[bool]:
        return Invoice.body_code == self.body_code


@dataclass(frozen=True, kw_only=True)
class PeriodSums:
    """One month in yen, tax-included; reversals are taken off. None: not for this reader."""

    period: date
    vendor_yen: int
    paid_yen: int
    owed_yen: int | None
    parts_yen: int | None
    received_yen: int | None
    overpaid_yen: int | None
    closed: bool
    has_credits: bool = False  # a line below zero: what one body is owed may hide what others owe

    @property
    def fiscal_year(self) -> int:
        return fiscal_year_of(self.period)

    @property
    def open_yen(self) -> int | None:
        """What has not come in yet."""
        if self.owed_yen is None or self.received_yen is None:
            return None
        return max(self.owed_yen - self.received_yen, 0)


@dataclass(frozen=True, kw_only=True)
class ArrearsRow:
    """An invoice past its due day with something still open."""

    invoice_id: int
    body_code: str
    name: str
    period: date
    number: int
    due_on: date
    days: int
    open_yen: int


@dataclass(frozen=True, kw_only=True)
class Arrears:
    """The oldest first, at most ARREARS_SHOWN; count and sum are of all."""

    rows: tuple[ArrearsRow, ...]
    count: int
    total_yen: int


def list_period_sums(
    session: Session, project_id: int, scope: LedgerScope
) -> tuple[PeriodSums, ...]:
    """Every month with an entry, newest first. Three queries; where lines are seen four or five."""
    vendor = _by_period(session, scope.entries(_entries(project_id)))
    paid = _by_period(session, scope.entries(_payments(project_id)))
    closed = set(
        session.scalars(select(LedgerClose.period).where(LedgerClose.project_id == project_id))
    )
    owed, received = ({}, {}) if scope.is_vendor else _lines_by_month(session, project_id, scope)
    return tuple(
        _sums(period, vendor, paid, owed, received, scope, closed=period in closed)
        for period in sorted(vendor, reverse=True)
    )


_Amounts = dict[date, dict[str, int]]


def _lines_by_month(
    session: Session, project_id: int, scope: LedgerScope
) -> tuple[_Amounts, _Amounts]:
    """What the payers owe and what came in, by month and kind."""
    owed, received = (
        kept_sums(
            session,
            project_id,
            (what, scope),
            partial(_sum_by_month, project_id, scope, rows),
            _by_period_and_kind,
        )
        for what, rows in (("owed", _lines), ("received", _receipts))
    )
    return owed, received


def _sums(
    period: date,
    vendor: dict[date, int],
    paid: dict[date, int],
    owed: _Amounts,
    received: _Amounts,
    scope: LedgerScope,
    *,
    closed: bool,
) -> PeriodSums:
    lines, came_in = owed.get(period, {}), received.get(period, {})
    bodies = lines.get("body", 0) + lines.get("shortfall", 0) + lines.get(_CREDIT, 0)
    receipts = came_in.get("receipt", 0)
    seen = not scope.is_vendor
    return PeriodSums(
        period=period,
        vendor_yen=vendor[period],
        paid_yen=paid.get(period, 0),
        owed_yen=bodies if seen else None,
        parts_yen=lines.get("prefecture", 0) + lines.get("grant", 0) if scope.everything else None,
        received_yen=receipts if seen else None,
        overpaid_yen=came_in.get("overpayment", 0) + came_in.get("refund", 0) if seen else None,
        closed=closed,
        has_credits=_CREDIT in lines,
    )


def _entries(project_id: int) -> Rows:
    return (
        select(VendorInvoice.period, func.sum(VendorInvoice.amount_yen))
        .where(VendorInvoice.project_id == project_id)
        .group_by(VendorInvoice.period)
    )


def _payments(project_id: int) -> Rows:
    return (
        select(VendorInvoice.period, func.sum(VendorPayment.amount_yen))
        .join(
            VendorPayment,
            (VendorPayment.project_id == VendorInvoice.project_id)
            & (VendorPayment.vendor_invoice_number == VendorInvoice.number),
        )
        .where(VendorInvoice.project_id == project_id)
        .group_by(VendorInvoice.period)
    )


def _lines(project_id: int) -> Rows:
    """By payer; what a body gets back apart (`_CREDIT`)."""
    is_credit = (Invoice.amount_yen < 0) & Invoice.payer.in_(("body", "shortfall"))
    kind = case((is_credit, _CREDIT), else_=Invoice.payer)
    return (
        select(
            Invoice.vendor_invoice_number.label("number"),
            kind.label("kind"),
            func.sum(Invoice.amount_yen).label("yen"),
        )
        .where(Invoice.project_id == project_id)
        .group_by(Invoice.vendor_invoice_number, "kind")
    )


def _receipts(project_id: int) -> Rows:
    return (
        select(
            Invoice.vendor_invoice_number.label("number"),
            Receipt.kind.label("kind"),
            func.sum(Receipt.amount_yen).label("yen"),
        )
        .select_from(Receipt)
        .join(Invoice, Invoice.id == Receipt.invoice_id)
        .where(Receipt.project_id == project_id)
        .group_by(Invoice.vendor_invoice_number, Receipt.kind)
    )


def _sum_by_month(project_id: int, scope: LedgerScope, rows: Callable[[int], Rows]) -> Rows:
    return _by_month(scope.lines(rows(project_id)), project_id)


def _by_month(of_entries: Rows, project_id: int) -> Rows:
    """Sums of entries put together by month: the month is looked up once an entry, not a line."""
    sums = of_entries.subquery()
    return (
        select(VendorInvoice.period, sums.c.kind, func.sum(sums.c.yen))
        .join(sums, sums.c.number == VendorInvoice.number)
        .where(VendorInvoice.project_id == project_id)
        .group_by(VendorInvoice.period, sums.c.kind)
    )


def _by_period(session: Session, statement: Rows) -> dict[date, int]:
    return {period: int(amount) for period, amount in session.execute(statement)}


def _by_period_and_kind(rows: Iterable[Any]) -> _Amounts:
    found: _Amounts = {}
    for period, kind, amount in rows:
        found.setdefault(period, {})[kind] = int(amount)
    return found


def list_arrears(
    session: Session,
    project_id: int,
    scope: LedgerScope,
    today: date,
    months: Sequence[PeriodSums],
) -> Arrears:
    """Invoices past due and not reversed, oldest due day first. One query, none if all is paid.

    months: the sums of the same reader. Only those with something open are looked through, and
    those with credits, whose sums may hide it.
    """
    looked = [month.period for month in months if month.open_yen or month.has_credits]
    if not looked:
        return Arrears(rows=(), count=0, total_yen=0)
    statement = _overdue(project_id, today).where(VendorInvoice.period.in_(looked))
    rows = session.execute(scope.lines(statement)).all()
    return Arrears(
        rows=tuple(
            ArrearsRow(
                invoice_id=row.id,
                body_code=row.body_code,
                name=row.name,
                period=row.period,
                number=row.number,
                due_on=row.due_on,
                days=days_late(row.due_on, today),
                open_yen=int(row.open_yen),
            )
            for row in rows
        ),
        count=int(rows[0].in_all) if rows else 0,
        total_yen=int(rows[0].total) if rows else 0,
    )


def _overdue(project_id: int, today: date) -> Rows:
    """The first rows, each with the number and the sum of all."""
    came_in = received_by_invoice(project_id)
    reversal = aliased(VendorInvoice)
    open_yen = Invoice.amount_yen - func.coalesce(came_in.c.receipt_yen, 0)
    return (
        select(
            Invoice.id,
            Invoice.body_code,
            LocalBody.name,
            VendorInvoice.period,
            VendorInvoice.number,
            VendorInvoice.due_on,
            open_yen.label("open_yen"),
            func.count().over().label("in_all"),
            func.sum(open_yen).over().label("total"),
        )
        .join(VendorInvoice, OF_ENTRY)
        .join(LocalBody, LocalBody.code == Invoice.body_code)
        .outerjoin(came_in, came_in.c.invoice_id == Invoice.id)
        .outerjoin(
            reversal,
            (reversal.project_id == VendorInvoice.project_id)
            & (reversal.reverses == VendorInvoice.number),
        )
        .where(
            Invoice.project_id == project_id,
            VendorInvoice.kind == "invoice",
            VendorInvoice.for_body == "",  # who pays the vendor itself owes nobody here
            VendorInvoice.due_on < today,
            reversal.id.is_(None),
            open_yen > 0,
        )
        .order_by(VendorInvoice.due_on, Invoice.body_code, VendorInvoice.number)
        .limit(ARREARS_SHOWN)
    )


def received_by_invoice(project_id: int) -> Any:
    """A subquery: what came in for each invoice as receipts, and in all."""
    as_receipt = case((Receipt.kind == "receipt", Receipt.amount_yen), else_=0)
    return (
        select(
            Receipt.invoice_id,
            func.sum(as_receipt).label("receipt_yen"),
            func.sum(Receipt.amount_yen).label("all_yen"),
        )
        .where(Receipt.project_id == project_id)
        .group_by(Receipt.invoice_id)
        .subquery()
    )


@dataclass(frozen=True, kw_only=True)
class NoteRow:
    """The collecting body's words on its legal basis. row_version 0: nothing yet."""

    legal_basis: str = ""
    row_version: int = 0


def get_note(session: Session, project_id: int) -> NoteRow:
    """One query."""
    row = session.get(LedgerNote, project_id, populate_existing=True)
    if row is None:
        return NoteRow()
    return NoteRow(legal_basis=row.legal_basis, row_version=row.row_version)
