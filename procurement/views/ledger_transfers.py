"""Booking on a month's page: an overpayment onto another invoice, and taking that back."""

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.text import find_number
from foundation.web import now
from procurement.forms.ledger import TakeBackForm, TransferForm
from procurement.services import ledger_transfers as transfers
from procurement.views.blueprint import blueprint
from procurement.views.ledger_month import YEN_DIGITS, book_in, read_period


@blueprint.post("/projects/<int:project_id>/ledger/<month>/lines/<int:line>/apply")
@requires(Action.EDIT_PROJECT)
def apply_overpayment(project_id: int, month: str, line: int) -> ResponseReturnValue:
    """What is over on this invoice pays another of the same body."""
    form, period = TransferForm(prefix="apply"), read_period(month)

    def save(session: Session) -> None:
        transfers.apply_overpayment(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            from_invoice_id=line,
            to_invoice_id=form.to_invoice_id.data or 0,
            amount_yen=form.amount_yen.data,
            applied_on=form.applied_on.data,
            note=form.note.data or "",
            seen_yen=find_number(form.seen_yen.data, YEN_DIGITS) or 0,
        )

    return book_in(project_id, period, "apply", form, save, "過納を充当しました。", line=line)


@blueprint.post("/projects/<int:project_id>/ledger/<month>/lines/<int:line>/transfers/<int:number>")
@requires(Action.EDIT_PROJECT)
def take_back_transfer(project_id: int, month: str, line: int, number: int) -> ResponseReturnValue:
    """Both sides of a transfer, the other way."""
    name = f"transfer{number}"
    form, period = TakeBackForm(prefix=name), read_period(month)

    def save(session: Session) -> None:
        transfers.take_back_transfer(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            number=number,
            reason=form.reason.data or "",
        )

    return book_in(project_id, period, name, form, save, "充当を取り消しました。", line=line)
