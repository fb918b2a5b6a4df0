"""Where a selection record's results come from: the search, or the comparison, of an address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import abort
from werkzeug.datastructures import MultiDict

from catalog.entries import PublicationStatus
from catalog.queries.comparison import MAX_COMPARED, read_ids
from catalog.queries.offerings import list_readable_rows
from catalog.search.facets import FACETS_BY_NAME
from catalog.search.outbox import has_pending
from catalog.search.query import SearchQuery, read_query
from catalog.selection.looking import MOST_OFFERED, compared, look
from catalog.selection.record_content import DraftResult, Origin, Searched
from catalog.selection.record_queries import RecordPage
from catalog.views.search_setup import current_viewer, get_search, sized
from foundation.web import get_session, now


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a record is made from. results: those one can choose from, in their order.

    more: how many further results the search has, which are not offered.
    """

    origin: Origin
    parameters: list[tuple[str, str]]
    results: list[DraftResult]
    sentence: str
    order_note: str
    suggested_title: str
    more: int


def read_source(arguments: MultiDict[str, str]) -> Source:
    """The search, or the entries side by side, that the address asks for."""
    if "ids" in arguments:
        return _comparison(arguments.getlist("ids"))
    return _search(read_query(arguments.items(multi=True)).query)


def search_again(page: RecordPage) -> Searched:
    """The record's search as it is answered at this moment."""
    _catch_up()
    viewer, moment = current_viewer(), now()
    if page.origin is Origin.COMPARISON:
        return compared(get_search(), page.results, viewer=viewer, now=moment)
    query = read_query((name, value) for name, value in page.parameters).query
    return look(get_search(), sized(query), viewer=viewer, now=moment).searched


def say_again(page: RecordPage) -> str:
    """The sentence of the record's search at this moment: its first page says it."""
    _catch_up()
    query = read_query((name, value) for name, value in page.parameters).query
    first = replace(sized(query), page=1)
    return get_search().search(first, viewer=current_viewer(), now=now()).sentence


def _search(query: SearchQuery) -> Source:
    if query.is_too_long:
        abort(404)
    _catch_up()
    looked = look(get_search(), sized(query), viewer=current_viewer(), now=now())
    return Source(
        origin=Origin.SEARCH,
        parameters=query.parameters(),
        results=list(looked.results),
        sentence=looked.searched.sentence,
        order_note=looked.searched.order_note,
        suggested_title=f"{query.text.strip()}の選定" if query.text.strip() else "",
        more=max(0, looked.searched.total - MOST_OFFERED),
    )


def _comparison(values: Sequence[str]) -> Source:
    wanted = read_ids(values).ids
    rows = list_readable_rows(get_session(), wanted)
    results = [
        DraftResult(
            kind="offering",
            id=row.id,
            kind_label=FACETS_BY_NAME["kind"].word("offering"),
            title=row.name,
            provider=row.vendor_name,
            url=f"/offerings/{row.id}",
            fictional=row.fictional,
        )
        for row in [rows[number] for number in wanted if number in rows][:MAX_COMPARED]
        if row.status == PublicationStatus.PUBLISHED.value
    ]
    searched = compared(get_search(), results, viewer=current_viewer(), now=now())
    return Source(
        origin=Origin.COMPARISON,
        parameters=[("ids", ",".join(str(result.id) for result in results))],
        results=results,
        sentence=searched.sentence,
        order_note=searched.order_note,
        suggested_title="",
        more=0,
    )


def _catch_up() -> None:
    """Have all that is committed in the index."""
    service = get_search()
    if has_pending(get_session()):
        service.after_commit(service.database)
