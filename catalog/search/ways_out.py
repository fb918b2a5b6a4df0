"""Where nothing is found: which condition or word to give up, and what would be found then."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from catalog.search.facets import FACETS
from catalog.search.query import SearchQuery

_MOST_WORDS = 6


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """A wider query. given_up: what it no longer asks for, in words; count: what it finds."""

    query: SearchQuery
    given_up: str
    count: int


def list_ways_out(query: SearchQuery, count: Callable[[SearchQuery], int]) -> tuple[WayOut, ...]:
    """Every single facet or word that alone stands in the way, facets in their order."""
    ways = (
        WayOut(query=wider, given_up=given_up, count=count(wider))
        for given_up, wider in _wider_queries(query)
    )
    return tuple(way for way in ways if way.count)


def _wider_queries(query: SearchQuery) -> Iterator[tuple[str, SearchQuery]]:
    first = replace(query, page=1)
    for facet in FACETS:
        if query.filters.get(facet.name):
            left = {name: v for name, v in query.filters.items() if name != facet.name}
            yield f"「{facet.label}」の条件", replace(first, filters=left)
    words = query.text.split()
    if query.filters and words:
        yield f"検索の語「{query.text.strip()}」", replace(first, text="")
    if 1 < len(words) <= _MOST_WORDS:
        for place, word in enumerate(words):
            rest = " ".join(words[:place] + words[place + 1 :])
            yield f"語「{word}」", replace(first, text=rest)
