"""A lead body's cases before they are public, and the operator's look at them."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.case_drafting import queries, services
from catalog.case_drafting.contents import HEADINGS, list_case_changes, words_of
from catalog.case_drafting.own_publishing import publish_own_case
from catalog.case_drafting.queries import CaseReviewPage, DraftPage
from catalog.case_drafting.review_waits import due_of, list_own_publishing_blockers
from catalog.case_drafting.services import find_waiting
from catalog.case_fields import case_fields_by_key
from catalog.case_forms import CaseForm, case_form
from catalog.desk.queries import list_system_types
from catalog.desk.submissions import Verdict
from catalog.desk_forms import CaseReviewForm, ReviewForm, SeenForm
from foundation.clock import jst_today
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, transaction

blueprint = Blueprint("case_drafts", __name__)

_OWN = "/cases/drafts"


@blueprint.post("/cases/drafts")
@requires(Action.EDIT_PROJECT)
def start() -> ResponseReturnValue:
    """Begin a case."""
    with transaction() as session:
        number = services.start_case(session, actor=current_actor(), now=now()).id
    flash("下書きを作りました。途中でも保存できます。", "success")
    return redirect(f"{_OWN}/{number}")


@blueprint.post("/cases/<int:case_id>/change")
@requires(Action.EDIT_PROJECT)
def change(case_id: int) -> ResponseReturnValue:
    """Begin to change a published case; readers see it as it is until the operator has looked."""
    with transaction() as session:
        draft = services.start_change(session, actor=current_actor(), now=now(), case_id=case_id)
        number = draft.id
    return redirect(f"{_OWN}/{number}")


@blueprint.route("/cases/drafts/<int:draft_id>", methods=["GET", "POST"])
@requires(Action.EDIT_PROJECT)
def edit(draft_id: int) -> ResponseReturnValue:
    """The case as its lead writes it, saved finished or not."""
    page = queries.get_draft_page(get_session(), current_actor(), draft_id, now())
    form = _form(page)
    if request.method == "GET":
        return _edit_page(page, form)
    if not form.validate():
        return _edit_page(page, form), 422
    try:
        content = form.read()
        numbers = content["offering_keys"]
        content["offering_keys"] = queries.keys_of_offerings(get_session(), numbers)
        with transaction() as session:
            services.save_case(
                session,
                actor=current_actor(),
                now=now(),
                draft_id=draft_id,
                content=content,
                seen_sha256=form.seen_sha256.data or "",
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _edit_page(page, form), 422
    except Conflict as conflict:
        form.form_errors.append(f"{conflict}もう一度保存すると、下の入力に置き換わります。")
        page = queries.get_draft_page(get_session(), current_actor(), draft_id, now())
        form.seen_sha256.data = page.sha256
        differences = list_case_changes(*queries.named(get_session(), page.content, content))
        return _edit_page(page, form, differences), 409
    flash("下書きを保存しました。", "success")
    return redirect(f"{_OWN}/{draft_id}" + ("/submit" if request.form.get("do") == "next" else ""))


@blueprint.route("/cases/drafts/<int:draft_id>/submit", methods=["GET", "POST"])
@requires(Action.EDIT_PROJECT)
def submit(draft_id: int) -> ResponseReturnValue:
    """What would be published, and the button that hands it in."""
    page = queries.get_draft_page(get_session(), current_actor(), draft_id, now())
    form = SeenForm(data={"seen_sha256": page.sha256})
    status = 200
    if request.method == "POST":
        try:
            with transaction() as session:
                services.submit_case(
                    session,
                    actor=current_actor(),
                    now=now(),
                    draft_id=draft_id,
                    seen_sha256=form.seen_sha256.data or "",
                )
        except Refused as refused:
            add_blockers(form, refused.blockers)
            status = 422
        except Conflict as conflict:
            form.form_errors.append(str(conflict))
            form.seen_sha256.data = page.sha256
            status = 409
        else:
            flash("提出しました。運営者の審査を待ちます。", "success")
            return redirect(f"{_OWN}/{draft_id}")
    return render_template(
        "catalog/case_submit.html", page=page, form=form, content=_words(page.content)
    ), status


@blueprint.post("/cases/drafts/<int:draft_id>/recall")
@requires(Action.EDIT_PROJECT)
def recall(draft_id: int) -> ResponseReturnValue:
    """Take back what waits for review."""
    with transaction() as session:
        services.recall_case(session, actor=current_actor(), now=now(), draft_id=draft_id)
    flash("提出を取り下げました。", "success")
    return redirect(f"{_OWN}/{draft_id}")


@blueprint.route("/admin/reviews/cases/<int:submission_id>", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def review(submission_id: int) -> ResponseReturnValue:
    """A case as it was handed in; approved or sent back by name of its hash."""
    page = queries.get_case_review(get_session(), submission_id)
    form = CaseReviewForm(data={"seen_sha256": page.row.content_sha256})
    if request.method == "GET":
        return _review_page(page, form)
    if not form.validate():
        return _review_page(page, form), 422
    try:
        done = _decide(submission_id, form)
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _review_page(page, form), 422
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        return _review_page(queries.get_case_review(get_session(), submission_id), form), 409
    flash(done, "success")
    return redirect("/admin/reviews")


@blueprint.post("/cases/drafts/<int:draft_id>/publish")
@requires(Action.EDIT_PROJECT)
def publish(draft_id: int) -> ResponseReturnValue:
    """Without the operator, once its deadline is over."""
    try:
        with transaction() as session:
            case_id = publish_own_case(
                session,
                actor=current_actor(),
                now=now(),
                draft_id=draft_id,
                seen_sha256=request.form.get("seen_sha256", ""),
            )
    except Refused as refused:
        for blocker in refused.blockers:
            flash(blocker.message, "error")
        return redirect(f"{_OWN}/{draft_id}")
    except Conflict as conflict:
        flash(str(conflict), "error")
        return redirect(f"{_OWN}/{draft_id}")
    flash("運営者未確認として公開しました。", "success")
    return redirect(f"/cases/{case_id}")


def _decide(submission_id: int, form: ReviewForm) -> str:
    step = services.Step(
        actor=current_actor(),
        now=now(),
        submission_id=submission_id,
        seen_sha256=form.seen_sha256.data or "",
        reply=form.reply.data or "",
    )
    with transaction() as session:
        if request.form.get("do") == "approve":
            services.approve_case(session, step)
            return "事例を公開しました。幹事団体に知らせました。"
        services.send_back_case(session, step)
    return "差し戻しました。幹事団体に知らせました。"


def _form(page: DraftPage) -> CaseForm:
    session = get_session()
    numbers = queries.numbers_of_offerings(session, page.content["offering_keys"])
    shown = {**page.content, "offering_keys": numbers}
    return case_form(shown, list(list_system_types(session)), page.sha256)


def _edit_page(page: DraftPage, form: CaseForm, differences: tuple[object, ...] = ()) -> str:
    today = jst_today(now())
    waiting = find_waiting(get_session(), page.id) if page.waiting else None
    return render_template(
        "catalog/case_draft.html",
        page=page,
        form=form,
        differences=differences,
        state=_state,
        due=due_of(jst_today(waiting.submitted_at)) if waiting else None,
        publish_blockers=list_own_publishing_blockers(waiting, today),
    )


def _review_page(page: CaseReviewPage, form: ReviewForm) -> str:
    return render_template(
        "catalog/case_review.html",
        page=page,
        form=form,
        state=_state(page.row),
        content=_words(page.content),
    )


def _state(row: queries.SubmittedRow) -> str:
    return Verdict(row.verdict).label if row.verdict else "運営者の審査を待っています"


def _words(content: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, tuple[str, ...]]]]]:
    """(heading, its (label, lines)) of a content; system types and bodies by name."""
    fields = case_fields_by_key()
    [said] = queries.named(get_session(), content)
    return [
        (title, [(fields[key].label, words_of(fields[key], said.get(key))) for key in keys])
        for title, keys in HEADINGS.items()
    ]
