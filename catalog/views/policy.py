"""Pages of policy: the standard 20, the commonization items, one item and its progress."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from catalog import reporting
from catalog.presenters import policy as presenter
from catalog.queries import policy as queries
from foundation.clock import jst_today
from foundation.errors import NotFound, Refused
from foundation.forms import DayField, LineField, MoyaiForm, add_blockers, required, required_value
from foundation.web import get_session, now, transaction

blueprint = Blueprint("policy", __name__)


class ReportForm(MoyaiForm):
    """A ministry's report of progress."""

    as_of = DayField(
        "報告の時点", [required_value()], description="進捗がいつの状態かの日付です。例：2026-11-20"
    )
    summary = TextAreaField(
        "進捗の内容", [required()], description="したこと、決まったこと、次の予定。"
    )
    url = LineField("資料のアドレス", description="公表している資料があれば、そのアドレス。")


@blueprint.get("/policy")
@public
def index() -> ResponseReturnValue:
    """What the state treats apart, from draft documents and labelled so."""
    session = get_session()
    items = queries.list_policy_items(session)
    view = presenter.present_policy(
        items,
        queries.list_system_types(session),
        queries.list_reports(session, [item.id for item in items]),
        jst_today(now()),
    )
    return render_template("catalog/policy.html", view=view, readings=presenter.READINGS)


@blueprint.get("/policy/items/<int:item_id>")
@public
def show(item_id: int) -> ResponseReturnValue:
    """One item with its source lines and, where the document contradicts itself, both readings."""
    row = queries.get_policy_item(get_session(), item_id)
    reports = queries.list_reports(get_session(), [item_id]).get(item_id, ())
    view = presenter.present_item(row, reports, jst_today(now()))
    return render_template(
        "catalog/policy_item.html",
        view=view,
        readings=presenter.READINGS,
        may_report=reporting.may_report(current_actor(), row.kind, row.ministries),
    )


@blueprint.route("/policy/items/<int:item_id>/report", methods=["GET", "POST"])
@requires(Action.REPORT_PROGRESS)
def report(item_id: int) -> ResponseReturnValue:
    """The competent ministry says how far the item has come."""
    row = queries.get_policy_item(get_session(), item_id)
    if not reporting.may_report(current_actor(), row.kind, row.ministries):
        raise NotFound(f"policy item {item_id}")
    form = ReportForm()
    if request.method == "GET":
        return render_template("catalog/policy_report.html", row=row, form=form)
    if form.validate():
        try:
            _report(item_id, form)
        except Refused as refused:
            add_blockers(form, refused.blockers)
        else:
            flash("進捗の報告を登録しました。", "success")
            return redirect(url_for("policy.show", item_id=item_id))
    return render_template("catalog/policy_report.html", row=row, form=form), 422


def _report(item_id: int, form: ReportForm) -> None:
    progress = reporting.Progress(
        as_of=form.as_of.data or date.min,
        summary=form.summary.data or "",
        url=form.url.data or "",
    )
    with transaction() as session:
        reporting.report_progress(
            session, actor=current_actor(), now=now(), item_id=item_id, progress=progress
        )
