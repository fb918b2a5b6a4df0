"""A vendor writes its entry: page by page, handed in, taken back, renewed, put back."""

import secrets
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.case_drafting.review_waits import describe_wait
from catalog.criteria import criteria_of
from catalog.criterion import Review
from catalog.desk import drafts, queries, submissions
from catalog.desk.changes import Change, list_part_changes
from catalog.desk.classing import suggest_draft_class
from catalog.desk.contents import (
    BASIC,
    FILES,
    PRICES,
    Section,
    find_section,
    part_sha256,
    section_part,
)
from catalog.desk.queries import EntryPage
from catalog.desk.renewals import find_confirmed_on
from catalog.desk.taking_down import find_hidden, withdraw_entry
from catalog.desk.throwing_away import list_draft_blockers, throw_draft_away
from catalog.desk_forms import (
    BasicForm,
    ReasonForm,
    SectionForm,
    SeenForm,
    SubmitForm,
    section_form,
)
from catalog.entries import PublicationStatus
from catalog.policy import NO_WARNING
from catalog.presenters import desk as presenter
from catalog.presenters.policy_classes import present_class
from catalog.renewal import Renewal, is_renewing, renewal_of
from foundation.clock import jst_today
from foundation.errors import Conflict, NotFound, Refused
from foundation.forms import add_blockers
from foundation.text import find_number
from foundation.web import get_session, now, transaction

blueprint = Blueprint("desk_entries", __name__)


@blueprint.route("/desk/vendor/offerings/new", methods=["GET", "POST"])
@requires(Action.EDIT_OFFERING)
def new() -> ResponseReturnValue:
    """Begin an entry: its name, what it does, which kind of system it is."""
    drafts.get_own_vendor(get_session(), current_actor())
    form = _basic_form({})
    if request.method == "GET":
        return render_template("catalog/desk_new.html", form=form)
    if form.validate():
        try:
            with transaction() as session:
                key = f"entry-{secrets.token_hex(6)}"
                offering_id = drafts.start_offering(
                    session, actor=current_actor(), now=now(), key=key, **form.part
                ).id
        except Refused as refused:
            add_blockers(form, refused.blockers)
        else:
            flash("下書きを作りました。続きは一つずつ保存できます。", "success")
            return redirect(f"{presenter.DESK}/{offering_id}")
    return render_template("catalog/desk_new.html", form=form), 422


def _renewal(page: EntryPage) -> tuple[date, Renewal] | None:
    """When a public entry was confirmed last, and whether it is to be renewed."""
    if page.status != PublicationStatus.PUBLISHED.value:
        return None
    day = find_confirmed_on(get_session(), page.id)
    return (day, renewal_of(day, jst_today(now()))) if day else None


def _describe_wait(page: EntryPage) -> str:
    """What a vendor may expect; nothing of what is public already and looked at afterwards."""
    waiting = page.waiting
    if waiting is None or waiting.review != Review.BEFORE.value:
        return ""
    return describe_wait(jst_today(waiting.submitted_at), jst_today(now()))


@blueprint.get("/desk/vendor/offerings/<int:offering_id>")
@requires(Action.EDIT_OFFERING)
def show(offering_id: int) -> ResponseReturnValue:
    """Where the entry stands: what is answered, what is missing, what waits."""
    page = queries.get_entry_page(get_session(), current_actor(), offering_id)
    suspended = page.status == PublicationStatus.SUSPENDED.value
    return render_template(
        "catalog/desk_entry.html",
        page=page,
        wait=_describe_wait(page),
        hidden=find_hidden(get_session(), offering_id) if suspended else None,
        sections=presenter.present_sections(page),
        state=presenter.submission_state,
        policy=present_class(page.policy, ""),
        suggested=_suggested(page),
        stale=presenter.present_stale(page, jst_today(now())),
        renewal=_renewal(page),
        renewing=is_renewing(page.content),
        expiries=presenter.present_expiries(page, jst_today(now())),
        form=SeenForm(formdata=None, data={"seen_sha256": page.sha256}),
    )


@blueprint.route("/desk/vendor/offerings/<int:offering_id>/<section_key>", methods=["GET", "POST"])
@requires(Action.EDIT_OFFERING)
def section(offering_id: int, section_key: str) -> ResponseReturnValue:
    """One page of the form, saved for itself."""
    chosen = find_section(section_key)
    if chosen is None or chosen.key in (PRICES, FILES):
        raise NotFound(f"section {section_key}")
    page = queries.get_entry_page(get_session(), current_actor(), offering_id)
    form = _form_of(page, chosen)
    if request.method == "GET":
        return _section_page(page, chosen, form)
    if not form.validate():
        return _section_page(page, chosen, form), 422
    part = form.part if isinstance(form, BasicForm) else {"answers": form.read_answers()}
    try:
        with transaction() as session:
            drafts.save_part(
                session,
                actor=current_actor(),
                now=now(),
                offering_id=offering_id,
                section_key=chosen.key,
                part=part,
                seen_sha256=form.seen_sha256.data or "",
            )
    except Refused as refused:
        _refuse(form, refused)
        return _section_page(page, chosen, form), 422
    except drafts.PartChanged as changed:
        stored = section_part(changed.stored, chosen)
        form.seen_sha256.data = part_sha256(changed.stored, chosen)
        differences = list_part_changes(stored, part, page.names)
        return _section_page(page, chosen, form, differences), 409
    flash(f"「{chosen.label}」を保存しました。", "success")
    following = presenter.next_section(chosen.key) if request.form.get("do") == "next" else None
    return redirect(f"{presenter.DESK}/{offering_id}" + (f"/{following.key}" if following else ""))


@blueprint.route("/desk/vendor/offerings/<int:offering_id>/submit", methods=["GET", "POST"])
@requires(Action.EDIT_OFFERING)
def submit(offering_id: int) -> ResponseReturnValue:
    """What would change, whether it waits for review, and the button that hands it in."""
    page = queries.get_entry_page(get_session(), current_actor(), offering_id)
    seen = {"seen_sha256": page.sha256, "seen_version": str(page.version)}
    form = SubmitForm(data=seen)
    if request.method == "GET":
        return _submit_page(page, form)
    if not form.validate():
        return _submit_page(page, form), 422
    try:
        with transaction() as session:
            submission = submissions.submit_offering(
                session,
                actor=current_actor(),
                now=now(),
                offering_id=offering_id,
                seen=submissions.Seen(
                    content_sha256=form.seen_sha256.data or "",
                    version=_number(form.seen_version.data),
                ),
                change_note=form.change_note.data or "",
            )
            number = submission.version
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _submit_page(page, form), 422
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        form.seen_sha256.data, form.seen_version.data = page.sha256, str(page.version)
        return _submit_page(page, form), 409
    flash(_handed_in(page, number), "success")
    return redirect(f"{presenter.DESK}/{offering_id}")


def _handed_in(page: EntryPage, number: int | None) -> str:
    """What became of it. number: of the version readers see now, None while it waits."""
    if number is None:
        return "提出しました。運営者の審査を待ちます。"
    if number == page.version:
        return f"年次更新を済ませました。公開中の内容は第{number}版のままです。"
    return f"第{number}版を公開しました。"


@blueprint.post("/desk/vendor/offerings/<int:offering_id>/recall/<int:submission_id>")
@requires(Action.EDIT_OFFERING)
def recall(offering_id: int, submission_id: int) -> ResponseReturnValue:
    """Take back what waits for review."""
    with transaction() as session:
        submissions.recall_submission(
            session,
            actor=current_actor(),
            now=now(),
            offering_id=offering_id,
            submission_id=submission_id,
        )
    flash("提出を取り下げました。", "success")
    return redirect(f"{presenter.DESK}/{offering_id}")


@blueprint.post("/desk/vendor/offerings/<int:offering_id>/renew")
@requires(Action.EDIT_OFFERING)
def renew(offering_id: int) -> ResponseReturnValue:
    """Begin the yearly renewal."""
    with transaction() as session:
        drafts.renew_draft(session, **_step(offering_id))
    flash("年次更新の下書きを作りました。あらためて回答する項目は空欄です。", "success")
    return redirect(f"{presenter.DESK}/{offering_id}")


@blueprint.post("/desk/vendor/offerings/<int:offering_id>/discard")
@requires(Action.EDIT_OFFERING)
def discard(offering_id: int) -> ResponseReturnValue:
    """Throw the changes away."""
    with transaction() as session:
        drafts.discard_draft(session, **_step(offering_id))
    flash("変更の下書きを破棄しました。", "success")
    return redirect(f"{presenter.DESK}/{offering_id}")


@blueprint.route("/desk/vendor/offerings/<int:offering_id>/throw-away", methods=["GET", "POST"])
@requires(Action.EDIT_OFFERING)
def throw_away(offering_id: int) -> ResponseReturnValue:
    """What goes with a draft nobody handed in, and the button that throws it away."""
    page = queries.get_entry_page(get_session(), current_actor(), offering_id)
    form = SeenForm(data={"seen_sha256": page.sha256})
    status = 200
    if request.method == "POST":
        try:
            with transaction() as session:
                name = throw_draft_away(session, **_step(offering_id))
            flash(f"「{name}」の下書きを捨てました。", "success")
            return redirect("/desk/vendor")
        except Refused:
            status = 422
        except Conflict as conflict:
            form.form_errors.append(str(conflict))
            form.seen_sha256.data = page.sha256
            status = 409
    template = render_template(
        "catalog/desk_throw_away.html",
        page=page,
        form=form,
        goes=presenter.present_goes(page),
        blockers=list_draft_blockers(get_session(), current_actor(), offering_id),
    )
    return template, status


@blueprint.post("/desk/vendor/offerings/<int:offering_id>/revert/<int:number>")
@requires(Action.EDIT_OFFERING)
def revert(offering_id: int, number: int) -> ResponseReturnValue:
    """Write an earlier version into the draft."""
    with transaction() as session:
        drafts.revert_draft(session, number=number, **_step(offering_id))
    flash(f"第{number}版の内容を下書きに写しました。提出すると新しい版になります。", "success")
    return redirect(f"{presenter.DESK}/{offering_id}/submit")


@blueprint.route("/desk/vendor/offerings/<int:offering_id>/withdraw", methods=["GET", "POST"])
@requires(Action.EDIT_OFFERING)
def withdraw(offering_id: int) -> ResponseReturnValue:
    """Take a published entry out of lists and search, with a reason."""
    page = queries.get_entry_page(get_session(), current_actor(), offering_id)
    form = ReasonForm()
    if request.method == "GET":
        return render_template("catalog/desk_withdraw.html", page=page, form=form)
    if form.validate():
        try:
            with transaction() as session:
                withdraw_entry(
                    session,
                    actor=current_actor(),
                    now=now(),
                    offering_id=offering_id,
                    reason=form.reason.data or "",
                )
        except Refused as refused:
            add_blockers(form, refused.blockers)
        else:
            flash("掲載を終了しました。", "success")
            return redirect(f"{presenter.DESK}/{offering_id}")
    return render_template("catalog/desk_withdraw.html", page=page, form=form), 422


def _suggested(page: EntryPage) -> str:
    """What the draft would count as where the state's support does not cover it, else ''."""
    if page.draft_at is None:
        return ""
    found = suggest_draft_class(get_session(), page.content, page.kind_scope, jst_today(now()))
    return "" if found.scope in NO_WARNING else found.scope.label


def _step(offering_id: int) -> dict[str, Any]:
    """Who does what to which entry, as it was shown."""
    return {
        "actor": current_actor(),
        "now": now(),
        "offering_id": offering_id,
        "seen_sha256": request.form.get("seen_sha256", ""),
    }


def _number(sent: str | None) -> int:
    found = find_number(sent)
    return -1 if found is None else found


def _basic_form(data: dict[str, Any]) -> BasicForm:
    form = BasicForm(data=data)
    types = queries.list_system_types(get_session())
    form.system_type_code.choices = [("", "選んでください"), *types]
    return form


def _form_of(page: EntryPage, chosen: Section) -> BasicForm | SectionForm:
    sha256 = part_sha256(page.content, chosen)
    if chosen.group is None:
        return _basic_form(section_part(page.content, chosen) | {"seen_sha256": sha256})
    return section_form(criteria_of(chosen.group), page.content["answers"], sha256)


def _refuse(form: BasicForm | SectionForm, refused: Refused) -> None:
    if isinstance(form, SectionForm):
        form.refuse(refused.blockers)
    else:
        add_blockers(form, refused.blockers)


def _section_page(
    page: EntryPage,
    chosen: Section,
    form: BasicForm | SectionForm,
    differences: tuple[Change, ...] = (),
) -> str:
    return render_template(
        "catalog/desk_section.html",
        page=page,
        section=chosen,
        form=form,
        is_basic=chosen.key == BASIC,
        differences=differences,
        earlier=presenter.list_earlier_answers(page, chosen),
        following=presenter.next_section(chosen.key),
    )


def _submit_page(page: EntryPage, form: SubmitForm) -> str:
    return render_template(
        "catalog/desk_submit.html",
        page=page,
        form=form,
        words=presenter.review_words(page),
        may_submit=presenter.says_something(page),
        blockers=presenter.blocker_links(page),
    )
