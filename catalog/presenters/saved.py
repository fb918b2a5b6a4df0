"""Saved searches as their list prints them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.presenters.search import address
from catalog.search.documents import Viewer
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from catalog.selection.saved import SavedSearchRow


@dataclass(frozen=True, kw_only=True)
class SavedSearchLine:
    """A saved search with its address and what it finds today, real and fictional apart."""

    row: SavedSearchRow
    url: str
    counts: str


def present_saved(
    rows: Sequence[SavedSearchRow], service: SearchService, viewer: Viewer, now: datetime
) -> list[SavedSearchLine]:
    """The list; counted on the index, without a query to the database."""
    return [
        SavedSearchLine(
            row=row, url=address(row.query), counts=_counts(row.query, service, viewer, now)
        )
        for row in rows
    ]


def sentence_of(query: SearchQuery, service: SearchService, viewer: Viewer, now: datetime) -> str:
    """What the search looks for and finds, in the words of the result page.

    Only what has all of the words: of nothing else is anybody told.
    """
    return service.search(replace(query, complete=True), viewer=viewer, now=now).sentence


def _counts(query: SearchQuery, service: SearchService, viewer: Viewer, now: datetime) -> str:
    parts = []
    for value, label in (("real", "実データ"), ("fictional", "架空データ")):
        chosen = query.filters.get("fictional", ())
        if chosen and value not in chosen:
            continue
        filters = {**query.filters, "fictional": (value,)}
        wanted = SearchQuery(text=query.text, filters=filters)
        count = service.count(wanted, viewer=viewer, now=now)
        parts.append(f"{label} {count:,}件")
    return "・".join(parts)
