"""Search as a part of the web application: kept in the app, asked for one request."""

from dataclasses import replace
from pathlib import Path

from flask import Flask, current_app

from accounts.access import current_actor
from accounts.roles import sees_government
from catalog.chance import tie_month
from catalog.library.sources import register_library_sources
from catalog.search import sources
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.documents import Viewer
from catalog.search.evaluator import Sort
from catalog.search.index import SearchIndex
from catalog.search.naming import NameTable
from catalog.search.outbox import has_pending
from catalog.search.postgresql.index import PostgresIndex
from catalog.search.query import SearchQuery
from catalog.search.results import SearchPage
from catalog.search.service import SearchService
from catalog.search.storage import IndexMissing, IndexStore
from catalog.search.suggestion_sources import vendors_state
from catalog.search.suggestions import Suggestion, SuggestionBook
from catalog.search.towns import find_near
from catalog.search.ways_out import WayOut, list_ways_out
from foundation.db import Database
from foundation.errors import BadSetting
from foundation.health import add_readiness
from foundation.web import get_session, now


def init_search(app: Flask) -> None:
    """Give the application its search; changes reach the index after each commit."""
    database: Database = app.extensions["moyai_database"]
    service = SearchService(database, _make_index(app, database))
    register_catalog_sources()
    register_library_sources()
    app.extensions["moyai_search"] = service
    app.extensions["moyai_suggestions"] = SuggestionBook()
    app.extensions["moyai_type_names"] = NameTable()
    database.after_commit.append(service.after_commit)
    add_readiness(app, "search_index", lambda _database: _find_problem(service))


def _make_index(app: Flask, database: Database) -> IndexStore:
    """The index that SEARCH_BACKEND names. Raises BadSetting: the program does not start."""
    backend = app.config["SEARCH_BACKEND"]
    if backend == "whoosh":
        return SearchIndex(Path(app.config["SEARCH_INDEX_DIR"]))
    if backend != "postgresql":
        raise BadSetting(f"SEARCH_BACKEND={backend} は使えません。whoosh か postgresql です。")
    if database.is_sqlite:
        raise BadSetting(
            "SEARCH_BACKEND=postgresql は、DATABASE_URL が PostgreSQL のときだけ使えます。"
        )
    return PostgresIndex(database)


def get_search() -> SearchService:
    """The running application's search."""
    service: SearchService = current_app.extensions["moyai_search"]
    return service


def answer(query: SearchQuery) -> SearchPage:
    """The query's answer for whoever asks in this request, with all that is committed in it."""
    service = get_search()
    if has_pending(get_session()):
        service.after_commit(service.database)
    return service.search(sized(query), viewer=current_viewer(), now=now())


def ways_out(found: SearchPage) -> tuple[WayOut, ...]:
    """What to give up where nothing is found; nothing where something is."""
    if found.total or found.too_long:
        return ()
    service, viewer, moment = get_search(), current_viewer(), now()
    return list_ways_out(found.query, lambda query: service.count(query, viewer=viewer, now=moment))


def suggest(text: str) -> tuple[Suggestion, ...]:
    """What whoever asks may be about to type. The table is read once a state of the index."""
    service = get_search()
    if has_pending(get_session()):
        service.after_commit(service.database)
    book: SuggestionBook = current_app.extensions["moyai_suggestions"]
    table = book.table(
        current_viewer(),
        tie_month(now()),
        (service.current().state, vendors_state(get_session())),
        lambda: sources.list_suggestions(get_session()),
    )
    found = table.suggest(text)
    # Of several words, some are answered where no entry has all.
    return found if len(text.split()) > 1 else tuple(s for s in found if _is_found(service, s))


def _is_found(service: SearchService, suggestion: Suggestion) -> bool:
    """Whether whoever follows the suggestion finds anything."""
    query = SearchQuery(text=suggestion.text)
    return service.count(query, viewer=current_viewer(), now=now()) > 0


def current_viewer() -> Viewer:
    """The class of reader whoever asks in this request belongs to."""
    return Viewer.GOVERNMENT if sees_government(current_actor()) else Viewer.PUBLIC


def sized(query: SearchQuery) -> SearchQuery:
    """The query with the size it is near to: the one typed, else the reader's own body's."""
    if query.sort is not Sort.NEAREST:
        return query
    near = find_near(get_session(), query.size, current_actor().body_code)
    return replace(query, near=near)


def _find_problem(service: SearchService) -> str | None:
    try:
        service.index.get_state()
    except IndexMissing:
        return "no search index; it is built at the first search"
    return None
