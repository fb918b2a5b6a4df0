"""Tables whose rows are written once: the database itself refuses to change or delete them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection

from foundation.db import Base

_tables: list[str] = []

_REFUSE_FUNCTION = (
    "CREATE OR REPLACE FUNCTION moyai_refuse_change() RETURNS trigger AS $$ "
    "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
)


def write_once(*tables: str) -> None:
    """Declare tables append-only. A migration must protect the same ones (a test compares)."""
    _tables.extend(tables)


def protected_tables() -> tuple[str, ...]:
    """Every table declared so far."""
    return tuple(_tables)


def protect(connection: Connection, tables: Iterable[str]) -> None:
    """Make the triggers that refuse UPDATE and DELETE on the tables."""
    if connection.dialect.name == "sqlite":
        statements = [text for table in tables for text in _sqlite(table)]
    else:
        statements = [_REFUSE_FUNCTION]
        statements += [text for table in tables for text in _postgresql(table)]
    for text in statements:
        connection.exec_driver_sql(text.replace("%", "%%"))


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _postgresql(table: str) -> list[str]:
    return [
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION moyai_refuse_change()",
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION moyai_refuse_change()",
    ]


def _after_create(_target: Any, connection: Connection, **_options: Any) -> None:
    protect(connection, _tables)


# After the last of the tables, so that all exist whatever the order of creation.
event.listen(Base.metadata, "after_create", _after_create)
