"""Pages of cases: the list with its filters, and one case."""

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public
from catalog import panels
from catalog.forms import filter_form
from catalog.presenters import cases as presenter
from catalog.queries import cases as queries
from catalog.queries.policy import list_system_types
from foundation.api import conditional
from foundation.clock import jst_today
from foundation.feeds import atom_feed
from foundation.web import get_session, now, page_number

blueprint = Blueprint("cases", __name__)

_FEED_LENGTH = 50
_FLAGS = {"True": True, "False": False}


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
    found = queries.list_cases(session, wanted, page=page_number())
    return render_template(
        "catalog/cases.html",
        view=view,
        form=filter_form(view.filters),
        page=found,
        items=[presenter.case_item(row) for row in found.rows],
    )


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
    )


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
