"""The durable index: a folder of Whoosh segments, one lock, one file that says what is current.

Only Whoosh's writer and reader are used. The index is a derived copy: whatever happens to
it, it can be built again from the database, and a reader never sees it half written.
"""

import fcntl
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

from whoosh import index as whoosh_index
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.reading import SegmentReader
from whoosh.writing import NO_MERGE

from catalog.search.arrays import write_arrays
from catalog.search.current import CurrentFile
from catalog.search.documents import SearchDocument
from catalog.search.gains import halves_of
from catalog.search.postings import (
    SparingReader,
    WhooshSegment,
    arrays_name,
    lengths_of,
    postings_of,
)
from catalog.search.schema import index_fields, make_schema
from catalog.search.storage import IndexBusy, IndexMissing, IndexState

BLOCK_LIMIT = 1024  # postings per block; Whoosh's own 128 decodes more slowly (search.md)
BULK_COMMIT = 5_000  # documents per segment of a rebuild
LOCK_TIMEOUT_SECONDS = 10.0
_LOCK_STEP_SECONDS = 0.02
_MERGE_FACTOR = 8
_MOST_MERGED = 512  # documents at once: two seconds or so
SETTLED_AFTER_SECONDS = 3600.0
MOST_SEGMENTS = 64  # that an index without a worker comes to
_MOST_TRIES = 10


class SearchIndex:
    """The index in one directory, shared by all processes of a machine."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._current = CurrentFile(directory)
        # Segment id → its open files: those that searches read, those that writing reads.
        self._leaves: dict[str, Any] = {}
        self._writing: dict[str, Any] = {}
        self._reading = threading.Lock()

    def get_state(self) -> IndexState:
        """What is current now. Raises IndexMissing when there is nothing this program can read."""
        return self._current.read()

    def open_segments(self, state: IndexState) -> list[WhooshSegment]:
        """The segments of that state; none for an index without a document.

        What is deleted is read anew each time: Whoosh's refreshed readers bring it back. Only
        the files of a segment, which never change, stay open from one generation to the next.
        """
        with self._reading:
            return self._open(state.folder, self._leaves)

    def _open(self, folder: str, kept: dict[str, Any]) -> list[WhooshSegment]:
        for tries_left in reversed(range(_MOST_TRIES)):
            try:
                index = whoosh_index.open_dir(str(self.directory / folder))
                table = index._read_toc()
                opened = {
                    segment.segment_id(): kept.get(segment.segment_id())
                    or SparingReader(index.storage, table.schema, segment)
                    for segment in table.segments
                }
            except FileNotFoundError as problem:  # merged away between the two steps
                if not tries_left:
                    raise IndexMissing(f"{folder} cannot be read: {problem!r}") from problem
            except Exception as problem:  # a damaged file raises whatever its bytes lead to
                raise IndexMissing(f"{folder} cannot be read: {problem!r}") from problem
            else:
                kept.clear()
                kept.update(opened)
                path = self.directory / folder
                return [WhooshSegment(opened[s.segment_id()], s, path) for s in table.segments]
        raise IndexMissing(f"{folder} cannot be read")

    @contextmanager
    def lock(self, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
        """Be the only writer of the index. Raises IndexBusy after the timeout."""
        self.directory.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + timeout_seconds
        with open(self.directory / "LOCK", "w") as handle:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise IndexBusy("the search index is being written") from None
                    time.sleep(_LOCK_STEP_SECONDS)
            yield  # the lock ends with the file, so also with the process

    def rebuild(
        self, documents: Iterable[SearchDocument], on_document: Callable[[], None] | None = None
    ) -> IndexState:
        """Build the whole index aside and make it current in one step. Needs the lock."""
        folder = f"index-{secrets.token_hex(8)}"
        path = self.directory / folder
        path.mkdir(parents=True)
        built = whoosh_index.create_in(str(path), make_schema())
        for batch in _batches(documents):
            writer = _open_writer(built)
            for document in batch:
                writer.add_document(**index_fields(document))
                if on_document:
                    on_document()
            writer.commit(merge=False)
        self._keep_arrays(folder)
        self._keep_joint(folder)
        state = self._current.name(folder)
        self._current.settle(state)
        self._remove_others(folder)
        return state

    def replace(self, keys: Sequence[str], documents: Sequence[SearchDocument]) -> IndexState:
        """Take the documents of these keys out and put these in. Needs the lock.

        Nothing is merged unless nobody has merged for long: that is left to `merge`.
        """
        state = self.get_state()
        with self._writer(state) as writer:
            places = self._find_documents(state, keys)
            for segment in writer.segments:
                for number in places.get(segment.segment_id(), ()):
                    segment.delete_document(number)
            given = [index_fields(document) for document in documents]
            for fields in given:
                writer.add_document(**fields)
            crowded = len(writer.segments) >= MOST_SEGMENTS
            arrays = self.directory / state.folder / arrays_name(writer.newsegment)
            writer.commit(mergetype=merge_alike if crowded else NO_MERGE)
        if crowded:
            self._keep_arrays(state.folder)
        elif given:  # read from there they are the same, and take longer
            write_arrays(arrays, postings_of(given), halves_of(lengths_of(given)))
        return self._current.name(state.folder)

    def merge(self) -> IndexState | None:
        """Make few segments of many, if there are many; the new state. Needs the lock.

        An index that nobody has changed for an hour is settled: a restart need not build it again.
        """
        state = self.get_state()
        with self._writer(state) as writer:
            if not choose_merged(writer.segments):
                writer.cancel()
                if state.boot and self._current.seconds_unchanged() > SETTLED_AFTER_SECONDS:
                    self._current.settle(state)
                return None
            writer.commit(mergetype=merge_alike)
        self._keep_arrays(state.folder)
        return self._current.name(state.folder)

    def _find_documents(self, state: IndexState, keys: Sequence[str]) -> dict[str, list[int]]:
        """Where documents of these keys lie: segment → numbers. Needs the lock.

        Its readers are not those that searches use: Whoosh's files have one place at a time.
        """
        places: dict[str, list[int]] = {}
        for segment in self._open(state.folder, self._writing):
            gone = set(segment.deleted())
            found = {n for key in keys for n in segment.read_postings("key", key)[0].tolist()}
            places[segment.segment_id] = sorted(found - gone)
        return places

    @contextmanager
    def _writer(self, state: IndexState) -> Iterator[Any]:
        try:
            folder = str(self.directory / state.folder)
            writer = _open_writer(whoosh_index.FileIndex(_Files(folder)))
            try:
                yield writer
            except BaseException:
                if not writer.is_closed:
                    writer.cancel()  # else the next writer of this process waits in vain
                raise
        except (OSError, EOFError, whoosh_index.IndexError) as problem:
            raise IndexMissing(f"{state.folder} cannot be written: {problem!r}") from problem

    def _keep_arrays(self, folder: str) -> None:
        """The postings of segments that are large and new. Needs the lock."""
        for segment in self._open(folder, self._writing):
            segment.keep_arrays()

    def _keep_joint(self, folder: str) -> None:
        """The postings of all segments as one. Needs the lock."""
        segments = self._open(folder, self._writing)
        if segments:
            segments[0].keep_joint(segments[1:])

    def _remove_others(self, folder: str) -> None:
        for path in self.directory.glob("index-*"):
            if path.name != folder:
                shutil.rmtree(path, ignore_errors=True)


def merge_alike(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge policy: write the chosen segments into the new one; those that stay."""
    merged = choose_merged(segments)
    for segment in segments:
        if segment.segment_id() in merged and segment.doc_count():
            reader = SegmentReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)
            reader.close()
    return [segment for segment in segments if segment.segment_id() not in merged]


def choose_merged(segments: Sequence[Any]) -> set[str]:
    """Ids of what is merged: eight segments of about one size, and half-deleted ones.

    Each document is so rewritten about log8(n) times. Whoever changes something meanwhile waits,
    so many documents are never merged at once: a rebuild does that.
    """
    by_size: dict[int, list[Any]] = {}
    chosen: list[Any] = []
    for segment in sorted(segments, key=lambda found: found.doc_count()):
        if _is_half_deleted(segment):
            chosen.append(segment)
        else:
            by_size.setdefault(_size_class(segment.doc_count()), []).append(segment)
    for alike in by_size.values():
        if len(alike) >= _MERGE_FACTOR:
            chosen += alike
    totals = accumulate(segment.doc_count() for segment in chosen)
    merged = [
        segment for segment, total in zip(chosen, totals, strict=True) if total <= _MOST_MERGED
    ]
    pays = len(merged) > 1 or any(map(_is_half_deleted, merged))
    return {segment.segment_id() for segment in merged} if pays else set()


def _is_half_deleted(segment: Any) -> bool:
    return bool(2 * segment.doc_count() < segment.doc_count_all())


def _size_class(count: int) -> int:
    size = 0
    while count >= _MERGE_FACTOR:
        count //= _MERGE_FACTOR
        size += 1
    return size


class _Files(FileStorage):  # type: ignore[misc]
    """A folder for small changes: Whoosh's forty passing files for one document stay in memory."""

    def temp_storage(self, name: str | None = None) -> Any:
        return RamStorage()


class _Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec without its own field lengths: ours are columns (schema.py)."""

    length_stats = False


def _open_writer(index: Any) -> Any:
    # Whoosh compresses each list by itself: that takes longer than it saves, most being short.
    codec = _Codec(blocklimit=BLOCK_LIMIT, compression=0)
    return index.writer(timeout=LOCK_TIMEOUT_SECONDS, codec=codec, limitmb=256)


def _batches(documents: Iterable[SearchDocument]) -> Iterator[list[SearchDocument]]:
    batch: list[SearchDocument] = []
    for document in documents:
        batch.append(document)
        if len(batch) == BULK_COMMIT:
            yield batch
            batch = []
    if batch:
        yield batch
