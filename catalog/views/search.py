"""The search page: one box over everything, filters with exact counts."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public
from accounts.bodies import list_bodies_named
from accounts.roles import Action, may
from catalog.presenters.search import present, present_ways_out
from catalog.presenters.suggestions import SuggestedLink, present_suggestions
from catalog.queries.comparison import MAX_COMPARED, list_picked, read_ids
from catalog.search.characters import fold
from catalog.search.query import read_query
from catalog.search.results import SearchPage
from catalog.views.missed import count_if_missed
from catalog.views.search_openings import openings_for
from catalog.views.search_setup import answer, suggest, ways_out
from foundation.text import printable
from foundation.web import get_session

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@public
def index() -> ResponseReturnValue:
    """One page of results. Keys and orders nobody knows are passed over; wrong pages are 404."""
    read = read_query(request.args.items(multi=True))
    if read.bad_page:
        abort(404)
    found = answer(read.query)
    if found.is_out_of_range:
        abort(404)
    count_if_missed(found)
    picked = list_picked(get_session(), read_ids(request.args.getlist("ids")).ids)
    return render_template(
        "catalog/search.html",
        view=present(found, picked),
        openings=openings_for(found),
        limit=MAX_COMPARED,
        may_save=may(current_actor(), Action.SAVE_SEARCH),
        may_register_need=may(current_actor(), Action.STATE_INTEREST),
        candidates=_candidates(found),
        ways_out=present_ways_out(ways_out(found)),
        bodies=_bodies_named(found),
    )


def _candidates(found: SearchPage) -> list[SuggestedLink]:
    """What begins like the text, where the answer is short enough to want more."""
    text = found.query.text
    return present_suggestions(text, suggest(text)) if found.pages == 1 else []


def _bodies_named(found: SearchPage) -> list[tuple[str, str]]:
    """(name, address) of the bodies a search that finds nothing names: they have pages."""
    if found.total or not found.query.text.strip():
        return []
    text = found.query.text.strip()
    named = list_bodies_named(get_session(), {text, fold(text)})
    return [(name, url_for("bodies.body", code=code)) for code, name in named]


@blueprint.get("/search/suggest")
@public
def suggestions() -> ResponseReturnValue:
    """What may be meant by a beginning, as a plain list of links."""
    text = printable(request.args.get("q", ""))
    view = present_suggestions(text, suggest(text))
    return render_template("catalog/suggest.html", view=view, text=text)
