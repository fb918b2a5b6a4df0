"""Sums over rows that are written once, added up anew only when there are more of them.

Such rows are never changed or taken away (foundation.append_only), and a read session sees only
what is committed: as many rows as before are the same rows. A project of 200 bodies has 12,000
lines and as many receipts after five years, and its pages are read more often than written to.
"""

from collections.abc import Callable, Hashable, Iterable
from functools import cache
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, Pool, ScalarSelect, Select, bindparam, func, select
from sqlalchemy.orm import Session

from foundation.db import is_read_only
from procurement.ledger_models import Invoice, Receipt, VendorInvoice, VendorPayment

Sums = TypeVar("Sums")
KEPT_A_DATABASE = 256

_lock = Lock()
_kept: WeakKeyDictionary[Pool, dict[Hashable, tuple[Hashable, Any]]] = WeakKeyDictionary()


def kept_sums(
    session: Session,
    project_id: int,
    what: Hashable,
    statement: Callable[[], Select[*tuple[Any, ...]]],
    read: Callable[[Iterable[Any]], Sums],
) -> Sums:
    """What `read` made of the statement's rows, now or for the same ledger before. Never change it.

    what: tells these sums from others of the project. One query; two where rows were added since
    they were made. Where there are no rows nothing is kept, nor in a transaction that
    writes: what it sees may be undone.
    """
    if not is_read_only(session):
        return read(session.execute(statement()))
    key = (project_id, what)
    with _lock:
        kept = _kept.setdefault(session.get_bind().engine.pool, {})
        before = kept.get(key)
    if before is not None and before[0] == _count(session, project_id):
        sums: Sums = before[1]
        return sums
    counts = [each.label(None) for each in _counts(project_id)]
    rows = session.execute(statement().add_columns(*counts)).all()
    sums = read(row[: -len(counts)] for row in rows)
    if not rows:  # nothing to count it by, and nothing to save
        return sums
    counted = tuple(rows[0][-len(counts) :])
    with _lock:
        if len(kept) >= KEPT_A_DATABASE:
            kept.clear()
        kept[key] = (counted, sums)
    return sums


def _count(session: Session, project_id: int) -> tuple[int, ...]:
    """How many rows each table of the project's ledger has; asked once a session."""
    known: dict[int, tuple[int, ...]] = session.info.setdefault("ledger_rows", {})
    if project_id not in known:
        row = session.execute(_count_statement(), {"project_id": project_id}).one()
        known[project_id] = tuple(row)
    return known[project_id]


@cache
def _count_statement() -> Select[*tuple[Any, ...]]:
    number: BindParameter[int] = bindparam("project_id")
    return select(*_counts(number))


def _counts(project_id: int | BindParameter[int]) -> list[ScalarSelect[int]]:
    return [
        select(func.count()).where(table.project_id == project_id).scalar_subquery()
        for table in (Invoice, Receipt, VendorInvoice, VendorPayment)
    ]
