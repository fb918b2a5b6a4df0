"""The parts of a payer's card on a month's page: where an overpayment goes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from foundation.filters import yen
from foundation.forms import MoyaiForm
from procurement.forms.ledger import TakeBackForm, TransferForm
from procurement.presenters.ledger import category_label
from procurement.queries.ledger_month import LineRow, ReceiptRow
from procurement.queries.ledger_transfers import (
    OpenInvoiceRow,
    list_open_invoices,
    list_transfers,
)
from procurement.views.saving import mark_seen


def transfer_part(
    session: Session,
    project_id: int,
    line: LineRow,
    receipts: Sequence[ReceiptRow],
    typed: dict[str, MoyaiForm],
) -> dict[str, Any]:
    """The form where something is over and something open; the transfers that stand."""
    applied = any(row.transfer for row in receipts)
    found = list_transfers(session, project_id, line.id) if applied else ()
    transfers = [
        (
            row,
            typed.get(f"transfer{row.number}")
            or TakeBackForm(formdata=None, prefix=f"transfer{row.number}"),
        )
        for row in found
    ]
    form = None
    if line.overpaid_yen and line.body_code:
        offered = list_open_invoices(session, project_id, line.body_code, line.id)
        form = _form(line, offered, typed) if offered or "apply" in typed else None
    return {"apply": form, "transfers": transfers}


def _form(
    line: LineRow, offered: Sequence[OpenInvoiceRow], typed: dict[str, MoyaiForm]
) -> MoyaiForm:
    form = typed.get("apply") or TransferForm(formdata=None, prefix="apply")
    assert isinstance(form, TransferForm)
    form.to_invoice_id.choices = [(row.id, _words(row)) for row in offered]
    mark_seen(form, "seen_yen", line.came_in_yen)
    return form


def _words(row: OpenInvoiceRow) -> str:
    month = f"{row.period.year}年{row.period.month}月分"
    return f"{row.number}番：{month}・{category_label(row.category)}・未収{yen(row.open_yen)}"
