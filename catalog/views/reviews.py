"""The operator's queue: what vendors handed in, oldest first, and the decision on each."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.case_drafting.queries import list_case_queue
from catalog.case_drafting.review_waits import due_of
from catalog.criteria import CRITERIA
from catalog.criterion import Review
from catalog.desk import queries, submissions, taking_down
from catalog.desk.registration import list_waiting_vendors
from catalog.desk.vendor_changes import list_renames
from catalog.desk_forms import ReasonForm, ReviewForm
from catalog.presenters import desk as presenter
from catalog.presenters.files import present_files
from catalog.presenters.offerings import present_answers
from catalog.presenters.policy_classes import present_class
from catalog.queries.files import list_content_files
from foundation.clock import era_date, jst_today
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, transaction

blueprint = Blueprint("reviews", __name__)

_DECIDED_SHOWN = 20


@blueprint.get("/admin/reviews")
@requires(Action.PUBLISH_OFFERING)
def index() -> ResponseReturnValue:
    """What waits, oldest first; then what was decided last."""
    return render_template(
        "catalog/reviews.html",
        vendors=list_waiting_vendors(get_session()),
        cases=list_case_queue(get_session()),
        renames=list_renames(get_session()),
        suspended=taking_down.list_suspended(get_session()),
        waiting=queries.list_queue(get_session()),
        decided=queries.list_decided(get_session(), _DECIDED_SHOWN),
        state=_state,
        waits=lambda row: f"審査を待っています（期限 {_due(row.submitted_at)}）",
    )


def _state(row: queries.SubmissionRow) -> str:
    """As everywhere, and until when the operator is to look at what waits to be public."""
    words = presenter.submission_state(row)
    waits = row.verdict is None and row.review == Review.BEFORE.value
    return f"{words}（期限 {_due(row.submitted_at)}）" if waits else words


def _due(submitted_at: datetime) -> str:
    """The last day of the operator's time, and that it is over."""
    due = due_of(jst_today(submitted_at))
    return era_date(due) + ("を過ぎています" if due < jst_today(now()) else "")


@blueprint.route("/admin/reviews/<int:submission_id>", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def show(submission_id: int) -> ResponseReturnValue:
    """A submission with its changes and the checks; approved or sent back by name of its hash."""
    page = queries.get_review_page(get_session(), submission_id, jst_today(now()))
    seen = {"seen_sha256": page.row.content_sha256, "seen_number": page.maker_number}
    form = ReviewForm(data=seen)
    if request.method == "GET":
        return _page(page, form)
    if not form.validate():
        return _page(page, form), 422
    try:
        done = _decide(submission_id, form)
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(page, form), 422
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        return _page(
            queries.get_review_page(get_session(), submission_id, jst_today(now())), form
        ), 409
    flash(done, "success")
    return redirect(url_for("reviews.index"))


@blueprint.route("/admin/offerings/<int:offering_id>/suspension", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def suspension(offering_id: int) -> ResponseReturnValue:
    """Hide a published entry for a while, or show it again; always with a reason."""
    row = queries.get_state(get_session(), offering_id)
    form = ReasonForm()
    if request.method == "GET":
        return render_template("catalog/suspension.html", row=row, form=form)
    if form.validate():
        act = taking_down.resume_offering if row.suspended else taking_down.suspend_offering
        try:
            with transaction() as session:
                act(
                    session,
                    actor=current_actor(),
                    now=now(),
                    offering_id=offering_id,
                    reason=form.reason.data or "",
                )
        except Refused as refused:
            add_blockers(form, refused.blockers)
        else:
            flash("公開を再開しました。" if row.suspended else "公開を停止しました。", "success")
            return redirect(url_for("reviews.index"))
    return render_template("catalog/suspension.html", row=row, form=form), 422


def _decide(submission_id: int, form: ReviewForm) -> str:
    step: dict[str, Any] = {
        "actor": current_actor(),
        "now": now(),
        "submission_id": submission_id,
        "seen_sha256": form.seen_sha256.data or "",
        "reply": form.reply.data or "",
    }
    with transaction() as session:
        if request.form.get("do") == "resume":
            _resume_for(session, submission_id, step)
        if request.form.get("do") in ("approve", "resume"):
            seen_number = form.seen_number.data or ""
            number = submissions.approve_submission(session, **step, seen_number=seen_number)
            return f"第{number}版として承認しました。事業者に知らせました。"
        submissions.send_back_submission(session, **step)
    return "差し戻しました。事業者に知らせました。"


def _resume_for(session: Session, submission_id: int, step: dict[str, Any]) -> None:
    """End the suspension in the same moment: nobody reads what was wrong in between."""
    row = queries.get_review_page(session, submission_id, jst_today(now())).row
    taking_down.resume_offering(
        session,
        actor=step["actor"],
        now=step["now"],
        offering_id=row.offering_id,
        reason=step["reply"].strip() or "直した内容を確かめました。",
    )


def _page(page: queries.ReviewPage, form: ReviewForm) -> str:
    return render_template(
        "catalog/review.html",
        page=page,
        form=form,
        state=presenter.submission_state(page.row),
        policy=present_class(page.policy, page.kind_scope),
        state_of=presenter.submission_state,
        groups=present_answers(page.content["answers"], CRITERIA, jst_today(now())),
        sellers=presenter.content_sellers(page.content, page.names),
        files=present_files(
            list_content_files(page.content), f"/admin/reviews/{page.row.id}/files"
        ),
    )
