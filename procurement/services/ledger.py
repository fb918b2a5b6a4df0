"""The vendor's invoice, shared to the yen among those who pay it; and taking one back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from foundation.audit import secret
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse
from procurement.domain.ledger import (
    MAX_INVOICE_YEN,
    Billed,
    Line,
    LinePayer,
    PaymentRoute,
    SharedInvoice,
    reversed_lines,
    share_invoice,
)
from procurement.ledger_models import (
    Invoice,
    VendorInvoice,
    VendorPayment,
)
from procurement.models import Project
from procurement.queries.contract_vendors import find_vendor_of_body
from procurement.queries.contracts import find_newest_award
from procurement.queries.ledger_facts import (
    find_agreed,
    find_newest_number,
    find_route,
    first_open,
    load_before,
    load_usage,
)
from procurement.services.invitations import organization_of_body
from procurement.services.ledger_access import SAVED_FIRST, list_posting_blockers, lock_ledger
from procurement.services.traces import Told, leave_trace
from procurement.services.unit_prices import list_unit_price_blockers


@dataclass(frozen=True, kw_only=True)
class InvoiceDraft:
    """A vendor's invoice as typed."""

    billed: Billed
    vendor_number: str
    invoiced_on: date
    due_on: date


def list_draft_blockers(draft: InvoiceDraft, today: date) -> list[Blocker]:
    """What cannot stand in an invoice, by field."""
    checks = (
        ("net_yen", 1 <= draft.billed.net_yen <= MAX_INVOICE_YEN, "金額を1円以上にしてください。"),
        ("period", draft.billed.period.day == 1, "月の初日で指定してください。"),
        ("invoiced_on", draft.invoiced_on <= today, "請求日は今日までの日付にしてください。"),
        ("due_on", draft.due_on >= draft.invoiced_on, "納付期限は請求日以後にしてください。"),
    )
    return [
        Blocker(code=f"invoice_{field}", message=message, field=field)
        for field, holds, message in checks
        if not holds
    ]


def record_vendor_invoice(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    draft: InvoiceDraft,
    seen_number: int,
) -> VendorInvoice:
    """Share the vendor's invoice by the agreed version; each payer's line is its invoice.

    seen_number: of the newest entry the actor saw, 0 for none. Raises Refused, Conflict.
    """
    project, standing = lock_ledger(session, actor, project_id)
    route = find_route(session, project)
    for_body = (actor.body_code or "") if route is PaymentRoute.INDIVIDUAL else ""
    blockers = list_posting_blockers(project, standing, route, for_body)
    blockers += list_draft_blockers(draft, jst_today(now))
    blockers += list_unit_price_blockers(session, project_id, for_body, draft.billed)
    vendor_id = _find_vendor(session, project_id, for_body, draft.billed.period)
    if vendor_id is None and not blockers:
        blockers.append(Blocker(code="no_vendor", message="契約の相手方が記録されていません。"))
    if blockers or vendor_id is None:
        raise Refused(blockers)
    number = find_newest_number(session, project_id)
    if number != seen_number:
        raise Conflict(SAVED_FIRST)
    attempt = _next_attempt(session, project_id, for_body, draft.billed)
    version_id, shared = _share(session, project, for_body, draft.billed)
    entry = _entry(project_id, draft, vendor_id, actor, now)
    entry.number, entry.attempt, entry.for_body = number + 1, attempt, for_body
    entry.posted_in = first_open(session, project_id, draft.billed.period)
    entry.share_version_id = version_id
    entry.basis = {"rule": shared.rule, "by_usage": shared.by_usage}
    _store(session, entry, shared.lines)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="record_vendor_invoice",
        changes=_changes(entry),
        told=_told_payers(session, project, actor, entry, shared.lines),
    )
    return entry


def _find_vendor(session: Session, project_id: int, for_body: str, period: date) -> int | None:
    """Whose invoice it is: of the vendor this body contracted with, or of the one for all."""
    if for_body:
        return find_vendor_of_body(session, project_id, for_body, period)
    award = find_newest_award(session, project_id)
    return award.vendor_id if award else None


def _entry(
    project_id: int, draft: InvoiceDraft, vendor_id: int, actor: Actor, now: datetime
) -> VendorInvoice:
    """The vendor's invoice as typed."""
    return VendorInvoice(
        project_id=project_id,
        kind="invoice",
        reverses=None,
        period=draft.billed.period,
        category=draft.billed.category.value,
        tax_percent=draft.billed.tax_percent,
        net_yen=draft.billed.net_yen,
        amount_yen=draft.billed.amount_yen,
        vendor_id=vendor_id,
        vendor_number=draft.vendor_number.strip(),
        invoiced_on=draft.invoiced_on,
        due_on=draft.due_on,
        reason="",
        recorded_at=now,
        recorded_by=actor.label,
    )


def _share(
    session: Session, project: Project, for_body: str, billed: Billed
) -> tuple[int | None, SharedInvoice]:
    """The version's id and the lines; with individual payment it is one body's own."""
    if for_body:
        line = Line(
            payer=LinePayer.BODY, key=for_body, body_code=for_body, amount_yen=billed.amount_yen
        )
        return None, SharedInvoice(lines=(line,), rule="団体ごとの契約による", by_usage=False)
    version = find_agreed(session, project.id, billed.period)
    if version is None:
        raise refuse("no_version", "負担案が確定していません。")
    usage = load_usage(session, project.id, billed.period, project.main_unit)
    before = load_before(session, project.id)
    return version.id, share_invoice(version.agreed, billed, before, usage)


def _store(session: Session, entry: VendorInvoice, lines: Sequence[Line]) -> None:
    """Lines first: the database takes the invoice only when they sum to it."""
    session.add_all(
        Invoice(
            project_id=entry.project_id,
            vendor_invoice_number=entry.number,
            payer=line.payer.value,
            payer_key=line.key,
            body_code=line.body_code,
            amount_yen=line.amount_yen,
        )
        for line in lines
    )
    session.flush()
    session.add(entry)
    session.flush()


def reverse_vendor_invoice(
    session: Session, *, actor: Actor, now: datetime, project_id: int, number: int, reason: str
) -> VendorInvoice:
    """Take back a whole entry by one of the opposite sign, in an open month. Raises Refused."""
    project, standing = lock_ledger(session, actor, project_id)
    entry = get_entry(session, project_id, number)
    route = find_route(session, project)
    blockers = list_posting_blockers(project, standing, route, entry.for_body)
    blockers += _list_reversing_blockers(session, entry, reason)
    if blockers:
        raise Refused(blockers)
    back = _reversal(entry, actor, now)
    back.number = find_newest_number(session, project_id) + 1
    back.posted_in = first_open(session, project_id, entry.posted_in)
    back.reason = reason.strip()
    lines = reversed_lines(list_lines(session, project_id, number))
    _store(session, back, lines)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="reverse_vendor_invoice",
        changes=_changes(back) | {"reverses": number, "reason": back.reason},
        told=_told_payers(session, project, actor, back, lines),
    )
    return back


def _reversal(entry: VendorInvoice, actor: Actor, now: datetime) -> VendorInvoice:
    """The entry with the opposite sign."""
    return VendorInvoice(
        project_id=entry.project_id,
        kind="reversal",
        reverses=entry.number,
        attempt=entry.attempt,
        for_body=entry.for_body,
        period=entry.period,
        category=entry.category,
        tax_percent=entry.tax_percent,
        net_yen=-entry.net_yen,
        amount_yen=-entry.amount_yen,
        vendor_id=entry.vendor_id,
        vendor_number=entry.vendor_number,
        invoiced_on=jst_today(now),
        due_on=entry.due_on,
        share_version_id=entry.share_version_id,
        basis=dict(entry.basis),
        recorded_at=now,
        recorded_by=actor.label,
    )


def _list_reversing_blockers(session: Session, entry: VendorInvoice, reason: str) -> list[Blocker]:
    blockers = []
    if entry.kind == "reversal" or is_reversed(session, entry):
        blockers.append(Blocker(code="reversed", message="この請求は取り消し済みです。"))
    paid = session.scalar(
        select(func.sum(VendorPayment.amount_yen)).where(
            VendorPayment.project_id == entry.project_id,
            VendorPayment.vendor_invoice_number == entry.number,
        )
    )
    if paid:
        message = "事業者に支払い済みです。先に支払の記録を取り消してください。"
        blockers.append(Blocker(code="paid", message=message))
    if not reason.strip():
        message = "取り消す理由を入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    return blockers


def is_reversed(session: Session, entry: VendorInvoice) -> bool:
    """Whether a reversal of the entry was booked."""
    found = session.scalar(
        select(VendorInvoice.id).where(
            VendorInvoice.project_id == entry.project_id, VendorInvoice.reverses == entry.number
        )
    )
    return found is not None


def get_entry(session: Session, project_id: int, number: int) -> VendorInvoice:
    """The vendor's invoice or reversal of that number. Raises NotFound."""
    entry = session.scalar(
        select(VendorInvoice).where(
            VendorInvoice.project_id == project_id, VendorInvoice.number == number
        )
    )
    if entry is None:
        raise NotFound("vendor invoice")
    return entry


def list_lines(session: Session, project_id: int, number: int) -> list[Line]:
    """The stored lines of an entry, by payer."""
    rows = session.scalars(
        select(Invoice)
        .where(Invoice.project_id == project_id, Invoice.vendor_invoice_number == number)
        .order_by(Invoice.id)
    )
    return [
        Line(
            payer=LinePayer(row.payer),
            key=row.payer_key,
            body_code=row.body_code,
            amount_yen=row.amount_yen,
        )
        for row in rows
    ]


def _next_attempt(session: Session, project_id: int, for_body: str, billed: Billed) -> int:
    """1, or one more where the earlier ones were reversed. Raises Refused for a second invoice."""
    rows = session.scalars(
        select(VendorInvoice).where(
            VendorInvoice.project_id == project_id,
            VendorInvoice.for_body == for_body,
            VendorInvoice.period == billed.period,
            VendorInvoice.category == billed.category.value,
            VendorInvoice.tax_percent == billed.tax_percent,
            VendorInvoice.kind == "invoice",
        )
    ).all()
    if any(not is_reversed(session, row) for row in rows):
        message = "この月・費目・税率の請求は記録済みです。直すときは、先に取り消してください。"
        raise refuse("twice", message, "period")
    return len(rows) + 1


def _changes(entry: VendorInvoice) -> dict[str, object]:
    """For the audit chain: the amount is for the parties, a salted hash here."""
    return {
        "ledger_number": entry.number,
        "period": entry.period,
        "posted_in": entry.posted_in,
        "category": entry.category,
        "vendor_number": entry.vendor_number,
        "invoice_yen": secret(entry.amount_yen),
    }


def _told_payers(
    session: Session, project: Project, actor: Actor, entry: VendorInvoice, lines: Sequence[Line]
) -> list[Told]:
    """A notice to each body that owes or gets back something; never an amount."""
    what = "取り消しました" if entry.kind == "reversal" else "記録しました"
    codes = dict.fromkeys(line.body_code for line in lines if line.body_code and line.amount_yen)
    return [
        Told(
            organization_id=organization_of_body(session, code).id,
            title=f"「{project.title}」の請求",
            text=f"{entry.period.year}年{entry.period.month}月分の請求を{what}。",
            path=f"/projects/{project.id}/ledger/{entry.period:%Y-%m}",
        )
        for code in codes
        if code != actor.body_code
    ]
