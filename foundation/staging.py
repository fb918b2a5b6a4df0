"""Imports in two steps: read and check into staging, row by row; then one short commit.

Reading may take long and may be killed: it goes on where it stopped, by the file's hash.
The second step does everything or nothing, so a bad row anywhere imports nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Select, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.db import Base, Database, UTCDateTime
from foundation.errors import Conflict, NotFound
from foundation.tables import TableRow, UnreadableTable, file_sha256, read_table

ROWS_A_STEP = 500
MAX_PROBLEMS_SHOWN = 1000
OVER = ("committed", "abandoned")


class ImportBatch(Base):
    """One file on its way in. state: staging, staged, committed, abandoned.

    A refused one leaves nothing.
    """

    __tablename__ = "import_batch"
    __table_args__ = (Index("ix_import_batch_kind_file_sha256", "kind", "file_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str]
    file_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20), default="staging")
    rows_read: Mapped[int] = mapped_column(default=0)
    bad_rows: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ImportRow(Base):
    """A row that was read, and what is wrong with it. Deleted when its batch is over."""

    __tablename__ = "import_row"

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sheet: Mapped[str]
    line: Mapped[int]
    key: Mapped[str]
    cells: Mapped[dict[str, Any]] = mapped_column(JSON)
    problems: Mapped[list[Any]] = mapped_column(JSON)


@dataclass(frozen=True, kw_only=True)
class RowProblem:
    """What is wrong with one cell or, with an empty column, with one row."""

    sheet: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.sheet} {self.line}行目"
        return (
            f"{place}「{self.column}」: {self.reason}" if self.column else f"{place}: {self.reason}"
        )


@dataclass(frozen=True, kw_only=True)
class ImportKind:
    """How one kind of file is read.

    key_of: what makes a row unique in its file; '' for rows that need not be.
    check: (column, reason) pairs, none for a good row. It must not write.
    read: the rows of a file, the same each time. Raises UnreadableTable.
    """

    name: str
    required: Sequence[str]
    key_of: Callable[[TableRow], str]
    check: Callable[[TableRow], Sequence[tuple[str, str]]]
    read: Callable[[Path, Sequence[str]], Iterator[TableRow]] = read_table


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A file that was read to its end. Good when there are no problems."""

    batch_id: int
    file_sha256: str
    rows: int
    bad_rows: int
    problems: tuple[RowProblem, ...] = field(default=())


Progress = Callable[[int], None]


def stage(
    database: Database, kind: ImportKind, path: Path, *, now: datetime, progress: Progress
) -> Staged:
    """Read and check the whole file. Goes on where an interrupted reading of it stopped.

    progress: called with the number of rows read so far. Raises UnreadableTable.
    """
    batch_id = read_in(database, kind, path, now=now, progress=progress)
    return _close_reading(database, batch_id, file_sha256(path))


def read_in(
    database: Database, kind: ImportKind, path: Path, *, now: datetime, progress: Progress
) -> int:
    """Read and check as `stage` does; the rows stay with their faults. The batch's id."""
    sha256 = file_sha256(path)
    batch_id, done = _open_batch(database, kind, path, sha256, now)
    try:
        rows = kind.read(path, kind.required)
        position = sum(1 for _ in islice(rows, done))
        while chunk := list(islice(rows, ROWS_A_STEP)):
            position = _stage_rows(database, batch_id, kind, chunk, position)
            progress(position)
    except UnreadableTable:
        # It will not become readable by going on: nothing of it is kept.
        with database.transaction() as session:
            discard(session, batch_id)
        raise
    return batch_id


def keep(session: Session, batch_id: int) -> None:
    """A batch read to its end waits for somebody to take it in."""
    session.get_one(ImportBatch, batch_id).state = "staged"
    session.flush()


def abandon(session: Session, batch_id: int) -> None:
    """Nobody will take it in: `sweep` throws its rows away."""
    session.get_one(ImportBatch, batch_id).state = "abandoned"
    session.flush()


def commit(
    session: Session,
    batch_id: int,
    apply: Callable[[Session, Iterator[TableRow]], None],
    *,
    now: datetime,
) -> None:
    """Hand all rows of a good batch to `apply` inside the running transaction.

    Conflict when the batch is not waiting any more: somebody else committed it.
    """
    close(session, batch_id, now=now)
    apply(session, list_rows(session, batch_id))
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch_id))
    session.flush()


def close(session: Session, batch_id: int, *, now: datetime) -> None:
    """Mark a good batch as committed, inside the transaction that writes its rows.

    Raises Conflict when it is not waiting any more. Its rows stay until `sweep`.
    """
    batch = session.get(ImportBatch, batch_id, with_for_update=True)
    if batch is None:
        raise NotFound
    if batch.state != "staged":
        raise Conflict("この取り込みはすでに終わっています。")
    batch.state = "committed"
    batch.finished_at = now
    session.flush()


def sweep(database: Database) -> None:
    """Throw the rows of batches that are over away, a few at a time: no other writer waits."""
    done = select(ImportBatch.id).where(ImportBatch.state.in_(OVER))
    while _sweep_some(database, done):
        pass


def _sweep_some(database: Database, done: Select[int]) -> bool:
    """Delete a few rows of one committed batch; whether there were any."""
    first = select(ImportRow.batch_id, func.min(ImportRow.position))
    first = first.where(ImportRow.batch_id.in_(done)).group_by(ImportRow.batch_id).limit(1)
    with database.transaction() as session:
        found = session.execute(first).first()
        if found is None:
            return False
        end = found[1] + ROWS_A_STEP * 4
        session.execute(
            delete(ImportRow).where(ImportRow.batch_id == found[0], ImportRow.position < end)
        )
    return True


def discard(session: Session, batch_id: int) -> None:
    """Forget a batch that was only looked at (a dry run)."""
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch_id))
    session.execute(delete(ImportBatch).where(ImportBatch.id == batch_id))


def _open_batch(
    database: Database, kind: ImportKind, path: Path, sha256: str, now: datetime
) -> tuple[int, int]:
    """The batch to read into, and how many of its rows are staged already."""
    with database.transaction() as session:
        open_one = select(ImportBatch).where(
            ImportBatch.kind == kind.name,
            ImportBatch.file_sha256 == sha256,
            ImportBatch.state.in_(("staging", "staged")),
        )
        batch = session.scalar(open_one.order_by(ImportBatch.id.desc()).limit(1))
        if batch is not None and batch.state == "staged":
            # What the rows were checked against may have changed since: read it anew.
            discard(session, batch.id)
            batch = None
        if batch is None:
            batch = ImportBatch(
                kind=kind.name, file_name=path.name, file_sha256=sha256, started_at=now
            )
            session.add(batch)
            session.flush()
        return batch.id, batch.rows_read


def _stage_rows(
    database: Database, batch_id: int, kind: ImportKind, rows: list[TableRow], position: int
) -> int:
    with database.transaction() as session:
        for row in rows:
            position += 1
            session.add(
                ImportRow(
                    batch_id=batch_id,
                    position=position,
                    sheet=row.sheet,
                    line=row.line,
                    key=kind.key_of(row),
                    cells=dict(row.cells),
                    problems=[list(problem) for problem in kind.check(row)],
                )
            )
        batch = session.get_one(ImportBatch, batch_id)
        batch.rows_read = position
    return position


def _close_reading(database: Database, batch_id: int, sha256: str) -> Staged:
    with database.transaction() as session:
        batch = session.get_one(ImportBatch, batch_id)
        problems = sorted(
            [*_row_problems(session, batch_id), *_repeated_keys(session, batch_id)],
            key=lambda problem: (problem.sheet, problem.line),
        )
        bad = len({(problem.sheet, problem.line) for problem in problems})
        batch.state = "staged"
        if not batch.rows_read:
            problems = [
                RowProblem(sheet=batch.file_name, line=1, column="", reason="行がありません。")
            ]
        staged = Staged(
            batch_id=batch_id,
            file_sha256=sha256,
            rows=batch.rows_read,
            bad_rows=bad,
            problems=tuple(problems),
        )
        if problems:
            discard(session, batch_id)
        return staged


def _row_problems(session: Session, batch_id: int) -> list[RowProblem]:
    rows = session.execute(
        select(ImportRow.sheet, ImportRow.line, ImportRow.problems)
        .where(ImportRow.batch_id == batch_id)
        .order_by(ImportRow.position)
    )
    return [
        RowProblem(sheet=sheet, line=line, column=column, reason=reason)
        for sheet, line, problems in rows
        for column, reason in problems
    ]


def _repeated_keys(session: Session, batch_id: int) -> list[RowProblem]:
    first = (
        select(ImportRow.key, func.min(ImportRow.position).label("first"))
        .where(ImportRow.batch_id == batch_id, ImportRow.key != "")
        .group_by(ImportRow.key)
        .having(func.count() > 1)
        .subquery()
    )
    again = (
        select(ImportRow.sheet, ImportRow.line, ImportRow.key)
        .join(first, ImportRow.key == first.c.key)
        .where(ImportRow.batch_id == batch_id, ImportRow.position > first.c.first)
    )
    return [
        RowProblem(sheet=sheet, line=line, column="", reason=f"「{key}」が前の行と重複しています。")
        for sheet, line, key in session.execute(again)
    ]


def list_rows(session: Session, batch_id: int) -> Iterator[TableRow]:
    """The rows of a batch that was read to its end, in the order of the file."""
    statement = (
        select(ImportRow.sheet, ImportRow.line, ImportRow.cells)
        .where(ImportRow.batch_id == batch_id)
        .order_by(ImportRow.position)
        .execution_options(yield_per=ROWS_A_STEP)
    )
    with session.execute(statement) as found:
        for sheet, line, cells in found:
            yield TableRow(sheet=sheet, line=line, cells=cells)
