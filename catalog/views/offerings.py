"""Pages of offerings: one entry, an old version, several side by side."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public
from catalog import panels
from catalog.answers import NOT_STATED
from catalog.chance import tie_month
from catalog.forms import quantity_form, typed_quantities
from catalog.presenters import offerings as presenter
from catalog.queries import offerings as queries
from foundation.web import get_session, now

blueprint = Blueprint("offerings", __name__)


@blueprint.get("/offerings/<int:offering_id>")
@public
def show(offering_id: int) -> ResponseReturnValue:
    """An entry: answers, sellers and plans, what it costs, cases, open projects, history."""
    session, actor = get_session(), current_actor()
    page = queries.get_offering_page(session, actor, offering_id)
    units = presenter.units_in(page.content.offers)
    form = quantity_form(units, request.args, presenter.default_quantities(page))
    view = presenter.present_offering(page, typed_quantities(form, units, request.args))
    asked = panels.PanelRequest(actor=actor, subject_id=offering_id, now=now())
    month = tie_month(asked.now)
    return render_template(
        "catalog/offering.html",
        view=view,
        peers=queries.list_peers(session, page.row, month),
        month=month,
        limit=queries.MAX_COMPARED,
        form=form,
        versions=page.versions,
        panels=panels.list_panels(session, panels.Place.OFFERING, asked),
    )


@blueprint.get("/offerings/<int:offering_id>/versions/<int:number>")
@public
def show_version(offering_id: int, number: int) -> ResponseReturnValue:
    """What the entry said in that version; it never changes."""
    actor = current_actor()
    row, content = queries.get_version_page(get_session(), actor, offering_id, number)
    return render_template(
        "catalog/offering_version.html",
        row=row,
        content=content,
        groups=presenter.present_answers(content.answers, queries.criteria_for(actor)),
        offers=presenter.present_offers(content.offers),
    )


@blueprint.get("/offerings/compare")
@public
def compare() -> ResponseReturnValue:
    """Up to five entries side by side, differences marked in words."""
    session, actor = get_session(), current_actor()
    ids = _read_ids(request.args.getlist("ids"))
    found = queries.list_compared(session, actor, ids)
    view = presenter.compare(
        found, queries.criteria_for(actor), queries.find_body_size(session, actor.body_code)
    )
    return render_template(
        "catalog/compare.html",
        view=view,
        left_out=max(0, len(ids) - len(found)),
        limit=queries.MAX_COMPARED,
        not_stated=NOT_STATED,
    )


def _read_ids(values: list[str]) -> list[int]:
    """The ids of 「ids=1,2」 and 「ids=1&ids=2」; anything else is passed over."""
    parts = [part.strip() for value in values for part in value.split(",")]
    numbers = [int(p) for p in parts if p.isascii() and p.isdigit() and len(p) <= 9]
    return list(dict.fromkeys(numbers))
