"""Watches the data all tests of a worker read: whoever writes to it is found out."""

from sqlalchemy import select

from foundation.audit import AuditEvent
from foundation.db import Database

# What readers leave behind.
_READING = ("sign_in", "sign_out", "switch_role")


class SharedData:
    """The actions recorded in the shared database, and how many of them were looked at."""

    def __init__(self) -> None:
        self._database: Database | None = None
        self._looked_at = 0

    def open(self, database: Database) -> None:
        """Watch it from now on."""
        self._database = database
        self._looked_at = len(self._list_all())

    def close(self) -> None:
        """Watch nothing."""
        self._database = None

    def list_new(self) -> list[str]:
        """Actions recorded since the last look; none of what only reads."""
        found = self._list_all()
        new, self._looked_at = found[self._looked_at :], len(found)
        return new

    def _list_all(self) -> list[str]:
        if self._database is None:
            return []
        statement = select(AuditEvent.action).where(AuditEvent.action.not_in(_READING))
        with self._database.read_session() as session:
            return list(session.scalars(statement.order_by(AuditEvent.seq)))


SHARED_DATA = SharedData()
