"""A file sent in on a page: read, compared row by row, previewed, taken in by one commit.

Phases: read → compare → (held while rows are refused or asked about | shape → ready) → taken;
unreadable is an end too. Each step may be killed and goes on where it stopped.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Actor
from catalog.importing.identity import ANOTHER, SAME_AS
from catalog.importing.models import IncomingFile, IncomingRow
from catalog.importing.page_kinds import Judge, Outcome, PageKind, Taking, Verdict, find_kind
from foundation.errors import Conflict, NotFound, refuse
from foundation.staging import ImportBatch, ImportRow, abandon
from foundation.tables import TableRow, find_other_format

READ, COMPARE, SHAPE = "read", "compare", "shape"
HELD, READY, UNREADABLE, TAKEN = "held", "ready", "unreadable", "taken"
WORKING = (READ, COMPARE, SHAPE)
# Read while its sender waits; larger ones are left to the worker.
SMALL_BYTES = 100_000
ROW_BYTES = 500  # about what a row takes, to guess how long a file keeps its sender waiting
MAX_OPEN = 5
_MAX_NAME = 120
_TAKES_PART = (Outcome.NEW.value, Outcome.CHANGED.value, Outcome.SAME.value)


def receive(
    session: Session, *, actor: Actor, now: datetime, kind_key: str, file_name: str, content: bytes
) -> IncomingFile:
    """Keep the file; nothing of it is read yet. Raises NotFound, Refused."""
    kind = find_kind(kind_key)
    limits = kind.limits_of(session, actor) if kind else None
    if limits is None or actor.user_id is None or actor.organization_id is None:
        raise NotFound(f"import kind {kind_key}")
    if not content:
        raise refuse("empty", "ファイルが空です。", "file")
    if other := find_other_format(content[:8]):
        raise refuse("format", other, "file")
    waiting = select(func.count()).select_from(IncomingFile)
    waiting = waiting.where(IncomingFile.user_id == actor.user_id, IncomingFile.phase != TAKEN)
    if (session.scalar(waiting) or 0) >= MAX_OPEN:
        message = (
            f"取り込みの途中のファイルが{MAX_OPEN}件あります。使わないものを破棄してください。"
        )
        raise refuse("too_many", message, "file")
    file = IncomingFile(
        user_id=actor.user_id,
        organization_id=actor.organization_id,
        kind=kind_key,
        limits=dict(limits),
        file_name=Path(file_name.replace("\\", "/")).name[-_MAX_NAME:] or "file",
        file_sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        phase=READ,
        sent_at=now,
        changed_at=now,
    )
    session.add(file)
    session.flush()
    return file


def get_file(session: Session, actor: Actor, file_id: int) -> IncomingFile:
    """The file, if the actor sent it in for the same organisation. Raises NotFound."""
    statement = select(IncomingFile).where(
        IncomingFile.id == file_id,
        IncomingFile.user_id == actor.user_id,
        IncomingFile.organization_id == actor.organization_id,
    )
    file = session.scalar(statement.with_for_update())
    if file is None:
        raise NotFound(f"incoming file {file_id}")
    return file


def answer(
    session: Session, *, actor: Actor, now: datetime, file_id: int, answers: Mapping[int, str]
) -> None:
    """Say of rows whether they are an entry that is there already (its key) or another one.

    Raises NotFound, Refused for an answer that is none of the row's.
    """
    file = get_file(session, actor, file_id)
    if file.phase not in (HELD, READY):
        raise Conflict("この取り込みは、今は答えられません。")
    statement = select(IncomingRow).where(
        IncomingRow.file_id == file.id, IncomingRow.position.in_(answers)
    )
    rows = {row.position: row for row in session.scalars(statement)}
    for position, words in answers.items():
        row = rows.get(position)
        if row is None or words not in (*row.alike, ANOTHER, ""):
            raise refuse("answer", "選択肢から選んでください。", f"row-{position}")
        row.answer = words
        staged = session.get_one(ImportRow, (file.batch_id, position))
        staged.cells = {**staged.cells, SAME_AS: words}
    session.flush()
    judge = kind_of(file).open_judge(session, file.limits, now)
    _judge_again(session, file, judge, list(rows.values()))
    close_comparing(session, file, now)


def compare_again(session: Session, *, actor: Actor, now: datetime, file_id: int) -> None:
    """Look at every row anew, after what it was compared with changed. Raises NotFound."""
    file = get_file(session, actor, file_id)
    if file.phase not in (HELD, READY):
        raise Conflict("この取り込みは、今は比べ直せません。")
    session.execute(delete(IncomingRow).where(IncomingRow.file_id == file.id))
    _move(file, COMPARE, now)
    file.rows_compared = 0
    session.flush()


def discard_file(session: Session, *, actor: Actor, now: datetime, file_id: int) -> None:
    """Throw the file away; nothing of it was taken in. Raises NotFound."""
    file = get_file(session, actor, file_id)
    if file.phase == TAKEN:
        raise refuse("taken", "取り込みの済んだファイルは破棄できません。")
    forget_file(session, file)
    record(session, actor, "discard_import", "incoming_file", file_id, {}, now)


def take(
    session: Session, *, actor: Actor, now: datetime, file_id: int, row_version: int
) -> dict[str, int]:
    """Take all rows in. row_version: of the file as its preview was seen.

    Raises Refused while a row is refused or unanswered, Conflict where what the preview showed
    is not so any more, NotFound.
    """
    file = get_file(session, actor, file_id)
    kind = kind_of(file)
    if file.phase != READY or file.batch_id is None:
        raise refuse("not_ready", "取り込めない行か、答えのない行が残っています。")
    if file.row_version != row_version or kind.limits_of(session, actor) != file.limits:
        raise Conflict("プレビューの後に変わったことがあります。もう一度確かめてください。")
    counts = kind.take(
        session,
        Taking(file_id=file.id, batch_id=file.batch_id, limits=file.limits, actor=actor, now=now),
    )
    _move(file, TAKEN, now)
    file.counts, file.content = counts, b""
    session.flush()
    changes = {"file": file.file_name} | counts
    sha256 = file.file_sha256
    record(session, actor, kind.action, "import_batch", file.batch_id, changes, now, sha256)
    return counts


def kind_of(file: IncomingFile) -> PageKind:
    kind = find_kind(file.kind)
    if kind is None:
        raise NotFound(f"import kind {file.kind}")
    return kind


def table_row(row: ImportRow) -> TableRow:
    return TableRow(sheet=row.sheet, line=row.line, cells=row.cells)


def said_of(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome.value,
        "key": verdict.key,
        "name": verdict.name,
        "said": [list(line) for line in verdict.said],
        "alike": list(verdict.alike),
        "seen": verdict.seen,
    }


def _judge_again(
    session: Session, file: IncomingFile, judge: Judge, rows: list[IncomingRow]
) -> None:
    staged = [session.get_one(ImportRow, (file.batch_id, row.position)) for row in rows]
    for row, verdict in zip(rows, judge(session, [table_row(s) for s in staged]), strict=True):
        choices = row.alike
        for name, value in said_of(verdict).items():
            setattr(row, name, value)
        # What was asked can be answered otherwise as long as the file waits.
        row.alike = choices
    session.flush()


def close_comparing(session: Session, file: IncomingFile, now: datetime) -> None:
    """Refuse rows for what an earlier row names already; then say whether all is clear."""
    earlier = (
        select(IncomingRow.key, func.min(IncomingRow.position).label("first"))
        .where(IncomingRow.file_id == file.id, IncomingRow.outcome.in_(_TAKES_PART))
        .where(IncomingRow.key != "")
        .group_by(IncomingRow.key)
        .having(func.count() > 1)
        .subquery()
    )
    again = (
        select(IncomingRow)
        .join(earlier, earlier.c.key == IncomingRow.key)
        .where(IncomingRow.file_id == file.id, IncomingRow.outcome.in_(_TAKES_PART))
        .where(IncomingRow.position > earlier.c.first)
    )
    for row in session.scalars(again).all():
        row.said = [["", f"「{row.key}」が前の行と重複しています。", ""]]
        row.outcome = Outcome.REFUSED.value
    session.flush()
    open_rows = select(IncomingRow.position).where(
        IncomingRow.file_id == file.id, IncomingRow.outcome.not_in(_TAKES_PART)
    )
    held = session.scalar(open_rows.limit(1)) is not None
    _move(file, HELD if held else SHAPE, now)
    session.flush()


def _move(file: IncomingFile, phase: str, now: datetime) -> None:
    file.phase = phase
    file.changed_at = now
    file.row_version += 1


def forget_file(session: Session, file: IncomingFile) -> None:
    batch_id = file.batch_id or session.scalar(
        select(ImportBatch.id).where(ImportBatch.kind == f"page-{file.id}").limit(1)
    )
    session.delete(file)
    session.flush()
    if batch_id is not None:
        abandon(session, batch_id)
