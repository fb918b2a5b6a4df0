"""Exact counts of every facet value among some documents, by whichever way is shorter.

Few documents: each document's values are counted one by one. Many: each value's documents are
a row of bits, and a count is an AND and a population count.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from catalog.search.bits import TRUSTED, WORD, Bits, Found, pack, words_for
from catalog.search.facets import FACET_NAMES

# A word of bits ANDed and counted takes about as long as this many values counted singly.
_VALUES_PER_WORD = 0.6
# An entry with more values than this is no table any more: the bits alone count then.
_MOST_SLOTS = 96


@dataclass(frozen=True, kw_only=True)
class SegmentFacets:
    """The facet values of a segment, each term ("name=value") once for all and once for bodies.

    terms: index field and term of each line. bits: a row of the segment's documents per line.
    slots: per document its lines, filled up with len(terms); None where some have very many.
    """

    count: int
    terms: tuple[tuple[str, str], ...]
    bits: Bits
    slots: NDArray[np.int32] | None


def segment_facets(
    count: int, facets: Mapping[str, Mapping[str, NDArray[np.int32]]]
) -> SegmentFacets:
    """Of the documents per index field ("facet", "g_facet") and term."""
    lines: list[tuple[tuple[str, str], NDArray[np.int32]]] = []
    for field in ("facet", "g_facet"):
        for term, documents in sorted(facets[field].items()):
            if field == "g_facet" and term in facets["facet"]:  # of a document once is enough
                documents = np.setdiff1d(documents, facets["facet"][term])
            lines.append(((field, term), documents))
    rows = [pack(documents, count) for _, documents in lines]
    return SegmentFacets(
        count=count,
        terms=tuple(term for term, _ in lines),
        bits=np.stack(rows) if rows else np.empty((0, words_for(count)), np.uint64),
        slots=_slots(count, [documents for _, documents in lines]),
    )


def _slots(count: int, lines: Sequence[NDArray[np.int32]]) -> NDArray[np.int32] | None:
    filled = np.zeros(count, np.int64)
    for documents in lines:
        filled[documents] += 1
    most = int(filled.max(initial=0))
    if most > _MOST_SLOTS:
        return None
    slots = np.full((count, most), len(lines), np.int32)
    filled[:] = 0
    for line, documents in enumerate(lines):
        slots[documents, filled[documents]] = line
        filled[documents] += 1
    return slots


class FacetTable:
    """The facet values one class of readers can meet, and how many documents have each."""

    def __init__(
        self,
        segments: Sequence[SegmentFacets],
        bases: Sequence[int],
        visible: Bits,
        fields: tuple[str, ...],
    ) -> None:
        """bases: number of each segment's first document, a multiple of 64."""
        self._segments = segments
        self._bases = bases
        self._fields = fields
        rows = {term: row for row, term in enumerate(self._list_terms())}
        bits = self._assemble(rows, len(visible))
        counted = _count_rows(bits & visible)
        met = np.flatnonzero(counted)  # a value only deleted or hidden entries have is unknown
        names = list(rows)
        self._rows = {names[old]: new for new, old in enumerate(met.tolist())}
        self._bits = np.ascontiguousarray(bits[met])
        self._all: list[int] = counted[met].tolist()
        self._visible = visible
        self._values = self._group_by_name()

    @property
    def names(self) -> tuple[str, ...]:
        """The facets that have at least one value, in the order of the table of facets."""
        return tuple(self._values)

    def any_of(self, facet: str, values: Sequence[str]) -> Bits:
        """Documents with any of the values; hidden ones may be among them."""
        rows = [self._rows.get(f"{facet}={value}") for value in values]
        found = [self._bits[row] for row in rows if row is not None]
        if len(found) == 1:
            only: Bits = found[0]
            return only
        return reduce(np.bitwise_or, found, np.zeros_like(self._visible))

    def counts(self, found: Found) -> dict[str, dict[str, int]]:
        """Facet → value → how many of these documents."""
        counted = self._count(found)
        return {
            name: dict(zip(values, counted[first : first + len(values)], strict=True))
            for name, (first, values) in self._values.items()
        }

    def counts_of(self, facet: str, among: Bits) -> dict[str, int]:
        """The same of one facet; nothing where no entry has a value of it."""
        if facet not in self._values:
            return {}
        first, values = self._values[facet]
        if among is self._visible:
            return dict(zip(values, self._all[first : first + len(values)], strict=True))
        rows = self._bits[first : first + len(values)]
        counted = _count_rows(rows & among)
        return dict(zip(values, counted.tolist(), strict=True))

    def _count(self, found: Found) -> list[int]:
        if found.bits is self._visible:
            return self._all
        slots = self._slots
        if slots is not None and len(found) * slots.shape[1] < _VALUES_PER_WORD * self._bits.size:
            values = slots.take(found.documents, axis=0, mode=TRUSTED).ravel()
            singly: list[int] = np.bincount(values, minlength=len(self._rows) + 1)[:-1].tolist()
            return singly
        counts: list[int] = _count_rows(self._bits & found.bits).tolist()
        return counts

    @cached_property
    def _slots(self) -> NDArray[np.unsignedinteger] | None:
        """Per document its rows, filled up with the number of rows."""
        if not self._segments or any(segment.slots is None for segment in self._segments):
            return None
        nothing = len(self._rows)
        most = max(s.slots.shape[1] for s in self._segments if s.slots is not None)
        # Narrow: questions jump about in it, and what is read must stay near the processor.
        kind = np.min_scalar_type(nothing)
        slots = np.full((len(self._visible) * WORD, most), nothing, kind)
        for segment, base in zip(self._segments, self._bases, strict=True):
            if segment.slots is not None:
                lines = [self._rows.get(term, nothing) for term in self._own_terms(segment)]
                own = np.array([*lines, nothing], kind)[segment.slots]
                slots[base : base + segment.count, : own.shape[1]] = own
        return slots

    def _list_terms(self) -> Iterator[str]:
        """Every term of known facets, facet by facet."""
        terms = {term for segment in self._segments for term in self._own_terms(segment)}
        places = {name: place for place, name in enumerate(FACET_NAMES)}
        named = [term for term in terms if term.partition("=")[0] in places]
        return iter(sorted(named, key=lambda term: (places[term.partition("=")[0]], term)))

    def _own_terms(self, segment: SegmentFacets) -> list[str]:
        """The term of each line; "" for what this reader knows nothing of."""
        return [term if field in self._fields else "" for field, term in segment.terms]

    def _assemble(self, rows: Mapping[str, int], words: int) -> Bits:
        bits = np.zeros((len(rows), words), np.uint64)
        for segment, base in zip(self._segments, self._bases, strict=True):
            first = base // WORD
            for field in self._fields:
                own = [
                    (line, rows[term])
                    for line, (kept, term) in enumerate(segment.terms)
                    if kept == field and term in rows
                ]
                lines, places = np.array(own, np.intp).reshape(-1, 2).T
                bits[places, first : first + segment.bits.shape[1]] |= segment.bits[lines]
        return bits

    def _group_by_name(self) -> dict[str, tuple[int, tuple[str, ...]]]:
        """Facet → its first row and its values, row by row."""
        values: dict[str, tuple[int, tuple[str, ...]]] = {}
        for term, row in self._rows.items():
            name, _, value = term.partition("=")
            first, known = values.get(name, (row, ()))
            values[name] = first, (*known, value)
        return values


def _count_rows(bits: Bits) -> NDArray[np.uint32]:
    """How many documents each row holds. `reduceat` takes half the time of a sum by axis."""
    if not bits.size:
        return np.zeros(len(bits), np.uint32)
    starts = np.arange(0, bits.size, bits.shape[1])
    counted: NDArray[np.uint32] = np.add.reduceat(
        np.bitwise_count(bits).ravel(), starts, dtype=np.uint32
    )
    return counted
