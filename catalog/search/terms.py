"""What a term gives each document: BM25 over weighted fields, in whole thousandths.

Whole numbers add up to the same sum in any order, so equal entries are equal exactly and what
remains is decided by the month's tie-break.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog.search.bits import Found, pack
from catalog.search.schema import GOVERNMENT_PREFIX

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
POINTS = 1_000  # parts of 1.0 in which scores are counted


@dataclass(frozen=True)
class TermPostings:
    """A term in one reader's fields: documents ascending, what each gains, fields as bits."""

    documents: NDArray[np.int32]
    impacts: NDArray[np.int32]  # thousandths
    fields: NDArray[np.uint8]
    count: int  # of document numbers in the snapshot

    @cached_property
    def found(self) -> Found:
        return Found(pack(self.documents, self.count), self.documents.astype(np.int64))

    @property
    def nbytes(self) -> int:
        """About how much memory it takes once it has been used."""
        return 17 * len(self.documents) + self.count // 8 + 900


@dataclass(frozen=True)
class Points:
    """What every document gains by some terms together, and the fields that have them."""

    points: NDArray[np.int32]  # thousandths
    fields: NDArray[np.uint8]

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return self.points.nbytes + self.fields.nbytes + 600


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


Kept = TypeVar("Kept", bound=_Sized)


class Store(Generic[Kept]):
    """What was worked out for one generation; the least recently used go when they take too
    much memory."""

    def __init__(self, most_bytes: int) -> None:
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0
        self._most_bytes = most_bytes
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """The thing, made where it is not known. Two threads may make it twice, no harm done."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = make()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = found
                self._bytes += found.nbytes
            while self._bytes > self._most_bytes and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.nbytes
        return found


class TermBuilder:
    """Adds up a term's postings, field by field."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._parts: list[tuple[NDArray[np.integer], NDArray[np.float64], int]] = []

    def add(
        self, documents: NDArray[np.integer], gains: NDArray[np.float64], position: int
    ) -> None:
        """Postings of the field at this position; documents ascending, each once."""
        self._parts.append((documents, gains, position))

    def finish(self, live: NDArray[np.bool_], live_count: int) -> TermPostings:
        """What the documents gain, by how rare the term is among those this reader may find."""
        documents, gained, fields = self._add_up()
        kept = live.take(documents)
        if not kept.all():
            documents, gained, fields = documents[kept], gained[kept], fields[kept]
        frequency = len(documents)
        rarity = np.log1p((live_count - frequency + 0.5) / (frequency + 0.5))
        impacts = np.rint(gained * (rarity * POINTS)).astype(np.int32)
        return TermPostings(documents.astype(np.int32), impacts, fields, self._count)

    def _add_up(self) -> tuple[NDArray[np.integer], NDArray[np.float64], NDArray[np.uint8]]:
        """Every document with the term, ascending; what it gains; the fields as bits."""
        if not self._parts:
            return np.empty(0, np.int32), np.empty(0, np.float64), np.empty(0, np.uint8)
        if len(self._parts) == 1:
            ((documents, gained, position),) = self._parts
            return documents, gained, np.full(len(documents), 1 << position, np.uint8)
        points = np.zeros(self._count, np.float64)
        fields = np.zeros(self._count, np.uint8)
        for documents, gained, position in self._parts:
            points[documents] += gained
            fields[documents] |= np.uint8(1 << position)
        documents = np.flatnonzero(fields)
        return documents, points.take(documents), fields.take(documents)


def gains(
    field: str, frequencies: NDArray[np.float32], relative_lengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """BM25's part of a field: weight × how much the frequency says in so long a text."""
    saturated = frequencies * (_K1 + 1) / (frequencies + _K1 * (1 - _B + _B * relative_lengths))
    weighted: NDArray[np.float64] = saturated * FIELD_WEIGHTS[field.removeprefix(GOVERNMENT_PREFIX)]
    return weighted
