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
        SavedSearchLine(row=row, url=address(query), counts=_counts(query, service, viewer, now))
        for row, query in ((row, _told_of(row.query)) for row in rows)
    ]


@dataclass(frozen=True, kw_only=True)
class SavedSearchSummary:
    """What a saved search counts and tells of. answered_text: in place of what was typed."""

    sentence: str
    typed: str
    answered_text: str


def summarize(
    query: SearchQuery, service: SearchService, viewer: Viewer, now: datetime
) -> SavedSearchSummary:
    """What the search looks for and finds, in the words of the page its link leads to."""
    answer = service.search(_told_of(query), viewer=viewer, now=now)
    return SavedSearchSummary(
        sentence=answer.sentence,
        typed=query.text.strip(),
        answered_text=answer.answered_text,
    )


def _told_of(query: SearchQuery) -> SearchQuery:
    """Only what has all of the words: of nothing else is anybody told."""
    return replace(query, complete=True, page=1)


def _counts(query: SearchQuery, service: SearchService, viewer: Viewer, now: datetime) -> str:
    chosen = query.filters.get("fictional", ())
    counted = service.count_answered(query, viewer=viewer, now=now)
    labels = (("real", "実データ"), ("fictional", "架空データ"))
    return "・".join(
        f"{label} {count:,}件"
        for (value, label), count in zip(labels, counted, strict=True)
        if not chosen or value in chosen
    )
