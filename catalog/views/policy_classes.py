"""The operator confirms what entries count as under the policy, public or handed in (F03)."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.desk.classing import Classed, confirm_entry_class, get_classed
from catalog.policy import ClassedKind
from catalog.policy_forms import ClassForm, open_class_form
from catalog.presenters.policy_classes import present_class, scope_text
from catalog.queries.policy_classes import ClassPage, get_class_page, list_unconfirmed
from foundation.clock import jst_today
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.paging import existing
from foundation.web import get_session, now, page_number, transaction

blueprint = Blueprint("policy_classes", __name__)

ROWS_A_PAGE = 50


@blueprint.get("/admin/policy-classes")
@requires(Action.PUBLISH_OFFERING)
def index() -> ResponseReturnValue:
    """Entries nobody confirmed, and first those whose suggestion changed since."""
    page = existing(list_unconfirmed(get_session(), page=page_number(), size=ROWS_A_PAGE))
    return render_template("catalog/policy_classes.html", page=page, scope_text=scope_text)


@blueprint.route("/admin/offerings/<int:offering_id>/policy", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def confirm(offering_id: int) -> ResponseReturnValue:
    """The suggestion beside what was confirmed before, and the form to confirm anew."""
    classed, page = _read(offering_id)
    form = open_class_form(page, classed.subject)
    if request.method == "GET":
        return _page(classed, page, form)
    if not form.validate():
        return _page(classed, page, form), 422
    try:
        with transaction() as session:
            confirm_entry_class(
                session,
                actor=current_actor(),
                now=now(),
                offering_id=offering_id,
                answer=form.answer,
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(classed, page, form), 422
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        classed, page = _read(offering_id)
        form.mark_seen(page, classed.subject)
        return _page(classed, page, form), 409
    flash("国の方針との関係を確認済みにしました。", "success")
    return redirect(_back(classed))


def _back(classed: Classed) -> str:
    """To the submission it was confirmed beside, else to the list of what waits."""
    if classed.submission_id is None:
        return url_for("policy_classes.index")
    return url_for("reviews.show", submission_id=classed.submission_id)


def _read(offering_id: int) -> tuple[Classed, ClassPage]:
    session = get_session()
    classed = get_classed(session, offering_id, jst_today(now()))
    return classed, get_class_page(session, ClassedKind.OFFERING.value, offering_id)


def _page(classed: Classed, page: ClassPage, form: ClassForm) -> str:
    subject = classed.subject
    return render_template(
        "catalog/policy_confirm.html",
        subject=subject,
        submission_id=classed.submission_id,
        suggestion=scope_text(subject.scope, subject.items),
        view=present_class(page, subject.scope),
        form=form,
    )
