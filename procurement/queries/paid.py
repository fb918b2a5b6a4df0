"""What was paid in a project: by its bodies, and to its vendors.

Lines of the ledger are the lead's, the auditors' and the body's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, Select, case, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from foundation.clock import fiscal_year_of
from procurement.ledger_models import Invoice, Receipt, VendorInvoice, VendorPayment
from procurement.queries.kept_sums import kept_sums
from procurement.queries.ledger import OF_ENTRY, LedgerScope

_OF_PAYMENT = (VendorPayment.project_id == VendorInvoice.project_id) & (
    VendorPayment.vendor_invoice_number == VendorInvoice.number
)
_TO_VENDOR, _BY_BODY = "to_vendor", "by_body"
_BY_ITSELF = "by_itself"  # what a body pays its vendor itself


@dataclass(frozen=True, kw_only=True)
class Paid:
    """to_vendor_by_year: fiscal year of the month it is for → yen; None for who does not read
    all of it: where bodies pay by themselves, each reads its own.

    borne: (body, fiscal year) → what it has paid, of the bodies the reader sees.
    """

    to_vendor_by_year: dict[int, int] | None
    borne: dict[tuple[str, int | None], int]


def get_paid(session: Session, project_id: int, scope: LedgerScope, chosen: str = "") -> Paid:
    """One query, two after new receipts or payments.

    chosen: with a body's code the others have one sum over all years, under the year None.
    """
    to_vendor, borne, by_itself = kept_sums(
        session,
        project_id,
        ("paid", scope, chosen),
        lambda: _sums(project_id, scope, chosen),
        _read,
    )
    hidden = by_itself and not scope.everything
    return Paid(to_vendor_by_year=None if hidden else to_vendor, borne=borne)


def _sums(project_id: int, scope: LedgerScope, chosen: str) -> Select[*tuple[Any, ...]]:
    """Rows of (what, who, month, yen)."""
    kind = case((VendorInvoice.for_body != "", _BY_ITSELF), else_="")
    to_vendor = (
        select(
            literal(_TO_VENDOR).label("what"),
            kind.label("code"),
            VendorInvoice.period.label("period"),
            VendorPayment.amount_yen.label("yen"),
        )
        .join(VendorPayment, _OF_PAYMENT)
        .where(VendorInvoice.project_id == project_id)
    )
    by_bodies = _borne(project_id, scope, chosen)
    lines = union_all(to_vendor, *by_bodies).subquery()
    columns = (lines.c.what, lines.c.code, lines.c.period)
    return select(*columns, func.sum(lines.c.yen)).group_by(*columns)


def _read(
    rows: Iterable[Any],
) -> tuple[dict[int, int], dict[tuple[str, int | None], int], bool]:
    """What vendors were paid by year, what bodies paid, and whether any paid by itself."""
    to_vendor: dict[int, int] = {}
    borne: dict[tuple[str, int | None], int] = {}
    by_itself = False
    for what, code, month, amount in rows:
        year = None if month is None else fiscal_year_of(month)
        if what == _BY_BODY:
            borne[code, year] = borne.get((code, year), 0) + int(amount)
        elif year is not None:
            to_vendor[year] = to_vendor.get(year, 0) + int(amount)
            by_itself = by_itself or code == _BY_ITSELF
    return to_vendor, borne, by_itself


def _borne(project_id: int, scope: LedgerScope, chosen: str) -> tuple[Select[Any], ...]:
    """Receipts for the bodies' invoices (過納 left out), and what bodies paid by themselves.

    Months are told of the chosen body alone, as of the others nobody asks: 200 bodies have
    12,000 receipts in five years, and each would be looked up in its invoice's month.
    """
    told = _received(VendorInvoice.period, project_id).join(VendorInvoice, OF_ENTRY)
    paid = _paid_by_bodies(VendorInvoice.period, project_id)
    if not scope.everything:
        told = told.where(Invoice.body_code == scope.body_code)
        paid = paid.where(VendorInvoice.for_body == scope.body_code)
    if not chosen:
        return told, paid
    no_month = cast(null(), Date)
    others = _received(no_month, project_id).where(Invoice.body_code != chosen)
    others = others.with_only_columns(
        literal(_BY_BODY),
        Invoice.body_code.label("code"),
        no_month,
        func.sum(Receipt.amount_yen),
    ).group_by(Invoice.body_code)
    paid_by_others = _paid_by_bodies(no_month, project_id).where(VendorInvoice.for_body != chosen)
    if not scope.everything:
        others = others.where(Invoice.body_code == scope.body_code)
        paid_by_others = paid_by_others.where(VendorInvoice.for_body == scope.body_code)
    return (
        told.where(Invoice.body_code == chosen),
        others,
        paid.where(VendorInvoice.for_body == chosen),
        paid_by_others,
    )


def _received(period: Any, project_id: int) -> Any:
    """Receipts for the bodies' invoices, with the month to tell."""
    return (
        select(
            literal(_BY_BODY).label("what"),
            Invoice.body_code.label("code"),
            period.label("period"),
            Receipt.amount_yen.label("yen"),
        )
        .select_from(Receipt)
        .join(Invoice, Invoice.id == Receipt.invoice_id)
        .where(
            Receipt.project_id == project_id,
            Receipt.kind == "receipt",
            Invoice.body_code.is_not(None),
        )
    )


def _paid_by_bodies(period: Any, project_id: int) -> Any:
    """Payments to vendors by bodies themselves, with the month to tell."""
    return (
        select(
            literal(_BY_BODY),
            VendorInvoice.for_body,
            period.label("period"),
            VendorPayment.amount_yen,
        )
        .join(VendorPayment, _OF_PAYMENT)
        .where(VendorInvoice.project_id == project_id, VendorInvoice.for_body != "")
    )
