"""What a term gives each document: BM25 over weighted fields, in whole thousandths.

Whole numbers add up to the same sum in any order, so equal entries are equal exactly and what
remains is decided by the month's tie-break.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog.search.arrays import Postings
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
        self.keep(key, found)
        return found

    def keep(self, key: Hashable, found: Kept) -> None:
        """Keep the thing, unless another thread was quicker."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = found
                self._bytes += found.nbytes
            while self._bytes > self._most_bytes and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.nbytes


@dataclass(frozen=True)
class Reading:
    """Who reads: which document numbers there are, which of them live for this reader and how
    many. Per field what it weighs at most, what stands for it in a mask of fields, and how many
    times a word must stand in each document's to count half of that."""

    count: int
    live: NDArray[np.bool_]
    live_count: int
    weights: NDArray[np.float32]
    bits: NDArray[np.uint8]
    lengths: NDArray[np.float32]  # field by field, document by document


def weigh(found: Postings, how_many: int, reading: Reading) -> list[TermPostings]:
    """What documents gain by each of so many terms, by how rare it is among those that live."""
    kept = reading.live.take(found.documents)
    if not kept.all():
        found = found.only(kept)
    firsts = _firsts(found)
    gained = np.add.reduceat(_gains(found, reading), firsts)
    fields = np.bitwise_or.reduceat(reading.bits.take(found.positions), firsts)
    terms, documents = found.terms.take(firsts), found.documents.take(firsts)
    ends = np.searchsorted(terms, np.arange(how_many + 1, dtype=np.int32))
    frequency = np.diff(ends)
    rare = (rarity(frequency, reading.live_count) * POINTS).astype(np.float32)
    impacts = np.rint(gained * rare.take(terms)).astype(np.int32)
    # Copies: one term of a query is kept longer than the others.
    return [
        TermPostings(
            documents=documents[start:end].copy(),
            impacts=impacts[start:end].copy(),
            fields=fields[start:end].copy(),
            count=reading.count,
        )
        for start, end in pairwise(ends.tolist())
    ]


def _firsts(found: Postings) -> NDArray[np.intp]:
    """Where another document or another term begins."""
    begins = np.ones(len(found.documents), np.bool_)
    np.not_equal(found.documents[1:], found.documents[:-1], out=begins[1:])
    begins[1:] |= found.terms[1:] != found.terms[:-1]
    return np.flatnonzero(begins)


def _gains(found: Postings, reading: Reading) -> NDArray[np.float32]:
    """BM25's part of a field: weight × how much the frequency says in so long a text."""
    often = found.frequencies.astype(np.float32)
    lengths = reading.lengths.take(found.positions * np.int64(reading.count) + found.documents)
    weighted: NDArray[np.float32] = reading.weights.take(found.positions) * often
    weighted /= often + lengths
    return weighted


def rarity(frequency: NDArray[np.intp], live_count: int) -> NDArray[np.float64]:
    """BM25's weight of a term that so many of the living documents have."""
    weights: NDArray[np.float64] = np.log1p((live_count - frequency + 0.5) / (frequency + 0.5))
    return weights


def most_of(field: str) -> float:
    """What a word gains in this index field by standing in it again and again."""
    return weight_of(field) * (_K1 + 1)


def half_at(lengths: NDArray[np.float64]) -> NDArray[np.float32]:
    """BM25's measure of a text's length, said beside the average: how often is half of for ever."""
    halves: NDArray[np.float64] = _K1 * (1 - _B + _B * lengths)
    return halves.astype(np.float32)


def weight_of(field: str) -> float:
    """How much a word in this index field says."""
    return FIELD_WEIGHTS[field.removeprefix(GOVERNMENT_PREFIX)]
