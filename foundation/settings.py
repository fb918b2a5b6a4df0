"""What an installation remembers about itself: its example base date, its audit salt."""

from sqlalchemy import String, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.db import Base


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
