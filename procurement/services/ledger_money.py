"""Money in and out: receipts of the bodies, the one payment of a vendor's invoice, taking back."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from foundation.audit import secret
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.ledger import MAX_INVOICE_YEN, PaymentRoute, take_in
from procurement.ledger_models import Invoice, Receipt, VendorInvoice, VendorPayment
from procurement.models import Project
from procurement.queries.ledger_facts import find_route, first_open
from procurement.services.invitations import organization_of_body
from procurement.services.ledger import get_entry, is_reversed
from procurement.services.ledger_access import SAVED_FIRST, list_posting_blockers, lock_ledger
from procurement.services.traces import Told, leave_trace


def record_receipt(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    invoice_id: int,
    amount_yen: int,
    received_on: date,
    note: str,
    seen_yen: int,
) -> list[Receipt]:
    """Money for an invoice: a receipt up to what is owed, 過納 above it. Raises Refused, Conflict.

    seen_yen: what had come in for the invoice when the actor saw it.
    """
    project, invoice, entry = open_invoice(session, actor, project_id, invoice_id)
    blockers = _list_receiving_blockers(session, entry, amount_yen, received_on, jst_today(now))
    if blockers:
        raise Refused(blockers)
    if sum_received(session, invoice.id) != seen_yen:
        raise Conflict(SAVED_FIRST)
    intake = take_in(amount_yen, invoice.amount_yen, sum_received(session, invoice.id, "receipt"))
    parts = (("receipt", intake.receipt_yen), ("overpayment", intake.overpayment_yen))
    rows = [
        Receipt(
            project_id=project_id,
            invoice_id=invoice.id,
            kind=kind,
            amount_yen=yen,
            received_on=received_on,
            posted_in=first_open(session, project_id, received_on),
            reverses_id=None,
            note=note.strip(),
            recorded_at=now,
            recorded_by=actor.label,
        )
        for kind, yen in parts
        if yen
    ]
    session.add_all(rows)
    leave_money_trace(session, actor, now, project, "record_receipt", invoice, amount_yen)
    return rows


def open_invoice(
    session: Session, actor: Actor, project_id: int, invoice_id: int
) -> tuple[Project, Invoice, VendorInvoice]:
    """The invoice of a project the actor keeps the ledger of. Raises NotFound, Refused."""
    project, standing = lock_ledger(session, actor, project_id)
    invoice = session.get(Invoice, invoice_id)
    if invoice is None or invoice.project_id != project_id:
        raise NotFound("invoice")
    entry = get_entry(session, project_id, invoice.vendor_invoice_number)
    route = find_route(session, project)
    blockers = list_posting_blockers(project, standing, route, entry.for_body)
    if route is PaymentRoute.INDIVIDUAL:
        message = "各団体が事業者に支払うため、収納はありません。支払を記録してください。"
        blockers.append(Blocker(code="individual", message=message))
    if blockers:
        raise Refused(blockers)
    return project, invoice, entry


def _list_receiving_blockers(
    session: Session, entry: VendorInvoice, amount_yen: int, received_on: date, today: date
) -> list[Blocker]:
    blockers = []
    if entry.kind == "reversal" or is_reversed(session, entry):
        blockers.append(Blocker(code="reversed", message="取り消した請求には収納できません。"))
    if not 1 <= amount_yen <= MAX_INVOICE_YEN:
        message = "金額を1円以上で入力してください。"
        blockers.append(Blocker(code="amount", message=message, field="amount_yen"))
    if received_on > today:
        message = "収納した日は今日までの日付にしてください。"
        blockers.append(Blocker(code="future", message=message, field="received_on"))
    return blockers


def sum_received(session: Session, invoice_id: int, kind: str = "") -> int:
    """What came in for the invoice, less what went back; of one kind, or of all."""
    statement = select(func.sum(Receipt.amount_yen)).where(Receipt.invoice_id == invoice_id)
    if kind:
        statement = statement.where(Receipt.kind == kind)
    return int(session.scalar(statement) or 0)


def reverse_receipt(
    session: Session, *, actor: Actor, now: datetime, project_id: int, receipt_id: int, reason: str
) -> Receipt:
    """Take back a wrong receipt by one of the opposite sign, in an open month. Raises Refused."""
    receipt = session.get(Receipt, receipt_id)
    if receipt is None or receipt.project_id != project_id:
        raise NotFound("receipt")
    project, invoice, entry = open_invoice(session, actor, project_id, receipt.invoice_id)
    blockers = []
    taken_back = select(Receipt.id).where(Receipt.reverses_id == receipt_id)
    if receipt.amount_yen < 0 or session.scalar(taken_back) is not None:
        blockers.append(Blocker(code="reversed", message="この収納は取り消し済みです。"))
    blockers += _list_used_blockers(session, receipt, entry)
    if not reason.strip():
        message = "取り消す理由を入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    if blockers:
        raise Refused(blockers)
    back = Receipt(
        project_id=project_id,
        invoice_id=receipt.invoice_id,
        kind=receipt.kind,
        amount_yen=-receipt.amount_yen,
        received_on=receipt.received_on,
        posted_in=first_open(session, project_id, receipt.posted_in),
        reverses_id=receipt.id,
        note=reason.strip(),
        recorded_at=now,
        recorded_by=actor.label,
    )
    session.add(back)
    leave_money_trace(session, actor, now, project, "reverse_receipt", invoice, back.amount_yen)
    return back


def _list_used_blockers(session: Session, receipt: Receipt, entry: VendorInvoice) -> list[Blocker]:
    """What was applied to another invoice, or given back, has not merely been typed wrong."""
    if receipt.transfer_key is not None:
        message = "充当による収納です。充当を取り消してください。"
        return [Blocker(code="transfer", message=message)]
    if receipt.kind != "overpayment" or is_reversed(session, entry):
        return []
    over = sum_received(session, receipt.invoice_id) - sum_received(
        session, receipt.invoice_id, "receipt"
    )
    if over >= receipt.amount_yen:
        return []
    message = "この過納は、充当または還付しています。充当したときは、先に充当を取り消してください。"
    return [Blocker(code="used", message=message)]


def give_back(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    invoice_id: int,
    amount_yen: int,
    given_on: date,
    note: str,
    seen_yen: int,
) -> Receipt:
    """還付: what came in over the invoice goes back, never more. Raises Refused, Conflict."""
    project, invoice, entry = open_invoice(session, actor, project_id, invoice_id)
    came_in = sum_received(session, invoice.id)
    owed = 0 if is_reversed(session, entry) else invoice.amount_yen
    if came_in != seen_yen:
        raise Conflict(SAVED_FIRST)
    if not 1 <= amount_yen <= max(came_in - max(owed, 0), 0):
        message = "還付できるのは、請求を超えて収納した額（過納）までです。"
        raise Refused([Blocker(code="refund", message=message, field="amount_yen")])
    row = Receipt(
        project_id=project_id,
        invoice_id=invoice.id,
        kind="refund",
        amount_yen=-amount_yen,
        received_on=given_on,
        posted_in=first_open(session, project_id, given_on),
        reverses_id=None,
        note=note.strip(),
        recorded_at=now,
        recorded_by=actor.label,
    )
    session.add(row)
    leave_money_trace(session, actor, now, project, "give_back", invoice, -amount_yen)
    return row


def pay_vendor(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    number: int,
    paid_on: date,
    approval_number: str,
) -> VendorPayment:
    """The whole of a vendor's invoice, once. Raises Refused."""
    project, standing = lock_ledger(session, actor, project_id)
    entry = get_entry(session, project_id, number)
    route = find_route(session, project)
    blockers = list_posting_blockers(project, standing, route, entry.for_body)
    if entry.kind == "reversal" or is_reversed(session, entry):
        blockers.append(Blocker(code="reversed", message="取り消した請求は支払えません。"))
    elif is_paid(session, entry):
        blockers.append(Blocker(code="paid", message="この請求は支払い済みです。"))
    if paid_on > jst_today(now):
        message = "支払った日は今日までの日付にしてください。"
        blockers.append(Blocker(code="future", message=message, field="paid_on"))
    if blockers:
        raise Refused(blockers)
    payment = VendorPayment(
        project_id=project_id,
        vendor_invoice_number=number,
        amount_yen=entry.amount_yen,
        paid_on=paid_on,
        posted_in=first_open(session, project_id, paid_on),
        approval_number=approval_number.strip(),
        reverses_id=None,
        recorded_at=now,
        recorded_by=actor.label,
    )
    session.add(payment)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="pay_vendor",
        changes={"ledger_number": number, "paid_yen": secret(entry.amount_yen)},
    )
    return payment


def reverse_payment(
    session: Session, *, actor: Actor, now: datetime, project_id: int, number: int
) -> VendorPayment:
    """Take back the payment of an invoice (returned, or recorded by mistake). Raises Refused."""
    project, standing = lock_ledger(session, actor, project_id)
    entry = get_entry(session, project_id, number)
    route = find_route(session, project)
    blockers = list_posting_blockers(project, standing, route, entry.for_body)
    payment = session.scalar(
        select(VendorPayment)
        .where(
            VendorPayment.project_id == project_id,
            VendorPayment.vendor_invoice_number == number,
            VendorPayment.amount_yen > 0,
        )
        .order_by(VendorPayment.id.desc())
    )
    if payment is None or not is_paid(session, entry):
        blockers.append(Blocker(code="not_paid", message="支払の記録がありません。"))
    if blockers or payment is None:
        raise Refused(blockers)
    back = VendorPayment(
        project_id=project_id,
        vendor_invoice_number=number,
        amount_yen=-payment.amount_yen,
        paid_on=payment.paid_on,
        posted_in=first_open(session, project_id, payment.posted_in),
        approval_number=payment.approval_number,
        reverses_id=payment.id,
        recorded_at=now,
        recorded_by=actor.label,
    )
    session.add(back)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="reverse_payment",
        changes={"ledger_number": number, "paid_yen": secret(back.amount_yen)},
    )
    return back


def is_paid(session: Session, entry: VendorInvoice) -> bool:
    """Whether the vendor has its money for the entry."""
    found = session.scalar(
        select(func.sum(VendorPayment.amount_yen)).where(
            VendorPayment.project_id == entry.project_id,
            VendorPayment.vendor_invoice_number == entry.number,
        )
    )
    return bool(found)


def leave_money_trace(
    session: Session,
    actor: Actor,
    now: datetime,
    project: Project,
    action: str,
    invoice: Invoice,
    amount_yen: int,
) -> None:
    """The event, and a notice to the body whose invoice it is."""
    told = []
    if invoice.body_code and invoice.body_code != actor.body_code:
        told = [
            Told(
                organization_id=organization_of_body(session, invoice.body_code).id,
                title=f"「{project.title}」の収納",
                text="自団体の請求に、収納・取消・還付の記録が加わりました。",
                path=f"/projects/{project.id}/ledger",
            )
        ]
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action=action,
        changes={"invoice": invoice.id, "receipt_yen": secret(amount_yen)},
        told=told,
    )


def find_invoice_id(session: Session, project_id: int, receipt_id: int) -> int | None:
    """Whose invoice the receipt is for."""
    receipt = session.get(Receipt, receipt_id)
    return receipt.invoice_id if receipt and receipt.project_id == project_id else None
