"""The operator names the council that leads a case which came in by a file (F01)."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.case_drafting import leads
from foundation.errors import Conflict, Refused
from foundation.forms import MoyaiForm, add_blockers
from foundation.paging import existing
from foundation.text import find_number
from foundation.web import get_session, now, page_number, transaction

blueprint = Blueprint("case_leads", __name__)

ROWS_A_PAGE = 50


class LeadForm(MoyaiForm):
    """Which council, or that it is not known. seen_version: of the case, as it was shown."""

    organization_id = SelectField(
        "幹事団体（協議会）",
        description="このサイトを利用している協議会から選びます。分からないときは「登録しない」にします。",
        validate_choice=False,
    )
    seen_version = HiddenField()

    @property
    def chosen(self) -> int | None:
        """The council's number; None for nobody, 0 for what is no number."""
        typed = self.organization_id.data or ""
        return (find_number(typed) or 0) if typed else None


@blueprint.get("/admin/case-leads")
@requires(Action.PUBLISH_OFFERING)
def index() -> ResponseReturnValue:
    """Cases that no body's code is known of, first those nobody is named for."""
    page = existing(leads.list_leads(get_session(), page=page_number(), size=ROWS_A_PAGE))
    return render_template("catalog/case_leads.html", page=page)


@blueprint.route("/admin/case-leads/<int:case_id>", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def name(case_id: int) -> ResponseReturnValue:
    """The case as its source names its lead, and the councils it can be given to."""
    page = leads.get_lead_page(get_session(), case_id)
    form = _form(page)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if form.validate():
                _name(case_id, form)
                flash("幹事団体を登録しました。", "success")
                return redirect(url_for("case_leads.index"))
        except Refused as refused:
            add_blockers(form, refused.blockers)
        except Conflict as conflict:
            form.form_errors.append(str(conflict))
            form.seen_version.data = str(page.row_version)
            status = 409
    return render_template("catalog/case_lead.html", page=page, form=form), status


def _form(page: leads.LeadPage) -> LeadForm:
    chosen = str(page.organization_id or "")
    form = LeadForm(data={"organization_id": chosen, "seen_version": str(page.row_version)})
    councils = [(str(number), name) for number, name in page.councils]
    form.organization_id.choices = [("", "登録しない（分からない）"), *councils]
    return form


def _name(case_id: int, form: LeadForm) -> None:
    with transaction() as session:
        leads.name_lead(
            session,
            actor=current_actor(),
            now=now(),
            case_id=case_id,
            organization_id=form.chosen,
            seen_version=find_number(form.seen_version.data) or 0,
        )
