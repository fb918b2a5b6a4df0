"""What is done with a locked record: taking it away, and saying what came of it."""

import hashlib
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.presenters.selection import present_locked
from catalog.selection import record_files, record_queries, records
from catalog.selection.record_content import Outcome
from catalog.selection.record_files import MIME_TYPES, Format
from catalog.selection.record_pdf import PdfUnavailable, make_pdf
from catalog.selection.record_queries import LockedContent, RecordPage
from catalog.views.selection import locked_page
from catalog.views.selection_forms import OutcomeForm
from foundation.audit import list_heads
from foundation.errors import Refused
from foundation.forms import add_blockers
from foundation.web import attachment, get_session, now, transaction

blueprint = Blueprint("selection_exports", __name__)

_SAID_BEFORE = "結論はすでに登録されています。登録できるのは一度だけです。"


@blueprint.post("/searches/<int:record_id>/downloads")
@requires(Action.READ_RECORDS)
def download(record_id: int) -> ResponseReturnValue:
    """The record in the format of the button pressed; who took it away is remembered."""
    wanted = next((f for f in Format if f.value == request.form.get("format")), None)
    if wanted is None:
        abort(400, "書き出す形式を選んでください。")
    page = record_queries.get_record(get_session(), current_actor(), record_id)
    if page.locked is None:
        raise Refused([records.NOT_LOCKED])
    try:
        content = _make(wanted, page, page.locked)
    except PdfUnavailable as problem:
        abort(503, str(problem))
    with transaction() as session:
        records.note_download(
            session,
            actor=current_actor(),
            now=now(),
            record_id=record_id,
            format_=wanted.value,
            file_sha256=hashlib.sha256(content).hexdigest(),
        )
    return _answer(wanted, content, record_id)


@blueprint.post("/searches/<int:record_id>/outcome")
@requires(Action.LOCK_RECORD)
def outcome(record_id: int) -> ResponseReturnValue:
    """Say once what came of the record; a second answer is 410."""
    page = record_queries.get_record(get_session(), current_actor(), record_id)
    if page.locked is None:
        raise Refused([records.NOT_LOCKED])
    if page.outcome is not None:
        abort(410, _SAID_BEFORE)
    form = OutcomeForm()
    try:
        if form.validate() and _said(record_id, form):
            flash("結論を登録しました。", "success")
            return redirect(url_for("selection.show", record_id=record_id))
    except records.AlreadyAnswered:
        abort(410, _SAID_BEFORE)
    return locked_page(page, form), 422


def _said(record_id: int, form: OutcomeForm) -> bool:
    chosen = next((o for o in Outcome if o.value == form.outcome.data), None)
    if chosen is None:
        form.outcome.errors = [*form.outcome.errors, "結論を選んでください。"]
        return False
    try:
        with transaction() as session:
            records.answer_outcome(
                session,
                actor=current_actor(),
                now=now(),
                record_id=record_id,
                outcome=chosen,
                result_key=form.result.data or "",
                note=form.note.data or "",
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return False
    return True


def _make(wanted: Format, page: RecordPage, locked: LockedContent) -> bytes:
    session = get_session()
    export = record_queries.make_export(session, locked, now())
    if wanted is Format.ZIP:
        return record_files.make_zip(export, list_heads(session, now()))
    if wanted is Format.PRINT:
        return _print_page("catalog/selection_print.html", page, locked, export)
    if wanted is Format.PDF:
        html = _print_page("catalog/selection_pdf.html", page, locked, export)
        styles = Path(current_app.root_path, "static", "paper", "selection.css")
        return make_pdf(html.decode(), styles.read_text(encoding="utf-8"), request.url_root)
    makers = {
        Format.CSV: record_files.make_csv,
        Format.XLSX: record_files.make_workbook,
        Format.JSON: record_files.make_json,
    }
    return makers[wanted](export)


def _print_page(
    template: str, page: RecordPage, locked: LockedContent, export: dict[str, Any]
) -> bytes:
    view = present_locked(locked, export)
    return render_template(template, page=page, view=view, printed_at=now()).encode()


def _answer(wanted: Format, content: bytes, record_id: int) -> Response:
    if wanted is Format.PRINT:
        return current_app.response_class(content, mimetype="text/html")
    name = f"selection-record-{record_id}.{wanted.value}"
    return attachment(content, MIME_TYPES[wanted], name)
