"""Up to five entries side by side: answers, prices, and the same as a file."""

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from accounts.access import current_actor, public
from catalog import panels
from catalog.answers import NOT_STATED
from catalog.forms import (
    ReadingForm,
    TogetherForm,
    quantity_form,
    sent_quantities,
)
from catalog.plan_units import Unit
from catalog.presenters import comparison as presenter
from catalog.presenters import comparison_prices as prices
from catalog.presenters.comparison_csv import comparison_csv
from catalog.queries.comparison import (
    MAX_COMPARED,
    ComparisonPage,
    get_comparison,
    read_ids,
)
from catalog.queries.offerings import criteria_for
from catalog.search.query import read_query
from foundation.clock import jst_today
from foundation.web import attachment, get_session, now

blueprint = Blueprint("compare", __name__)


@blueprint.get("/offerings/compare")
@public
def index() -> ResponseReturnValue:
    """Side by side; what of the address cannot be read or shown is named above."""
    page = _load()
    facts = _joint_facts(page)
    form, together = _forms(page, facts)
    address = presenter.Address(
        only_differing=request.args.get(presenter.DIFFERING) == "1",
        search=tuple(read_query(request.args.items(multi=True)).query.parameters()),
        quantities=_typed_pairs(page),
    )
    return render_template(
        "catalog/compare.html",
        view=presenter.present_comparison(
            page, criteria_for(current_actor()), facts.named, address, jst_today(now())
        ),
        prices=prices.present_prices(
            page, _sizes(page, form, together), facts.own_quantities, facts.as_basis
        ),
        form=form,
        together=together,
        kept=(*address.search, *(((presenter.DIFFERING, "1"),) if address.only_differing else ())),
        limit=MAX_COMPARED,
        not_stated=NOT_STATED,
    )


@blueprint.get("/offerings/compare.csv")
@public
def download() -> Response:
    """The same as a long table, one row per entry and item; 404 when nothing can be shown."""
    page = _load()
    if not page.found:
        abort(404)
    facts = _joint_facts(page)
    form, together = _forms(page, facts)
    view = presenter.present_comparison(
        page, criteria_for(current_actor()), {}, presenter.Address(), jst_today(now())
    )
    # What only a lead sees of its own project stays on the page: a file is passed on.
    costs = prices.present_prices(page, _sizes(page, form, together), facts.own_quantities, {})
    return attachment(comparison_csv(view, costs), "text/csv", "moyai-comparison.csv")


def _load() -> ComparisonPage:
    return get_comparison(get_session(), current_actor(), read_ids(request.args.getlist("ids")))


def _forms(page: ComparisonPage, facts: panels.JointFacts) -> tuple[ReadingForm, TogetherForm]:
    units = prices.units_of_page(page)
    defaults = prices.default_quantities(page, facts.own_quantities)
    sent: MultiDict[str, str] | None = request.args if "bodies" in request.args else None
    return quantity_form(units, request.args, defaults), TogetherForm(formdata=sent)


def _sizes(page: ComparisonPage, form: ReadingForm, together: TogetherForm) -> prices.Sizes:
    typed = sent_quantities(form, prices.units_of_page(page), request.args)
    return prices.Sizes(typed=typed, bodies=together.count)


def _typed_pairs(page: ComparisonPage) -> tuple[tuple[str, str], ...]:
    """What was typed, for the links that keep it."""
    names = [unit.value for unit in Unit if unit in prices.units_of_page(page)]
    sent = request.args
    return tuple((name, sent[name]) for name in (*names, "bodies") if name in sent)


def _joint_facts(page: ComparisonPage) -> panels.JointFacts:
    ids = tuple(row.id for row, _ in page.found)
    kinds = tuple(dict.fromkeys(row.system_type_code for row, _ in page.found))
    asked = panels.JointRequest(
        actor=current_actor(), offering_ids=ids, system_types=kinds, now=now()
    )
    return panels.find_joint_facts(get_session(), asked)
