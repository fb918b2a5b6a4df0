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
from itertools import accumulate, chain, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.search.bits import TRUSTED
from catalog.search.gains import (
    DOCUMENT_BITS,
    SIDES,
    Entry,
    Gained,
    Halves,
    Side,
    first_of_each,
    gather,
)
from catalog.search.storage import Floats, Ints

_MARK = b"moyai postings 5\n"
_ALIGNMENT = 64  # bytes; arrays begin at multiples of it
_CHUNK = 1 << 20  # bytes read at a time to see whether the file is whole
_HASH_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Terms to be looked up at once in what one side of readers reads."""

    terms: Sequence[str]
    side: Side

    @cached_property
    def rows(self) -> list[tuple[list[bytes], NDArray[np.uint64]]]:
        """What the terms' rows are called and found by."""
        sides = [self.side.rest, self.side] if self.side.rest else [self.side]
        spelt = [[side.mark + term.encode() for term in self.terms] for side in sides]
        return [(names, np.array([_hash(name) for name in names], np.uint64)) for names in spelt]


class Run(NamedTuple):
    """One term in one segment: documents ascending, what each gains (gains.Gained) and where.

    term: its place among those looked up; base: the segment's first document among all.
    """

    term: int
    base: int
    documents: Ints
    gains: Floats
    masks: NDArray[np.uint8]


class Postings(NamedTuple):
    """Where terms stand, a term after another: `starts` of each, and the end of the last; the
    documents, what each gains and in which fields. Within a term the documents ascend."""

    starts: NDArray[np.int64]
    documents: Ints
    gains: Floats
    masks: NDArray[np.uint8]

    def only(self, kept: NDArray[np.bool_]) -> "Postings":
        """Those at which there is a true."""
        passed = np.concatenate([[0], kept.cumsum()])
        return Postings(
            passed[self.starts], self.documents[kept], self.gains[kept], self.masks[kept]
        )


@dataclass(frozen=True, kw_only=True)
class SegmentArrays:
    """What all terms give, those of documents deleted since included.

    hashes: row → of its side's mark and its term, ascending. text, spelt: these in UTF-8, row →
    where its own begins. named: row → the places in schema.ALL_FIELDS of its side's own fields
    that have the term, as bits. starts: row → its first document. documents, gains, masks: as
    gains.Gained, so that nobody who reads them has to sort or to add.
    """

    hashes: NDArray[np.uint64]
    text: NDArray[np.uint8]
    spelt: NDArray[np.int64]
    named: NDArray[np.uint32]
    starts: NDArray[np.int64]
    documents: Ints
    gains: Floats
    masks: NDArray[np.uint8]

    def find(self, wanted: Wanted, base: int = 0) -> Iterator[Run]:
        """What there is of the terms; of one, a run for each side that has it."""
        for names, hashes in wanted.rows:
            yield from self._find(names, hashes, base)

    def _find(self, names: list[bytes], hashes: NDArray[np.uint64], base: int) -> Iterator[Run]:
        if not len(self.hashes):
            return
        first = self.hashes.searchsorted(hashes)
        is_there = self.hashes.take(first, mode=TRUSTED) == hashes
        for place in np.flatnonzero(is_there).tolist():
            row = self._row(int(first[place]), names[place])
            if row is not None:
                start, end = self.starts[row : row + 2].tolist()
                yield _run_of(self, place, base, start, end)

    def _row(self, first: int, name: bytes) -> int | None:
        """The row of that name, from the first of its hash on: two terms may have the same."""
        found = self.hashes[first]
        for row in range(first, len(self.hashes)):
            if self.hashes[row] != found:
                return None
            if self._spelling(row) == name:
                return row
        return None

    def _spelling(self, row: int) -> bytes:
        start, end = self.spelt[row : row + 2].tolist()
        return self.text[start:end].tobytes()

    def list_terms(self, field: int) -> tuple[str, ...]:
        """The terms that stand in the field at that place."""
        rows = np.flatnonzero(self.named & np.uint32(1 << field))
        names = self.list_names()
        return tuple(names[row][1:].decode() for row in rows.tolist())

    def list_names(self) -> list[bytes]:
        """Of each row its side's mark and its term."""
        text, spelt = self.text.tobytes(), self.spelt.tolist()
        return [text[start:end] for start, end in pairwise(spelt)]


def joined_postings(runs: Iterable[Run], how_many: int) -> Postings:
    """The runs of all segments, these in their order, of so many terms."""
    sorted_runs = sorted(runs, key=itemgetter(0))
    if not sorted_runs:
        none = np.empty(0, np.int32)
        starts = np.zeros(how_many + 1, np.int64)
        return Postings(starts, none, none.astype(np.float32), none.astype(np.uint8))
    terms, bases, documents, gains, masks = zip(*sorted_runs, strict=True)
    lengths = [len(each) for each in documents]
    found = Postings(
        starts=_starts(terms, lengths, how_many),
        documents=np.concatenate(documents),
        gains=np.concatenate(gains),
        masks=np.concatenate(masks),
    )
    if any(bases):
        found.documents[:] += np.array(bases, np.int32).repeat(lengths)
    return found


def _starts(terms: Sequence[int], lengths: Sequence[int], how_many: int) -> NDArray[np.int64]:
    starts = np.zeros(how_many + 1, np.int64)
    # Whole numbers far below 2 ** 53.
    np.cumsum(np.bincount(terms, lengths, how_many), out=starts[1:], dtype=np.int64)
    return starts


def added_up(found: Postings) -> Postings:
    """What stands twice, as two sides have it, once."""
    if not len(found.documents):
        return found
    how_many = len(found.starts) - 1
    keys = np.arange(how_many, dtype=np.int64).repeat(np.diff(found.starts))
    keys = keys << DOCUMENT_BITS | found.documents
    order = keys.argsort(kind="stable")
    keys = keys[order]
    begins = first_of_each(keys)
    limits = np.arange(how_many + 1, dtype=np.int64) << DOCUMENT_BITS
    return Postings(
        keys[begins].searchsorted(limits),
        found.documents[order][begins],
        np.add.reduceat(found.gains[order], begins),
        np.bitwise_or.reduceat(found.masks[order], begins),
    )


def read_singly(base: int, found: Sequence[Sequence[Entry]], halves: Halves) -> Iterator[Run]:
    """The same of what was read term by term and field by field."""
    gained = gather(found, halves)
    for term, (start, end) in enumerate(pairwise(gained.starts.tolist())):
        if start < end:
            yield _run_of(gained, term, base, start, end)


def _run_of(rows: SegmentArrays | Gained, term: int, base: int, start: int, end: int) -> Run:
    """What stands from `start` on and before `end`."""
    return Run(term, base, rows.documents[start:end], rows.gains[start:end], rows.masks[start:end])


def write_arrays(path: Path, postings: Mapping[str, Sequence[Entry]], halves: Halves) -> None:
    """Write the file in one step: a reader finds all of it or nothing.

    postings: of each term, by field in the order of schema.ALL_FIELDS.
    """
    rows = [(_hash(name), name, found) for name, found in _rows(postings)]
    rows.sort(key=itemgetter(0, 1))
    gained = gather([found for _, _, found in rows], halves)
    named = np.array([_bits_of(found) for _, _, found in rows], np.uint32)
    write_file(path, arrays_of([row[:2] for row in rows], named, gained))


def arrays_of(
    names: Sequence[tuple[int, bytes]], named: NDArray[np.uint32], gained: Gained
) -> SegmentArrays:
    """names: of each row its hash and its name, ascending; gained: the rows."""
    return SegmentArrays(
        hashes=np.array([key for key, _ in names], np.uint64),
        text=np.frombuffer(b"".join(name for _, name in names), np.uint8),
        spelt=_places(len(name) for _, name in names),
        named=named,
        **gained._asdict(),
    )


def write_file(path: Path, arrays: SegmentArrays, of: Sequence[str] = ()) -> None:
    """Write the file in one step. of: the segments whose arrays they are (joints.py)."""
    own = path.with_name(f"{path.name}.{os.getpid()}")
    with open(own, "wb") as handle:
        _write(handle, arrays, of)
    os.replace(own, path)


def _rows(
    postings: Mapping[str, Sequence[Entry]],
) -> Iterator[tuple[bytes, Sequence[Entry]]]:
    """Of each term a row for every side that has it."""
    for term, entries in postings.items():
        for side in SIDES:
            own = [entry for entry in entries if entry[0] in side.places]
            if own:
                yield side.mark + term.encode(), own


def _bits_of(found: Sequence[Entry]) -> int:
    return sum(1 << place for place, _, _ in found)


def find_arrays(path: Path) -> SegmentArrays | None:
    """The file's arrays, mapped; None where it is missing or its checksum does not fit."""
    found = find_file(path)
    return found[0] if found else None


def find_file(path: Path) -> tuple[SegmentArrays, tuple[str, ...]] | None:
    """The same with the segments that `write_file` was told."""
    try:
        with open(path, "rb") as handle:
            parts, of = _read_head(handle)
        content = np.asarray(np.memmap(path, np.uint8, "r"))  # plain: its slices are made often
        arrays = SegmentArrays(
            **{name: content[start:end].view(kind) for name, (kind, start, end) in parts.items()}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return arrays, of


def _hash(spelt: bytes) -> int:
    return int.from_bytes(blake2b(spelt, digest_size=_HASH_BYTES).digest())


def _write(handle: BinaryIO, arrays: SegmentArrays, of: Sequence[str]) -> None:
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
    head = json.dumps({"checksum": checksum, "of": list(of), "parts": parts}).encode()
    head += b" " * (-(len(_MARK) + len(head) + 1) % _ALIGNMENT) + b"\n"
    handle.writelines([_MARK, head, *blocks])


def _read_head(
    handle: BinaryIO,
) -> tuple[dict[str, tuple[np.dtype[Any], int, int]], tuple[str, ...]]:
    """Kind and bytes of each array by its name, and whose they are.

    Raises ValueError where the file is not whole.
    """
    if handle.readline() != _MARK:
        raise ValueError("not a file of postings")
    head = json.loads(handle.readline())
    begin, checksum = handle.tell(), 0
    while block := handle.read(_CHUNK):
        checksum = zlib.crc32(block, checksum)
    if checksum != head["checksum"]:
        raise ValueError("the file is not whole")
    parts = {
        name: (np.dtype(kind), begin + start, begin + end)
        for name, (kind, start, end) in head["parts"].items()
    }
    return parts, tuple(head["of"])


def _named(arrays: SegmentArrays) -> Iterator[tuple[str, NDArray[Any]]]:
    return ((field.name, getattr(arrays, field.name)) for field in fields(arrays))


def _places(lengths: Iterator[int]) -> NDArray[np.int64]:
    """Where each of some parts in a row begins, and where the last one ends."""
    return np.array(list(accumulate(chain([0], lengths))), np.int64)
