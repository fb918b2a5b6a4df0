"""The operator confirms what published entries count as under the policy (F03)."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.policy import ClassedKind
from catalog.policy_confirming import confirm_offering_class
from catalog.policy_forms import ClassForm, open_class_form
from catalog.policy_history import Subject, get_offering_subject
from catalog.presenters.policy_classes import present_class, scope_text
from catalog.queries.policy_classes import ClassPage, get_class_page, list_unconfirmed
from foundation.clock import jst_today
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, page_number, transaction

blueprint = Blueprint("policy_classes", __name__)

ROWS_A_PAGE = 50


@blueprint.get("/admin/policy-classes")
@requires(Action.PUBLISH_OFFERING)
def index() -> ResponseReturnValue:
    """Entries nobody confirmed, and first those whose suggestion changed since."""
    page = list_unconfirmed(get_session(), page=page_number(), size=ROWS_A_PAGE)
    return render_template("catalog/policy_classes.html", page=page, scope_text=scope_text)


@blueprint.route("/admin/offerings/<int:offering_id>/policy", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def confirm(offering_id: int) -> ResponseReturnValue:
    """The suggestion beside what was confirmed before, and the form to confirm anew."""
    subject, page = _read(offering_id)
    form = open_class_form(page, subject)
    if request.method == "GET":
        return _page(subject, page, form)
    if not form.validate():
        return _page(subject, page, form), 422
    try:
        with transaction() as session:
            confirm_offering_class(
                session,
                actor=current_actor(),
                now=now(),
                offering_id=offering_id,
                answer=form.answer,
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(subject, page, form), 422
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        subject, page = _read(offering_id)
        form.mark_seen(page, subject)
        return _page(subject, page, form), 409
    flash("国の方針との関係を確認済みにしました。", "success")
    return redirect(url_for("policy_classes.index"))


def _read(offering_id: int) -> tuple[Subject, ClassPage]:
    session = get_session()
    subject = get_offering_subject(session, offering_id, jst_today(now()))
    return subject, get_class_page(session, ClassedKind.OFFERING.value, offering_id)


def _page(subject: Subject, page: ClassPage, form: ClassForm) -> str:
    return render_template(
        "catalog/policy_confirm.html",
        subject=subject,
        suggestion=scope_text(subject.scope, subject.items),
        view=present_class(page, subject.scope),
        form=form,
    )
