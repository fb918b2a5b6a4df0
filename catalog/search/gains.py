"""What a word gives a document by where and how often it stands there: BM25 without rarity.

A length is said beside a typical one, not beside the average of all documents: so it is a matter
of the document alone, counted once when it is indexed, and no other document moves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.search.documents import Viewer
from catalog.search.schema import (
    ALL_FIELDS,
    EXACT_FIELDS,
    GOVERNMENT_PREFIX,
    PAIR_FIELDS,
    TEXT_FIELDS,
    fields_for,
)
from catalog.search.storage import Floats, Ints

# How much a word says by where it stands; tuned with the judged set of the discovery issue.
FIELD_WEIGHTS = {
    "title": 4.0,
    "vendor": 2.0,
    "category": 2.0,
    "body": 1.0,
    "pairs": 1.5,
    "exact": 50.0,
}
# Terms a field has where it has any: means of the catalog's 592 entries of 2026-11, rounded.
TYPICAL_LENGTHS = {
    "title": 8,
    "vendor": 8,
    "category": 3,
    "body": 100,
    "pairs": 96,
    "exact": 1,
    "g_body": 22,
    "g_pairs": 20,
}
_K1 = 1.2
_B = 0.6
_GRAIN = 4_096  # parts of 1.0 of each field: sums are exact then, in whatever order
DOCUMENT_BITS = 32  # that a document's number has at most
ATOM_FIELDS = TEXT_FIELDS + PAIR_FIELDS  # where words and pairs are looked for

# Of one term: place of the field in schema.ALL_FIELDS, documents, frequencies.
Entry = tuple[int, Ints, Floats]
Halves = NDArray[np.float32]  # field of ALL_FIELDS × document


@dataclass(frozen=True, kw_only=True)
class Side:
    """Fields that a class of readers reads as one. mark: stands for it before a term.

    own: the fields its rows are of; what `rest` has of a term is added when it is read.
    """

    mark: bytes
    own: tuple[str, ...]
    rest: "Side | None" = None

    @property
    def fields(self) -> tuple[str, ...]:
        """All that these readers read."""
        return (*self.rest.own, *self.own) if self.rest else self.own

    @cached_property
    def places(self) -> frozenset[int]:
        """Its own fields' places in schema.ALL_FIELDS."""
        return frozenset(ALL_FIELDS.index(name) for name in self.own)


def _sides(mark: str, names: tuple[str, ...]) -> dict[tuple[Viewer, tuple[str, ...]], Side]:
    public = Side(mark=mark.encode(), own=names)
    own = tuple(name for name in fields_for(Viewer.GOVERNMENT, names) if name not in names)
    government = Side(mark=mark.upper().encode(), own=own, rest=public)
    return {(Viewer.PUBLIC, names): public, (Viewer.GOVERNMENT, names): government}


_SIDES = _sides("a", ATOM_FIELDS) | _sides("e", EXACT_FIELDS)
SIDES = tuple(_SIDES.values())


def side_of(viewer: Viewer, names: tuple[str, ...]) -> Side:
    """How the viewer reads these fields: ATOM_FIELDS or EXACT_FIELDS."""
    return _SIDES[viewer, names]


class Gained(NamedTuple):
    """Rows one after another: `starts` of each, and the end of the last. Within a row documents
    ascend; gains: of each, before rarity; masks: the text fields that have the term, as bits."""

    starts: NDArray[np.int64]
    documents: Ints
    gains: Floats
    masks: NDArray[np.uint8]


def gather(rows: Sequence[Sequence[Entry]], halves: Halves) -> Gained:
    """Of each row, what its fields come to together."""
    entries = [(row, *e) for row, found in enumerate(rows) for e in found if len(e[1])]
    if not entries:
        none = np.empty(0, np.int32)
        starts = np.zeros(len(rows) + 1, np.int64)
        return Gained(starts, none, none.astype(np.float32), none.astype(np.uint8))
    lengths = [len(documents) for _, _, documents, _ in entries]
    places = np.repeat(np.array([place for _, place, _, _ in entries], np.intp), lengths)
    documents = np.concatenate([documents for _, _, documents, _ in entries])
    often = np.concatenate([often for _, _, _, often in entries]).astype(np.float32)
    keys = np.repeat(np.array([row for row, _, _, _ in entries], np.int64), lengths)
    keys = keys << DOCUMENT_BITS | documents
    # Stable: what a document has in several fields is added in their order.
    order = keys.argsort(kind="stable")
    keys, places, documents, often = keys[order], places[order], documents[order], often[order]
    begins = first_of_each(keys)
    single = _MOST.take(places) * often / (often + halves[places, documents])
    gains = np.add.reduceat(np.rint(single * _GRAIN) / _GRAIN, begins)
    limits = np.arange(len(rows) + 1, dtype=np.int64) << DOCUMENT_BITS
    return Gained(
        starts=keys[begins].searchsorted(limits),
        documents=documents[begins].astype(np.int32),
        gains=gains.astype(np.float32),
        masks=np.bitwise_or.reduceat(_BITS.take(places), begins),
    )


def first_of_each(keys: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where each key begins, of some that ascend."""
    return np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))


def halves_of(lengths: dict[str, NDArray[np.int64]]) -> Halves:
    """Per field and document, how many times a word must stand there to gain half of the most.

    lengths: terms of each document by field of schema.ALL_FIELDS.
    """
    beside = [lengths[field] / _typical(field) for field in ALL_FIELDS]
    return (_K1 * (1 - _B + _B * np.array(beside))).astype(np.float32)


def weight_of(field: str) -> float:
    """How much a word in this index field says."""
    return FIELD_WEIGHTS[field.removeprefix(GOVERNMENT_PREFIX)]


def _typical(field: str) -> int:
    return TYPICAL_LENGTHS.get(field) or TYPICAL_LENGTHS[field.removeprefix(GOVERNMENT_PREFIX)]


def _bit(field: str) -> int:
    """What stands for a text field in a mask; pairs and whole titles are in none."""
    texts = fields_for(Viewer.GOVERNMENT, TEXT_FIELDS)
    return 1 << texts.index(field) if field in texts else 0


_MOST = np.array([weight_of(field) * (_K1 + 1) for field in ALL_FIELDS], np.float32)
_BITS = np.array([_bit(field) for field in ALL_FIELDS], np.uint8)
