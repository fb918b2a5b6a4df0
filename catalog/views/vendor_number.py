"""The operator's page on which a confirmed number of a vendor is put right."""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.desk import vendor_number as service
from catalog.desk.registration import number_of
from catalog.registration_forms import NumberForm
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, transaction

blueprint = Blueprint("vendor_number", __name__)


@blueprint.route("/admin/vendors/<int:vendor_id>/number", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def correct(vendor_id: int) -> ResponseReturnValue:
    """The number as it is, the form to put it right, and what it was before."""
    vendor = service.get_vendor(get_session(), vendor_id)
    form = NumberForm(
        data={
            "seen_number": number_of(vendor),
            "corporate_number": vendor.organization.corporate_number,
            "alternate_key": vendor.organization.alternate_key,
        }
    )
    status = 200
    if request.method == "POST":
        status = 422
        try:
            _correct(vendor_id, form)
        except Refused as refused:
            known = set(form.errors)
            add_blockers(form, [each for each in refused.blockers if each.field not in known])
        except Conflict as conflict:
            form.form_errors.append(f"{conflict}もう一度保存すると、下の入力に置き換わります。")
            form.seen_number.data = number_of(service.get_vendor(get_session(), vendor_id))
            status = 409
        else:
            flash("番号を訂正し、事業者に知らせました。", "success")
            return redirect(f"/admin/vendors/{vendor_id}/number")
    return _page(vendor_id, form), status


def _page(vendor_id: int, form: NumberForm) -> str:
    session = get_session()
    vendor = service.get_vendor(session, vendor_id)
    return render_template(
        "catalog/vendor_number.html",
        form=form,
        vendor=vendor,
        number=number_of(vendor),
        blockers=service.list_number_blockers(session, vendor),
        history=service.list_numbers(session, vendor_id),
    )


def _correct(vendor_id: int, form: NumberForm) -> None:
    """Raises Refused with every reason the form has not said itself, Conflict."""
    good = form.validate()
    right = service.RightNumber(
        corporate_number=form.corporate_number.data or None,
        alternate_key=form.alternate_key.data or None,
        reason=form.reason.data or "",
    )
    if not good:
        session = get_session()
        vendor = service.get_vendor(session, vendor_id)
        raise Refused(service.list_correction_blockers(session, vendor, right))
    with transaction() as session:
        service.correct_number(
            session,
            actor=current_actor(),
            now=now(),
            vendor_id=vendor_id,
            right=right,
            seen_number=form.seen_number.data or "",
        )
