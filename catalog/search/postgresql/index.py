"""The index as a table of PostgreSQL: one for all hosts, changed in transactions."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text

from catalog.search.documents import SearchDocument
from catalog.search.postgresql import tables
from catalog.search.postgresql.opening import OpenRows, ask
from catalog.search.postgresql.rows import make_row
from catalog.search.postgresql.segments import Asking, RowSegment
from catalog.search.postgresql.state import prepare_state, read_state, write_state
from catalog.search.storage import IndexBusy, IndexState
from foundation.db import Database

LOCK_TIMEOUT_SECONDS = 10.0
_LOCK_STEP_SECONDS = 0.02
# Any number that nothing else in the database locks.
_LOCK = int.from_bytes(hashlib.sha256(b"moyai search index").digest()[:8], signed=True)


class PostgresIndex:
    """The search index in the application's PostgreSQL (storage.IndexStore)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._rows = OpenRows(database, Asking(plainly=self._ask, by_index=self._ask_by_index))
        self._writing = threading.local()

    def get_state(self) -> IndexState:
        """What is current now. Raises IndexMissing when there is nothing this program can read."""
        with self._asking.connect() as connection:
            return read_state(connection)

    def open_segments(self, state: IndexState) -> Sequence[RowSegment]:
        """The rows of that state, or of a later one, as segments. Raises IndexMissing."""
        return self._rows.open()

    @contextmanager
    def lock(self, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
        """Be the only writer of the index, in one transaction. Raises IndexBusy."""
        with self._database.derived_transaction() as connection:
            _wait_for_lock(connection, timeout_seconds)
            self._writing.connection = connection
            try:
                yield
            finally:
                del self._writing.connection

    def rebuild(
        self, documents: Iterable[SearchDocument], on_document: Callable[[], None] | None = None
    ) -> IndexState:
        """Build new tables and make them current with the end of the lock."""
        connection: Connection = self._writing.connection
        before = prepare_state(connection)
        folder = tables.new_folder()
        _run(connection, tables.create(folder))
        _fill(connection, folder, documents, on_document)
        _run(connection, tables.finish(folder))
        if before:
            _run(connection, tables.drop(before))
        return write_state(connection, folder)

    def replace(self, keys: Sequence[str], documents: Sequence[SearchDocument]) -> IndexState:
        """Take the documents of these keys out and put these in, with the end of the lock."""
        connection: Connection = self._writing.connection
        state = read_state(connection)
        connection.execute(text(tables.remove(state.folder)), {"keys": list(keys)})
        _fill(connection, state.folder, documents, None)
        return write_state(connection, state.folder)

    def merge(self) -> IndexState | None:
        """Nothing to do: PostgreSQL cleans up after itself."""
        return None

    def _ask(self, statement: str, values: Mapping[str, Any]) -> Sequence[Any]:
        with self._asking.connect() as connection:
            return ask(connection, statement, values)

    def _ask_by_index(self, statement: str, values: Mapping[str, Any]) -> Sequence[Any]:
        with self._database.engine.connect() as connection:
            connection.execute(text(tables.PLAN_FOR_INDEXES))
            return ask(connection, statement, values)


def _wait_for_lock(connection: Connection, timeout_seconds: float) -> None:
    """The lock ends with the transaction, so also with the process."""
    deadline = time.monotonic() + timeout_seconds
    while not connection.scalar(text(tables.TRY_LOCK), {"key": _LOCK}):
        if time.monotonic() >= deadline:
            raise IndexBusy("the search index is being written")
        time.sleep(_LOCK_STEP_SECONDS)


def _fill(
    connection: Connection,
    folder: str,
    documents: Iterable[SearchDocument],
    on_document: Callable[[], None] | None,
) -> None:
    last = connection.scalar(text(tables.last(folder)))
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(tables.fill(folder)) as copy:
        for document in documents:
            copy.write_row(make_row(document))
            if on_document:
                on_document()
    connection.execute(text(tables.learn_words(folder)), {"last": last})


def _run(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.execute(text(statement))
