"""/help: asking a coordinator, a ministry or a vendor; what was asked of us; replies, export."""

import csv
import io
from collections.abc import Callable
from functools import partial

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action, Actor, may
from foundation.errors import NotFound
from foundation.text import find_number, harmless_cell
from foundation.web import attachment, get_session, now
from procurement.domain.help import ASKED_OF, OPEN, HelpKind, list_open_blockers
from procurement.forms.help import AskHelpForm, ReplyForm, RouteForm, StepForm
from procurement.presenters.comparable import quartile_words, yen_each
from procurement.queries.comparable_cases import find_comparison
from procurement.queries.help import (
    HelpRow,
    get_request,
    list_addressees,
    list_requests,
    list_steps,
)
from procurement.queries.staff_pool import find_pool_contact
from procurement.queries.standing import get_readable_project
from procurement.services import help as service
from procurement.views.blueprint import blueprint
from procurement.views.saving import save_form

CSV_COLUMNS = (
    *("request_id", "kind", "status", "from", "to", "project_id", "subject", "text"),
    *("initial_yen", "annual_yen", "asked_by", "asked_at", "reply", "replied_by", "replied_at"),
    "fictional",
)


@blueprint.get("/help")
@requires(Action.USE_OWN_ACCOUNT)
def help_requests() -> ResponseReturnValue:
    """What our organisation asked, and what it was asked."""
    rows = list_requests(get_session(), current_actor())
    return render_template(
        "procurement/help.html",
        asked=[row for row in rows if not row.mine],
        mine=[row for row in rows if row.mine],
        may_ask=may(current_actor(), Action.ASK_HELP),
    )


@blueprint.get("/help.csv")
@requires(Action.USE_OWN_ACCOUNT)
def help_csv() -> ResponseReturnValue:
    """The same as a file, one row a request."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in list_requests(get_session(), current_actor()):
        writer.writerow([harmless_cell(cell) for cell in _cells(row)])
    answer: Response = attachment("\ufeff" + file.getvalue(), "text/csv", "help-requests.csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/help/new")
@requires(Action.ASK_HELP)
def new_help() -> ResponseReturnValue:
    """An empty form; kind and project from the page one comes from."""
    kind, project = request.args.get("kind", ""), request.args.get("project", "")
    given = {"kind": kind if kind in {*HelpKind} else HelpKind.QUESTION.value, "project": project}
    return _new_page(AskHelpForm(formdata=None, data=given))


@blueprint.post("/help/new")
@requires(Action.ASK_HELP)
def ask_help() -> ResponseReturnValue:
    """Send it to who is asked."""
    form = AskHelpForm()

    def save(session: Session) -> None:
        service.ask_help(
            session,
            actor=current_actor(),
            now=now(),
            kind=HelpKind(form.kind.data),
            to_organization_id=find_number(form.to.data) or 0,
            subject=form.subject.data or "",
            text=form.text.data or "",
            initial_yen=form.initial_yen.data,
            annual_yen=form.annual_yen.data,
            project_id=find_number(form.project.data),
        )

    done = "依頼しました。受付・回答があると、受信箱でお知らせします。"
    address = url_for("procurement.help_requests")
    return save_form(form, save, partial(_new_page, form), address=address, done=done)


@blueprint.get("/help/<int:request_id>")
@requires(Action.USE_OWN_ACCOUNT)
def help_request(request_id: int) -> ResponseReturnValue:
    """One request with its way and its reply; printable."""
    return _page(request_id)


@blueprint.post("/help/<int:request_id>/take")
@requires(Action.USE_OWN_ACCOUNT)
def take_help(request_id: int) -> ResponseReturnValue:
    """We are at work."""
    return _step(request_id, service.take_help, "受け付けました。依頼した団体に知らせました。")


@blueprint.post("/help/<int:request_id>/withdraw")
@requires(Action.USE_OWN_ACCOUNT)
def withdraw_help(request_id: int) -> ResponseReturnValue:
    """We no longer need it."""
    return _step(request_id, service.withdraw_help, "依頼を取り下げました。")


@blueprint.post("/help/<int:request_id>/route")
@requires(Action.USE_OWN_ACCOUNT)
def route_help(request_id: int) -> ResponseReturnValue:
    """To somebody who knows."""
    form = RouteForm(prefix="route")

    def save(session: Session) -> None:
        service.route_help(
            session,
            actor=current_actor(),
            now=now(),
            request_id=request_id,
            to_organization_id=find_number(form.to.data) or 0,
            note=form.note.data or "",
            seen_version=find_number(form.seen_version.data) or 0,
        )

    return _save(request_id, form, save, "回しました。依頼した団体にも知らせました。")


@blueprint.post("/help/<int:request_id>/reply")
@requires(Action.USE_OWN_ACCOUNT)
def reply_help(request_id: int) -> ResponseReturnValue:
    """The written reply."""
    form = ReplyForm(prefix="reply")

    def save(session: Session) -> None:
        service.reply_help(
            session,
            actor=current_actor(),
            now=now(),
            request_id=request_id,
            reply=form.reply.data or "",
            seen_version=find_number(form.seen_version.data) or 0,
        )

    return _save(request_id, form, save, "回答しました。依頼した団体に知らせました。")


def _step(request_id: int, act: Callable[..., object], done: str) -> ResponseReturnValue:
    form = StepForm(prefix="step")

    def save(session: Session) -> None:
        act(
            session,
            actor=current_actor(),
            now=now(),
            request_id=request_id,
            seen_version=find_number(form.seen_version.data) or 0,
        )

    return _save(request_id, form, save, done)


def _save(
    request_id: int,
    form: RouteForm | ReplyForm | StepForm,
    save: Callable[[Session], None],
    done: str,
) -> ResponseReturnValue:
    get_request(get_session(), current_actor(), request_id)
    address = url_for("procurement.help_request", request_id=request_id)
    return save_form(form, save, partial(_page, request_id, form), address=address, done=done)


def _new_page(form: AskHelpForm, *, refresh: bool = False) -> str:
    session, actor = get_session(), current_actor()
    form.to.choices = _choices(session, actor, ASKED_OF[HelpKind.QUESTION])
    number, title = find_number(form.project.data), ""
    if number:
        try:
            title = get_readable_project(session, actor, number).title
        except NotFound:
            form.project.data = ""
    return render_template(
        "procurement/help_new.html",
        form=form,
        project_title=title,
        pool=find_pool_contact(session, actor),
    )


def _choices(session: Session, actor: Actor, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    names = {"prefecture": "都道府県", "ministry": "府省庁", "vendor": "事業者"}
    found = list_addressees(session, actor, kinds)
    return [
        ("", "選んでください"),
        *((str(id_), f"{names[kind]}：{name}") for id_, name, kind in found),
    ]


def _page(
    request_id: int,
    typed: RouteForm | ReplyForm | StepForm | None = None,
    *,
    refresh: bool = False,
) -> str:
    session, actor = get_session(), current_actor()
    session.expire_all()
    row = get_request(session, actor, request_id)
    seen = {"seen_version": str(row.row_version)}
    routing = typed if isinstance(typed, RouteForm) else None
    routing = routing or RouteForm(formdata=None, prefix="route", data=seen)
    routing.to.choices = _choices(session, actor, ASKED_OF[row.kind])
    replying = typed if isinstance(typed, ReplyForm) else None
    replying = replying or ReplyForm(formdata=None, prefix="reply", data=seen)
    if refresh:
        routing.seen_version.data = replying.seen_version.data = seen["seen_version"]
    comparison = find_comparison(session, row) if row.kind is HelpKind.SCRUTINY else None
    return render_template(
        "procurement/help_request.html",
        row=row,
        comparison=comparison,
        quartiles=quartile_words(comparison, row.annual_yen),
        each=yen_each,
        steps=list_steps(session, request_id),
        open=row.status in OPEN,
        step=StepForm(formdata=None, prefix="step", data=seen),
        stepped=typed if isinstance(typed, StepForm) else None,
        routing=routing,
        replying=replying,
        blockers=list_open_blockers(row.status),
    )


def _cells(row: HelpRow) -> list[str]:
    def amount(yen: int | None) -> str:
        return "" if yen is None else str(yen)

    return [
        str(row.id),
        row.kind.value,
        row.status.value,
        row.from_name,
        row.to_name,
        amount(row.project_id),
        row.subject,
        row.text,
        amount(row.initial_yen),
        amount(row.annual_yen),
        row.asked_by,
        row.asked_at.isoformat(),
        row.reply,
        row.replied_by,
        row.replied_at.isoformat() if row.replied_at else "",
        "1" if row.fictional else "0",
    ]
