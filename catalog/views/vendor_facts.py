"""A vendor's own facts, and the operator's sending back of a registration."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.desk import vendor_facts as service
from catalog.desk.drafts import get_own_vendor
from catalog.desk_forms import ReasonForm
from catalog.models import Vendor
from catalog.registration_forms import FactsForm
from catalog.search.catalog_sources import load_labels
from foundation.errors import Conflict, NotFound, Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, transaction

blueprint = Blueprint("vendor_facts", __name__)


@blueprint.route(service.FACTS_PAGE, methods=["GET", "POST"])
@requires(Action.MANAGE_VENDOR)
def edit() -> ResponseReturnValue:
    """What readers see of the vendor besides its name; shown as soon as it is saved."""
    vendor = get_own_vendor(get_session(), current_actor())
    form, status = _form(vendor), 200
    if request.method == "POST":
        status = 422
        try:
            if form.validate():
                _change(form, service.facts_of(vendor))
                flash("事業者の情報を保存しました。", "success")
                return redirect("/desk/vendor")
        except Refused as refused:
            add_blockers(form, refused.blockers)
        except Conflict as conflict:
            form.form_errors.append(f"{conflict}もう一度保存すると、下の入力に置き換わります。")
            form.seen_sha256.data = service.facts_sha256(service.facts_of(vendor))
            status = 409
    return render_template("catalog/vendor_facts.html", form=form, vendor=vendor), status


@blueprint.route("/admin/vendors/<int:vendor_id>/send-back", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def send_back(vendor_id: int) -> ResponseReturnValue:
    """Give a registration back, with a reason."""
    vendor = service.find_waiting_vendor(get_session(), vendor_id)
    if vendor is None:
        raise NotFound(f"vendor {vendor_id}")
    form = ReasonForm()
    if request.method == "POST" and form.validate():
        with transaction() as session:
            service.send_back_vendor(
                session,
                actor=current_actor(),
                now=now(),
                vendor_id=vendor_id,
                reason=form.reason.data or "",
            )
        flash("差し戻しました。事業者に知らせました。", "success")
        return redirect(url_for("reviews.index"))
    status = 422 if request.method == "POST" else 200
    return render_template("catalog/vendor_send_back.html", vendor=vendor, form=form), status


def _form(vendor: Vendor) -> FactsForm:
    facts = service.facts_of(vendor)
    form = FactsForm(obj=facts, data={"seen_sha256": service.facts_sha256(facts)})
    prefectures = load_labels(get_session())["prefecture"]
    form.prefecture_code.choices = [("", "選んでください"), *prefectures.items()]
    if service.is_confirmed(vendor):
        del form.corporate_number, form.alternate_key
    return form


def _change(form: FactsForm, known: service.VendorFacts) -> None:
    asked = "corporate_number" in form  # no longer, once the operator has confirmed it
    facts = service.VendorFacts(
        kana=form.kana.data or "",
        prefecture_code=form.prefecture_code.data or None,
        address=form.address.data or "",
        website=form.website.data or "",
        introduction=(form.introduction.data or "").strip(),
        sme=bool(form.sme.data),
        startup=bool(form.startup.data),
        size_basis=form.size_basis.data or "",
        corporate_number=(form.corporate_number.data or None) if asked else known.corporate_number,
        alternate_key=(form.alternate_key.data or None) if asked else known.alternate_key,
    )
    with transaction() as session:
        service.change_facts(
            session,
            actor=current_actor(),
            now=now(),
            facts=facts,
            seen_sha256=form.seen_sha256.data or "",
        )
