"""Files sent in: each is read, shown row by row, and taken in by a button, wholly or not at all."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.importing import incoming, incoming_work, queries
from catalog.importing.page_kinds import Outcome, PageKind, find_kind, list_kinds
from foundation.errors import Blocker, Conflict, NotFound, Refused
from foundation.forms import MoyaiForm, add_blockers, required
from foundation.jobs_cli import current_runner
from foundation.text import find_number
from foundation.web import (
    attachment,
    get_database,
    get_session,
    now,
    page_number,
    transaction,
)

blueprint = Blueprint("imports", __name__)

_LOOK_AGAIN_SECONDS = 5
_ANSWER = "row-"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SendForm(MoyaiForm):
    """A file to be taken in."""

    kind = SelectField("取り込むもの", [required()])
    file = FileField(
        "ファイル",
        [FileRequired("ファイルを選んでください。")],
        description="CSV（UTF-8 か Shift_JIS）または Excel（.xlsx）。20MBまで。",
    )


@blueprint.route("/imports", methods=["GET", "POST"])
@requires(Action.IMPORT_FILE)
def index() -> ResponseReturnValue:
    """What the actor sent in, and the form for the next file."""
    kinds = list_kinds(get_session(), current_actor())
    form = SendForm()
    form.kind.choices = [(kind.key, kind.label) for kind in kinds]
    if request.method == "GET":
        return _index_page(form, kinds)
    if form.validate():
        content = form.file.data.read()
        try:
            with transaction() as session:
                file_id = incoming.receive(
                    session,
                    actor=current_actor(),
                    now=now(),
                    kind_key=form.kind.data,
                    file_name=form.file.data.filename or "",
                    content=content,
                ).id
        except Refused as refused:
            add_blockers(form, refused.blockers)
        else:
            _bring_on(file_id, len(content))
            return redirect(url_for("imports.show", file_id=file_id))
    return _index_page(form, kinds), 422


@blueprint.get("/imports/now/<kind_key>.xlsx")
@requires(Action.IMPORT_FILE)
def current(kind_key: str) -> ResponseReturnValue:
    """What is there now of one kind, as far as the actor may send it in: to be sent in again."""
    kind = find_kind(kind_key)
    limits = kind.limits_of(get_session(), current_actor()) if kind else None
    if kind is None or limits is None or kind.export is None:
        raise NotFound(f"import kind {kind_key}")
    return attachment(kind.export(get_session(), limits), XLSX, f"{kind_key}.xlsx")


@blueprint.get("/imports/<int:file_id>")
@requires(Action.IMPORT_FILE)
def show(file_id: int) -> ResponseReturnValue:
    """How far the reading is; then what each row would do."""
    return _show(file_id)


@blueprint.post("/imports/<int:file_id>/answers")
@requires(Action.IMPORT_FILE)
def answer(file_id: int) -> ResponseReturnValue:
    """Whether rows are entries that are there already."""
    given = {
        number: words
        for name, words in request.form.items()
        if name.startswith(_ANSWER) and words
        if (number := find_number(name.removeprefix(_ANSWER))) is not None
    }
    try:
        with transaction() as session:
            incoming.answer(
                session, actor=current_actor(), now=now(), file_id=file_id, answers=given
            )
            rows = incoming.get_file(session, current_actor(), file_id).rows_read
    except (Refused, Conflict) as error:
        return _show(file_id, error)
    _bring_on(file_id, rows * incoming.ROW_BYTES)
    flash("答えを登録しました。", "success")
    return redirect(url_for("imports.show", file_id=file_id))


@blueprint.post("/imports/<int:file_id>/again")
@requires(Action.IMPORT_FILE)
def again(file_id: int) -> ResponseReturnValue:
    """Compare every row anew."""
    try:
        with transaction() as session:
            incoming.compare_again(session, actor=current_actor(), now=now(), file_id=file_id)
            rows = incoming.get_file(session, current_actor(), file_id).rows_read
    except Conflict as error:
        return _show(file_id, error)
    _bring_on(file_id, rows * incoming.ROW_BYTES)
    return redirect(url_for("imports.show", file_id=file_id))


@blueprint.post("/imports/<int:file_id>/take")
@requires(Action.IMPORT_FILE)
def take(file_id: int) -> ResponseReturnValue:
    """All rows, in one commit, as the preview showed them."""
    try:
        with transaction() as session:
            counts = incoming.take(
                session,
                actor=current_actor(),
                now=now(),
                file_id=file_id,
                row_version=find_number(request.form.get("row_version")) or 0,
            )
    except (Refused, Conflict) as error:
        return _show(file_id, error)
    flash(f"取り込みました（新規 {counts['added']:,}・変更 {counts['changed']:,}）。", "success")
    return redirect(url_for("imports.show", file_id=file_id))


@blueprint.post("/imports/<int:file_id>/discard")
@requires(Action.IMPORT_FILE)
def discard(file_id: int) -> ResponseReturnValue:
    """Throw the file away."""
    try:
        with transaction() as session:
            incoming.discard_file(session, actor=current_actor(), now=now(), file_id=file_id)
    except Refused as error:
        return _show(file_id, error)
    flash("ファイルを破棄しました。何も取り込んでいません。", "success")
    return redirect(url_for("imports.index"))


def _bring_on(file_id: int, size_bytes: int) -> None:
    """A small file is read while its sender waits, a large one by the worker."""
    if size_bytes <= incoming.SMALL_BYTES:
        incoming_work.work(get_database(), file_id, now)
    else:
        current_runner().ask(incoming_work.IMPORTS)


def _index_page(form: SendForm, kinds: tuple[PageKind, ...]) -> str:
    return render_template(
        "catalog/imports.html",
        form=form,
        kinds=kinds,
        files=queries.list_files(get_session(), current_actor()),
        phases=_PHASES,
    )


def _show(file_id: int, error: Refused | Conflict | None = None) -> ResponseReturnValue:
    wanted = request.args.get("show", "")
    shown = next((each for each in Outcome if each.value == wanted), None)
    page = queries.get_file_page(get_session(), current_actor(), file_id, shown, page_number())
    blockers: tuple[Blocker, ...] = error.blockers if isinstance(error, Refused) else ()
    if isinstance(error, Conflict):
        blockers = (Blocker(code="conflict", message=str(error)),)
    response = make_response(
        render_template(
            "catalog/import.html",
            page=page,
            outcomes=Outcome,
            blockers=blockers,
            phases=_PHASES,
            working=page.file.phase in incoming.WORKING,
        ),
        200 if error is None else 409 if isinstance(error, Conflict) else 422,
    )
    if page.file.phase in incoming.WORKING:
        response.headers["Refresh"] = str(_LOOK_AGAIN_SECONDS)
    return response


_PHASES = {
    incoming.READ: "読み取り中",
    incoming.COMPARE: "比べています",
    incoming.SHAPE: "取り込みの準備中",
    incoming.HELD: "確かめが必要",
    incoming.READY: "取り込めます",
    incoming.UNREADABLE: "読み取れません",
    incoming.TAKEN: "取り込み済み",
}
