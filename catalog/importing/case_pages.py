"""Cases sent in on a page by the operator."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from accounts.roles import Action, Actor, may
from catalog.case_fields import CASE_FIELDS, CaseField
from catalog.entries import CaseEntry, PublicationStatus
from catalog.importing.case_rows import REQUIRED, ReadCase, read_case
from catalog.importing.cells import SEPARATOR
from catalog.importing.judged import take_judged
from catalog.importing.known import load_known
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
from catalog.importing.written import Cells, write_book, write_csv
from catalog.models import Case
from catalog.publishing import says_the_same, write_case
from foundation.clock import jst_today
from foundation.tables import TableRow
from foundation.text import normalize

_NOT_STATED = "記載なし"
MAX_WORDS = 300
SHEET = "調達事例"
_HEADINGS = tuple(f.label for f in CASE_FIELDS)


def _limits(_session: Session, actor: Actor) -> Limits | None:
    return {} if may(actor, Action.PUBLISH_OFFERING) else None


def _open_judge(session: Session, _limits: Limits, now: datetime) -> Judge:
    known, today = load_known(session), jst_today(now)

    def judge(own: Session, rows: Sequence[TableRow]) -> list[Verdict]:
        read = [read_case(row, known, today) for row in rows]
        keys = [one.entry.key for one in read if one.entry is not None]
        statement = select(Case).where(Case.key.in_(keys))
        statement = statement.options(selectinload(Case.participants), selectinload(Case.offerings))
        there = {case.key: case for case in own.scalars(statement)}
        return [_verdict(row, one, there) for row, one in zip(rows, read, strict=True)]

    return judge


def _verdict(row: TableRow, read: ReadCase, there: dict[str, Case]) -> Verdict:
    if read.entry is None:
        return refused(read.problems, name=row.cells.get("件名", ""))
    entry, case = read.entry, there.get(read.entry.key)
    if case is None:
        return Verdict(outcome=Outcome.NEW, key=entry.key, name=entry.title)
    same = says_the_same(case, entry)
    return Verdict(
        outcome=Outcome.SAME if same else Outcome.CHANGED,
        key=entry.key,
        name=entry.title,
        said=() if same else _changes(case, entry),
        seen=str(case.row_version),
    )


def _changes(case: Case, entry: CaseEntry) -> tuple[tuple[str, str, str], ...]:
    said = [
        (f.label, before, after)
        for f in CASE_FIELDS
        for before, after in [(_words(_of_case(case, f.key)), _words(_of_entry(entry, f.key)))]
        if before != after
    ]
    if case.publication_status != PublicationStatus.PUBLISHED.value:
        status = PublicationStatus(case.publication_status).label
        said.append(("公開の状態", status, PublicationStatus.PUBLISHED.label))
    return tuple(said)


def _of_case(case: Case, key: str) -> Any:
    if key == "participants":
        return sorted(participant.body_code for participant in case.participants)
    if key == "offering_keys":
        return sorted(offering.key for offering in case.offerings)
    return getattr(case, key)


def _of_entry(entry: CaseEntry, key: str) -> Any:
    if key == "participants":
        return sorted(participant.body_code for participant in entry.participants)
    value = getattr(entry, key)
    return sorted(value) if key == "offering_keys" else value


def _words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " / ".join(map(str, value))[:MAX_WORDS] or _NOT_STATED
    if isinstance(value, Enum):
        value = value.value
    return str(value)[:MAX_WORDS] if value not in (None, "") else _NOT_STATED


def _take(session: Session, taking: Taking) -> Counts:
    known, today = load_known(session), jst_today(taking.now)

    def write(rows: Sequence[TableRow]) -> None:
        for row in rows:
            entry = read_case(row, known, today).entry
            if entry is not None:
                write_case(session, entry, now=taking.now)

    judge = _open_judge(session, taking.limits, taking.now)
    return take_judged(session, taking, judge, write)


def cases_workbook(session: Session) -> bytes:
    """Every published case, as a workbook that can be sent in again."""
    return write_book({SHEET: _HEADINGS}, {SHEET: _rows(session)})


def cases_csv(session: Session) -> str:
    """Every published case, as a CSV that can be sent in again."""
    return write_csv(_HEADINGS, _rows(session))


def _rows(session: Session) -> list[Cells]:
    statement = select(Case).where(Case.publication_status == PublicationStatus.PUBLISHED.value)
    statement = statement.options(selectinload(Case.participants), selectinload(Case.offerings))
    cases = session.scalars(statement.order_by(Case.id))
    return [[_cell(f, _of_case(case, f.key)) for f in CASE_FIELDS] for case in cases]


def _cell(field: CaseField, value: Any) -> str:
    if isinstance(value, list | tuple):
        return SEPARATOR.join(map(str, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if field.codes is not None and value:
        return next((each.label for each in field.codes if each.value == value), str(value))
    return "" if value is None else str(value)


CASES = PageKind(
    key="cases",
    label="調達事例",
    words="確かめたうえで、そのまま公開されます。",
    action="import_cases",
    required=tuple(normalize(label) for label in REQUIRED),
    limits_of=_limits,
    open_judge=_open_judge,
    take=_take,
    template="cases",
    export=lambda session, _limits: cases_workbook(session),
)
