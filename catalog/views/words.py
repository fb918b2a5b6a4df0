"""The operator's page of words: groups of synonyms, and what people searched for in vain."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.forms import SynonymForm
from catalog.words import groups
from catalog.words.missed import FEWEST_TIMES, KEPT_DAYS, Outcome, list_missed
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, transaction

blueprint = Blueprint("words", __name__)


@blueprint.get("/admin/words")
@requires(Action.MANAGE_REFERENCE)
def index() -> ResponseReturnValue:
    """Every group, then what was searched for in vain."""
    missed = list_missed(get_session(), now())
    return render_template(
        "catalog/words.html",
        groups=groups.list_groups(get_session()),
        missing_words=[row for row in missed if row.outcome is not Outcome.FILTERED],
        missing_supply=[row for row in missed if row.outcome is Outcome.FILTERED],
        fewest=FEWEST_TIMES,
        days=KEPT_DAYS,
    )


@blueprint.route("/admin/words/new", methods=["GET", "POST"])
@requires(Action.MANAGE_REFERENCE)
def new() -> ResponseReturnValue:
    """Register a group; searches use it at once."""
    form = SynonymForm()
    if request.method == "GET":
        return _form_page(form, None)
    if form.validate() and _add(form):
        flash("同義語を登録しました。次の検索から使われます。", "success")
        return redirect(url_for("words.index"))
    return _form_page(form, None), 422


@blueprint.route("/admin/words/<int:group_id>", methods=["GET", "POST"])
@requires(Action.MANAGE_REFERENCE)
def edit(group_id: int) -> ResponseReturnValue:
    """Change a group or switch it off."""
    row = groups.get_group(get_session(), group_id)
    form = SynonymForm()
    if request.method == "GET":
        form.words.data, form.note.data = "\n".join(row.words), row.note
        form.active.data, form.seen_version.data = row.active, str(row.row_version)
        return _form_page(form, row)
    try:
        if form.validate() and _change(form, row.id):
            flash("同義語を変更しました。次の検索から使われます。", "success")
            return redirect(url_for("words.index"))
    except Conflict:
        row = groups.get_group(get_session(), group_id)
        form.seen_version.data = str(row.row_version)
        form.words.errors = [*form.words.errors, _stored(row)]
        return _form_page(form, row), 409
    return _form_page(form, row), 422


def _add(form: SynonymForm) -> bool:
    try:
        with transaction() as session:
            groups.add_group(session, actor=current_actor(), entry=form.entry, now=now())
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return False
    return True


def _change(form: SynonymForm, group_id: int) -> bool:
    try:
        with transaction() as session:
            groups.change_group(
                session,
                actor=current_actor(),
                group_id=group_id,
                seen_version=form.seen_number,
                entry=form.entry,
                now=now(),
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return False
    return True


def _stored(row: groups.GroupRow) -> str:
    use = "検索で使う" if row.active else "検索で使わない"
    return f"ほかの人が先に変更しました。保存されている内容：{'、'.join(row.words)}（{use}）"


def _form_page(form: SynonymForm, row: groups.GroupRow | None) -> str:
    return render_template("catalog/words_form.html", form=form, row=row)
