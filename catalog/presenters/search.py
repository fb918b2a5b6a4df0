"""A search's answer in the shapes its page and the API print."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from html import escape
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from catalog.queries.comparison import PickedRow
from catalog.search.evaluator import Sort
from catalog.search.highlights import Segments
from catalog.search.query import SORT_LABELS, SearchQuery
from catalog.search.results import FacetGroup, FacetValue, Result, SearchPage
from catalog.search.ways_out import WayOut
from catalog.search.wording import SIZE_HINT
from foundation.filters import jst, jst_date
from foundation.long_lists import facet_options

SEARCH_URL = "/search"
# Long lists of values are folded after so many, unless hardly any would be hidden.
_UNFOLDED = 8
_FEWEST_FOLDED = 3


@dataclass(frozen=True, kw_only=True)
class OptionGroup:
    """A facet as the panel of filters shows it: the first options, and those folded away.

    chosen: how many of all are chosen; folded_chosen: of those folded away. boxes: as markup.
    """

    name: str
    label: str
    note: str
    options: tuple[FacetValue, ...]
    folded: tuple[FacetValue, ...]
    chosen: int
    folded_chosen: int

    @property
    def boxes(self) -> Markup:
        return facet_options(self.options, self.name, "checkbox")

    @property
    def folded_boxes(self) -> Markup:
        return facet_options(self.folded, self.name, "checkbox")


@dataclass(frozen=True, kw_only=True)
class Link:
    """A way to go on; `current` marks where one is."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class Item:
    """A result as a list of resources shows it. pick: an offering's number, to compare it by."""

    title: str
    url: str
    description: str
    meta: tuple[str, ...]
    chips: tuple[str, ...]
    fictional: bool
    matched: str
    pick: int | None = None
    picked: bool = False


@dataclass(frozen=True, kw_only=True)
class SizeForm:
    """The field for the size that the order by size is near to; error when it cannot be read."""

    typed: str
    used: str
    error: str
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Tray:
    """What is picked for comparison. elsewhere: picked, but not among these results.

    kept: carries the picks on; search: carries the search on; shown: there is something to pick.
    """

    elsewhere: tuple[PickedRow, ...]
    kept: tuple[tuple[str, str], ...]
    search: tuple[tuple[str, str], ...]
    shown: bool


@dataclass(frozen=True, kw_only=True)
class SearchView:
    """Everything the page of results prints."""

    title: str
    answer: SearchPage
    items: tuple[Item, ...]
    groups: tuple[OptionGroup, ...]
    chosen: tuple[Link, ...]
    sorts: tuple[Link, ...]
    clear_url: str
    save_url: str
    literal_url: str
    meant_url: str
    kept: tuple[tuple[str, str], ...]
    kept_order: tuple[tuple[str, str], ...]
    size_form: SizeForm | None
    tray: Tray


def present(answer: SearchPage, picked: Sequence[PickedRow] = ()) -> SearchView:
    """The page of an answer. picked: entries chosen for comparison, on this page or not."""
    query, tray = answer.query, _tray(answer, picked)
    return SearchView(
        title="検索結果" if query.text.strip() or query.filters else "さがす",
        answer=answer,
        items=tuple(_item(result, {pick.id for pick in picked}) for result in answer.results),
        groups=tuple(_group(facet) for facet in answer.facets),
        chosen=_chosen(answer, tray.kept),
        sorts=tuple(
            Link(
                label=label,
                url=address(_sorted_by(query, sort), tray.kept),
                current=sort is query.sort,
            )
            for sort, label in SORT_LABELS.items()
        ),
        clear_url=address(replace(query, filters={}, page=1), tray.kept),
        save_url=_with_parameters("/searches/saved/new", query),
        literal_url=address(replace(query, literal=True, page=1), tray.kept),
        meant_url=address(replace(query, text=answer.did_you_mean, page=1), tray.kept),
        # What is typed next is not asked for by the letter because this text was.
        kept=tuple(pair for pair in query.parameters() if pair[0] not in ("q", "exact")),
        kept_order=tuple(
            pair for pair in query.parameters() if pair[0] in ("exact", "sort", "size")
        ),
        size_form=_size_form(query, tray.kept) if query.sort is Sort.NEAREST else None,
        tray=tray,
    )


def _tray(answer: SearchPage, picked: Sequence[PickedRow]) -> Tray:
    here = {result.id for result in answer.results if result.kind == "offering"}
    return Tray(
        elsewhere=tuple(pick for pick in picked if pick.id not in here),
        kept=tuple(("ids", str(pick.id)) for pick in picked),
        search=tuple(answer.query.parameters()),
        shown=bool(here or picked),
    )


def _size_form(query: SearchQuery, kept: Sequence[tuple[str, str]]) -> SizeForm:
    return SizeForm(
        typed=query.size,
        used=query.near.words if query.near else "",
        error=SIZE_HINT if query.size and query.near is None else "",
        kept=(*(pair for pair in query.parameters() if pair[0] != "size"), *kept),
    )


@dataclass(frozen=True, kw_only=True)
class WayOutLink:
    """A condition to give up, with what is found without it."""

    given_up: str
    count: int
    url: str


def present_ways_out(ways: Iterable[WayOut]) -> list[WayOutLink]:
    """The wider searches as links."""
    return [
        WayOutLink(given_up=way.given_up, count=way.count, url=address(way.query)) for way in ways
    ]


def address(query: SearchQuery, more: Sequence[tuple[str, str]] = ()) -> str:
    """The address of the query's first page. more: what else it carries."""
    return _with_parameters(SEARCH_URL, query, more)


def _with_parameters(path: str, query: SearchQuery, more: Sequence[tuple[str, str]] = ()) -> str:
    parameters = [*query.parameters(), *more]
    return f"{path}?{urlencode(parameters)}" if parameters else path


def marked(segments: Segments) -> Markup:
    """Pieces of text with hits in <mark>, everything escaped."""
    pieces = ((escape(text, quote=False), hit) for text, hit in segments)
    return Markup("".join(f"<mark>{text}</mark>" if hit else text for text, hit in pieces))


def present_json(answer: SearchPage) -> dict[str, Any]:
    """What the API adds to total, page, pages and results."""
    return {
        "total_fictional": answer.fictional_total,
        "query": answer.query.text,
        "answered_query": answer.answered_text or answer.query.text,
        "did_you_mean": answer.did_you_mean or None,
        "partial": answer.partial,
        "sentence": answer.sentence,
        "order": answer.order_note,
        "facets": {
            facet.name: [
                {"value": v.value, "label": v.label, "count": v.count} for v in facet.values
            ]
            for facet in answer.facets
        },
    }


def result_json(result: Result) -> dict[str, Any]:
    """A result as the API gives it; highlights are HTML with everything else escaped."""
    return {
        "kind": result.kind,
        "id": result.id,
        "title": result.title,
        "url": result.url,
        "score": result.score,
        "matched_in": [name for name, _ in result.matched_in],
        "highlights": {name: str(marked(s)) for name, s in result.highlights.items()},
        "fictional": result.fictional,
        "updated_at": result.updated_at.isoformat(),
        "closes_at": result.closes_at.isoformat() if result.closes_at else None,
    }


def _item(result: Result, picked: Set[int]) -> Item:
    shown: Mapping[str, Segments] = result.highlights
    plain = result.summary[:120] + ("…" if len(result.summary) > 120 else "")
    closes = f"締切 {jst(result.closes_at)}" if result.closes_at else ""
    meta = (
        _marked_or_plain(shown.get("vendor"), result.vendor),
        _marked_or_plain(shown.get("category"), result.category),
        f"更新 {jst_date(result.updated_at)}",
        closes,
    )
    return Item(
        title=_marked_or_plain(shown.get("title"), result.title),
        url=result.url,
        description=_marked_or_plain(shown.get("body"), plain),
        meta=tuple(text for text in meta if text),
        chips=(result.kind_label,),
        fictional=result.fictional,
        matched="一致した項目：" + "・".join(label for _, label in result.matched_in)
        if result.matched_in
        else "",
        pick=result.id if result.kind == "offering" else None,
        picked=result.kind == "offering" and result.id in picked,
    )


def _marked_or_plain(segments: Segments | None, text: str) -> str:
    return marked(segments) if segments else text


def _group(facet: FacetGroup) -> OptionGroup:
    options = facet.values
    shown = _UNFOLDED if len(options) > _UNFOLDED + _FEWEST_FOLDED else len(options)
    return OptionGroup(
        name=facet.name,
        label=facet.label,
        note=facet.note,
        options=options[:shown],
        folded=options[shown:],
        chosen=sum(value.checked for value in options),
        folded_chosen=sum(value.checked for value in options[shown:]),
    )


def _chosen(answer: SearchPage, kept: Sequence[tuple[str, str]]) -> tuple[Link, ...]:
    return tuple(
        Link(
            label=f"{facet.label}：{value.label}",
            url=address(answer.query.toggle(facet.name, value.value), kept),
        )
        for facet in answer.facets
        for value in facet.values
        if value.checked
    )


def _sorted_by(query: SearchQuery, sort: Sort) -> SearchQuery:
    return replace(query, sort=sort, page=1)
