"""The current search as a record takes it in: what was found first, and how it was found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.chance import tie_month
from catalog.search.documents import Viewer
from catalog.search.query import SORT_LABELS, SearchQuery
from catalog.search.results import Result, SearchPage
from catalog.search.service import SearchService
from catalog.selection.record_content import DraftResult, Searched

# So many of the first results are offered to choose from.
MOST_OFFERED = 60
AS_COMPARED = "比較の画面に並べた順"


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The first results of a search, in its order."""

    searched: Searched
    results: Sequence[DraftResult]


def look(service: SearchService, query: SearchQuery, *, viewer: Viewer, now: datetime) -> Looked:
    """The search's first MOST_OFFERED results. query: with the size it is near to."""
    first = service.search(replace(query, page=1), viewer=viewer, now=now)
    results = list(first.results)
    for page in range(2, first.pages + 1):
        if len(results) >= MOST_OFFERED:
            break
        results += service.search(replace(query, page=page), viewer=viewer, now=now).results
    drafts = [_draft(result) for result in results[:MOST_OFFERED]]
    return Looked(searched=_searched(first, now, drafts), results=drafts)


def compared(
    service: SearchService, results: Sequence[DraftResult], *, viewer: Viewer, now: datetime
) -> Searched:
    """Results that were put side by side by hand: no search found them."""
    fictional = sum(result.fictional for result in results)
    answer = service.search(SearchQuery(), viewer=viewer, now=now)  # for the index's generation
    return Searched(
        text="",
        filters={},
        sort="as_compared",
        sort_label=AS_COMPARED,
        order_month=tie_month(now),
        order_note="担当者が比較の画面に並べた順です。検索の順位ではありません。",
        sentence=f"比較の画面に並べた掲載サービス {len(results)}件",
        total=len(results),
        real_total=len(results) - fictional,
        fictional_total=fictional,
        generation=answer.generation,
    )


def _searched(answer: SearchPage, now: datetime, results: Sequence[DraftResult]) -> Searched:
    query = answer.query
    return Searched(
        text=query.text,
        filters=query.filters,
        sort=query.sort.value,
        sort_label=SORT_LABELS[query.sort],
        order_month=tie_month(now),
        order_note=answer.order_note,
        sentence=answer.sentence,
        total=answer.total,
        real_total=answer.real_total,
        fictional_total=answer.fictional_total,
        generation=answer.generation,
        answered_text=answer.answered_text,
        partial=answer.partial,
        places={result.key: place for place, result in enumerate(results, start=1)},
    )


def _draft(result: Result) -> DraftResult:
    return DraftResult(
        kind=result.kind,
        id=result.id,
        kind_label=result.kind_label,
        title=result.title,
        provider=result.vendor,
        url=result.url,
        fictional=result.fictional,
    )
