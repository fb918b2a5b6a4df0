"""Saved searches: keep one, see one's own and what colleagues share, stop the notices."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public, requires
from accounts.roles import Action, sees_government
from catalog.forms import SavedSearchForm
from catalog.presenters.saved import present_saved, summarize
from catalog.search.documents import Viewer
from catalog.search.query import SearchQuery, read_query
from catalog.selection import saved
from catalog.selection.matches import list_matches
from catalog.views.search_setup import get_search
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, transaction

blueprint = Blueprint("saved_searches", __name__)


@blueprint.get("/searches/saved")
@requires(Action.SAVE_SEARCH)
def index() -> ResponseReturnValue:
    """One's own searches and the shared ones, each with what it finds today."""
    actor = current_actor()
    rows = saved.list_saved_searches(get_session(), actor)
    view = present_saved(rows, get_search(), _viewer(), now())
    return render_template("catalog/saved_searches.html", rows=view)


@blueprint.route("/searches/saved/new", methods=["GET", "POST"])
@requires(Action.SAVE_SEARCH)
def new() -> ResponseReturnValue:
    """Keep the search whose conditions stand in the address."""
    query = read_query(request.args.items(multi=True)).query
    if query.is_too_long:
        abort(404)
    form = SavedSearchForm()
    if request.method == "GET":
        form.name.data = query.text.strip()[: saved.MOST_NAME]
    elif form.validate() and _save(form, query):
        flash("検索を保存しました。", "success")
        return redirect(url_for("saved_searches.index"))
    return _form_page(form, query, None), 422 if request.method == "POST" else 200


@blueprint.route("/searches/saved/<int:saved_id>", methods=["GET", "POST"])
@requires(Action.SAVE_SEARCH)
def edit(saved_id: int) -> ResponseReturnValue:
    """Rename, share, have notices or not."""
    row = saved.get_saved_search(get_session(), current_actor(), saved_id)
    form = SavedSearchForm()
    if request.method == "GET":
        form.name.data, form.shared.data, form.notify.data = row.name, row.shared, row.notify
        form.seen_version.data = str(row.row_version)
        return _form_page(form, row.query, row)
    try:
        if form.validate() and _change(form, row):
            flash("保存した検索を変更しました。", "success")
            return redirect(url_for("saved_searches.index"))
    except Conflict:
        row = saved.get_saved_search(get_session(), current_actor(), saved_id)
        form.seen_version.data = str(row.row_version)
        form.name.errors = [*form.name.errors, _stored(row)]
        return _form_page(form, row.query, row), 409
    return _form_page(form, row.query, row), 422


@blueprint.post("/searches/saved/<int:saved_id>/delete")
@requires(Action.SAVE_SEARCH)
def delete(saved_id: int) -> ResponseReturnValue:
    """Forget the search."""
    with transaction() as session:
        saved.delete_saved_search(session, actor=current_actor(), saved_id=saved_id, now=now())
    flash("保存した検索を削除しました。", "success")
    return redirect(url_for("saved_searches.index"))


@blueprint.get("/searches/stop/<token>")
@public
def stop(token: str) -> ResponseReturnValue:
    """One button, no sign-in. Opening alone stops nothing: mail programs open links too."""
    name = saved.find_name_by_token(get_session(), token)
    if name is None:
        abort(404)
    return render_template("catalog/saved_search_stop.html", name=name, token=token, done=False)


@blueprint.post("/searches/stop/<token>")
@public
def stop_submit(token: str) -> ResponseReturnValue:
    """Stop the notices of this search."""
    with transaction() as session:
        name = saved.stop_notices(session, token=token, actor=current_actor(), now=now())
    return render_template("catalog/saved_search_stop.html", name=name, token=token, done=True)


def _save(form: SavedSearchForm, query: SearchQuery) -> bool:
    try:
        with transaction() as session:
            saved.save_search(
                session,
                actor=current_actor(),
                name=form.name.data or "",
                query=query,
                shared=bool(form.shared.data),
                notify=bool(form.notify.data),
                known=_known(form, query),
                now=now(),
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return False
    return True


def _change(form: SavedSearchForm, row: saved.SavedSearchRow) -> bool:
    try:
        with transaction() as session:
            saved.change_saved_search(
                session,
                actor=current_actor(),
                saved_id=row.id,
                seen_version=form.seen_number,
                name=form.name.data or "",
                shared=bool(form.shared.data),
                notify=bool(form.notify.data),
                known=_known(form, row.query),
                now=now(),
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return False
    return True


def _known(form: SavedSearchForm, query: SearchQuery) -> list[str]:
    """What the search finds now; looked up only where notices will compare with it."""
    if not form.notify.data:
        return []
    found = list_matches(get_search(), query, viewer=_viewer(), now=now(), most=saved.MOST_NOTIFIED)
    return [match.key for match in found]


def _viewer() -> Viewer:
    return Viewer.GOVERNMENT if sees_government(current_actor()) else Viewer.PUBLIC


def _stored(row: saved.SavedSearchRow) -> str:
    notices = "通知あり" if row.notify else "通知なし"
    shared = "共有する" if row.shared else "共有しない"
    return (
        f"ほかの画面で先に変更されています。保存されている内容：「{row.name}」・{shared}・{notices}"
    )


def _form_page(form: SavedSearchForm, query: SearchQuery, row: saved.SavedSearchRow | None) -> str:
    return render_template(
        "catalog/saved_search_form.html",
        form=form,
        row=row,
        parameters=query.parameters(),
        summary=summarize(query, get_search(), _viewer(), now()),
    )
