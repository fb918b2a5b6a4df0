"""Running an import: the file into staging, then all its rows in one commit, or none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Actor
from catalog.entries import CaseEntry
from catalog.importing import (
    bulk,
    case_rows,
    followed,
    offering_rows,
    prepared,
    spec_pages,
    spec_rows,
)
from catalog.importing.cells import Problems
from catalog.importing.identity import key_in_file
from catalog.importing.known import Alike, load_known
from catalog.importing.page_kinds import Outcome
from catalog.importing.sheets import read_offering_rows
from catalog.models import Case
from catalog.publishing import says_the_same, write_case
from foundation.clock import jst_today
from foundation.db import Database
from foundation.errors import Conflict
from foundation.staging import (
    ROWS_A_STEP,
    ImportKind,
    Progress,
    Staged,
    close,
    commit,
    discard,
    list_rows,
    stage,
    sweep,
)
from foundation.tables import TableRow
from foundation.text import normalize

CHANGE_NOTE = "ファイルからの取り込み"

_Entry_co = TypeVar("_Entry_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class CatalogImport:
    """What an import did. All counts are 0 for a dry run or a refused file."""

    staged: Staged
    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(kw_only=True)
class Tally:
    added: int = 0
    changed: int = 0


# Makes the rows of a good batch into rows of the catalog.
_Apply = Callable[[Session, int, Tally, Actor, datetime], None]


def _nothing_to_prepare(_database: Database, _batch_id: int, _now: datetime) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class ImportPlan:
    """How one kind of catalog file is read, written and named in the audit chain.

    prepare: what can be done before the commit, so that nobody waits for it.
    """

    action: str
    make_kind: Callable[[Database, datetime], ImportKind]
    apply: _Apply
    prepare: Callable[[Database, int, datetime], None] = _nothing_to_prepare


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
    plan.prepare(database, staged.batch_id, now)
    tally = Tally()
    with database.transaction() as session:
        plan.apply(session, staged.batch_id, tally, actor, now)
        unchanged = staged.rows - tally.added - tally.changed
        counts = {"added": tally.added, "changed": tally.changed, "unchanged": unchanged}
        record(
            session,
            actor,
            plan.action,
            "import_batch",
            staged.batch_id,
            {"file": path.name} | counts,
            now,
            staged.file_sha256,
        )
    sweep(database)
    prepared.sweep(database)
    return CatalogImport(staged=staged, **counts)


def check_import(
    database: Database, path: Path, plan: ImportPlan, *, now: datetime, progress: Progress
) -> Staged:
    """What `run_import` would find, without importing. Raises UnreadableTable."""
    staged = stage(database, plan.make_kind(database, now), path, now=now, progress=progress)
    with database.transaction() as session:
        discard(session, staged.batch_id)
    return staged


def _offering_kind(database: Database, now: datetime, alike: Alike) -> ImportKind:
    with database.read_session() as session:
        known = load_known(session, alike)
    today = jst_today(now)
    return ImportKind(
        name="offerings",
        read=read_offering_rows,
        required=offering_rows.REQUIRED,
        key_of=lambda row: key_in_file(row, known),
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


def prepare_offerings(
    database: Database, batch_id: int, now: datetime, alike: Alike = Alike.ASK
) -> None:
    """Shape the entries before the commit, and sweep away what earlier imports left."""
    sweep(database)
    prepared.sweep(database)
    today = jst_today(now)
    with database.read_session() as session:
        known = load_known(session, alike)
        rows = enumerate(list_rows(session, batch_id), start=1)
        prepared.prepare(
            database,
            batch_id,
            ((n, _read(row, offering_rows.read_offering(row, known, today))) for n, row in rows),
        )


def apply_offerings(
    session: Session, batch_id: int, tally: Tally, actor: Actor, now: datetime
) -> None:
    stamp = bulk.Stamp(now=now, published_by=actor.label, change_note=CHANGE_NOTE)
    prepared.make_room(session, batch_id)
    close(session, batch_id, now=now)
    prepared.refuse_changed(session, batch_id)
    tally.added += prepared.publish_new(session, batch_id, stamp)
    tally.changed += followed.publish_changed(session, batch_id, stamp)


def _spec_kind(database: Database, _now: datetime) -> ImportKind:
    with database.read_session() as session:
        known = spec_rows.load_known_specs(session)

    def check(row: TableRow) -> Problems:
        with database.read_session() as session:
            [verdict] = spec_pages.judge_specs(session, [row], known)
        bad = verdict.outcome is Outcome.REFUSED
        return [(column, reason) for column, reason, _ in verdict.said] if bad else []

    return ImportKind(
        name="specs",
        read=spec_rows.read_spec_rows,
        required=spec_rows.REQUIRED_COLUMNS,
        key_of=lambda row: normalize(row.cells["キー"]),
        check=check,
    )


def _apply_specs(
    session: Session, batch_id: int, tally: Tally, _actor: Actor, now: datetime
) -> None:
    known = spec_rows.load_known_specs(session)

    def write(own: Session, rows: Iterator[TableRow]) -> None:
        while chunk := list(islice(rows, ROWS_A_STEP)):
            verdicts = spec_pages.judge_specs(own, chunk, known)
            for row, verdict in zip(chunk, verdicts, strict=True):
                if verdict.outcome is Outcome.REFUSED:
                    raise _changed_since(row, [(verdict.said[0][0], verdict.said[0][1])])
            tally.added += sum(v.outcome is Outcome.NEW for v in verdicts)
            tally.changed += sum(v.outcome is Outcome.CHANGED for v in verdicts)
            moved = [
                row
                for row, v in zip(chunk, verdicts, strict=True)
                if v.outcome in (Outcome.NEW, Outcome.CHANGED)
            ]
            spec_pages.write_specs(own, moved, known, now)

    commit(session, batch_id, write, now=now)


def _apply_cases(
    session: Session, batch_id: int, tally: Tally, _actor: Actor, now: datetime
) -> None:
    commit(session, batch_id, lambda own, rows: write_cases(own, rows, tally, now), now=now)


def write_cases(session: Session, rows: Iterator[TableRow], tally: Tally, now: datetime) -> None:
    known, today = load_known(session), jst_today(now)
    while chunk := list(islice(rows, ROWS_A_STEP)):
        entries = [_read(row, case_rows.read_case(row, known, today)) for row in chunk]
        new = [entry for entry in entries if entry.key not in known.cases]
        bulk.insert_cases(session, new, now)
        tally.added += len(new)
        for entry in entries:
            if entry.key in known.cases:
                tally.changed += _renew(session, entry, now)


def _renew(session: Session, entry: CaseEntry, now: datetime) -> bool:
    """Bring a case that is there already up to date; whether it had to be."""
    case = session.scalars(select(Case).where(Case.key == entry.key)).one()
    if says_the_same(case, entry):
        return False
    write_case(session, entry, now=now)
    return True


class _ReadRow(Protocol[_Entry_co]):
    @property
    def entry(self) -> _Entry_co | None: ...
    @property
    def problems(self) -> Problems: ...


def _read(row: TableRow, read: _ReadRow[_Entry_co]) -> _Entry_co:
    if read.entry is None:
        raise _changed_since(row, read.problems)
    return read.entry


def _changed_since(row: TableRow, problems: Problems) -> Conflict:
    """Somebody changed the catalog between reading and writing: nothing is imported."""
    column, reason = problems[0]
    place = f"{row.sheet} {row.line}行目「{column}」"
    return Conflict(f"読み取りの後に登録内容が変わりました。{place}: {reason}")


def offerings_plan(alike: Alike) -> ImportPlan:
    """How offerings come in. alike: what rows are that are called as an entry of another key."""
    return ImportPlan(
        action="import_offerings",
        make_kind=partial(_offering_kind, alike=alike),
        apply=apply_offerings,
        prepare=partial(prepare_offerings, alike=alike),
    )


OFFERINGS = offerings_plan(Alike.ASK)
SPECS = ImportPlan(action="import_specs", make_kind=_spec_kind, apply=_apply_specs)
CASES = ImportPlan(action="import_cases", make_kind=_case_kind, apply=_apply_cases)
