"""The rows of the current table as segments, brought up to date by reading only new rows."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from catalog.search.postgresql import tables
from catalog.search.postgresql.rows import read_numbers
from catalog.search.postgresql.segments import Ask, Asking, RowSegment, read_segment
from catalog.search.postgresql.state import read_state
from catalog.search.storage import IndexMissing
from foundation.db import Database

_MOST_ALIKE = 8  # segments of about one size become one


def ask(connection: Connection, statement: str, values: Mapping[str, Any]) -> Sequence[Any]:
    """All rows of a statement. Raises IndexMissing when its table is gone."""
    try:
        return connection.execute(text(statement), values).all()
    except ProgrammingError as problem:
        raise IndexMissing(f"the search index cannot be read: {problem.orig}") from problem


class OpenRows:
    """What this process has opened of the index. asking: how its segments read on."""

    def __init__(self, database: Database, asking: Asking) -> None:
        self._database = database
        self._asking = asking
        self._folder = ""
        self._segments: list[RowSegment] = []
        self._names = count(1)
        self._lock = threading.Lock()

    def open(self) -> list[RowSegment]:
        """Segments with exactly the rows of this moment. Raises IndexMissing."""
        with self._lock, self._database.read_session() as session:
            connection = session.connection()
            folder = read_state(connection).folder
            if folder != self._folder:
                self._folder, self._segments = folder, []
            self._segments = list(self._bring_up(partial(ask, connection)))
            return list(self._segments)

    def _bring_up(self, reading: Ask) -> Iterator[RowSegment]:
        ((packed,),) = reading(tables.live(self._folder), {})
        live = read_numbers(packed)
        known = [replace(segment, gone=_gone(segment, live)) for segment in self._segments]
        fresh = live[live > max((int(s.numbers[-1]) for s in known), default=0)]
        if len(fresh):
            known.append(self._read(reading, fresh))
        worn = _list_worn(known)
        yield from (segment for segment in known if segment.segment_id not in worn)
        rewritten = [_live(segment) for segment in known if segment.segment_id in worn]
        numbers = np.sort(np.concatenate(rewritten)) if rewritten else live[:0]
        if len(numbers):
            yield self._read(reading, numbers)

    def _read(self, reading: Ask, numbers: NDArray[np.int64]) -> RowSegment:
        name = f"{self._folder}:{next(self._names)}"
        return read_segment(self._asking, reading, self._folder, name, numbers)


def _gone(segment: RowSegment, live: NDArray[np.int64]) -> NDArray[np.int32]:
    alive = np.isin(segment.numbers, live, assume_unique=True)
    return np.flatnonzero(~alive).astype(np.int32)


def _live(segment: RowSegment) -> NDArray[np.int64]:
    return np.delete(segment.numbers, segment.gone)


def _list_worn(segments: Sequence[RowSegment]) -> set[str]:
    """Segments to be read anew as one: half of whose rows are gone, or eight of about one size."""
    worn = {s.segment_id for s in segments if 2 * len(s.gone) > len(s.numbers)}
    by_size: dict[int, list[str]] = {}
    for segment in segments:
        size = int(np.log(max(1, len(_live(segment)))) / np.log(_MOST_ALIKE))
        by_size.setdefault(size, []).append(segment.segment_id)
    for alike in by_size.values():
        if len(alike) >= _MOST_ALIKE:
            worn.update(alike)
    return worn
