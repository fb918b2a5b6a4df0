"""Bring a database to the newest schema, safely.

SQLite rebuilds a table to alter it; with foreign keys on, that deletes every child row
without an error. So migrations run on an engine of their own with foreign keys off, and
`foreign_key_check` must come back empty afterwards.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class BrokenReferences(Exception):
    """A migration left rows that point at nothing; its transaction was rolled back."""


def upgrade(url: str) -> None:
    """Migrate to the newest revision. Raises BrokenReferences before anything is committed."""
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _plain_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")
        _check_references(connection)


def is_current(connection: Connection) -> bool:
    """Whether the database stands at the newest revision."""
    script = ScriptDirectory.from_config(_config(connection))
    return MigrationContext.configure(connection).get_current_revision() == (
        script.get_current_head()
    )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _plain_sqlite(connection: object, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]
    connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[attr-defined]
    connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise BrokenReferences(f"{len(broken)} rows, the first in table {broken[0][0]}")
