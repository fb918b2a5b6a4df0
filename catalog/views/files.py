"""Files of entries: the vendor's desk where they are given, and the three doors they leave by.

A file goes to its readers, to the vendor whose it is, and to the operator who reviews it; for
anybody else its address is that of nothing. One that is not public leaves by POST, recorded.
"""

import io
from collections.abc import Callable

from flask import Blueprint, Response, current_app, flash, redirect, render_template, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from catalog.desk import files as desk_files
from catalog.desk import queries
from catalog.desk.queries import EntryPage
from catalog.desk_forms import FileForm
from catalog.entry_files import MOST_FILES, FileDisclosure, FileUse
from catalog.presenters import desk as presenter
from catalog.presenters.files import present_files
from catalog.queries.files import FoundFile, get_public_file, list_content_files
from foundation.errors import NotFound, Refused
from foundation.forms import add_blockers
from foundation.uploads.kinds import TAKEN
from foundation.uploads.recognise import size_words
from foundation.uploads.store import FileStore
from foundation.web import get_session, now, transaction

blueprint = Blueprint("files", __name__)


@blueprint.get("/offerings/<int:offering_id>/files/<token>")
@public
def public_file(offering_id: int, token: str) -> ResponseReturnValue:
    """A public file; one for some readers only is asked for by its button on the page."""
    found = get_public_file(get_session(), current_actor(), offering_id, token)
    if found.row.recorded:
        raise NotFound(f"file {token}")
    return _give(found)


@blueprint.post("/offerings/<int:offering_id>/files/<token>")
@requires(Action.USE_OWN_ACCOUNT)
def closed_file(offering_id: int, token: str) -> ResponseReturnValue:
    """A file for public bodies, or for those that lead such a purchase; recorded."""
    return _give_recorded(
        lambda session: get_public_file(session, current_actor(), offering_id, token)
    )


@blueprint.post("/desk/vendor/offerings/<int:offering_id>/files/<token>")
@requires(Action.EDIT_OFFERING)
def own_file(offering_id: int, token: str) -> ResponseReturnValue:
    """A file of the vendor's own entry."""
    return _give_recorded(
        lambda session: desk_files.get_own_file(session, current_actor(), offering_id, token)
    )


@blueprint.post("/admin/reviews/<int:submission_id>/files/<token>")
@requires(Action.PUBLISH_OFFERING)
def submitted_file(submission_id: int, token: str) -> ResponseReturnValue:
    """A file of what was handed in, for the operator."""
    return _give_recorded(
        lambda session: desk_files.get_submitted_file(session, submission_id, token)
    )


@blueprint.route("/desk/vendor/offerings/<int:offering_id>/files", methods=["GET", "POST"])
@requires(Action.EDIT_OFFERING)
def index(offering_id: int) -> ResponseReturnValue:
    """The files of the draft, and one more."""
    page = queries.get_entry_page(get_session(), current_actor(), offering_id)
    form = FileForm()
    if form.is_submitted():
        if form.validate() and _add(offering_id, form):
            flash("ファイルを下書きに加えました。提出すると読む人に届きます。", "success")
            return redirect(f"{presenter.DESK}/{offering_id}/files")
        return _page(page, form), 422
    return _page(page, form)


@blueprint.post("/desk/vendor/offerings/<int:offering_id>/files/<token>/remove")
@requires(Action.EDIT_OFFERING)
def remove(offering_id: int, token: str) -> ResponseReturnValue:
    """Take a file out of the draft."""
    with transaction() as session:
        desk_files.remove_file(
            session, actor=current_actor(), now=now(), offering_id=offering_id, token=token
        )
    flash("ファイルを下書きから外しました。", "success")
    return redirect(f"{presenter.DESK}/{offering_id}/files")


def _add(offering_id: int, form: FileForm) -> bool:
    upload = desk_files.Upload(
        content=form.file.data.read() if form.file.data else b"",
        name=(form.file.data.filename or "") if form.file.data else "",
        title=form.title.data or "",
        use=FileUse(form.use.data),
        disclosure=FileDisclosure(form.disclosure.data),
    )
    try:
        with transaction() as session:
            desk_files.add_file(
                session,
                actor=current_actor(),
                now=now(),
                offering_id=offering_id,
                upload=upload,
                store=_store(),
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return False
    return True


def _store() -> FileStore:
    store: FileStore = current_app.extensions["moyai_files"]
    return store


def _give_recorded(find: Callable[[Session], FoundFile]) -> Response:
    """Find it, have it written down where it is not public, and only then give it out."""
    found = find(get_session())
    if found.row.recorded:
        with transaction() as session:
            desk_files.note_download(session, actor=current_actor(), now=now(), file=found)
    return _give(found)


def _give(found: FoundFile) -> Response:
    content = _store().find(found.place)
    if content is None:
        raise NotFound(f"file {found.row.token}")
    response = send_file(
        io.BytesIO(content),
        mimetype=found.row.kind.media_type,
        as_attachment=True,
        download_name=found.row.name,
    )
    # Opened inside the browser all the same, it could run nothing and reach nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if found.row.recorded:
        response.headers["Cache-Control"] = "no-store"
    return response


def _page(page: EntryPage, form: FileForm) -> str:
    base = f"{presenter.DESK}/{page.id}/files"
    return render_template(
        "catalog/desk_files.html",
        page=page,
        form=form,
        files=present_files(list_content_files(page.content), base),
        taken=TAKEN,
        most=MOST_FILES,
        largest=size_words(_store().largest),
    )
