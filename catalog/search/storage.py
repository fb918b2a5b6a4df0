"""What every kind of index promises: a state that grows, segments to read, one writer at a time.

Two keep the promise: folders of Whoosh (index.py) and a table of PostgreSQL (postgresql/).
Everything above, from the meaning of a text to the order of its results, is one and the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from catalog.search.documents import SearchDocument

if TYPE_CHECKING:
    from catalog.search.arrays import SegmentArrays
    from catalog.search.joints import Joint

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]


class IndexMissing(Exception):
    """There is no index, or not one this program can read: it has to be rebuilt."""


class IndexBusy(Exception):
    """Somebody else kept writing the index for longer than we were ready to wait."""


@dataclass(frozen=True, kw_only=True)
class IndexState:
    """What is current: the folder or table of the index, and a generation that grows with each
    change. boot: where a power cut may take back what was written last, the machine's boot."""

    folder: str
    generation: int
    schema: str
    boot: str = field(default="", compare=False)


@dataclass(frozen=True, kw_only=True)
class SegmentData:
    """What a segment says that no later deletion changes. Document numbers are its own."""

    count: int
    numbers: dict[str, NDArray[np.int64]]  # column → value per document
    lengths: dict[str, NDArray[np.int64]]  # text field → terms per document
    facets: dict[str, dict[str, Ints]]  # index field → "name=value" → documents


class Segment(Protocol):
    """Some documents of an index, numbered from 0. Its id stands for its documents for ever;
    what was deleted since may differ between two openings.

    Each method that reads raises IndexMissing when it cannot. Callers read through PostingCache,
    one at a time.
    """

    @property
    def segment_id(self) -> str: ...

    def deleted(self) -> Iterable[int]:
        """Documents that are in the index no more."""

    def read_data(self) -> SegmentData:
        """Columns and facets of all documents, deleted ones included."""

    def expect(self, terms: Sequence[str]) -> None:
        """These terms are read next: time to ask for all of them at once."""

    def read_postings(self, field: str, term: str) -> tuple[Ints, Floats]:
        """Documents, ascending, and the term's frequency in each; deleted ones may be in it."""

    def find_arrays(self) -> SegmentArrays | None:
        """All postings at once, where they are kept so; else they are read one by one."""

    def find_joint(self) -> Joint | None:
        """Those of this segment and of some after it as one, where they are kept so."""

    def read_lexicon(self, field: str) -> tuple[str, ...]:
        """The terms of a field; those of deleted documents may be among them."""

    def read_shown(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """What is kept to show these documents (schema.index_fields: `shown`)."""


class IndexStore(Protocol):
    """Where the index lies. It is a derived copy and can be built again at any time."""

    def get_state(self) -> IndexState:
        """What is current now. Raises IndexMissing when there is nothing this program can read."""

    def open_segments(self, state: IndexState) -> Sequence[Segment]:
        """The segments of that state, or of a later one. Raises IndexMissing."""

    def lock(self, timeout_seconds: float = ...) -> AbstractContextManager[None]:
        """Be the only writer of the index. Raises IndexBusy after the timeout."""

    def rebuild(
        self, documents: Iterable[SearchDocument], on_document: Callable[[], None] | None = None
    ) -> IndexState:
        """Build the whole index aside and make it current in one step. Needs the lock."""

    def replace(self, keys: Sequence[str], documents: Sequence[SearchDocument]) -> IndexState:
        """Take the documents of these keys out and put these in. Needs the lock."""

    def merge(self) -> IndexState | None:
        """Tidy up what many changes left, if it pays; the new state. Needs the lock."""
