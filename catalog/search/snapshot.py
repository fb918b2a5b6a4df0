"""One generation of the index in memory: who sees what, facet rows, terms with their weight.

Documents are numbered through all segments. Sets of documents are rows of bits packed into
64-bit words, so that a filter is an AND and a count is a population count.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.search.documents import Viewer, document_key
from catalog.search.facets import FACET_NAMES
from catalog.search.postings import PostingCache
from catalog.search.schema import (
    EXACT_FIELDS,
    GOVERNMENT_PREFIX,
    NUMBER_COLUMNS,
    PAIR_FIELDS,
    TEXT_FIELDS,
    fields_for,
)
from catalog.search.storage import Segment

Bits = NDArray[np.uint64]

# How much a word says by where it stands; tuned with the judged set of the discovery issue.
FIELD_WEIGHTS = {
    "title": 4.0,
    "vendor": 2.0,
    "category": 2.0,
    "body": 1.0,
    "pairs": 1.5,
    "exact": 50.0,
}
_K1 = 1.2
_B = 0.6
_MOST_TERMS = 4_096
_MOST_SHOWN = 1_024


@dataclass(frozen=True)
class TermPostings:
    """A term in one reader's fields: documents ascending, what each gains, fields as bits."""

    documents: NDArray[np.int64]
    impacts: NDArray[np.float64]
    fields: NDArray[np.int64]
    count: int  # of documents in the snapshot

    @cached_property
    def bits(self) -> Bits:
        return pack(self.documents, self.count)

    def fields_of(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Per document, a bit mask of the fields that have the term."""
        if not len(self.documents):
            return np.zeros(len(numbers), np.int64)
        places = np.searchsorted(self.documents, numbers).clip(max=len(self.documents) - 1)
        return np.where(self.documents[places] == numbers, self.fields[places], 0)


@dataclass(frozen=True)
class _FacetRows:
    values: tuple[str, ...]
    rows: dict[str, int]
    bits: Bits  # one row per value


class Snapshot:
    """Everything needed to answer queries on one generation. Shared by threads, never changed."""

    def __init__(self, segments: Sequence[Segment], cache: PostingCache) -> None:
        self._cache = cache
        self._leaves = segments
        cache.keep_only({leaf.segment_id for leaf in self._leaves})
        self._segments = [cache.data(leaf) for leaf in self._leaves]
        self._bases = np.cumsum([0, *(segment.count for segment in self._segments)])
        self.count = int(self._bases[-1])
        self.numbers = {name: self._column("numbers", name) for name in NUMBER_COLUMNS}
        self._live = self._live_documents()
        public = self._live & self._flags(self._facet_documents(("visibility",))["public"])
        self._live_of = {Viewer.PUBLIC: public, Viewer.GOVERNMENT: self._live}
        self._visible = {viewer: pack_flags(flags) for viewer, flags in self._live_of.items()}
        self._facets_of: dict[Viewer, dict[str, _FacetRows]] = {}
        self._kinds = self._kinds_of_documents()
        self._terms: dict[tuple[Viewer, str, str], TermPostings] = {}
        self._shown: dict[int, dict[str, Any]] = {}
        self._average: dict[tuple[Viewer, str], float] = {}
        self._ties: dict[str, NDArray[np.int64]] = {}

    # -- who sees what ---------------------------------------------------------------

    def visible(self, viewer: Viewer) -> Bits:
        """The documents this class of reader may find."""
        return self._visible[viewer]

    def facet_names(self, viewer: Viewer) -> tuple[str, ...]:
        """The facets that have at least one value the reader can meet."""
        return tuple(name for name in FACET_NAMES if name in self._facets(viewer))

    def _facets(self, viewer: Viewer) -> dict[str, _FacetRows]:
        if viewer not in self._facets_of:
            self._facets_of[viewer] = self._facet_rows(viewer)
        return self._facets_of[viewer]

    def any_of(self, viewer: Viewer, facet: str, values: Sequence[str]) -> Bits:
        """Documents with any of the values: none for values nobody has."""
        found = np.zeros(len(self._visible[viewer]), np.uint64)
        table = self._facets(viewer).get(facet)
        for value in values:
            if table and value in table.rows:
                found |= table.bits[table.rows[value]]
        return found

    def counts(self, viewer: Viewer, facet: str, among: Bits) -> dict[str, int]:
        """For each value the reader can meet, how many of these documents have it."""
        table = self._facets(viewer)[facet]
        counted = np.bitwise_count(table.bits & among).sum(axis=1)
        return dict(zip(table.values, counted.tolist(), strict=True))

    # -- terms -----------------------------------------------------------------------

    def text(self, viewer: Viewer, term: str) -> TermPostings:
        """A word in title, vendor, category or body."""
        return self._term(viewer, TEXT_FIELDS, term)

    def pair(self, viewer: Viewer, pair: str) -> TermPostings:
        """Two neighbouring nouns."""
        return self._term(viewer, PAIR_FIELDS, pair)

    def exact(self, viewer: Viewer, title: str) -> TermPostings:
        """A whole title."""
        return self._term(viewer, EXACT_FIELDS, title)

    def expect(self, viewer: Viewer, atoms: Iterable[str]) -> None:
        """Have the terms of a query read at once, where every question takes its time."""
        missing = [
            atom
            for atom in atoms
            if (viewer, TEXT_FIELDS[0], atom) not in self._terms
            and (viewer, PAIR_FIELDS[0], atom) not in self._terms
        ]
        if missing:
            for leaf in self._leaves:
                leaf.expect(missing)

    def vocabulary(self, viewer: Viewer) -> tuple[set[str], set[str]]:
        """Units and pairs of the reader's fields; of deleted documents too, so count each first."""
        return self._lexicon(viewer, TEXT_FIELDS), self._lexicon(viewer, PAIR_FIELDS)

    def _lexicon(self, viewer: Viewer, names: tuple[str, ...]) -> set[str]:
        return {
            term
            for field in fields_for(viewer, names)
            for leaf in self._leaves
            for term in self._cache.lexicon(leaf, field)
        }

    def _term(self, viewer: Viewer, names: tuple[str, ...], term: str) -> TermPostings:
        key = (viewer, names[0], term)
        found = self._terms.get(key)
        if found is None:
            if len(self._terms) >= _MOST_TERMS:
                self._terms.clear()
            found = self._terms[key] = self._read_term(viewer, names, term)
        return found

    def _read_term(self, viewer: Viewer, names: tuple[str, ...], term: str) -> TermPostings:
        documents, gains, fields = [], [], []
        for position, field in enumerate(fields_for(viewer, names)):
            for leaf, segment, base in zip(self._leaves, self._segments, self._bases, strict=False):
                own, frequencies = self._cache.postings(leaf, field, term)
                if len(own):
                    documents.append(own + base)
                    gains.append(
                        self._gains(viewer, field, frequencies, segment.lengths[field][own])
                    )
                    fields.append(np.full(len(own), 1 << position, np.int64))
        if not documents:
            empty = np.empty(0, np.int64)
            return TermPostings(empty, np.empty(0), empty, self.count)
        return self._merge(viewer, *map(np.concatenate, (documents, gains, fields)))

    def _merge(self, viewer: Viewer, documents: Any, gains: Any, fields: Any) -> TermPostings:
        live = self._live_of[viewer][documents]
        unique, place = np.unique(documents[live], return_inverse=True)
        impacts = np.bincount(place, gains[live], len(unique))
        masks = np.zeros(len(unique), np.int64)
        np.bitwise_or.at(masks, place, fields[live])
        visible = int(self._live_of[viewer].sum())
        rarity = np.log1p((visible - len(unique) + 0.5) / (len(unique) + 0.5))
        return TermPostings(unique, impacts * rarity, masks, self.count)

    def _gains(self, viewer: Viewer, field: str, frequencies: Any, lengths: Any) -> Any:
        """BM25's part of a field: weight × how much the frequency says in so long a text."""
        relative = lengths / self._average_length(viewer, field)
        saturated = frequencies * (_K1 + 1) / (frequencies + _K1 * (1 - _B + _B * relative))
        return saturated * FIELD_WEIGHTS[field.removeprefix(GOVERNMENT_PREFIX)]

    def _average_length(self, viewer: Viewer, field: str) -> float:
        key = (viewer, field)
        if key not in self._average:
            lengths = self._column("lengths", field)[self._live_of[viewer]]
            filled = lengths[lengths > 0]
            self._average[key] = float(filled.mean()) if len(filled) else 1.0
        return self._average[key]

    # -- order and display -------------------------------------------------------------

    def tie_ranks(self, month: str, hash_of: Callable[[str, str], bytes]) -> NDArray[np.int64]:
        """Each document's rank by a hash of its key and the month: the order among equals."""
        if month not in self._ties:
            keys = [document_key(*self.key_parts(number)) for number in range(self.count)]
            hashes = np.array([int.from_bytes(hash_of(key, month)) for key in keys], np.uint64)
            ranks = np.empty(self.count, np.int64)
            ranks[np.argsort(hashes, kind="stable")] = np.arange(self.count)
            self._ties = {month: ranks}
        return self._ties[month]

    def key_parts(self, number: int) -> tuple[str, int]:
        """Kind and id of a document."""
        return self._kinds[number], int(self.numbers["object_id"][number])

    def shown(self, number: int) -> dict[str, Any]:
        """What is kept of a document to show it. Not to be changed."""
        return self.list_shown([number])[0]

    def list_shown(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """What is kept of some documents, read at once."""
        held = self._shown
        found = {number: held[number] for number in numbers if number in held}
        found |= self._read_shown([number for number in numbers if number not in found])
        if len(held) + len(found) > _MOST_SHOWN:
            self._shown = held = {}  # another thread may be reading the full one
        held.update(found)
        return [found[number] for number in numbers]

    def _read_shown(self, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
        wanted = np.array(numbers, np.int64)
        places = np.searchsorted(self._bases, wanted, side="right") - 1
        found: dict[int, dict[str, Any]] = {}
        for place in np.unique(places).tolist():
            own = wanted[places == place]
            shown = self._cache.shown(self._leaves[place], (own - self._bases[place]).tolist())
            found.update(zip(own.tolist(), shown, strict=True))
        return found

    def list_keys(self) -> set[str]:
        """The keys of all documents in the index."""
        numbers = np.flatnonzero(self._live)
        return {document_key(*self.key_parts(int(number))) for number in numbers}

    # -- reading the segments ------------------------------------------------------------

    def _column(self, kind: str, name: str) -> NDArray[np.int64]:
        parts = [getattr(segment, kind)[name] for segment in self._segments]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def _live_documents(self) -> NDArray[np.bool_]:
        live = np.ones(self.count, np.bool_)
        for leaf, base in zip(self._leaves, self._bases, strict=False):
            deleted = np.fromiter(leaf.deleted(), np.int64)
            live[deleted + base] = False
        return live

    def _flags(self, documents: NDArray[np.int64]) -> NDArray[np.bool_]:
        flags = np.zeros(self.count, np.bool_)
        flags[documents] = True
        return flags

    def _facet_documents(self, fields: tuple[str, ...]) -> dict[str, NDArray[np.int64]]:
        parts: dict[str, list[NDArray[np.int64]]] = {"public": []}
        for segment, base in zip(self._segments, self._bases, strict=False):
            for field in fields:
                for term, documents in segment.facets[field].items():
                    parts.setdefault(term, []).append(documents.astype(np.int64) + base)
        none = [np.empty(0, np.int64)]
        return {term: np.concatenate(found or none) for term, found in parts.items()}

    def _facet_rows(self, viewer: Viewer) -> dict[str, _FacetRows]:
        fields = ("facet",) if viewer is Viewer.PUBLIC else ("facet", "g_facet")
        rows: dict[str, dict[str, NDArray[np.bool_]]] = {}
        for term, documents in sorted(self._facet_documents(fields).items()):
            name, mark, value = term.partition("=")
            flags = self._flags(documents) & self._live_of[viewer]
            if mark and flags.any():  # a value only deleted or hidden entries have is unknown
                rows.setdefault(name, {})[value] = flags
        return {name: _pack_rows(values) for name, values in rows.items()}

    def _kinds_of_documents(self) -> list[str]:
        kinds = [""] * self.count
        for term, documents in self._facet_documents(("facet", "g_facet")).items():
            name, _, value = term.partition("=")
            if name == "kind":
                for number in documents:
                    kinds[int(number)] = value
        return kinds


def _pack_rows(values: dict[str, NDArray[np.bool_]]) -> _FacetRows:
    names = tuple(values)
    bits = np.stack([pack_flags(flags) for flags in values.values()])
    return _FacetRows(names, {name: row for row, name in enumerate(names)}, bits)


@cache
def field_names(viewer: Viewer, mask: int) -> tuple[str, ...]:
    """The text fields of a mask, most telling first, the two field sets together."""
    found = [
        name.removeprefix(GOVERNMENT_PREFIX)
        for position, name in enumerate(fields_for(viewer, TEXT_FIELDS))
        if mask >> position & 1
    ]
    return tuple(dict.fromkeys(found))


def pack_flags(flags: NDArray[np.bool_]) -> Bits:
    """One bit per document, in whole 64-bit words."""
    packed = np.packbits(flags, bitorder="little")
    padded = np.zeros(-(-max(len(packed), 1) // 8) * 8, np.uint8)
    padded[: len(packed)] = packed
    return padded.view(np.uint64)


def pack(documents: NDArray[np.int64], count: int) -> Bits:
    """The documents as bits."""
    flags = np.zeros(count, np.bool_)
    flags[documents] = True
    return pack_flags(flags)


def count_bits(bits: Bits) -> int:
    """How many documents the bits hold."""
    return int(np.bitwise_count(bits).sum())


def documents_of(bits: Bits, count: int) -> NDArray[np.int64]:
    """The documents of the bits, ascending."""
    return np.flatnonzero(np.unpackbits(bits.view(np.uint8), count=count, bitorder="little"))
