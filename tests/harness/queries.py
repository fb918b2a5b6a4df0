"""Counting what is asked of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

_NOT_A_QUERY = ("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass
class QueryLog:
    """The statements sent while counting, transaction bookkeeping left out."""

    statements: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.statements)

    def at_most(self, limit: int) -> None:
        """Fail with the statements themselves when there were more."""
        listing = "\n".join(f"  {n}. {s[:160]}" for n, s in enumerate(self.statements, 1))
        assert len(self) <= limit, f"{len(self)} queries, {limit} allowed:\n{listing}"


@contextmanager
def counted_queries(engine: Engine) -> Iterator[QueryLog]:
    """Collect every statement that reaches the engine inside the block."""
    log = QueryLog()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(_NOT_A_QUERY):
            log.statements.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield log
    finally:
        event.remove(engine, "before_cursor_execute", note)
