"""A segment's postings as arrays, in a file beside Whoosh's: a term is found by one look.

Whoosh's files are what lasts; this one is made of them, and where it is missing or damaged the
postings are read from theirs. It is named as a segment's file, so Whoosh's writer takes it away
together with the segment. It is not read into memory but mapped: the workers of a machine share
what they use of it, and what nobody looks for stays on the disk.
"""

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate, chain
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.search.storage import Floats, Ints

_MARK = b"moyai postings 2\n"
_ALIGNMENT = 64  # bytes; arrays begin at multiples of it
_CHUNK = 1 << 20  # bytes read at a time to see whether the file is whole
_HASH_BYTES = 8

# Of one term: place of the field in schema.ALL_FIELDS, documents, frequencies.
Entry = tuple[int, Ints, Floats]
NOT_WANTED = 255  # no field has so high a place
_DOCUMENT_BITS = 32  # that a document's number has at most


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Terms to be looked up at once. positions: place in schema.ALL_FIELDS → what the field is
    called in the answer, or NOT_WANTED."""

    terms: Sequence[str]
    positions: NDArray[np.uint8]

    @cached_property
    def spelt(self) -> list[bytes]:
        """The terms in UTF-8."""
        return [term.encode() for term in self.terms]

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """What the terms are found by."""
        return np.array([_hash(spelt) for spelt in self.spelt], np.uint64)


class Run(NamedTuple):
    """Postings of one term in one segment: documents ascending, and within a document the places
    of its fields in schema.ALL_FIELDS. term: place among those looked up."""

    term: int
    base: int  # the segment's first document among all documents
    documents: Ints
    fields: NDArray[np.uint8]
    frequencies: NDArray[np.uint16]


class Postings(NamedTuple):
    """Where terms stand, posting by posting: the term's place among those looked up, the field's
    position, the document and how often. Ascending by term, document and field."""

    terms: NDArray[np.int32]
    positions: NDArray[np.uint8]
    documents: Ints
    frequencies: NDArray[np.uint16]

    def only(self, kept: NDArray[np.bool_]) -> "Postings":
        """Those at which there is a true."""
        return Postings(
            self.terms[kept], self.positions[kept], self.documents[kept], self.frequencies[kept]
        )


_NOTHING = Postings(
    np.empty(0, np.int32), np.empty(0, np.uint8), np.empty(0, np.int32), np.empty(0, np.uint16)
)


@dataclass(frozen=True, kw_only=True)
class SegmentArrays:
    """Postings of all terms, those of documents deleted since included.

    hashes: row → of its term, ascending. text, spelt: the terms in UTF-8, row → where its own
    begins. named: row → the places of its fields in schema.ALL_FIELDS, as bits. starts: row → its
    first posting. fields, documents, frequencies: posting by posting, ascending by document and
    field, so that nobody who reads them has to sort.
    """

    hashes: NDArray[np.uint64]
    text: NDArray[np.uint8]
    spelt: NDArray[np.int64]
    named: NDArray[np.uint32]
    starts: NDArray[np.int64]
    fields: NDArray[np.uint8]
    documents: Ints
    frequencies: NDArray[np.uint16]

    def find(self, wanted: Wanted, base: int = 0) -> Iterator[Run]:
        """What there is of the terms, whatever field it stands in."""
        left = self.hashes.searchsorted(wanted.hashes)
        right = self.hashes.searchsorted(wanted.hashes, side="right")
        for place in np.flatnonzero(left != right).tolist():
            for row in range(left[place], right[place]):  # two terms may have the same hash
                if self._spelling(row) == wanted.spelt[place]:
                    start, end = self.starts[row : row + 2].tolist()
                    yield Run(
                        place,
                        base,
                        self.documents[start:end],
                        self.fields[start:end],
                        self.frequencies[start:end],
                    )

    def _spelling(self, row: int) -> bytes:
        start, end = self.spelt[row : row + 2].tolist()
        return self.text[start:end].tobytes()

    def list_terms(self, field: int) -> tuple[str, ...]:
        """The terms that stand in the field at that place."""
        rows = np.flatnonzero(self.named & np.uint32(1 << field))
        text, spelt = self.text.tobytes(), self.spelt.tolist()
        return tuple(text[spelt[row] : spelt[row + 1]].decode() for row in rows.tolist())


def joined_postings(runs: Iterable[Run], wanted: Wanted) -> Postings:
    """The runs of all segments, these in their order; fields nobody wants are left out."""
    sorted_runs = sorted(runs, key=itemgetter(0))
    if not sorted_runs:
        return _NOTHING
    lengths = [len(run.documents) for run in sorted_runs]
    terms, bases = np.array([(run.term, run.base) for run in sorted_runs], np.int32).T
    found = Postings(
        terms=np.repeat(terms, lengths),
        positions=wanted.positions.take(np.concatenate([run.fields for run in sorted_runs])),
        documents=np.concatenate([run.documents for run in sorted_runs]) + bases.repeat(lengths),
        frequencies=np.concatenate([run.frequencies for run in sorted_runs]),
    )
    is_wanted = found.positions != NOT_WANTED
    return found if is_wanted.all() else found.only(is_wanted)


def joined_fields(term: int, base: int, entries: Sequence[Entry]) -> Run:
    """What was read field by field as a run."""
    entries = sorted(entries, key=itemgetter(0))
    documents = _joined([documents for _, documents, _ in entries], np.int32)
    fields = np.repeat([field for field, _, _ in entries], [len(each[1]) for each in entries])
    frequencies = _joined([often for _, _, often in entries], np.uint16)
    order = documents.argsort(kind="stable")
    return Run(term, base, documents[order], fields.astype(np.uint8)[order], frequencies[order])


def write_arrays(path: Path, postings: Mapping[str, Sequence[Entry]]) -> None:
    """Write the file in one step: a reader finds all of it or nothing."""
    rows = sorted((_hash(spelt := term.encode()), spelt, postings[term]) for term in postings)
    entries = [(row, *entry) for row, (_, _, found) in enumerate(rows) for entry in found]
    lengths = [len(documents) for _, _, documents, _ in entries]
    documents = _joined([documents for _, _, documents, _ in entries], np.int32)
    whose = np.repeat(np.array([row for row, _, _, _ in entries], np.int64), lengths)
    # Stable: what a document has in several fields stays in their order.
    order = (whose << _DOCUMENT_BITS | documents).argsort(kind="stable")
    arrays = SegmentArrays(
        hashes=np.array([key for key, _, _ in rows], np.uint64),
        text=np.frombuffer(b"".join(spelt for _, spelt, _ in rows), np.uint8),
        spelt=_places(len(spelt) for _, spelt, _ in rows),
        named=np.array([sum(1 << e[0] for e in found) for _, _, found in rows], np.uint32),
        starts=_places(sum(len(entry[1]) for entry in found) for _, _, found in rows),
        fields=np.repeat(np.array([place for _, place, _, _ in entries], np.uint8), lengths)[order],
        documents=documents[order],
        frequencies=_joined([often for _, _, _, often in entries], np.uint16)[order],
    )
    own = path.with_name(f"{path.name}.{os.getpid()}")
    with open(own, "wb") as handle:
        _write(handle, arrays)
    os.replace(own, path)


def find_arrays(path: Path) -> SegmentArrays | None:
    """The file's arrays, mapped; None where it is missing or its checksum does not fit."""
    try:
        with open(path, "rb") as handle:
            parts = _read_parts(handle)
        content = np.asarray(np.memmap(path, np.uint8, "r"))  # plain: its slices are made often
        return SegmentArrays(
            **{name: content[start:end].view(kind) for name, (kind, start, end) in parts.items()}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _hash(spelt: bytes) -> int:
    return int.from_bytes(blake2b(spelt, digest_size=_HASH_BYTES).digest())


def _write(handle: BinaryIO, arrays: SegmentArrays) -> None:
    """The mark, what stands where and its checksum, and the arrays."""
    parts: dict[str, tuple[str, int, int]] = {}
    checksum = place = 0
    blocks: list[bytes] = []
    for name, array in _named(arrays):
        block = array.tobytes()
        parts[name] = array.dtype.str, place, place + len(block)
        blocks.append(block + bytes(-len(block) % _ALIGNMENT))
        checksum = zlib.crc32(blocks[-1], checksum)
        place += len(blocks[-1])
    head = json.dumps({"checksum": checksum, "parts": parts}).encode()
    head += b" " * (-(len(_MARK) + len(head) + 1) % _ALIGNMENT) + b"\n"
    handle.writelines([_MARK, head, *blocks])


def _read_parts(handle: BinaryIO) -> dict[str, tuple[np.dtype[Any], int, int]]:
    """Kind and bytes of each array by its name. Raises ValueError where the file is not whole."""
    if handle.readline() != _MARK:
        raise ValueError("not a file of postings")
    head = json.loads(handle.readline())
    begin, checksum = handle.tell(), 0
    while block := handle.read(_CHUNK):
        checksum = zlib.crc32(block, checksum)
    if checksum != head["checksum"]:
        raise ValueError("the file is not whole")
    return {
        name: (np.dtype(kind), begin + start, begin + end)
        for name, (kind, start, end) in head["parts"].items()
    }


def _named(arrays: SegmentArrays) -> Iterator[tuple[str, NDArray[Any]]]:
    return ((field.name, getattr(arrays, field.name)) for field in fields(arrays))


def _places(lengths: Iterator[int]) -> NDArray[np.int64]:
    """Where each of some parts in a row begins, and where the last one ends."""
    return np.array(list(accumulate(chain([0], lengths))), np.int64)


def _joined(parts: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(parts).astype(kind) if parts else np.empty(0, kind)
