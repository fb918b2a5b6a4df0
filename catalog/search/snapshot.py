"""One generation of the index in memory: who sees what, facet rows, terms with their weight.

Documents are numbered through all segments, each segment from a multiple of 64 on, so that what
a segment says as bits is put beside the others' as it is. Numbers between segments are nobody's.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.search.bits import WORD, Bits, Found, Numbers, begins_of, documents_of, pack_flags
from catalog.search.counting import FacetTable
from catalog.search.deadlines import Deadlines
from catalog.search.documents import Viewer, document_key
from catalog.search.gains import ATOM_FIELDS, side_of
from catalog.search.postings import PostingCache
from catalog.search.read_segment import ReadSegment
from catalog.search.schema import (
    EXACT_FIELDS,
    GOVERNMENT_PREFIX,
    NUMBER_COLUMNS,
    PAIR_FIELDS,
    TEXT_FIELDS,
    fields_for,
)
from catalog.search.storage import Segment
from catalog.search.terms import (
    POINTS,
    Reading,
    Store,
    TermPostings,
    rarity,
    weigh,
)
from catalog.search.value_words import facet_value
from catalog.search.vocabulary import WordList

_MOST_SHOWN = 1_024
_TERM_BYTES = 64 * 1024 * 1024
_POINT_BYTES = 38 * 1024 * 1024
_MASK_BYTES = 10 * 1024 * 1024
_GROUP_BYTES = 16 * 1024 * 1024
_LARGE = 1_000  # documents of a segment that no single change makes
_FACET_FIELDS = {Viewer.PUBLIC: ("facet",), Viewer.GOVERNMENT: ("facet", "g_facet")}


class Snapshot:
    """Everything needed to answer queries on one generation. Shared by threads, never changed."""

    def __init__(self, segments: Sequence[Segment], cache: PostingCache) -> None:
        self._cache = cache
        self._leaves = segments
        self._kept = cache.keep(segments)  # held: the cache lets go of what no snapshot has
        self._segments = [kept.data for kept in self._kept]
        self._bases = begins_of([segment.count for segment in self._segments])
        self.count = max(WORD, self._bases[-1])  # of document numbers, nobody's included
        self.numbers = {name: self._column(name) for name in NUMBER_COLUMNS}
        self.deadlines = Deadlines(self.numbers["closes_at"])
        self._live = self._live_documents()
        public = np.zeros(self.count, np.bool_)
        for segment, base in self._placed():
            public[segment.public + base] = True
        self._live_of = {Viewer.PUBLIC: self._live & public, Viewer.GOVERNMENT: self._live}
        self._live_counts = {viewer: int(live.sum()) for viewer, live in self._live_of.items()}
        self._visible = {v: Found(pack_flags(flags)) for v, flags in self._live_of.items()}
        self._facets_of: dict[Viewer, FacetTable] = {}
        self._terms: Store[TermPostings] = Store(_TERM_BYTES)
        self._points: Store[NDArray[np.int32]] = Store(_POINT_BYTES)
        self._masks: Store[NDArray[np.uint8]] = Store(_MASK_BYTES)
        self._groups: Store[Found] = Store(_GROUP_BYTES)
        self._shown: dict[int, dict[str, Any]] = {}
        self._ties: dict[str, tuple[NDArray[np.int32], Numbers]] = {}

    # -- who sees what ---------------------------------------------------------------

    def visible(self, viewer: Viewer) -> Bits:
        """The documents this class of reader may find."""
        return self._visible[viewer].bits

    def all_found(self, viewer: Viewer) -> Found:
        """The same, also as numbers."""
        return self._visible[viewer]

    def facets(self, viewer: Viewer) -> FacetTable:
        """The facet values this class of reader can meet."""
        table = self._facets_of.get(viewer)
        if table is None:
            table = self._facets_of[viewer] = FacetTable(
                [segment.facets for segment in self._segments],
                self._bases[:-1],
                self.visible(viewer),
                _FACET_FIELDS[viewer],
            )
        return table

    # -- terms -----------------------------------------------------------------------

    def term(self, viewer: Viewer, atom: str) -> TermPostings:
        """A word in title, vendor, category or body, or two neighbouring nouns."""
        return self._terms.get((viewer, atom), lambda: self._read(viewer, ATOM_FIELDS, [atom])[0])

    def exact(self, viewer: Viewer, title: str) -> TermPostings:
        """A whole title."""
        key = (viewer, EXACT_FIELDS, title)
        return self._terms.get(key, lambda: self._read(viewer, EXACT_FIELDS, [title])[0])

    def value(self, viewer: Viewer, atom: str) -> TermPostings:
        """The entries with a facet's value, ranked as if the body said its word once."""
        return self._terms.get((viewer, "value", atom), lambda: self._read_value(viewer, atom))

    def points(self, key: Hashable, make: Callable[[], NDArray[np.int32]]) -> NDArray[np.int32]:
        """What documents gain by the terms that the key stands for."""
        return self._points.get(key, make)

    def masks(self, key: Hashable, make: Callable[[], NDArray[np.uint8]]) -> NDArray[np.uint8]:
        """The fields in which documents have the terms that the key stands for."""
        return self._masks.get(key, make)

    def group(self, key: Hashable, make: Callable[[], Found]) -> Found:
        """The documents that have any of the alternatives that the key stands for."""
        return self._groups.get(key, make)

    def is_known(self, viewer: Viewer, atom: str) -> bool:
        """Whether the word or pair has been read."""
        return (viewer, atom) in self._terms

    def expect(self, viewer: Viewer, atoms: Iterable[str], exact: str = "") -> None:
        """Have the words, pairs and title of a query read: at once is quicker than one by one."""
        missing = [atom for atom in atoms if not self.is_known(viewer, atom)]
        if not missing:
            return
        for leaf in self._leaves:
            leaf.expect([*missing, exact] if exact else missing)
        for atom, found in zip(missing, self._read(viewer, ATOM_FIELDS, missing), strict=True):
            self._terms.keep((viewer, atom), found)

    def vocabulary(self, viewer: Viewer) -> tuple[WordList, ...]:
        """Words of the reader's fields; of deleted documents too, so count each first.

        Each small segment apart: so a change adds its own words, and the rest stays as it is.
        """
        sized = list(zip(self._leaves, self._segments, strict=True))
        large = [leaf for leaf, segment in sized if segment.count >= _LARGE]
        small = [leaf for leaf, segment in sized if segment.count < _LARGE]
        parts = [large, *([leaf] for leaf in small)]
        return tuple(self._word_list(viewer, leaves) for leaves in parts if leaves)

    def _word_list(self, viewer: Viewer, leaves: Sequence[Segment]) -> WordList:
        def read() -> tuple[set[str], set[str]]:
            return (
                self._lexicon(leaves, fields_for(viewer, TEXT_FIELDS)),
                self._lexicon(leaves, fields_for(viewer, PAIR_FIELDS)),
            )

        return WordList(key=(viewer, *(leaf.segment_id for leaf in leaves)), read=read)

    def _lexicon(self, leaves: Sequence[Segment], fields: tuple[str, ...]) -> set[str]:
        return {
            term for field in fields for leaf in leaves for term in self._cache.lexicon(leaf, field)
        }

    def _read(
        self, viewer: Viewer, names: tuple[str, ...], terms: Sequence[str]
    ) -> list[TermPostings]:
        placed = list(zip(self._leaves, self._bases, strict=False))
        found = self._cache.find(placed, side_of(viewer, names), terms)
        reading = Reading(self.count, self._live_of[viewer], self._live_counts[viewer])
        return weigh(found, reading)

    def _read_value(self, viewer: Viewer, atom: str) -> TermPostings:
        name, value = facet_value(atom)
        found = documents_of(self.facets(viewer).any_of(name, (value,)) & self.visible(viewer))
        impact = rarity(np.array(len(found)), self._live_counts[viewer]) * POINTS
        return TermPostings(
            documents=found.astype(np.int32),
            impacts=np.full(len(found), np.rint(impact), np.int32),
            fields=np.zeros(len(found), np.uint8),  # no text says so
            count=self.count,
        )

    # -- order and display -------------------------------------------------------------

    def tie_ranks(
        self, month: str, hash_of: Callable[[str, str], bytes]
    ) -> tuple[NDArray[np.int32], Numbers]:
        """The order among equals, by a hash of key and month: document → rank, rank → document."""
        found = self._ties.get(month)
        if found is None:
            hashes = np.zeros(self.count, np.uint64)
            for segment, base in self._placed():
                hashes[base : base + segment.count] = segment.ties(month, hash_of)
            documents = np.argsort(hashes, kind="stable")
            ranks = np.empty(self.count, np.int32)  # read in jumps: the less of it, the quicker
            ranks[documents] = np.arange(self.count)
            found = ranks, documents
            self._ties = {month: found}
        return found

    def key_parts(self, number: int) -> tuple[str, int]:
        """Kind and id of a document."""
        segment, own = self._place_of(number)
        return self._segments[segment].kinds[own], int(self.numbers["object_id"][number])

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

    def document_numbers(self) -> list[int]:
        """The numbers of all documents in the index."""
        documents: list[int] = np.flatnonzero(self._live).tolist()
        return documents

    def list_keys(self) -> set[str]:
        """The keys of all documents in the index."""
        return {document_key(*self.key_parts(number)) for number in self.document_numbers()}

    # -- reading the segments ------------------------------------------------------------

    def _placed(self) -> list[tuple[ReadSegment, int]]:
        return list(zip(self._segments, self._bases, strict=False))

    def _place_of(self, number: int) -> tuple[int, int]:
        """Segment of a document, and its number there."""
        segment = int(np.searchsorted(self._bases, number, side="right")) - 1
        return segment, number - self._bases[segment]

    def _column(self, name: str) -> NDArray[np.int64]:
        column = np.zeros(self.count, np.int64)
        for segment, base in self._placed():
            column[base : base + segment.count] = segment.numbers[name]
        return column

    def _live_documents(self) -> NDArray[np.bool_]:
        live = np.zeros(self.count, np.bool_)
        for leaf, segment, base in zip(self._leaves, self._segments, self._bases, strict=False):
            live[base : base + segment.count] = True
            live[np.fromiter(leaf.deleted(), np.int64) + base] = False
        return live


@cache
def field_names(viewer: Viewer, mask: int) -> tuple[str, ...]:
    """The text fields of a mask, most telling first, the two field sets together."""
    found = [
        name.removeprefix(GOVERNMENT_PREFIX)
        for position, name in enumerate(fields_for(viewer, TEXT_FIELDS))
        if mask >> position & 1
    ]
    return tuple(dict.fromkeys(found))
