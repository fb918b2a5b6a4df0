"""Bringing sent-in files on beside the pages: reading, comparing, shaping, clearing.

A lease says who has a file in hand. A step that is killed goes on where it stopped, by whoever
finds the lease run out.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from catalog.importing import prepared
from catalog.importing.incoming import (
    COMPARE,
    READ,
    READY,
    SHAPE,
    TAKEN,
    UNREADABLE,
    WORKING,
    close_comparing,
    forget_file,
    kind_of,
    said_of,
    table_row,
)
from catalog.importing.models import IncomingFile, IncomingRow
from catalog.importing.page_kinds import Verdict
from foundation.db import Database
from foundation.errors import Conflict
from foundation.staging import ImportBatch, ImportKind, ImportRow, keep, read_in, sweep
from foundation.tables import TableRow, UnreadableTable

IMPORTS = "imports"  # name of the sweep
ROWS_A_STEP = 500
KEPT_DAYS = 3
_LEASE = timedelta(minutes=2)
Clock = Callable[[], datetime]


class _Gone(Exception):
    """Its sender threw the file away."""


def work(database: Database, file_id: int, clock: Clock) -> None:
    """Bring a file as far as it comes without its sender. Does nothing if another does it."""
    if not _claim(database, file_id, clock()):
        return
    try:
        while (phase := _phase_of(database, file_id)) in WORKING:
            _STEPS[phase](database, file_id, clock)
    except _Gone:
        return
    with database.transaction() as session:
        _renew(session, file_id, leased_until=None)


def work_off(database: Database, clock: Clock) -> int:
    """Bring every file on that nobody has in hand, and clear what was left; how many files."""
    now = clock()
    _clear(database, now)
    free = or_(IncomingFile.leased_until.is_(None), IncomingFile.leased_until < now)
    waiting = select(IncomingFile.id).where(IncomingFile.phase.in_(WORKING), free)
    with database.read_session() as session:
        ids = session.scalars(waiting.order_by(IncomingFile.id)).all()
    for file_id in ids:
        work(database, file_id, clock)
    return len(ids)


def _rows_from(session: Session, file: IncomingFile, after: int) -> list[tuple[int, TableRow]]:
    """The next rows behind that position, at most ROWS_A_STEP."""
    statement = (
        select(ImportRow)
        .where(ImportRow.batch_id == file.batch_id, ImportRow.position > after)
        .order_by(ImportRow.position)
        .limit(ROWS_A_STEP)
    )
    return [(row.position, table_row(row)) for row in session.scalars(statement)]


def _claim(database: Database, file_id: int, now: datetime) -> bool:
    free = or_(IncomingFile.leased_until.is_(None), IncomingFile.leased_until < now)
    statement = (
        update(IncomingFile)
        .where(IncomingFile.id == file_id, IncomingFile.phase.in_(WORKING), free)
        .values(leased_until=now + _LEASE)
        .execution_options(synchronize_session=False)
        .returning(IncomingFile.id)
    )
    with database.transaction() as session:
        return session.scalar(statement) is not None


def _renew(session: Session, file_id: int, **values: Any) -> None:
    """Write how far it came. Raises _Gone where the file is not there any more."""
    statement = update(IncomingFile).where(IncomingFile.id == file_id).values(**values)
    statement = statement.execution_options(synchronize_session=False)
    if session.scalar(statement.returning(IncomingFile.id)) is None:
        raise _Gone


def _phase_of(database: Database, file_id: int) -> str:
    with database.read_session() as session:
        return session.scalar(select(IncomingFile.phase).where(IncomingFile.id == file_id)) or ""


@contextmanager
def _on_disk(database: Database, file_id: int) -> Iterator[tuple[IncomingFile, Path]]:
    with database.read_session() as session, TemporaryDirectory(prefix="moyai-") as folder:
        file = session.get(IncomingFile, file_id)
        if file is None:
            raise _Gone
        path = Path(folder) / file.file_name
        path.write_bytes(file.content)
        session.close()
        yield file, path


def _read(database: Database, file_id: int, clock: Clock) -> None:
    with _on_disk(database, file_id) as (file, path):
        kind = ImportKind(
            name=f"page-{file_id}",
            required=kind_of(file).required,
            read=kind_of(file).read,
            key_of=lambda _row: "",
            check=lambda _row: (),
        )

        def progress(rows: int) -> None:
            with database.transaction() as session:
                _renew(session, file_id, rows_read=rows, leased_until=clock() + _LEASE)

        try:
            batch_id = read_in(database, kind, path, now=clock(), progress=progress)
        except UnreadableTable as error:
            with database.transaction() as session:
                _renew(session, file_id, phase=UNREADABLE, message=str(error))
            return
    with database.transaction() as session:
        rows = session.get_one(ImportBatch, batch_id).rows_read
        keep(session, batch_id)
        phase = COMPARE if rows else UNREADABLE
        message = "" if rows else "行がありません。"
        _renew(session, file_id, phase=phase, message=message, batch_id=batch_id, rows_read=rows)


def _compare(database: Database, file_id: int, clock: Clock) -> None:
    with database.read_session() as session:
        file = _get(session, file_id)
        judge = kind_of(file).open_judge(session, file.limits, clock())
    while True:
        with database.read_session() as session:
            file = _get(session, file_id)
            rows = _rows_from(session, file, file.rows_compared)
            verdicts = judge(session, [row for _position, row in rows])
        with database.transaction() as session:
            if not rows:
                file = _get(session, file_id)
                close_comparing(session, file, clock())
                return
            session.execute(
                insert(IncomingRow),
                [
                    _found(file_id, position, row, verdict)
                    for (position, row), verdict in zip(rows, verdicts, strict=True)
                ],
            )
            position = rows[-1][0]
            _renew(session, file_id, rows_compared=position, leased_until=clock() + _LEASE)


def _shape(database: Database, file_id: int, clock: Clock) -> None:
    with database.read_session() as session:
        file = _get(session, file_id)
        kind, batch_id = kind_of(file), file.batch_id
    if batch_id is None:
        raise _Gone
    with database.transaction() as session:
        _renew(session, file_id, leased_until=clock() + _LEASE * 10)
    try:
        kind.shape(database, batch_id, clock())
    except Conflict:
        # A row that was good is not so any more: the comparison says which and why.
        with database.transaction() as session:
            session.execute(delete(IncomingRow).where(IncomingRow.file_id == file_id))
            _renew(session, file_id, phase=COMPARE, rows_compared=0)
        return
    with database.transaction() as session:
        _renew(session, file_id, phase=READY)


_STEPS: Mapping[str, Callable[[Database, int, Clock], None]] = {
    READ: _read,
    COMPARE: _compare,
    SHAPE: _shape,
}


def _get(session: Session, file_id: int) -> IncomingFile:
    file = session.get(IncomingFile, file_id)
    if file is None:
        raise _Gone
    return file


def _found(file_id: int, position: int, row: TableRow, verdict: Verdict) -> dict[str, Any]:
    return {
        "file_id": file_id,
        "position": position,
        "sheet": row.sheet,
        "line": row.line,
        "answer": "",
        **said_of(verdict),
    }


def _clear(database: Database, now: datetime) -> None:
    """Forget what nobody took in for days, and the rows of what was taken."""
    old = now - timedelta(days=KEPT_DAYS)
    with database.transaction() as session:
        left = select(IncomingFile).where(IncomingFile.phase != TAKEN)
        for file in session.scalars(left.where(IncomingFile.changed_at < old)).all():
            forget_file(session, file)
        taken = select(IncomingFile.id).where(IncomingFile.phase == TAKEN)
        session.execute(delete(IncomingRow).where(IncomingRow.file_id.in_(taken)))
    sweep(database)
    prepared.sweep(database)
