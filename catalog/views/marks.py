"""The operator's page of an entry's recommended marks: what stands, what stood, the form."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog import marks as service
from catalog.desk_forms import MarkForm, ReasonForm
from catalog.queries import marks as queries
from foundation.errors import Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, transaction

blueprint = Blueprint("marks", __name__)


@blueprint.route("/admin/offerings/<int:offering_id>/marks", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def index(offering_id: int) -> ResponseReturnValue:
    """Every mark the entry has and had; a new one by the form."""
    form = MarkForm()
    if request.method == "POST" and form.validate():
        entry = service.MarkEntry(
            issuer=form.issuer.data or "",
            reason=form.reason.data or "",
            marked_on=form.marked_on.data,
            source=form.source.data or "",
            url=form.url.data or "",
        )
        try:
            with transaction() as session:
                service.set_mark(
                    session,
                    actor=current_actor(),
                    now=now(),
                    offering_id=offering_id,
                    entry=entry,
                )
        except Refused as refused:
            add_blockers(form, refused.blockers)
        else:
            flash("推奨の表示を登録しました。", "success")
            return redirect(url_for("marks.index", offering_id=offering_id))
    page = queries.get_marked_entry(get_session(), offering_id)
    status = 422 if request.method == "POST" else 200
    return render_template("catalog/marks.html", page=page, form=form), status


@blueprint.route("/admin/marks/<int:mark_id>/withdraw", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def withdraw(mark_id: int) -> ResponseReturnValue:
    """End a mark, with a reason; it stays in the history."""
    form = ReasonForm()
    if request.method == "POST" and form.validate():
        try:
            with transaction() as session:
                offering_id = service.withdraw_mark(
                    session,
                    actor=current_actor(),
                    now=now(),
                    mark_id=mark_id,
                    reason=form.reason.data or "",
                )
        except Refused as refused:
            add_blockers(form, refused.blockers)
        else:
            flash("推奨の表示を取り下げました。", "success")
            return redirect(url_for("marks.index", offering_id=offering_id))
    mark, entry = queries.get_mark(get_session(), mark_id)
    status = 422 if request.method == "POST" else 200
    return render_template("catalog/mark_withdraw.html", mark=mark, entry=entry, form=form), status
