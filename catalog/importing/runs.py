"""Running an import: the file into staging, then all its rows in one commit, or none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Actor
from catalog.importing import case_rows, offering_rows
from catalog.importing.cells import Problems
from catalog.importing.known import load_known
from catalog.models import Offering
from catalog.publishing import add_offering, append_version, write_case
from foundation.clock import jst_today
from foundation.db import Database
from foundation.errors import Conflict
from foundation.staging import ImportKind, Progress, Staged, commit, discard, stage
from foundation.tables import TableRow
from foundation.text import normalize

CHANGE_NOTE = "ファイルからの取り込み"


@dataclass(frozen=True, kw_only=True)
class CatalogImport:
    """What an import did. Both counts are 0 for a dry run or a refused file."""

    staged: Staged
    added: int = 0
    changed: int = 0


@dataclass(kw_only=True)
class _Tally:
    added: int = 0
    changed: int = 0


# Makes the rows of a good file into rows of the catalog.
_Apply = Callable[[Session, Iterator[TableRow], _Tally, Actor, datetime], None]


@dataclass(frozen=True, kw_only=True)
class ImportPlan:
    """How one kind of catalog file is read, written and named in the audit chain."""

    action: str
    make_kind: Callable[[Database, datetime], ImportKind]
    apply: _Apply


def run_import(
    database: Database,
    path: Path,
    plan: ImportPlan,
    *,
    actor: Actor,
    now: datetime,
    progress: Progress,
) -> CatalogImport:
    """Take in the whole file, or nothing of it. Raises UnreadableTable."""
    staged = stage(database, plan.make_kind(database, now), path, now=now, progress=progress)
    if staged.problems:
        return CatalogImport(staged=staged)
    tally = _Tally()
    with database.transaction() as session:
        commit(
            session,
            staged.batch_id,
            lambda own, rows: plan.apply(own, rows, tally, actor, now),
            now=now,
        )
        changes = {"file": path.name, "added": tally.added, "changed": tally.changed}
        record(
            session,
            actor,
            plan.action,
            "import_batch",
            staged.batch_id,
            changes,
            now,
            staged.file_sha256,
        )
    return CatalogImport(staged=staged, added=tally.added, changed=tally.changed)


def check_import(
    database: Database, path: Path, plan: ImportPlan, *, now: datetime, progress: Progress
) -> Staged:
    """What `run_import` would find, without importing. Raises UnreadableTable."""
    staged = stage(database, plan.make_kind(database, now), path, now=now, progress=progress)
    with database.transaction() as session:
        discard(session, staged.batch_id)
    return staged


def _offering_kind(database: Database, now: datetime) -> ImportKind:
    with database.read_session() as session:
        known = load_known(session)
    today = jst_today(now)
    return ImportKind(
        name="offerings",
        required=offering_rows.REQUIRED,
        key_of=lambda row: normalize(row.cells[offering_rows.KEY]),
        check=lambda row: offering_rows.read_offering(row, known, today).problems,
    )


def _case_kind(database: Database, now: datetime) -> ImportKind:
    with database.read_session() as session:
        known = load_known(session)
    today = jst_today(now)
    return ImportKind(
        name="cases",
        required=[normalize(label) for label in case_rows.REQUIRED],
        key_of=lambda row: normalize(row.cells["キー"]),
        check=lambda row: case_rows.read_case(row, known, today).problems,
    )


def _apply_offerings(
    session: Session, rows: Iterator[TableRow], tally: _Tally, actor: Actor, now: datetime
) -> None:
    known = load_known(session)
    existing = {offering.key: offering for offering in session.scalars(select(Offering))}
    for row in rows:
        read = offering_rows.read_offering(row, known, jst_today(now))
        if read.entry is None:
            raise _changed_since(row, read.problems)
        entry = read.entry
        offering = existing.get(entry.key)
        if offering is None:
            offering = add_offering(session, entry, now=now)
            tally.added += 1
        before = offering.current_version
        version = append_version(
            session,
            offering,
            entry,
            now=now,
            published_by=actor.label,
            change_note=CHANGE_NOTE,
        )
        tally.changed += bool(before and version.number != before)


def _apply_cases(
    session: Session, rows: Iterator[TableRow], tally: _Tally, actor: Actor, now: datetime
) -> None:
    known = load_known(session)
    for row in rows:
        read = case_rows.read_case(row, known, jst_today(now))
        if read.entry is None:
            raise _changed_since(row, read.problems)
        write_case(session, read.entry, now=now)
        if read.entry.key in known.cases:
            tally.changed += 1
        else:
            tally.added += 1


def _changed_since(row: TableRow, problems: Problems) -> Conflict:
    """Somebody changed the catalog between reading and writing: nothing is imported."""
    column, reason = problems[0]
    place = f"{row.sheet} {row.line}行目「{column}」"
    return Conflict(f"読み取りの後に登録内容が変わりました。{place}: {reason}")


OFFERINGS = ImportPlan(action="import_offerings", make_kind=_offering_kind, apply=_apply_offerings)
CASES = ImportPlan(action="import_cases", make_kind=_case_kind, apply=_apply_cases)
