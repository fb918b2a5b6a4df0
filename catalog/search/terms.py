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
from catalog.search.bits import TRUSTED, Found, pack

POINTS = 1_000  # parts of 1.0 in which scores are counted


@dataclass
class TermPostings:
    """A term in one reader's fields: documents ascending, what each gains, fields as bits.

    Never changed; not frozen, as a question makes thirty and that takes them four times as long.
    """

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
    """Who reads: which document numbers there are, which live for this reader and how many."""

    count: int
    live: NDArray[np.bool_]
    live_count: int


def weigh(found: Postings, reading: Reading) -> list[TermPostings]:
    """What documents gain by each of the terms, by how rare it is among those that live."""
    kept = reading.live.take(found.documents, mode=TRUSTED)
    if not kept.all():
        found = found.only(kept)
    lengths = np.diff(found.starts)
    rare = (rarity(lengths, reading.live_count) * POINTS).astype(np.float32)
    impacts = np.rint(found.gains * rare.repeat(lengths)).astype(np.int32)
    # Copies: one term of a query is kept longer than the others.
    return [
        TermPostings(
            found.documents[start:end].copy(),
            impacts[start:end].copy(),
            found.masks[start:end].copy(),
            reading.count,
        )
        for start, end in pairwise(found.starts.tolist())
    ]


def rarity(frequency: NDArray[np.int64], live_count: int) -> NDArray[np.float64]:
    """BM25's weight of a term that so many of the living documents have."""
    weights: NDArray[np.float64] = np.log1p((live_count - frequency + 0.5) / (frequency + 0.5))
    return weights
