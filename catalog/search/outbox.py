"""Changes on their way into the index: queued with the change, applied after its commit."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalog.models import SearchOutbox
from catalog.search import sources
from catalog.search.documents import SearchDocument, document_key
from catalog.search.storage import IndexStore
from foundation.db import Database

_MOST_AT_ONCE = 2_000
_IDS_PER_STATEMENT = 500


def queue(session: Session, kind: str, object_id: int, now: datetime) -> None:
    """Have the document of this object made again, and those that say something of it.

    Part of the transaction that changes it.
    """
    objects = [(kind, object_id), *sources.list_followers(session, kind, object_id)]
    session.add_all(
        SearchOutbox(kind=each, object_id=number, queued_at=now) for each, number in objects
    )


def has_pending(session: Session) -> bool:
    """Whether some committed change is not in the index yet."""
    return session.scalar(select(SearchOutbox.id).limit(1)) is not None


def apply_pending(database: Database, index: IndexStore, timeout_seconds: float) -> int:
    """Bring the index up to the database; how many queued rows that took.

    Rows are read under the index's lock and deleted after it, so that a process killed in
    between, or two that do this at once, only do something twice. Raises IndexBusy.
    """
    applied = 0
    while True:
        with index.lock(timeout_seconds), database.read_session() as session:
            rows = _list_rows(session)
            if rows:
                objects = {(kind, object_id) for _, kind, object_id in rows}
                documents = _documents(session, objects)
                index.replace(sorted(document_key(*key) for key in objects), documents)
        if not rows:
            return applied
        _delete(database, [row_id for row_id, _, _ in rows])
        applied += len(rows)


def list_all_documents(
    session: Session, on_total: Callable[[int], None] | None = None
) -> Iterable[SearchDocument]:
    """Every document of every source, in batches; on_total is told how many ids there are."""
    ids = {kind: list(sources.list_ids(session, kind)) for kind in sources.list_kinds()}
    if on_total:
        on_total(sum(map(len, ids.values())))
    for kind, found in ids.items():
        for start in range(0, len(found), _IDS_PER_STATEMENT):
            yield from sources.list_documents(
                session, kind, found[start : start + _IDS_PER_STATEMENT]
            )


def list_all_keys(session: Session) -> set[str]:
    """The keys the index has when it equals the database."""
    return {
        document_key(kind, object_id)
        for kind in sources.list_kinds()
        for object_id in sources.list_ids(session, kind)
    }


def _list_rows(session: Session) -> list[tuple[int, str, int]]:
    statement = select(SearchOutbox.id, SearchOutbox.kind, SearchOutbox.object_id)
    rows = session.execute(statement.order_by(SearchOutbox.id).limit(_MOST_AT_ONCE))
    return [(row.id, row.kind, row.object_id) for row in rows]


def _documents(session: Session, objects: set[tuple[str, int]]) -> list[SearchDocument]:
    documents: list[SearchDocument] = []
    for kind in sorted({kind for kind, _ in objects}):
        ids = sorted(object_id for own, object_id in objects if own == kind)
        for start in range(0, len(ids), _IDS_PER_STATEMENT):
            documents += sources.list_documents(
                session, kind, ids[start : start + _IDS_PER_STATEMENT]
            )
    return documents


def _delete(database: Database, row_ids: list[int]) -> None:
    # By id, never "up to the last": a row with a smaller id may have been committed since. Where a
    # power cut brings a row back, it is done a second time.
    with database.derived_transaction() as connection:
        for start in range(0, len(row_ids), _IDS_PER_STATEMENT):
            some = row_ids[start : start + _IDS_PER_STATEMENT]
            connection.execute(delete(SearchOutbox).where(SearchOutbox.id.in_(some)))
