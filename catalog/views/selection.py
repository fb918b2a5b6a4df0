"""Selection records: the list, a new one from a search, the draft, the lock."""

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action, may
from catalog.presenters import selection as presenter
from catalog.selection import record_queries, records
from catalog.selection.record_content import MOST_TITLE, DraftResult, Origin
from catalog.selection.record_queries import RecordPage
from catalog.selection.saved import list_saved_searches
from catalog.selection.standing import Standing, list_standings
from catalog.views.selection_forms import (
    DraftForm,
    LockForm,
    NewRecordForm,
    OutcomeForm,
    draft_form,
    new_record_form,
    typed_results,
)
from catalog.views.selection_sources import Source, read_source, say_again, search_again
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.paging import existing
from foundation.web import get_session, now, page_number, transaction

blueprint = Blueprint("selection", __name__)

_MOST_SAVED_SHOWN = 10


@blueprint.get("/searches")
@requires(Action.READ_RECORDS)
def index() -> ResponseReturnValue:
    """The selection records of one's organisation (the auditor's: all), and saved searches."""
    session, actor = get_session(), current_actor()
    page = existing(record_queries.list_records(session, actor, page=page_number()))
    keeps = may(actor, Action.SAVE_SEARCH)
    saved = list_saved_searches(session, actor) if keeps else []
    return render_template(
        "catalog/selection_records.html",
        page=page,
        lines=[presenter.present_line(row) for row in page.rows],
        saved=saved[:_MOST_SAVED_SHOWN],
        saved_total=len(saved),
        keeps=keeps,
    )


@blueprint.route("/searches/new", methods=["GET", "POST"])
@requires(Action.LOCK_RECORD)
def new() -> ResponseReturnValue:
    """Choose which results of the search in the address are taken into a record."""
    source = read_source(request.args)
    form = new_record_form(source.results)
    if request.method == "GET":
        form.title.data = source.suggested_title[:MOST_TITLE]
        return _new_page(form, source)
    if form.validate():
        try:
            record_id = _create(form, source)
        except Refused as refused:
            add_blockers(form, refused.blockers)
        else:
            flash("下書きを保存しました。候補と除外を決めて、確定してください。", "success")
            return redirect(url_for("selection.show", record_id=record_id))
    return _new_page(form, source), 422


@blueprint.get("/searches/<int:record_id>")
@requires(Action.READ_RECORDS)
def show(record_id: int) -> ResponseReturnValue:
    """A draft with its form, or the locked record with what can be done with it."""
    page = record_queries.get_record(get_session(), current_actor(), record_id)
    if page.locked:
        return locked_page(page, OutcomeForm())
    form = draft_form(page.results)
    form.title.data, form.purpose.data, form.notes.data = page.title, page.purpose, page.notes
    form.seen_version.data = str(page.row_version)
    return _draft_page(page, form)


@blueprint.post("/searches/<int:record_id>")
@requires(Action.LOCK_RECORD)
def edit(record_id: int) -> ResponseReturnValue:
    """Write the draft anew."""
    page = record_queries.get_record(get_session(), current_actor(), record_id)
    form = draft_form(page.results)
    if not form.validate():
        return _draft_page(page, form), 422
    try:
        with transaction() as session:
            records.edit_record(
                session,
                actor=current_actor(),
                now=now(),
                record_id=record_id,
                seen_version=form.seen_number,
                texts=form.texts,
                results=typed_results(form, page.results),
            )
    except Refused as refused:
        if page.locked:
            raise
        add_blockers(form, refused.blockers)
        return _draft_page(page, form), 422
    except Conflict:
        return _changed_meanwhile(record_id, form), 409
    flash("下書きを保存しました。", "success")
    return redirect(url_for("selection.show", record_id=record_id))


@blueprint.post("/searches/<int:record_id>/delete")
@requires(Action.LOCK_RECORD)
def delete(record_id: int) -> ResponseReturnValue:
    """Throw the draft away."""
    form = LockForm()
    with transaction() as session:
        records.delete_draft(
            session,
            actor=current_actor(),
            now=now(),
            record_id=record_id,
            seen_version=form.seen_number,
        )
    flash("下書きを削除しました。", "success")
    return redirect(url_for("selection.index"))


@blueprint.route("/searches/<int:record_id>/lock", methods=["GET", "POST"])
@requires(Action.LOCK_RECORD)
def lock(record_id: int) -> ResponseReturnValue:
    """What will be frozen, a sentence to tick, and no way back."""
    page = record_queries.get_record(get_session(), current_actor(), record_id)
    if page.locked or not page.own:
        raise Refused([records.LOCKED])
    form = LockForm()
    if request.method == "GET":
        form.seen_version.data = str(page.row_version)
        return _lock_page(page, form)
    try:
        _lock(page, form)
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _lock_page(page, form), 422
    except Conflict as conflict:
        page = record_queries.get_record(get_session(), current_actor(), record_id)
        form.seen_version.data = str(page.row_version)
        form.form_errors.append(str(conflict))
        return _lock_page(page, form), 409
    flash("選定記録を確定しました。", "success")
    return redirect(url_for("selection.show", record_id=record_id))


def locked_page(page: RecordPage, form: OutcomeForm) -> str:
    """The page of a locked record."""
    assert page.locked is not None
    form.result.choices = [("", "指定しない"), *presenter.present_candidates(page.locked)]
    export = record_queries.make_export(get_session(), page.locked, now())
    results = [(each["kind"], each["id"]) for each in page.locked.content["results"]]
    view = presenter.present_locked(page.locked, export)
    return render_template(
        "catalog/selection_locked.html",
        page=page,
        view=presenter.with_standings(view, _standings(results)),
        steps=presenter.present_steps(page),
        outcome=presenter.present_outcome(page.outcome, page.locked) if page.outcome else None,
        format_label=presenter.format_label,
        form=form,
    )


def _create(form: NewRecordForm, source: Source) -> int:
    with transaction() as session:
        return records.create_record(
            session,
            actor=current_actor(),
            now=now(),
            texts=form.texts,
            origin=source.origin,
            parameters=source.parameters,
            results=_chosen(form, source.results),
            found=len(source.results) if source.origin is Origin.SEARCH else 1,
        )


def _chosen(form: NewRecordForm, results: list[DraftResult]) -> list[DraftResult]:
    """The ticked results in the order of the search. Raises Refused for one it did not find."""
    keys = set(form.chosen.data or ())
    if keys - {result.key for result in results}:
        raise Refused([records.NOT_FOUND_NOW])
    return [result for result in results if result.key in keys]


def _lock(page: RecordPage, form: LockForm) -> None:
    searched = search_again(page)
    with transaction() as session:
        records.lock_record(
            session,
            actor=current_actor(),
            now=now(),
            record_id=page.id,
            seen_version=form.seen_number,
            confirmed=bool(form.confirmed.data),
            searched=searched,
        )


def _changed_meanwhile(record_id: int, form: DraftForm) -> str:
    """The form as typed, what is stored now beside it; sent again it counts."""
    page = record_queries.get_record(get_session(), current_actor(), record_id)
    again = draft_form(page.results)
    again.seen_version.data = str(page.row_version)
    try:
        typed = typed_results(again, page.results)
    except Refused:  # told when it is sent again
        typed = list(page.results)
    differences = presenter.present_differences(page, form.texts, typed)
    return _draft_page(page, again, differences=differences)


def _new_page(form: NewRecordForm, source: Source) -> str:
    return render_template("catalog/selection_new.html", form=form, source=source)


def _draft_page(
    page: RecordPage, form: DraftForm, differences: list[tuple[str, str]] | None = None
) -> str:
    return render_template(
        "catalog/selection_draft.html",
        page=page,
        form=form,
        sentence=_sentence(page),
        steps=presenter.present_steps(page),
        differences=differences,
        gone=_gone(page),
    )


def _lock_page(page: RecordPage, form: LockForm) -> str:
    return render_template(
        "catalog/selection_lock.html",
        page=page,
        form=form,
        sentence=_sentence(page),
        steps=presenter.present_lock_steps(),
        gone=_gone(page),
    )


def _gone(page: RecordPage) -> dict[str, Standing]:
    """Key → standing of the results of a draft that keep it from being locked."""
    standings = _standings([(result.kind, result.id) for result in page.results])
    return {key: one for key, one in standings.items() if one is not Standing.FOUND}


def _standings(results: Iterable[tuple[str, int]]) -> dict[str, Standing]:
    return list_standings(get_session(), results)


def _sentence(page: RecordPage) -> str:
    """What the search finds today, in words."""
    if page.origin is Origin.COMPARISON:
        return f"比較の画面に並べた掲載サービス {len(page.results)}件"
    return say_again(page)
