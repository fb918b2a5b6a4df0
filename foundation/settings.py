"""What an installation remembers about itself: its example base date, its audit salt."""

from collections.abc import Callable
from datetime import date, datetime, time

from sqlalchemy import String, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.clock import to_jst
from foundation.db import Base, Database

MORNING = time(7, 0)  # Japan time: notices are read at the desk when the day begins


class Setting(Base):
    """One remembered value."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str]


def find_setting(session: Session, key: str) -> str | None:
    """The value kept under the key."""
    row = session.get(Setting, key)
    return row.value if row else None


def put_setting(session: Session, key: str, value: str) -> None:
    """Keep the value under the key, replacing what was there."""
    row = session.get(Setting, key)
    if row is None:
        session.add(Setting(key=key, value=value))
    else:
        row.value = value
    session.flush()


def run_once_a_day(
    database: Database, key: str, now: datetime, work: Callable[[Session, date], int]
) -> int:
    """Today's work of that key, from the morning on; what it counted, 0 where already done."""
    today = due_today(database, key, now)
    if today is None:
        return 0
    with database.transaction() as session:
        # Another process may have done it while this one waited.
        if lock_setting(session, key) == today.isoformat():
            return 0
        counted = work(session, today)
        put_setting(session, key, today.isoformat())
    return counted


def due_today(database: Database, key: str, now: datetime) -> date | None:
    """Today in Japan where it is morning and the work of that key is still to be done."""
    today = to_jst(now)
    if today.time() < MORNING:
        return None
    with database.read_session() as session:
        done = find_setting(session, key) == today.date().isoformat()
    return None if done else today.date()


def lock_setting(session: Session, key: str) -> str:
    """The value kept, '' for none; until the transaction ends, others that ask so wait."""
    insert_if_absent(session, Setting, {"key": key, "value": ""})
    return session.get_one(Setting, key, with_for_update=True, populate_existing=True).value


def get_or_put_setting(session: Session, key: str, value: str) -> str:
    """The value kept, or this one kept now: of two processes asking together, both get one."""
    kept = find_setting(session, key)
    if kept is not None:
        return kept
    insert_if_absent(session, Setting, {"key": key, "value": value})
    return session.get_one(Setting, key).value


def insert_if_absent(session: Session, table: type[Base], values: dict[str, object]) -> None:
    """Insert the row unless its key exists; never an error when another process was first."""
    dialect = session.get_bind().dialect.name
    make = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}.get(dialect, insert)
    statement = make(table).values(**values)
    if isinstance(statement, sqlite.Insert | postgresql.Insert):
        statement = statement.on_conflict_do_nothing()
    session.execute(statement)
