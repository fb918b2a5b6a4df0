"""A segment's postings as arrays, in a file beside Whoosh's: a term is found by one look.

Whoosh's files are what lasts; this one is made of them, and where it is missing or damaged the
postings are read from theirs. It is named as a segment's file, so Whoosh's writer takes it away
together with the segment. It is not read into memory but mapped: the workers of a machine share
what they use of it, and what nobody looks for stays on the disk.
"""

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate, chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.search.storage import Floats, Ints

_MARK = b"moyai postings 1\n"
_ALIGNMENT = 64  # bytes; arrays begin at multiples of it
_CHUNK = 1 << 20  # bytes read at a time to see whether the file is whole
_HASH_BYTES = 8

# Of one term: place of the field in schema.ALL_FIELDS, documents, frequencies.
Entry = tuple[int, Ints, Floats]
NOT_WANTED = 255  # no field has so high a place


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


class Postings(NamedTuple):
    """Where terms stand, posting by posting: the term's place among those looked up, the field's
    position, the document and how often."""

    terms: NDArray[np.int32]
    positions: NDArray[np.uint8]
    documents: Ints
    frequencies: Floats

    def only(self, kept: NDArray[np.bool_]) -> "Postings":
        """Those at which there is a true."""
        return Postings(
            self.terms[kept], self.positions[kept], self.documents[kept], self.frequencies[kept]
        )


@dataclass(frozen=True, kw_only=True)
class SegmentArrays:
    """Postings of all terms, those of documents deleted since included.

    hashes: row → of its term, ascending. text, spelt: the terms in UTF-8, row → where its own
    begins. first: row → its first entry. fields: entry → place in schema.ALL_FIELDS.
    starts: entry → its first posting.
    """

    hashes: NDArray[np.uint64]
    text: NDArray[np.uint8]
    spelt: NDArray[np.int64]
    first: NDArray[np.int32]
    fields: NDArray[np.uint8]
    starts: NDArray[np.int64]
    documents: Ints
    frequencies: NDArray[np.uint16]

    def find(self, wanted: Wanted) -> Postings:
        """The terms' postings in every wanted field that has them."""
        found = self._find_rows(wanted)
        terms, rows = np.array(found, np.intp).reshape(-1, 2).T
        firsts = self.first[rows]
        counts = self.first[rows + 1] - firsts
        entries = _ranges(firsts, counts)
        positions = wanted.positions[self.fields[entries]]
        is_wanted = positions != NOT_WANTED
        entries, positions = entries[is_wanted], positions[is_wanted]
        starts = self.starts[entries]
        lengths = self.starts[entries + 1] - starts
        places = _ranges(starts, lengths)
        return Postings(
            terms=np.repeat(np.repeat(terms, counts)[is_wanted], lengths).astype(np.int32),
            positions=np.repeat(positions, lengths),
            documents=self.documents[places],
            frequencies=self.frequencies[places].astype(np.float32),
        )

    def _find_rows(self, wanted: Wanted) -> list[tuple[int, int]]:
        """Place of each term that is there, and its row."""
        left = self.hashes.searchsorted(wanted.hashes)
        right = self.hashes.searchsorted(wanted.hashes, side="right")
        return [
            (place, row)
            for place in np.flatnonzero(left != right).tolist()
            for row in range(left[place], right[place])  # two terms may have the same hash
            if self._spelling(row) == wanted.spelt[place]
        ]

    def _spelling(self, row: int) -> bytes:
        start, end = self.spelt[row : row + 2].tolist()
        return self.text[start:end].tobytes()

    def list_terms(self, field: int) -> tuple[str, ...]:
        """The terms that stand in the field at that place."""
        rows = np.searchsorted(self.first, np.flatnonzero(self.fields == field), "right") - 1
        text, spelt = self.text.tobytes(), self.spelt.tolist()
        return tuple(text[spelt[row] : spelt[row + 1]].decode() for row in rows.tolist())


def joined_postings(parts: Sequence[Postings]) -> Postings:
    """Postings of several segments, one after another."""
    if not parts:
        ints = np.empty(0, np.int32)
        return Postings(ints, np.empty(0, np.uint8), ints, np.empty(0, np.float32))
    return Postings(
        terms=np.concatenate([part.terms for part in parts]),
        positions=np.concatenate([part.positions for part in parts]),
        documents=np.concatenate([part.documents for part in parts]),
        frequencies=np.concatenate([part.frequencies for part in parts]),
    )


def write_arrays(path: Path, postings: Mapping[str, Sequence[Entry]]) -> None:
    """Write the file in one step: a reader finds all of it or nothing."""
    rows = sorted((_hash(spelt := term.encode()), spelt, postings[term]) for term in postings)
    entries = [entry for _, _, found in rows for entry in found]
    arrays = SegmentArrays(
        hashes=np.array([key for key, _, _ in rows], np.uint64),
        text=np.frombuffer(b"".join(spelt for _, spelt, _ in rows), np.uint8),
        spelt=_places(len(spelt) for _, spelt, _ in rows),
        first=_places(len(found) for _, _, found in rows).astype(np.int32),
        fields=np.array([field for field, _, _ in entries], np.uint8),
        starts=_places(len(documents) for _, documents, _ in entries),
        documents=_joined([documents for _, documents, _ in entries], np.int32),
        frequencies=_joined([frequencies for _, _, frequencies in entries], np.uint16),
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


def _ranges(starts: NDArray[np.integer], lengths: NDArray[np.integer]) -> NDArray[np.intp]:
    """The numbers of several ranges, one after another."""
    ends = lengths.cumsum(dtype=np.intp)
    before = np.repeat(starts - ends + lengths, lengths)
    places: NDArray[np.intp] = before + np.arange(len(before))
    return places


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
