"""Rows of the table as segments: many are read through GIN, a few are held in memory.

A row is never changed, only replaced by one with a higher number. So what was once read of a
segment stays right, and a change costs only the reading of the new rows.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.search.postgresql import tables
from catalog.search.postgresql.lexemes import CODES, FIELDS, escaped, frequencies, storable
from catalog.search.postgresql.rows import read_columns, read_numbers, read_shown
from catalog.search.storage import Floats, IndexMissing, Ints, SegmentData

# Runs one statement and gives all its rows.
Ask = Callable[[str, Mapping[str, Any]], Sequence[Any]]


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Two ways to ask. by_index: nothing is scanned; it takes some more steps."""

    plainly: Ask
    by_index: Ask


Postings = tuple[Ints, Floats]

_NONE: Postings = (np.empty(0, np.int32), np.empty(0, np.float32))
_MOST_IN_MEMORY = 400  # documents; reading one costs a tenth of a millisecond
_MOST_TERMS = 256


@dataclass(frozen=True, kw_only=True)
class RowSegment:
    """Some rows of the table. Reading asks for all fields of a term at once, and keeps the
    last few terms for the fields that are asked for next."""

    segment_id: str
    folder: str
    numbers: NDArray[np.int64]  # of the rows, ascending
    data: SegmentData
    asking: Asking
    gone: Ints = field(default_factory=lambda: _NONE[0])
    terms: OrderedDict[str, Mapping[str, Postings]] = field(default_factory=OrderedDict)

    def deleted(self) -> Sequence[int]:
        """Rows that have been replaced or taken out."""
        gone: list[int] = self.gone.tolist()
        return gone

    def read_data(self) -> SegmentData:
        """Columns and facets."""
        return self.data

    def expect(self, terms: Sequence[str]) -> None:
        """Read what is not at hand of these terms in one question."""
        missing = {term: storable(term) for term in terms if term not in self.terms}
        if missing:
            found = self._read_terms(sorted(set(missing.values())))
            self.terms.update((term, found.get(own, {})) for term, own in missing.items())
            while len(self.terms) > max(_MOST_TERMS, len(terms)):
                self.terms.popitem(last=False)

    def read_postings(self, field: str, term: str) -> Postings:
        """Documents, ascending, and the term's frequency in each."""
        found = self.terms.get(term)
        if found is None:
            found = self._read_terms([storable(term)]).get(storable(term), {})
            self.terms[term] = found
        return found.get(field, _NONE)

    def find_arrays(self) -> None:
        """None: rows are read by the term."""

    def find_joint(self) -> None:
        """Nor for several segments."""

    def read_lexicon(self, field: str) -> tuple[str, ...]:
        """The terms of a field, in whatever rows of the table."""
        rows = self.asking.plainly(tables.lexicon(self.folder), {"code": CODES[field]})
        return tuple(row[0] for row in rows)

    def read_shown(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """What is kept to show these documents. Raises IndexMissing for one replaced
        meanwhile."""
        wanted = self.numbers[np.asarray(numbers, np.int64)].tolist()
        rows = self.asking.plainly(tables.shown(self.folder), {"numbers": wanted})
        found = {number: stored for number, stored in rows}
        if len(found) < len(set(wanted)):
            raise IndexMissing("a document was replaced while it was looked at")
        return [read_shown(found[number]) for number in wanted]

    def _read_terms(self, terms: Sequence[str]) -> Mapping[str, Mapping[str, Postings]]:
        """Of each term the postings by field."""
        values = {"terms": list(terms), "escaped": [escaped(term) for term in terms]}
        found: dict[str, dict[str, Postings]] = {}
        for term, code, packed in self.asking.by_index(tables.postings(self.folder), values):
            # A document stands in the list once for each time that it has the term.
            places = places_in(self.numbers, read_numbers(packed))
            documents, often = np.unique(places, return_counts=True)
            postings = documents.astype(np.int32), often.astype(np.float32)
            found.setdefault(term, {})[FIELDS[code]] = postings
        return found


@dataclass(frozen=True, kw_only=True)
class SmallSegment(RowSegment):
    """A few rows, whose terms are held in memory."""

    held: Mapping[str, Mapping[str, Postings]]  # term → field → postings

    def _read_terms(self, terms: Sequence[str]) -> Mapping[str, Mapping[str, Postings]]:
        return {term: self.held[term] for term in terms if term in self.held}

    def read_lexicon(self, field: str) -> tuple[str, ...]:
        """The terms of a field."""
        return tuple(term for term, found in self.held.items() if field in found)


def read_segment(
    asking: Asking, reading: Ask, folder: str, segment_id: str, numbers: NDArray[np.int64]
) -> RowSegment:
    """The rows of these numbers as a segment. reading: how to ask now; asking: later."""
    facts: dict[str, Any] = {
        "segment_id": segment_id,
        "folder": folder,
        "numbers": numbers,
        "data": _read_data(reading, folder, numbers),
        "asking": asking,
    }
    if len(numbers) > _MOST_IN_MEMORY:
        return RowSegment(**facts)
    return SmallSegment(**facts, held=_read_held(reading, folder, numbers))


def places_in(numbers: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the wanted numbers stand, those that are among them."""
    if not len(numbers):
        return np.empty(0, np.int64)
    places = np.searchsorted(numbers, wanted).clip(max=len(numbers) - 1)
    found: NDArray[np.int64] = places[numbers[places] == wanted]
    return found


def _read_data(ask: Ask, folder: str, numbers: NDArray[np.int64]) -> SegmentData:
    wanted = {"numbers": numbers.tolist()}
    ((packed,),) = ask(tables.data(folder), wanted)
    columns, lengths = read_columns(packed)
    facets: dict[str, dict[str, Ints]] = {"facet": {}, "g_facet": {}, "visibility": {}}
    for name, value, found in ask(tables.facets(folder), wanted):
        facets[name][value] = places_in(numbers, read_numbers(found)).astype(np.int32)
    return SegmentData(count=len(numbers), numbers=columns, lengths=lengths, facets=facets)


def _read_held(ask: Ask, folder: str, numbers: NDArray[np.int64]) -> dict[str, dict[str, Postings]]:
    lists: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for number, lexemes in ask(tables.lexemes(folder), {"numbers": numbers.tolist()}):
        place = int(np.searchsorted(numbers, number))
        for (name, term), often in frequencies(lexemes).items():
            lists.setdefault(term, {}).setdefault(name, []).append((place, often))
    return {
        term: {name: _postings(found) for name, found in fields.items()}
        for term, fields in lists.items()
    }


def _postings(found: list[tuple[int, int]]) -> Postings:
    places, often = zip(*sorted(found), strict=True)
    return np.array(places, np.int32), np.array(often, np.float32)
