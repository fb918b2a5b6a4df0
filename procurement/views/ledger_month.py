"""/projects/<id>/ledger/<month>: what was invoiced, came in and was used; and booking it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from catalog.pricing import Kind
from foundation.clock import add_months, jst_today
from foundation.errors import NotFound
from foundation.forms import MoyaiForm
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.domain.ledger import Billed, PaymentRoute
from procurement.forms.ledger import (
    CloseForm,
    MoneyForm,
    PaymentForm,
    TakeBackForm,
    UsageForm,
    VendorInvoiceForm,
)
from procurement.forms.unit_prices import make_item_usage_form
from procurement.models import Project
from procurement.presenters.ledger import category_label, charge_label
from procurement.presenters.project import project_frame
from procurement.queries.ledger import LedgerScope
from procurement.queries.ledger_facts import find_last_closed, find_newest_number
from procurement.queries.ledger_month import (
    EntryRow,
    LineRow,
    UsageRow,
    list_entries,
    list_line_rows,
    list_receipts,
    list_usage,
)
from procurement.queries.project_page import ProjectHead
from procurement.queries.terms_in_time import first_month
from procurement.queries.unit_prices import list_unit_prices
from procurement.services import ledger as invoices
from procurement.services import ledger_money as money
from procurement.services import ledger_upkeep as upkeep
from procurement.services import unit_prices as items
from procurement.services.ledger_access import list_posting_blockers
from procurement.views.blueprint import blueprint
from procurement.views.item_usage import item_part
from procurement.views.ledger import get_reader, route_for
from procurement.views.ledger_cards import transfer_part
from procurement.views.saving import mark_seen, save_form, seen_anew

Typed = dict[str, MoyaiForm]
YEN_DIGITS = 15


@blueprint.get("/projects/<int:project_id>/ledger/<month>")
@public
def ledger_month(project_id: int, month: str) -> ResponseReturnValue:
    """One month; ?entry=, ?line=, ?body= open the forms for one row."""
    return _page(project_id, read_period(month), {})


@blueprint.post("/projects/<int:project_id>/ledger/<month>/invoices")
@requires(Action.EDIT_PROJECT)
def record_vendor_invoice(project_id: int, month: str) -> ResponseReturnValue:
    """The vendor's invoice, shared among its payers."""
    form, period = VendorInvoiceForm(prefix="invoice"), read_period(month)

    def save(session: Session) -> None:
        invoices.record_vendor_invoice(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            draft=invoices.InvoiceDraft(
                billed=Billed(
                    period=period,
                    category=Kind(form.category.data),
                    net_yen=form.net_yen.data,
                    tax_percent=form.tax_percent.data,
                ),
                vendor_number=form.vendor_number.data or "",
                invoiced_on=form.invoiced_on.data,
                due_on=form.due_on.data,
            ),
            seen_number=find_number(form.seen_number.data) or 0,
        )

    return book_in(project_id, period, "invoice", form, save, "請求を記録し、団体に知らせました。")


@blueprint.post("/projects/<int:project_id>/ledger/<month>/entries/<int:number>/pay")
@requires(Action.EDIT_PROJECT)
def pay_vendor(project_id: int, month: str, number: int) -> ResponseReturnValue:
    """The one payment of the vendor's invoice."""
    form, period = PaymentForm(prefix="pay"), read_period(month)

    def save(session: Session) -> None:
        money.pay_vendor(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            number=number,
            paid_on=form.paid_on.data,
            approval_number=form.approval_number.data or "",
        )

    return book_in(project_id, period, "pay", form, save, "支払を記録しました。", entry=number)


@blueprint.post("/projects/<int:project_id>/ledger/<month>/entries/<int:number>/take-back")
@requires(Action.EDIT_PROJECT)
def take_back_entry(project_id: int, month: str, number: int) -> ResponseReturnValue:
    """Take back a paid invoice's payment, an unpaid invoice itself."""
    form, period = TakeBackForm(prefix="back"), read_period(month)

    def save(session: Session) -> None:
        given: dict[str, Any] = {
            "actor": current_actor(),
            "now": now(),
            "project_id": project_id,
            "number": number,
        }
        if money.is_paid(session, invoices.get_entry(session, project_id, number)):
            money.reverse_payment(session, **given)
        else:
            invoices.reverse_vendor_invoice(session, **given, reason=form.reason.data or "")

    return book_in(project_id, period, "back", form, save, "取り消しました。", entry=number)


@blueprint.post("/projects/<int:project_id>/ledger/<month>/lines/<int:line>/money")
@requires(Action.EDIT_PROJECT)
def record_money(project_id: int, month: str, line: int) -> ResponseReturnValue:
    """Money in for a payer's invoice, or what was over, back."""
    form, period = MoneyForm(prefix="money"), read_period(month)

    def save(session: Session) -> None:
        given: dict[str, Any] = {
            "actor": current_actor(),
            "now": now(),
            "project_id": project_id,
            "invoice_id": line,
            "amount_yen": form.amount_yen.data,
            "note": form.note.data or "",
            "seen_yen": find_number(form.seen_yen.data, YEN_DIGITS) or 0,
        }
        if form.kind.data == "refund":
            money.give_back(session, **given, given_on=form.received_on.data)
        else:
            money.record_receipt(session, **given, received_on=form.received_on.data)

    return book_in(project_id, period, "money", form, save, "記録しました。", line=line)


@blueprint.post("/projects/<int:project_id>/ledger/<month>/receipts/<int:receipt>/take-back")
@requires(Action.EDIT_PROJECT)
def take_back_receipt(project_id: int, month: str, receipt: int) -> ResponseReturnValue:
    """Take back a wrong receipt."""
    form, period = TakeBackForm(prefix=f"receipt{receipt}"), read_period(month)

    def save(session: Session) -> None:
        money.reverse_receipt(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            receipt_id=receipt,
            reason=form.reason.data or "",
        )

    line = money.find_invoice_id(get_session(), project_id, receipt)
    name = f"receipt{receipt}"
    return book_in(project_id, period, name, form, save, "収納を取り消しました。", line=line)


@blueprint.post("/projects/<int:project_id>/ledger/<month>/usage/<body_code>")
@requires(Action.EDIT_PROJECT)
def record_usage(project_id: int, month: str, body_code: str) -> ResponseReturnValue:
    """What a body used in the month."""
    form, period = UsageForm(prefix="usage"), read_period(month)

    def save(session: Session) -> None:
        upkeep.record_usage(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=body_code,
            period=period,
            quantity=form.quantity.data,
            seen_number=find_number(form.seen_number.data) or 0,
        )

    return book_in(
        project_id, period, "usage", form, save, "利用の量を記録しました。", body=body_code
    )


@blueprint.post("/projects/<int:project_id>/ledger/<month>/items/<body_code>")
@requires(Action.EDIT_PROJECT)
def record_item_usage(project_id: int, month: str, body_code: str) -> ResponseReturnValue:
    """What a body used of each item of a unit-price contract."""
    get_reader(project_id)
    form, period = (
        make_item_usage_form(list_unit_prices(get_session(), project_id)),
        read_period(month),
    )

    def save(session: Session) -> None:
        items.record_item_usage(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=body_code,
            period=period,
            quantities=form.quantities(),
            seen_number=find_number(form.seen_number.data) or 0,
        )

    return book_in(
        project_id, period, "items", form, save, "使った量を記録しました。", body=body_code
    )


@blueprint.post("/projects/<int:project_id>/ledger/<month>/close")
@requires(Action.FIX_SHARE_VERSION)
def close_ledger(project_id: int, month: str) -> ResponseReturnValue:
    """Nothing more is booked in the month."""
    form, period = CloseForm(prefix="close"), read_period(month)

    def save(session: Session) -> None:
        upkeep.close_period(
            session, actor=current_actor(), now=now(), project_id=project_id, period=period
        )

    return book_in(project_id, period, "close", form, save, "月を締めました。")


def read_period(month: str) -> date:
    """The first day of 「2026-04」. Raises NotFound for anything else."""
    try:
        if len(month) == 7:
            return date.fromisoformat(f"{month}-01")
    except ValueError:
        pass
    raise NotFound("month")


def book_in(
    project_id: int,
    period: date,
    name: str,
    form: MoyaiForm,
    save: Callable[[Session], None],
    done: str,
    **chosen: Any,
) -> ResponseReturnValue:
    get_reader(project_id)
    values: dict[str, Any] = {"project_id": project_id, "month": f"{period:%Y-%m}"}
    return save_form(
        form,
        save,
        seen_anew(form, lambda: _page(project_id, period, {name: form}, **chosen)),
        address=url_for("procurement.ledger_month", **(values | chosen)),
        done=done,
    )


def _page(project_id: int, period: date, typed: Typed, **chosen: Any) -> str:
    session, today = get_session(), jst_today(now())
    session.expire_all()
    head, project, scope = get_reader(project_id)
    closed, due = _closing(session, project, period, today)
    entries = list_entries(session, project_id, scope, period)
    live = frozenset(entry.number for entry in entries if entry.is_live)
    lines = list_line_rows(session, project_id, scope, live, period)
    usage = list_usage(session, project, scope, period)
    asked = request.args.to_dict() | {key: str(value) for key, value in chosen.items()}
    route = route_for(head, project)
    for_body = (head.standing.actor.body_code or "") if route is PaymentRoute.INDIVIDUAL else ""
    posting = list_posting_blockers(project, head.standing, route, for_body)
    posts = not any(each.code in ("not_own", "not_lead", "not_manager") for each in posting)
    use = _usage_card(usage, scope, head, asked, typed)
    return render_template(
        "procurement/ledger_month.html",
        frame=project_frame(head, "ledger", now()),
        period=period,
        month=f"{period:%Y-%m}",
        closed=closed,
        entries=entries,
        category=category_label,
        charge_name=charge_label,
        lines=lines,
        usage=usage,
        scope=scope,
        posts=posts,
        collects=route is not PaymentRoute.INDIVIDUAL,
        invoice=_invoice_form(session, project_id, typed) if posts else None,
        entry=_entry_card(entries, asked, typed) if posts else None,
        line=_line_card(session, project_id, lines, asked, typed) if posts else None,
        use=use,
        **item_part(
            session, project_id, period, scope, use["row"] if use else None, typed.get("items")
        ),
        closing=typed.get("close") or CloseForm(formdata=None, prefix="close"),
        closing_blockers=upkeep.list_closing_blockers(project, head.standing, period, due, today),
        leads=head.standing.leads,
    )


def _closing(
    session: Session, project: Project, period: date, today: date
) -> tuple[bool, date | None]:
    """Whether the month is closed, and which one is closed next.

    Raises NotFound: a month before the first term or to come has no page.
    """
    first, last = first_month(session, project), find_last_closed(session, project.id)
    if first is None or not first <= period <= today:
        raise NotFound("month")
    return last is not None and period <= last, add_months(last, 1) if last else first


def _invoice_form(session: Session, project_id: int, typed: Typed) -> MoyaiForm:
    form = typed.get("invoice") or VendorInvoiceForm(formdata=None, prefix="invoice")
    mark_seen(form, "seen_number", find_newest_number(session, project_id))
    return form


def _entry_card(
    entries: tuple[EntryRow, ...], asked: dict[str, str], typed: Typed
) -> dict[str, Any] | None:
    number = find_number(asked.get("entry"))
    entry = next((row for row in entries if row.number == number and row.is_live), None)
    if entry is None:
        return None
    return {
        "row": entry,
        "pay": typed.get("pay") or PaymentForm(formdata=None, prefix="pay"),
        "back": typed.get("back") or TakeBackForm(formdata=None, prefix="back"),
    }


def _line_card(
    session: Session,
    project_id: int,
    lines: tuple[LineRow, ...],
    asked: dict[str, str],
    typed: Typed,
) -> dict[str, Any] | None:
    """The forms of one payer's invoice, with what came in for it."""
    number = find_number(asked.get("line"))
    line = next((row for row in lines if row.id == number and row.amount_yen > 0), None)
    if line is None:
        return None
    form = typed.get("money") or MoneyForm(formdata=None, prefix="money")
    mark_seen(form, "seen_yen", line.came_in_yen)
    receipts = list_receipts(session, project_id, line.id)
    backs = {
        row.id: typed.get(f"receipt{row.id}")
        or TakeBackForm(formdata=None, prefix=f"receipt{row.id}")
        for row in receipts
        if not row.reversed and row.amount_yen > 0 and not row.transfer
    }
    card = {"row": line, "money": form, "receipts": receipts, "backs": backs}
    return card | transfer_part(session, project_id, line, receipts, typed)


def _usage_card(
    usage: tuple[UsageRow, ...],
    scope: LedgerScope,
    head: ProjectHead,
    asked: dict[str, str],
    typed: Typed,
) -> dict[str, Any] | None:
    code = asked.get("body") or (scope.body_code if not scope.everything else "")
    row = next((each for each in usage if each.body_code == code), None)
    if row is None or not (head.standing.leads or row.own) or head.standing.actor.body_code is None:
        return None
    form = typed.get("usage") or UsageForm(formdata=None, prefix="usage")
    mark_seen(form, "seen_number", row.number)
    return {"row": row, "form": form}
