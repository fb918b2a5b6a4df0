"""Pages of cases: the list with its filters, and one case."""

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import HiddenField, TextAreaField

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from catalog import case_desk, panels
from catalog.case_drafting.queries import list_drafts
from catalog.case_drafting.review_waits import is_unreviewed
from catalog.case_drafting.services import list_written
from catalog.forms import filter_form
from catalog.models import Case
from catalog.presenters import cases as presenter
from catalog.queries import cases as queries
from catalog.queries.policy import list_system_types
from foundation.api import conditional
from foundation.clock import jst_today
from foundation.errors import Conflict, Refused
from foundation.feeds import atom_feed
from foundation.forms import Difference, LineField, MoyaiForm, add_blockers, list_differences
from foundation.paging import existing
from foundation.text import find_number
from foundation.web import get_session, now, page_number, transaction

blueprint = Blueprint("cases", __name__)

_FEED_LENGTH = 50
_FLAGS = {"True": True, "False": False}


class RefreshForm(MoyaiForm):
    """What a lead body says of its case a year on."""

    know_how = TextAreaField(
        case_desk.LABELS["know_how"], description="ほかの団体に役立つ進め方や注意点を書きます。"
    )
    issues_met = TextAreaField(
        case_desk.LABELS["issues_met"], description="困ったことと、どうしたかを書きます。"
    )
    measured_effects = TextAreaField(
        case_desk.LABELS["measured_effects"],
        description="測った効果を1行に1つずつ書きます。例：作成時間が月52.4時間から18.1時間になった",
    )
    contact_office = LineField(
        case_desk.LABELS["contact_office"], description="部署の名称だけを書きます。"
    )
    seen_version = HiddenField()

    def read(self) -> case_desk.Refresh:
        """What was typed."""
        effects = [line.strip() for line in (self.measured_effects.data or "").splitlines()]
        return case_desk.Refresh(
            know_how=self.know_how.data or "",
            issues_met=self.issues_met.data or "",
            measured_effects=tuple(line for line in effects if line),
            contact_office=self.contact_office.data or "",
            row_version=find_number(self.seen_version.data) or 0,
        )


@blueprint.get("/cases")
@public
def index() -> ResponseReturnValue:
    """Cases, newest first; filters with exact counts, real and fictional apart."""
    session = get_session()
    wanted = _read_filter()
    view = presenter.present_list(
        wanted,
        queries.count_cases(session, wanted),
        queries.count_by(session, wanted),
        list_system_types(session),
    )
    found = existing(queries.list_cases(session, wanted, page=page_number()))
    return render_template(
        "catalog/cases.html",
        view=view,
        form=filter_form(view.filters),
        page=found,
        items=[presenter.case_item(row) for row in found.rows],
    )


@blueprint.get("/cases/own")
@requires(Action.EDIT_PROJECT)
def own() -> ResponseReturnValue:
    """The published cases of the reader's body, longest unconfirmed first."""
    rows = case_desk.list_own_cases(
        get_session(), current_actor(), jst_today(now()), written=_written(get_session())
    )
    drafts = list_drafts(get_session(), current_actor())
    return render_template("catalog/own_cases.html", rows=rows, drafts=drafts)


@blueprint.get("/cases/<int:case_id>")
@public
def show(case_id: int) -> ResponseReturnValue:
    """One case with everything its source says."""
    session, moment = get_session(), now()
    page = queries.get_case_page(session, case_id)
    asked = panels.PanelRequest(actor=current_actor(), subject_id=case_id, now=moment)
    return render_template(
        "catalog/case.html",
        view=presenter.present_case(page, jst_today(moment)),
        panels=panels.list_panels(session, panels.Place.CASE, asked),
        unreviewed=is_unreviewed(session, case_id),
        may_refresh=case_desk.may_refresh(
            current_actor(), case_id, page.lead_body_code, written=_written(session)
        ),
    )


@blueprint.route("/cases/<int:case_id>/refresh", methods=["GET", "POST"])
@requires(Action.EDIT_PROJECT)
def refresh(case_id: int) -> ResponseReturnValue:
    """The lead body confirms its case for another year, with what it learnt since."""
    case = case_desk.find_own_case(
        get_session(), current_actor(), case_id, written=_written(get_session())
    )
    form = RefreshForm(data=_said_of(case))
    status = 200
    others: tuple[Difference, ...] = ()
    if request.method == "POST":
        status = 422
        try:
            if form.validate():
                _refresh(case_id, form)
                flash("事例の内容を確認済みにしました。", "success")
                return redirect(url_for("cases.show", case_id=case_id))
        except Refused as refused:
            add_blockers(form, refused.blockers)
        except Conflict as conflict:
            form.form_errors.append(str(conflict))
            status = 409
            case = case_desk.find_own_case(
                get_session(), current_actor(), case_id, written=_written(get_session())
            )
            form.seen_version.data = str(case.row_version)
            others = list_differences(form, RefreshForm(formdata=None, data=_said_of(case)))
    page = render_template("catalog/case_refresh.html", case=case, form=form, others=others)
    return page, status


def _said_of(case: Case) -> dict[str, str]:
    return {
        "know_how": case.know_how,
        "issues_met": case.issues_met,
        "measured_effects": "\n".join(map(str, case.measured_effects)),
        "contact_office": case.contact_office,
        "seen_version": str(case.row_version),
    }


def _refresh(case_id: int, form: RefreshForm) -> None:
    with transaction() as session:
        case_desk.refresh_case(
            session,
            actor=current_actor(),
            now=now(),
            case_id=case_id,
            refresh=form.read(),
            written=_written(session),
        )


def _written(session: Session) -> frozenset[int]:
    return list_written(session, current_actor())


@blueprint.get("/feeds/cases.atom")
@public
def feed() -> Response:
    """The cases added or changed last; fictional ones say so in their titles."""
    found = queries.list_cases(get_session(), queries.CaseFilter(), size=_FEED_LENGTH)
    text = atom_feed(
        [presenter.feed_entry(row) for row in found.rows],
        home=request.url_root.rstrip("/"),
        path="/cases",
        title="もやい 調達事例の新着・更新",
        now=now(),
    )
    return conditional(current_app.response_class(text, mimetype="application/atom+xml"))


def _read_filter() -> queries.CaseFilter:
    """What the address narrows by; values that mean nothing simply find nothing."""
    values = request.args
    return queries.CaseFilter(
        kind=values.get("kind", ""),
        category=values.get("category", ""),
        prefecture=values.get("prefecture", ""),
        know_how=_FLAGS.get(values.get("know_how", "")),
        fictional=_FLAGS.get(values.get("fictional", "")),
    )
