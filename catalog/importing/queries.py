"""Reading files that were sent in: what their sender sees of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.importing.models import IncomingFile, IncomingRow
from catalog.importing.page_kinds import Outcome, find_kind
from foundation.errors import NotFound
from foundation.paging import Page, paginate

ROWS_SHOWN = 50
FILES_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """A file. counts: of what was taken in, empty before."""

    id: int
    kind_key: str
    kind_label: str
    kind_words: str
    file_name: str
    phase: str
    message: str
    rows_read: int
    rows_compared: int
    counts: Mapping[str, int]
    sent_at: datetime
    row_version: int


@dataclass(frozen=True, kw_only=True)
class PreviewRow:
    """What one row of the file would do."""

    position: int
    sheet: str
    line: int
    outcome: Outcome
    key: str
    name: str
    said: tuple[tuple[str, str, str], ...]
    alike: tuple[str, ...]
    answer: str


@dataclass(frozen=True, kw_only=True)
class FilePage:
    """A file with how many rows do what, and some of the rows."""

    file: FileRow
    totals: Mapping[Outcome, int]
    shown: Outcome | None
    rows: Page[PreviewRow]
    questions: tuple[PreviewRow, ...]
    questions_total: int


def list_files(session: Session, actor: Actor) -> tuple[FileRow, ...]:
    """What the actor sent in for this organisation, newest first."""
    statement = (
        select(IncomingFile)
        .where(IncomingFile.user_id == actor.user_id)
        .where(IncomingFile.organization_id == actor.organization_id)
        .order_by(IncomingFile.id.desc())
        .limit(FILES_SHOWN)
    )
    return tuple(_file_row(file) for file in session.scalars(statement))


def get_file_page(
    session: Session, actor: Actor, file_id: int, shown: Outcome | None, page: int
) -> FilePage:
    """The preview of a file. Raises NotFound for another person's."""
    file = session.scalar(
        select(IncomingFile).where(
            IncomingFile.id == file_id,
            IncomingFile.user_id == actor.user_id,
            IncomingFile.organization_id == actor.organization_id,
        )
    )
    if file is None:
        raise NotFound(f"incoming file {file_id}")
    totals = {
        Outcome(outcome): count
        for outcome, count in session.execute(
            select(IncomingRow.outcome, func.count())
            .where(IncomingRow.file_id == file_id)
            .group_by(IncomingRow.outcome)
        )
    }
    own = select(IncomingRow).where(IncomingRow.file_id == file_id).order_by(IncomingRow.position)
    some = own.where(IncomingRow.outcome == shown.value) if shown else own
    asked = own.where(IncomingRow.outcome == Outcome.QUESTION.value)
    return FilePage(
        file=_file_row(file),
        totals=totals,
        shown=shown,
        rows=paginate(session, some, page=page, size=ROWS_SHOWN, make_row=_preview_row),
        questions=tuple(_row_of(row) for row in session.scalars(asked.limit(ROWS_SHOWN))),
        questions_total=totals.get(Outcome.QUESTION, 0),
    )


def _file_row(file: IncomingFile) -> FileRow:
    kind = find_kind(file.kind)
    return FileRow(
        id=file.id,
        kind_key=file.kind,
        kind_label=kind.label if kind else file.kind,
        kind_words=kind.words if kind else "",
        file_name=file.file_name,
        phase=file.phase,
        message=file.message,
        rows_read=file.rows_read,
        rows_compared=file.rows_compared,
        counts=dict(file.counts),
        sent_at=file.sent_at,
        row_version=file.row_version,
    )


def _preview_row(found: tuple[IncomingRow]) -> PreviewRow:
    return _row_of(found[0])


def _row_of(row: IncomingRow) -> PreviewRow:
    return PreviewRow(
        position=row.position,
        sheet=row.sheet,
        line=row.line,
        outcome=Outcome(row.outcome),
        key=row.key,
        name=row.name,
        said=tuple((label, before, after) for label, before, after in row.said),
        alike=tuple(row.alike),
        answer=row.answer,
    )
