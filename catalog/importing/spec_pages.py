"""Specifications sent in: on a page or as a command, and given out in the same columns."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may
from catalog.importing.judged import take_judged
from catalog.importing.page_kinds import (
    Counts,
    Judge,
    Limits,
    Outcome,
    PageKind,
    Taking,
    Verdict,
    refused,
)
from catalog.importing.spec_rows import (
    REQUIRED_COLUMNS,
    KnownSpecs,
    ReadSpec,
    load_known_specs,
    read_spec,
    read_spec_rows,
)
from catalog.importing.written import Cells, write_book, write_csv
from catalog.library.models import SpecDocument
from catalog.library.spec_entries import LABELS, is_own, stored_values, words_of, write_spec
from catalog.library.words import SpecKind
from foundation.tables import TableRow

SHEET = "仕様書"
MAX_WORDS = 300
_OWN = "もやいの資料にある仕様書は、ファイルでは変えられません。新しい版は別のキーで登録します。"


def _limits(_session: Session, actor: Actor) -> Limits | None:
    return {} if may(actor, Action.PUBLISH_OFFERING) else None


def _open_judge(session: Session, _limits: Limits, _now: datetime) -> Judge:
    known = load_known_specs(session)
    return lambda own, rows: judge_specs(own, rows, known)


def judge_specs(session: Session, rows: Sequence[TableRow], known: KnownSpecs) -> list[Verdict]:
    """What each row would do. One query."""
    read = [read_spec(row, known) for row in rows]
    keys = [one.entry.key for one in read if one.entry is not None]
    found = session.scalars(select(SpecDocument).where(SpecDocument.key.in_(keys)))
    there = {spec.key: spec for spec in found}
    return [_verdict(row, one, there) for row, one in zip(rows, read, strict=True)]


def _verdict(row: TableRow, read: ReadSpec, there: Mapping[str, SpecDocument]) -> Verdict:
    if read.entry is None:
        return refused(read.problems, name=row.cells.get(LABELS["title"], ""))
    entry, spec = read.entry, there.get(read.entry.key)
    if spec is None:
        return Verdict(outcome=Outcome.NEW, key=entry.key, name=entry.title)
    said = tuple(
        (LABELS[name], words_of(name, before)[:MAX_WORDS], words_of(name, after)[:MAX_WORDS])
        for name, after in stored_values(entry).items()
        if (before := getattr(spec, name)) != after
    )
    if said and is_own(entry.key):
        return refused([(said[0][0], _OWN)], key=entry.key, name=entry.title)
    return Verdict(
        outcome=Outcome.CHANGED if said else Outcome.SAME,
        key=entry.key,
        name=entry.title,
        said=said,
        seen=str(spec.row_version),
    )


def write_specs(
    session: Session, rows: Sequence[TableRow], known: KnownSpecs, now: datetime
) -> None:
    """Write what good rows say, each new or changed."""
    for row in rows:
        entry = read_spec(row, known).entry
        if entry is not None:
            write_spec(session, entry, now=now)


def _take(session: Session, taking: Taking) -> Counts:
    known = load_known_specs(session)
    judge = _open_judge(session, taking.limits, taking.now)
    return take_judged(
        session, taking, judge, lambda rows: write_specs(session, rows, known, taking.now)
    )


def specs_workbook(session: Session) -> bytes:
    """Every specification, as a workbook that can be sent in again."""
    return write_book({SHEET: tuple(LABELS.values())}, {SHEET: _rows(session)})


def specs_csv(session: Session) -> str:
    """Every specification, as a CSV that can be sent in again."""
    return write_csv(tuple(LABELS.values()), _rows(session))


def _rows(session: Session) -> list[Cells]:
    specs = session.scalars(select(SpecDocument).order_by(SpecDocument.id))
    return [[_cell(name, getattr(spec, name)) for name in LABELS] for spec in specs]


def _cell(name: str, value: object) -> str:
    if name == "kind":
        return SpecKind(str(value)).label
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


SPECS = PageKind(
    key="specs",
    label="仕様書・手引き",
    words="確かめたうえで、そのまま公開されます。",
    action="import_specs",
    required=REQUIRED_COLUMNS,
    limits_of=_limits,
    open_judge=_open_judge,
    take=_take,
    read=read_spec_rows,
    template="specs",
    export=lambda session, _limits: specs_workbook(session),
)
