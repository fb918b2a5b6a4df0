"""The database: one engine, one read road, one write road, one commit.

SQLite's default recipe loses updates without an error, so writers begin with
BEGIN IMMEDIATE and readers with plain BEGIN (measured: docs/decisions/0003-sqlite.md).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from psycopg.errors import UniqueViolation
from sqlalchemy import BigInteger, DateTime, Engine, Integer, MetaData, create_engine, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

SQLITE_TIMEOUT_SECONDS = 15
# Tables of such a name are copies made from the others: in no migration and in no backup.
DERIVED_PREFIX = "derived_"

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of every table; names its constraints so that migrations can find them."""

    metadata = MetaData(naming_convention=_NAMING)
    # 64 bits everywhere: a nation's yen do not fit into 32.
    type_annotation_map = {int: BigInteger().with_variant(Integer, "sqlite")}


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware UTC in Python, UTC in the database. Refuses a moment without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """Opens sessions on one database.

    `after_commit` holds functions called with this object after each committed
    transaction, in order: derived copies (the search index, the mail queue) are brought
    up to date there and never inside the transaction.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self.after_commit: list[Callable[[Database], None]] = []

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def open_read_session(self) -> Session:
        """A session that sees one snapshot and cannot write. The caller closes it."""
        if self.is_sqlite:
            return Session(self.engine.execution_options(moyai_read_only=True), autoflush=False)
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return Session(self.engine.execution_options(**options), autoflush=False)

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        """`open_read_session`, closed at the end of the block."""
        session = self.open_read_session()
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """The one write road: everything in the block happens, or nothing does."""
        with Session(self.engine) as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise
        for hook in self.after_commit:
            hook(self)

    @contextmanager
    def derived_transaction(self) -> Iterator[Connection]:
        """A transaction that changes nothing but a derived copy: `after_commit` is not told.

        SQLite does not wait for the disk: after a power cut it may not have happened, unless
        something was committed after it. What it leaves behind then must be harmless.
        """
        with self.engine.execution_options(moyai_derived=True).begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def is_read_only(session: Session) -> bool:
    """Whether it was opened by `open_read_session`: it sees nothing that may be undone."""
    options = session.get_bind().get_execution_options()
    return bool(options.get("moyai_read_only") or options.get("postgresql_readonly"))


def is_duplicate(error: IntegrityError) -> bool:
    """Whether two wrote the same thing at once; other constraints are our mistakes."""
    return isinstance(error.orig, UniqueViolation) or "UNIQUE constraint" in str(error.orig)


def make_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, foreign keys, waiting writers) or PostgreSQL."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": SQLITE_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # pysqlite's own transaction handling must be off, else it opens transactions by itself.
    connection.isolation_level = None
    # FULL: bids and audit events must survive a power cut once said to be saved.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    read_only = options.get("moyai_read_only", False)
    waits = "NORMAL" if options.get("moyai_derived", False) else "FULL"
    connection.exec_driver_sql(f"PRAGMA synchronous={waits}")
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
