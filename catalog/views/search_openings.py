"""What a search shows above its results: joint procurements forming for what it is about."""

from flask import current_app
from sqlalchemy import select

from accounts.access import current_actor
from accounts.roles import Actor, OrganizationKind
from catalog.chance import tie_month
from catalog.models import SystemType
from catalog.openings import OpeningsWanted, list_openings
from catalog.presenters.openings import OpeningsView, present_openings
from catalog.search.naming import KindOfSystem, NameTable
from catalog.search.query import SearchQuery
from catalog.search.results import SearchPage
from catalog.views.search_setup import get_search
from foundation.web import get_session, now

_BODIES = (
    OrganizationKind.PREFECTURE,
    OrganizationKind.MUNICIPALITY,
    OrganizationKind.ASSOCIATION,
    OrganizationKind.COUNCIL,
)
_WIDE_AREA = "00"


def openings_for(found: SearchPage) -> OpeningsView:
    """The open projects for the search's kind of system, on its first page only."""
    month = tie_month(now())
    if found.page > 1 or found.too_long:
        return present_openings((), (), (), month)
    kinds = _kinds_asked_for(found)
    prefectures = _prefectures(current_actor(), found.query)
    wanted = OpeningsWanted(system_types=kinds, prefectures=prefectures, now=now())
    return present_openings(list_openings(get_session(), wanted, month), kinds, prefectures, month)


def _kinds_asked_for(found: SearchPage) -> tuple[str, ...]:
    """The chosen kinds; where none is chosen, those that the answered words name."""
    chosen = found.query.filters.get("category", ())
    text = found.answered_text or found.query.text
    if chosen or not text.strip():
        return chosen
    rows = get_session().execute(
        select(SystemType.code, SystemType.name, SystemType.keywords).order_by(SystemType.position)
    )
    kinds = [KindOfSystem(**row._mapping) for row in rows]
    return _name_table().names(kinds, get_search().synonyms_of(found.query)).find(text)


def _prefectures(actor: Actor, query: SearchQuery) -> tuple[str, ...]:
    """The reader's own body's; for readers of no body, those the search is narrowed to."""
    if actor.organization_kind in _BODIES:
        return (actor.prefecture_code,) if actor.prefecture_code else ()
    chosen = query.filters.get("prefecture", ())
    return tuple(code for code in chosen if code != _WIDE_AREA)


def _name_table() -> NameTable:
    table: NameTable = current_app.extensions["moyai_type_names"]
    return table
