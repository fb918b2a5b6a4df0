"""過納の充当: what came in over one invoice pays another open one of the same body."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.ledger_models import Invoice, OverpaymentTransfer, Receipt, VendorInvoice
from procurement.queries.ledger_facts import first_open
from procurement.services.ledger import is_reversed
from procurement.services.ledger_access import SAVED_FIRST
from procurement.services.ledger_money import leave_money_trace, open_invoice, sum_received


def apply_overpayment(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    from_invoice_id: int,
    to_invoice_id: int,
    amount_yen: int,
    applied_on: date,
    note: str,
    seen_yen: int,
) -> OverpaymentTransfer:
    """Book it as a pair: off what is over, onto what is open. Raises Refused, Conflict, NotFound.

    seen_yen: what had come in for the overpaid invoice when the actor saw it.
    """
    project, source, entry = open_invoice(session, actor, project_id, from_invoice_id)
    _, target, other = open_invoice(session, actor, project_id, to_invoice_id)
    if sum_received(session, source.id) != seen_yen:
        raise Conflict(SAVED_FIRST)
    over_yen = _over(session, source, entry)
    open_yen = _open(session, target, other)
    blockers = _list_blockers(source, target, amount_yen, over_yen, open_yen)
    if applied_on > jst_today(now):
        message = "充当した日は今日までの日付にしてください。"
        blockers.append(Blocker(code="future", message=message, field="applied_on"))
    if blockers:
        raise Refused(blockers)
    transfer = _transfer(session, actor, now, source, target, amount_yen)
    transfer.posted_in = first_open(session, project_id, applied_on)
    transfer.note = note.strip()
    _book(
        session,
        transfer,
        applied_on,
        off=_side(transfer, source.id, "refund", -amount_yen),
        onto=_side(transfer, target.id, "receipt", amount_yen),
    )
    leave_money_trace(session, actor, now, project, "apply_overpayment", source, amount_yen)
    return transfer


def _over(session: Session, invoice: Invoice, entry: VendorInvoice) -> int:
    """What came in above what is owed and has not gone on."""
    owed = 0 if is_reversed(session, entry) else max(invoice.amount_yen, 0)
    return max(sum_received(session, invoice.id) - owed, 0)


def _open(session: Session, invoice: Invoice, entry: VendorInvoice) -> int:
    """What is still to come in; 0 for an invoice that was taken back."""
    if entry.kind == "reversal" or is_reversed(session, entry):
        return 0
    return max(invoice.amount_yen - sum_received(session, invoice.id, "receipt"), 0)


def _list_blockers(
    source: Invoice, target: Invoice, amount_yen: int, over_yen: int, open_yen: int
) -> list[Blocker]:
    checks = (
        (
            "to_invoice_id",
            source.id != target.id
            and source.body_code is not None
            and source.body_code == target.body_code,
            "充当先には、同じ団体のほかの請求を選んでください。",
        ),
        ("to_invoice_id", open_yen > 0, "充当先の請求に未収がありません。"),
        (
            "amount_yen",
            1 <= amount_yen <= over_yen,
            "充当できるのは、請求を超えて収納した額（過納）までです。",
        ),
        (
            "amount_yen",
            amount_yen <= open_yen,
            "充当先の未収を超えています。残りは、ほかの請求への充当か還付にしてください。",
        ),
    )
    return [
        Blocker(code=f"transfer_{field}", message=message, field=field)
        for field, holds, message in checks
        if not holds
    ]


def _transfer(
    session: Session,
    actor: Actor,
    now: datetime,
    source: Invoice,
    target: Invoice,
    amount_yen: int,
) -> OverpaymentTransfer:
    project_id = source.project_id
    newest = session.scalar(
        select(func.max(OverpaymentTransfer.number)).where(
            OverpaymentTransfer.project_id == project_id
        )
    )
    number = (newest or 0) + 1
    return OverpaymentTransfer(
        key=f"{project_id}-{number}",
        project_id=project_id,
        number=number,
        from_invoice_id=source.id,
        to_invoice_id=target.id,
        amount_yen=amount_yen,
        reverses=None,
        recorded_at=now,
        recorded_by=actor.label,
    )


def _side(transfer: OverpaymentTransfer, invoice_id: int, kind: str, amount_yen: int) -> Receipt:
    return Receipt(
        project_id=transfer.project_id,
        invoice_id=invoice_id,
        kind=kind,
        amount_yen=amount_yen,
        posted_in=transfer.posted_in,
        reverses_id=None,
        transfer_key=transfer.key,
        note=transfer.note,
        recorded_at=transfer.recorded_at,
        recorded_by=transfer.recorded_by,
    )


def _book(
    session: Session, transfer: OverpaymentTransfer, day: date, *, off: Receipt, onto: Receipt
) -> None:
    """Both sides first: the database takes the transfer only with them."""
    for side in (off, onto):
        side.received_on = day
        session.add(side)
        session.flush()
    session.add(transfer)
    session.flush()


def take_back_transfer(
    session: Session, *, actor: Actor, now: datetime, project_id: int, number: int, reason: str
) -> OverpaymentTransfer:
    """The whole of a transfer the other way, in an open month. Raises Refused, NotFound."""
    transfer = session.scalar(
        select(OverpaymentTransfer).where(
            OverpaymentTransfer.project_id == project_id, OverpaymentTransfer.number == number
        )
    )
    if transfer is None:
        raise NotFound("transfer")
    project, target, _ = open_invoice(session, actor, project_id, transfer.to_invoice_id)
    source = session.get_one(Invoice, transfer.from_invoice_id)
    blockers = []
    again = select(OverpaymentTransfer.key).where(OverpaymentTransfer.reverses == transfer.key)
    if transfer.reverses is not None or session.scalar(again) is not None:
        blockers.append(Blocker(code="reversed", message="この充当は取り消し済みです。"))
    if not reason.strip():
        message = "取り消す理由を入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    if blockers:
        raise Refused(blockers)
    back = _transfer(session, actor, now, target, source, transfer.amount_yen)
    back.reverses, back.note = transfer.key, reason.strip()
    back.posted_in = first_open(session, project_id, transfer.posted_in)
    prior = session.scalars(
        select(Receipt).where(Receipt.transfer_key == transfer.key, Receipt.invoice_id == target.id)
    ).one()
    off = _side(back, target.id, "receipt", -transfer.amount_yen)
    off.reverses_id = prior.id
    onto = _side(back, source.id, "overpayment", transfer.amount_yen)
    _book(session, back, prior.received_on, off=off, onto=onto)
    leave_money_trace(
        session, actor, now, project, "take_back_transfer", source, -transfer.amount_yen
    )
    return back
