"""How a search document lies in the Whoosh index: fields, columns, and what is kept to show.

Every text field exists twice, plain and with the prefix `g_`: a visitor's search reads the
plain ones only, so what is for bodies alone moves neither hits, counts nor order.
"""

import hashlib
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import whoosh
from whoosh import columns, fields

from catalog.criteria import schema_sha256 as criteria_sha256
from catalog.search.analyzer import ANALYZER_VERSION, Token, analyze, exact_key, neighbours
from catalog.search.documents import SearchDocument, Viewer
from catalog.search.facets import FACET_NAMES
from catalog.search.nearness import peer_number

# Text fields from the most to the least telling; matched fields are reported in this order.
TEXT_FIELDS = ("title", "vendor", "category", "body")
PAIR_FIELDS = ("pairs",)
EXACT_FIELDS = ("exact",)
SEARCHED_FIELDS = TEXT_FIELDS + PAIR_FIELDS + EXACT_FIELDS
GOVERNMENT_PREFIX = "g_"
NUMBER_COLUMNS = (
    "object_id", "updated_at", "closes_at", "joining_bodies", "population", "peer_group",
)  # fmt: skip

# Also raised when a source puts other words or facets into its documents.
_LAYOUT_VERSION = 9


def fields_for(viewer: Viewer, names: tuple[str, ...]) -> tuple[str, ...]:
    """The index fields this class of reader searches."""
    if viewer is Viewer.PUBLIC:
        return names
    return names + tuple(GOVERNMENT_PREFIX + name for name in names)


ALL_FIELDS = fields_for(Viewer.GOVERNMENT, SEARCHED_FIELDS)


def length_column(field: str) -> str:
    """The column that holds how many terms the field has."""
    return f"{field}_length"


def make_schema() -> fields.Schema:
    """The Whoosh schema of the index."""
    schema = fields.Schema(
        key=fields.ID(stored=True, unique=True),
        facet=fields.KEYWORD(),
        g_facet=fields.KEYWORD(),
        visibility=fields.KEYWORD(),
        shown=fields.STORED(),
    )
    for name in ALL_FIELDS:
        schema.add(name, fields.KEYWORD())
        schema.add(length_column(name), fields.COLUMN(columns.NumericColumn("I")))
    for name in NUMBER_COLUMNS:
        schema.add(name, fields.COLUMN(columns.NumericColumn("q")))
    return schema


@lru_cache(maxsize=1)
def schema_hash() -> str:
    """Differs whenever an index written earlier could answer differently: it is then rebuilt."""
    parts = (
        _LAYOUT_VERSION,
        criteria_sha256(),
        ANALYZER_VERSION,
        ALL_FIELDS,
        NUMBER_COLUMNS,
        FACET_NAMES,
        whoosh.versionstring(),
        _dictionary_version(),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _dictionary_version() -> str:
    return f"{version('sudachipy')} {version('sudachidict-core')}"


def index_fields(document: SearchDocument) -> dict[str, Any]:
    """What Whoosh's writer is given for a document. Raises ValueError for an unknown facet."""
    hidden = document.visibility is Viewer.GOVERNMENT
    prefix = GOVERNMENT_PREFIX if hidden else ""
    texts = {
        "title": document.title,
        "vendor": document.vendor,
        "category": document.category,
        "body": document.body,
    }
    tokens = {name: analyze(text) for name, text in texts.items()}
    government = analyze(document.government_body)
    values: dict[str, Any] = {
        "key": document.key,
        "visibility": [document.visibility.value],
        "object_id": document.object_id,
        "updated_at": _seconds(document.updated_at),
        "closes_at": _seconds(document.closes_at),
        "joining_bodies": document.joining_bodies,
        "population": document.population,
        "peer_group": peer_number(document.peer_group),
        "shown": _shown(document, tokens, government),
    }
    public = list(tokens.items())
    own = [("body", government)]
    values |= _term_fields(prefix, public + own if hidden else public, exact_key(document.title))
    if not hidden:
        values |= _term_fields(GOVERNMENT_PREFIX, own, "")
    values |= _facet_fields(document, hidden)
    return values


def _term_fields(
    prefix: str, texts: list[tuple[str, tuple[Token, ...]]], exact: str
) -> dict[str, Any]:
    """Terms and lengths of the texts (field, tokens); a field may have several texts."""
    terms: dict[str, list[str]] = {"exact": [exact] if exact else []}
    for name, tokens in texts:
        terms.setdefault(name, []).extend(token.term for token in tokens)
        terms.setdefault("pairs", []).extend(neighbours(tokens))
    values: dict[str, Any] = {}
    for name, found in terms.items():
        if found:
            values[prefix + name] = found
            values[length_column(prefix + name)] = len(found)
    return values


def _facet_fields(document: SearchDocument, hidden: bool) -> dict[str, Any]:
    own = {"kind": (document.kind,), "fictional": (fictional_value(document.fictional),)}
    public = _facet_terms({**document.facets, **own})
    government = _facet_terms(document.government_facets)
    if hidden:
        public, government = [], public + government
    values = {"facet": public, "g_facet": government}
    return {name: terms for name, terms in values.items() if terms}


def fictional_value(fictional: bool) -> str:
    """The value of the facet `fictional`."""
    return "fictional" if fictional else "real"


def _facet_terms(facets: Any) -> list[str]:
    for name in facets:
        if name not in FACET_NAMES:
            raise ValueError(f"no facet is called {name!r}: add it to catalog.search.facets")
    return sorted({f"{name}={value}" for name, values in facets.items() for value in values})


def _shown(
    document: SearchDocument, tokens: dict[str, tuple[Token, ...]], government: tuple[Token, ...]
) -> dict[str, Any]:
    """What a page of results needs, with where each term stands, so that nothing is cut again."""
    return {
        "kind": document.kind,
        "id": document.object_id,
        "title": document.title,
        "url": document.url,
        "summary": document.summary,
        "vendor": document.vendor,
        "category": document.category,
        "body": document.body,
        "government_body": document.government_body,
        "fictional": document.fictional,
        "updated_at": _seconds(document.updated_at),
        "closes_at": _seconds(document.closes_at),
        "joining_bodies": document.joining_bodies,
        "spans": {name: _spans(found) for name, found in tokens.items()}
        | {"government_body": _spans(government)},
    }


def _spans(tokens: tuple[Token, ...]) -> dict[str, list[tuple[int, int]]]:
    places: dict[str, list[tuple[int, int]]] = {}
    for token in tokens:
        places.setdefault(token.term, []).append((token.start, token.end))
    return places


def _seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0
