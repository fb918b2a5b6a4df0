"""What a search finds, as keys: the whole answer, page by page, newest change first."""

from dataclasses import dataclass, replace
from datetime import datetime

from catalog.search.documents import Viewer, document_key
from catalog.search.evaluator import Sort
from catalog.search.query import SearchQuery
from catalog.search.results import Result
from catalog.search.service import SearchService


@dataclass(frozen=True, kw_only=True)
class Match:
    """An entry that was found."""

    key: str
    title: str
    kind_label: str
    url: str
    fictional: bool


def list_matches(
    service: SearchService, query: SearchQuery, *, viewer: Viewer, now: datetime, most: int
) -> list[Match]:
    """Up to `most` + 1 entries, the latest changed first: one more says that there are more."""
    found: dict[str, Match] = {}
    page, pages = 1, 1
    while page <= pages and len(found) <= most:
        answer = service.search(
            replace(query, sort=Sort.UPDATED, page=page, complete=True), viewer=viewer, now=now
        )
        found.update((match.key, match) for match in map(_match, answer.results))
        page, pages = page + 1, answer.pages
    return list(found.values())[: most + 1]


def _match(result: Result) -> Match:
    return Match(
        key=document_key(result.kind, result.id),
        title=result.title,
        kind_label=result.kind_label,
        url=result.url,
        fictional=result.fictional,
    )
