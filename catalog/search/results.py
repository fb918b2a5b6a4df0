"""The answer to a search as frozen data: the page and the API print the same one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from catalog.search.evaluator import Hit
from catalog.search.facets import FACETS, FACETS_BY_NAME, Facet, Order
from catalog.search.highlights import Segments, excerpt, has_hit, mark
from catalog.search.plan import Plan
from catalog.search.query import SearchQuery
from catalog.search.value_words import facet_value

FIELD_LABELS = {"title": "名称", "vendor": "提供者・団体", "category": "種別", "body": "内容"}

Labels = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class FacetValue:
    """A value one can narrow by. count: results if this value were chosen as well."""

    value: str
    label: str
    count: int
    checked: bool


@dataclass(frozen=True, kw_only=True)
class FacetGroup:
    """A facet with all its values the reader can meet, those without results included."""

    name: str
    label: str
    note: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One found entry. matched_in: (field, word for it); highlights: field → pieces of text."""

    kind: str
    kind_label: str
    id: int
    title: str
    url: str
    score: float
    fictional: bool
    summary: str
    vendor: str
    category: str
    updated_at: datetime
    closes_at: datetime | None
    joining_bodies: int
    matched_in: tuple[tuple[str, str], ...]
    highlights: Mapping[str, Segments]


@dataclass(frozen=True, kw_only=True)
class SearchPage:
    """One page of an answer. real_total + fictional_total = total: the two are never one figure.

    too_long: the text is over the limit, nothing was looked for.
    answered_text: whose results these are when the typed text finds nothing.
    did_you_mean: a text that finds much more than the typed one.
    partial: nothing has all of the words, or little; these have the most of them.
    whole: how many entries have all of the words, whatever is filtered by.
    generation: of the index that answered; sentence, order_note: what is shown, in words.
    """

    query: SearchQuery
    total: int
    real_total: int
    fictional_total: int
    results: tuple[Result, ...]
    facets: tuple[FacetGroup, ...]
    page: int
    pages: int
    sentence: str
    order_note: str
    generation: int
    too_long: bool = False
    answered_text: str = ""
    did_you_mean: str = ""
    partial: bool = False
    whole: int = 0

    @property
    def is_out_of_range(self) -> bool:
        """The page asked for is past the last one; the first always exists."""
        return self.page > self.pages


@dataclass(frozen=True, kw_only=True)
class LabelTable:
    """Words for facet values: those of the table of facets, then those of the database."""

    loaded: Labels = field(default_factory=dict)

    def word(self, facet: Facet, value: str) -> str:
        """What a reader is shown for the value."""
        return self.loaded.get(facet.name, {}).get(value) or facet.word(value)

    @cached_property
    def places(self) -> dict[str, dict[str, int]]:
        """Facet → value → where the value stands in the tables."""
        return {
            facet.name: {
                value: place
                for place, value in enumerate({**facet.labels, **self.loaded.get(facet.name, {})})
            }
            for facet in FACETS
        }


def facet_groups(
    counts: Mapping[str, Mapping[str, int]], query: SearchQuery, labels: LabelTable
) -> tuple[FacetGroup, ...]:
    """The facets in order. A chosen value nobody has is shown too, so that it can be taken off."""
    groups = []
    for facet in FACETS:
        chosen = query.filters.get(facet.name, ())
        known = labels.places[facet.name] if facet.lists_all else ()
        counted = dict.fromkeys((*known, *chosen), 0) | dict(counts.get(facet.name, {}))
        if counted:
            values = tuple(
                FacetValue(
                    value=value,
                    label=labels.word(facet, value),
                    count=counted[value],
                    checked=value in chosen,
                )
                for value in _ordered(facet, counted, labels)
            )
            groups.append(
                FacetGroup(name=facet.name, label=facet.label, note=facet.note, values=values)
            )
    return tuple(groups)


def _ordered(facet: Facet, counted: Mapping[str, int], labels: LabelTable) -> list[str]:
    if facet.order is Order.NEWEST:
        return sorted(counted, reverse=True)
    places = labels.places[facet.name]
    last = len(places)  # values no table knows come last
    if facet.order is Order.COUNT:
        return sorted(counted, key=lambda v: (-counted[v], places.get(v, last), v))
    return sorted(counted, key=lambda v: (places.get(v, last), v))


def make_result(
    hit: Hit, shown: Mapping[str, Any], plan: Plan, labels: LabelTable, government: bool
) -> Result:
    """A result from what the index keeps of the document. Only bodies read `government_body`."""
    return Result(
        kind=shown["kind"],
        kind_label=labels.word(FACETS_BY_NAME["kind"], shown["kind"]),
        id=shown["id"],
        title=shown["title"],
        url=shown["url"],
        score=hit.score,
        fictional=shown["fictional"],
        summary=shown["summary"],
        vendor=shown["vendor"],
        category=shown["category"],
        updated_at=datetime.fromtimestamp(shown["updated_at"], UTC),
        closes_at=_moment(shown["closes_at"]),
        joining_bodies=shown["joining_bodies"],
        matched_in=(
            *((name, FIELD_LABELS[name]) for name in hit.matched),
            *(_value_in_words(*facet_value(atom), labels) for atom in hit.values),
        ),
        highlights=_highlights(shown, plan, government),
    )


def _value_in_words(name: str, value: str, labels: LabelTable) -> tuple[str, str]:
    """「利用者の認証：SAML連携」: why an entry is found whose text does not say so."""
    facet = FACETS_BY_NAME[name]
    return name, f"{facet.label}：{labels.word(facet, value)}"


def _highlights(shown: Mapping[str, Any], plan: Plan, government: bool) -> dict[str, Segments]:
    words = _words_to_mark(plan)
    spans = shown["spans"]
    names = ("title", "vendor", "category")
    marked = {name: mark(shown[name], spans[name], words) for name in names}
    found = {name: pieces for name, pieces in marked.items() if has_hit(pieces)}
    bodies = ("body", "government_body") if government else ("body",)
    for name in bodies:
        pieces = excerpt(shown[name], spans[name], words)
        if has_hit(pieces):
            found["body"] = pieces
            break
    return found


def _words_to_mark(plan: Plan) -> set[str]:
    """Terms, and pairs as they are: `highlights` marks a pair only where both stand together.

    A unit of a synonym that only ranks is none: 型 of 対話型AI says nothing by itself.
    """
    return {*plan.atoms, *(term for term in plan.ranking if plan.weights.get(term, 1.0) >= 1.0)}


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
