"""Whoosh's segments decoded into arrays, once each: postings, columns, facet values.

Whoosh reads a posting at a time in Python; here a whole list is decoded at once. The quick
ways into blocks and column files are Whoosh's inner ones, so each has the public way as
its fallback and a test that both say the same.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.reading import SegmentReader, TermNotFound

from catalog.search.arrays import (
    Postings,
    Run,
    SegmentArrays,
    Wanted,
    added_up,
    find_arrays,
    joined_postings,
    read_singly,
    write_arrays,
)
from catalog.search.gains import Entry, Halves, Side, halves_of
from catalog.search.joints import Joint, find_joint, write_joint
from catalog.search.read_segment import read_segment
from catalog.search.schema import ALL_FIELDS, NUMBER_COLUMNS, length_column
from catalog.search.storage import Floats, IndexMissing, Ints, Segment, SegmentData

_NONE: tuple[Ints, Floats] = (np.empty(0, np.int32), np.empty(0, np.float32))

_NO_LENGTHS: Halves = np.empty((0, 0), np.float32)


class SparingReader(SegmentReader):  # type: ignore[misc]
    """Whoosh's reader of a segment, which opens its postings when they are asked for.

    Whoosh copies all of them into memory. Where they are kept as arrays, nobody needs the copy.
    """

    _opened: Any = None

    @property
    def _terms(self) -> Any:
        if self._opened is None:
            self._opened = self._codec.terms_reader(self._storage, self._segment)
        return self._opened

    @_terms.setter
    def _terms(self, _reader: Any) -> None:
        """Whoosh's constructor opens them: let go again."""

    def let_go(self) -> None:
        """Forget the postings until they are asked for again."""
        self._opened = None


def arrays_name(segment: Any) -> str:
    """The file of a Whoosh segment's arrays."""
    name: str = segment.make_filename(".postings")
    return name


def joint_name(segment: Any) -> str:
    """The file of the arrays that a Whoosh segment shares with those after it."""
    name: str = segment.make_filename(".joint")
    return name


class WhooshSegment:
    """A segment of Whoosh's, read by arrays (storage.Segment)."""

    def __init__(self, leaf: SparingReader, segment: Any, folder: Path) -> None:
        """leaf: reads the segment's files; segment: says what is deleted at this moment."""
        self._leaf = leaf
        self._segment = segment
        self._arrays = folder / arrays_name(segment)
        self._joint = folder / joint_name(segment)
        self.segment_id: str = segment.segment_id()

    def deleted(self) -> Iterable[int]:
        """Documents that are in the index no more."""
        found: Iterable[int] = self._segment.deleted_docs()
        return found

    def read_data(self) -> SegmentData:
        """Columns and facets."""
        with _damage_is_missing():
            return _read_segment(self._leaf)

    def expect(self, terms: Sequence[str]) -> None:
        """Nothing to prepare: a file is read where it is needed."""

    def read_postings(self, field: str, term: str) -> tuple[Ints, Floats]:
        """Document numbers, ascending, and the term's frequency in each."""
        with _damage_is_missing():
            return decode_postings(self._leaf, field, term)

    def find_arrays(self) -> SegmentArrays | None:
        """What `keep_arrays` has kept; None where it has not, or no longer as it was."""
        found = find_arrays(self._arrays)
        if found:
            self._leaf.let_go()
        return found

    def find_joint(self) -> Joint | None:
        """What `keep_joint` has kept with this segment as the first."""
        return find_joint(self._joint)

    def keep_arrays(self) -> None:
        """Keep all postings as arrays, unless they are."""
        if self._arrays.exists():
            return
        with _damage_is_missing():
            found: dict[str, list[Entry]] = {}
            for place, field in enumerate(ALL_FIELDS):
                for term in self.read_lexicon(field):
                    entry = place, *decode_postings(self._leaf, field, term)
                    found.setdefault(term, []).append(entry)
            lengths = _read_lengths(self._leaf)
        if found:
            write_arrays(self._arrays, found, halves_of(lengths))

    def keep_joint(self, following: Sequence["WhooshSegment"]) -> None:
        """Keep the arrays of this segment and those after it as one, if each has its own."""
        segments = [self, *following]
        found = [(each.segment_id, each.count_all(), each.find_arrays()) for each in segments]
        parts = [(name, count, arrays) for name, count, arrays in found if arrays]
        if len(parts) == len(segments) > 1:
            write_joint(self._joint, parts)

    def count_all(self) -> int:
        """How many documents it has, deleted ones included."""
        count: int = self._segment.doc_count_all()
        return count

    def read_lexicon(self, field: str) -> tuple[str, ...]:
        """The terms of a field, of deleted documents too."""
        with _damage_is_missing():
            read = self._leaf.schema[field].from_bytes
            return tuple(read(term) for term in self._leaf.lexicon(field))

    def read_shown(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """What is kept to show these documents."""
        with _damage_is_missing():
            return [self._leaf.stored_fields(number)["shown"] for number in numbers]


class KeptSegment:
    """What is known of a segment's files, for as long as a snapshot holds it."""

    def __init__(self, segment: Segment) -> None:
        """data: columns and facets; arrays: its postings, where they are kept so; halves: by its
        documents' lengths, where they are not; joint: its postings and those of others."""
        data = segment.read_data()
        self.data = read_segment(data)
        self.arrays = segment.find_arrays()
        self.halves = _NO_LENGTHS if self.arrays else halves_of(data.lengths)
        self.joint = segment.find_joint()
        self._lexicons: dict[str, tuple[str, ...]] = {}

    def lexicon(self, segment: Segment, field: str) -> tuple[str, ...]:
        """The terms of a field, of deleted documents too."""
        if field not in self._lexicons:
            listed = self.arrays.list_terms(ALL_FIELDS.index(field)) if self.arrays else None
            self._lexicons[field] = listed or segment.read_lexicon(field)
        return self._lexicons[field]


class PostingCache:
    """What snapshots have read of their segments, shared by those of one process.

    A segment is kept for as long as any snapshot is, so that a request goes on with the one it
    began with while another opens the next. Decoded postings go by what was used least recently.
    """

    def __init__(self, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: OrderedDict[tuple[str, str, str], tuple[Ints, Floats]] = OrderedDict()
        self._kept: WeakValueDictionary[str, KeptSegment] = WeakValueDictionary()
        self._lock = threading.Lock()

    def keep(self, segments: Sequence[Segment]) -> list[KeptSegment]:
        """The segments' columns and facets; who asks holds on to them."""
        with self._lock:
            kept = [self._keep(segment) for segment in segments]
            for key in [key for key in self._entries if key[0] not in self._kept]:
                self._bytes -= _size(self._entries.pop(key))
        return kept

    def _keep(self, segment: Segment) -> KeptSegment:
        kept = self._kept.get(segment.segment_id)
        if kept is None:
            kept = KeptSegment(segment)
            self._kept[segment.segment_id] = kept
        return kept

    def find(
        self, segments: Sequence[tuple[Segment, int]], side: Side, terms: Sequence[str]
    ) -> Postings:
        """What the terms give on this side; a document's number is its own in the segment and the
        number said beside that."""
        wanted = Wanted(terms=terms, side=side)
        with self._lock:
            runs = list(self._find(segments, wanted))
        found = joined_postings(runs, len(terms))
        return added_up(found) if side.rest else found

    def _find(self, segments: Sequence[tuple[Segment, int]], wanted: Wanted) -> Iterator[Run]:
        place = 0
        while place < len(segments):
            segment, base = segments[place]
            kept = self._kept[segment.segment_id]
            joint = kept.joint
            if joint and joint.of == _ids(segments[place : place + len(joint.of)]):
                yield from joint.arrays.find(wanted, base)
                place += len(joint.of)
                continue
            if kept.arrays:
                yield from kept.arrays.find(wanted, base)
            else:
                yield from self._find_singly(segment, base, wanted, kept.halves)
            place += 1

    def _find_singly(
        self, segment: Segment, base: int, wanted: Wanted, halves: Halves
    ) -> Iterable[Run]:
        fields = [(ALL_FIELDS.index(name), name) for name in wanted.side.fields]
        found = [
            [(place, *self._postings(segment, name, term)) for place, name in fields]
            for term in wanted.terms
        ]
        return read_singly(base, found, halves)

    def _postings(self, segment: Segment, field: str, term: str) -> tuple[Ints, Floats]:
        key = (segment.segment_id, field, term)
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
            return found
        decoded = segment.read_postings(field, term)
        self._entries[key] = decoded
        self._bytes += _size(decoded)
        while self._bytes > self._most_bytes and len(self._entries) > 1:
            _, dropped = self._entries.popitem(last=False)
            self._bytes -= _size(dropped)
        return decoded

    def lexicon(self, segment: Segment, field: str) -> tuple[str, ...]:
        """The terms of a field, of deleted documents too."""
        with self._lock:
            return self._kept[segment.segment_id].lexicon(segment, field)

    def shown(self, segment: Segment, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """What is kept to show documents. Whoosh's files are not safe to share unlocked."""
        with self._lock:
            return segment.read_shown(numbers)


def _ids(segments: Sequence[tuple[Segment, int]]) -> tuple[str, ...]:
    return tuple(segment.segment_id for segment, _ in segments)


def postings_of(documents: Sequence[Mapping[str, Any]]) -> dict[str, list[Entry]]:
    """The postings of a segment by what Whoosh was given for its documents, in their order."""
    found: dict[str, list[Entry]] = {}
    for place, field in enumerate(ALL_FIELDS):
        often: dict[str, dict[int, int]] = {}
        for number, document in enumerate(documents):
            for term, times in Counter(document.get(field, ())).items():
                often.setdefault(term, {})[number] = times
        for term, counts in often.items():
            entry = place, np.array([*counts], np.int32), np.array([*counts.values()], np.float32)
            found.setdefault(term, []).append(entry)
    return found


def lengths_of(documents: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[np.int64]]:
    """How many terms each of them has, by field, from what Whoosh was given for them."""
    columns = {name: length_column(name) for name in ALL_FIELDS}
    return {
        name: np.array([document.get(column, 0) for document in documents], np.int64)
        for name, column in columns.items()
    }


@contextmanager
def _damage_is_missing() -> Iterator[None]:
    """Damaged bytes raise whatever they lead to; all of it means that the index is lost."""
    try:
        yield
    except Exception as problem:
        raise IndexMissing(f"a segment cannot be read: {problem!r}") from problem


def _size(decoded: tuple[Ints, Floats]) -> int:
    return decoded[0].nbytes + decoded[1].nbytes + 200


def decode_postings(leaf: Any, field: str, term: str) -> tuple[Ints, Floats]:
    """All postings of a term in a segment, deleted documents included."""
    try:
        matcher = leaf.postings(field, term)
    except TermNotFound:
        return _NONE
    while hasattr(matcher, "child"):  # the filter of deleted documents: they differ by generation
        matcher = matcher.child
    if isinstance(matcher, W3LeafMatcher):
        return _decode_blocks(matcher)
    return decode_by_steps(matcher)


def _decode_blocks(matcher: Any) -> tuple[Ints, Floats]:
    ids: list[Any] = []
    weights: list[Any] = []
    while matcher.is_active():
        matcher._read_data()
        steps, often, _ = matcher._data  # from one document number to the next
        ids.append(np.array(steps, np.int32).cumsum(dtype=np.int32))
        if often is None or isinstance(often, float):  # the same in all of them
            often = np.full(len(steps), 1.0 if often is None else often)
        weights.append(np.array(often, np.float32))
        matcher._next_block()
    if not ids:
        return _NONE
    return np.concatenate(ids), np.concatenate(weights)


def decode_by_steps(matcher: Any) -> tuple[Ints, Floats]:
    """The same by Whoosh's public interface alone."""
    ids: list[int] = []
    weights: list[float] = []
    while matcher.is_active():
        ids.append(matcher.id())
        weights.append(matcher.weight())
        matcher.next()
    return np.array(ids, np.int32), np.array(weights, np.float32)


def _read_segment(leaf: Any) -> SegmentData:
    return SegmentData(
        count=leaf.doc_count_all(),
        numbers={name: _read_column(leaf, name) for name in NUMBER_COLUMNS},
        lengths=_read_lengths(leaf),
        facets={name: _read_facets(leaf, name) for name in ("facet", "g_facet", "visibility")},
    )


def _read_lengths(leaf: Any) -> dict[str, NDArray[np.int64]]:
    return {name: _read_column(leaf, length_column(name)) for name in ALL_FIELDS}


def _read_facets(leaf: Any, field: str) -> dict[str, Ints]:
    terms = [leaf.schema[field].from_bytes(term) for term in leaf.lexicon(field)]
    return {term: decode_postings(leaf, field, term)[0] for term in terms}


def _read_column(leaf: Any, name: str) -> NDArray[np.int64]:
    if not leaf.has_column(name):  # no document of the segment has a value
        return np.zeros(leaf.doc_count_all(), np.int64)
    reader = leaf.column_reader(name)
    quick = _read_column_bytes(reader, leaf.doc_count_all())
    return quick if quick is not None else np.fromiter(reader, np.int64)


def _read_column_bytes(reader: Any, count: int) -> NDArray[np.int64] | None:
    """The column's file as one array; None if this Whoosh keeps it otherwise."""
    try:
        width, stored = reader._fixedlen, min(reader._count, count)
        raw = reader._dbfile.get(reader._basepos, width * stored)
        kind = np.dtype(">" + {"I": "u4", "q": "i8"}[reader._typecode])
    except (AttributeError, KeyError):
        return None
    values = np.zeros(count, np.int64)
    values[:stored] = np.frombuffer(raw, kind, stored)
    return values
