"""From what a reader typed and chose to what is looked for. No input is an error here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from catalog.search.evaluator import Sort
from catalog.search.facets import FACET_NAMES
from catalog.search.nearness import Near
from foundation.paging import read_page_number
from foundation.text import printable, without_directions

MOST_CHARACTERS = 200
RESULTS_PER_PAGE = 20
PARAMETERS = ("q", "exact", *FACET_NAMES, "sort", "size", "page")
# Values of `exact`: the words exactly as typed; only what has all of the words.
EXACT = "1"
ALL_WORDS = "all"

SORT_LABELS = {
    Sort.RELEVANCE: "関連の高い順",
    Sort.UPDATED: "更新の新しい順",
    Sort.CLOSING_SOON: "締切が近い順",
    Sort.JOINING_BODIES: "参加団体の多い順",
    Sort.NEAREST: "人口規模が近い順",
}


@dataclass(frozen=True, kw_only=True)
class SearchQuery:
    """What is asked: the text as typed, values chosen per facet, order, page from 1.

    size: a population or a body's code as typed, "" for the reader's own; near: what it means.
    literal: only the typed words, neither synonyms nor similar words in their place.
    complete: only entries with all of the words, however few: what a saved search tells of.
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    size: str = ""
    near: Near | None = None
    literal: bool = False
    complete: bool = False

    @property
    def is_too_long(self) -> bool:
        return len(self.text.strip()) > MOST_CHARACTERS

    def parameters(self) -> list[tuple[str, str]]:
        """The query as address parameters, without the page; defaults are left out."""
        pairs_: list[tuple[str, str]] = [("q", self.text)] if self.text else []
        if self.text and (self.literal or self.complete):
            pairs_.append(("exact", EXACT if self.literal else ALL_WORDS))
        for name in FACET_NAMES:
            pairs_ += [(name, value) for value in self.filters.get(name, ())]
        if self.sort is not Sort.RELEVANCE:
            pairs_.append(("sort", self.sort.value))
        if self.size:
            pairs_.append(("size", self.size))
        return pairs_

    def toggle(self, name: str, value: str) -> "SearchQuery":
        """The query with this value chosen, or no longer chosen; back on the first page."""
        chosen = self.filters.get(name, ())
        kept = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
        filters = {**self.filters, name: kept}
        return replace(self, filters={n: v for n, v in filters.items() if v}, page=1)


@dataclass(frozen=True, kw_only=True)
class ReadQuery:
    """A query read from parameters, with what a program is told about and a page forgives.

    bad_page: the page is no number from 1 on; `query.page` is then 1.
    bad_exact: `exact` is neither 1, `all` nor empty; the query is then not literal.
    """

    query: SearchQuery
    unknown: tuple[str, ...]
    bad_sort: bool
    bad_page: bool
    bad_exact: bool = False


def read_query(parameters: Iterable[tuple[str, str]]) -> ReadQuery:
    """The query of an address. Repeated facet parameters are alternatives."""
    values: dict[str, list[str]] = {}
    for name, value in parameters:
        values.setdefault(name, []).append(without_directions(printable(value)))
    sort_text = values.get("sort", [""])[-1]
    page_text = values.get("page", ["1"])[-1]
    page = read_page_number(page_text)
    exact_text = values.get("exact", [""])[-1]
    filters = {
        name: tuple(dict.fromkeys(value for value in values[name] if value))
        for name in FACET_NAMES
        if any(values.get(name, ()))
    }
    query = SearchQuery(
        text=values.get("q", [""])[-1],
        filters=filters,
        sort=_read_sort(sort_text) or Sort.RELEVANCE,
        page=page or 1,
        size=values.get("size", [""])[-1].strip()[:MOST_CHARACTERS],
        literal=exact_text == EXACT,
        complete=exact_text == ALL_WORDS,
    )
    return ReadQuery(
        query=query,
        unknown=tuple(name for name in values if name not in PARAMETERS),
        bad_sort=bool(sort_text) and _read_sort(sort_text) is None,
        bad_page=page is None,
        bad_exact=exact_text not in ("", EXACT, ALL_WORDS),
    )


def _read_sort(text: str) -> Sort | None:
    return next((sort for sort in Sort if sort.value == text), None)
