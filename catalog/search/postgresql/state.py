"""Which table is current, and of which generation: one row."""

import hashlib

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from catalog.search.postgresql import tables
from catalog.search.schema import schema_hash
from catalog.search.storage import IndexMissing, IndexState

# Raised when rows are written otherwise than before.
_LAYOUT_VERSION = 1


def read_state(connection: Connection) -> IndexState:
    """What is current. Raises IndexMissing when there is nothing this program can read."""
    try:
        row = connection.execute(text(tables.READ_STATE)).one_or_none()
    except ProgrammingError as problem:
        raise IndexMissing("the database never had a search index") from problem
    if row is None:
        raise IndexMissing("the database has no search index")
    state = IndexState(**row._mapping)
    if state.schema != _schema():
        raise IndexMissing("the search index in the database has another layout")
    return state


def prepare_state(connection: Connection) -> str | None:
    """Make room for the state; the table that was current. Needs the lock."""
    connection.execute(text(tables.CREATE_STATE))
    row = connection.execute(text(tables.READ_STATE)).one_or_none()
    return row.folder if row else None


def write_state(connection: Connection, folder: str) -> IndexState:
    """Make this table current, one generation later. Needs the lock."""
    values = {"folder": folder, "schema": _schema()}
    return IndexState(**connection.execute(text(tables.WRITE_STATE), values).one()._mapping)


def _schema() -> str:
    return hashlib.sha256(f"{_LAYOUT_VERSION} {schema_hash()}".encode()).hexdigest()
