"""Broken files of every kind that a page takes: named by line and column, or taken exactly."""

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Actor, Role
from catalog.importing import case_pages, incoming, incoming_work, offering_pages, spec_pages
from catalog.importing.models import IncomingFile, IncomingRow
from catalog.importing.page_kinds import register_kinds
from catalog.models import Offering
from catalog.publishing import find_version
from foundation.db import Database
from foundation.errors import Refused as RefusedByRule
from foundation.text import normalize
from procurement import cost_import, import_page
from tests.harness.broken_files import Refused, Row
from tests.harness.broken_kinds import Breaks, FuzzKind, Taken, list_breaks, make_kind_file
from tests.harness.builders import (
    NOW,
    make_actor,
    make_organization,
    make_system_type,
    make_vendor,
)
from tests.harness.fuzz_kinds import LONG, make_kinds
from tests.harness.fuzz_sheets import SheetBreak, list_sheet_breaks, make_book
from tests.services.test_broken_files import check_refused, fingerprint

KINDS = ("specs", "cases", "own-offerings", "contracts", "project-costs")
# What is kept of a file until its sender takes it in or throws it away.
WAITING = ("incoming_file", "incoming_row", "import_batch", "import_row")


@pytest.fixture(autouse=True)
def kinds_of_pages() -> None:
    register_kinds((offering_pages.PUBLISHED, offering_pages.OWN, case_pages.CASES))
    register_kinds((spec_pages.SPECS, import_page.CONTRACTS, cost_import.PROJECT_COSTS))


def written(database: Database) -> dict[str, str]:
    """Every row of every table but of those that hold the files themselves."""
    found = fingerprint(database)
    return {name: rows for name, rows in found.items() if name not in WAITING}


def send(database: Database, key: str, actor: Actor, path: Path) -> list[str]:
    """Why the file was refused; empty when it was taken in."""
    given: dict[str, Any] = {"kind_key": key, "file_name": path.name, "content": path.read_bytes()}
    try:
        with database.transaction() as session:
            file_id = incoming.receive(session, actor=actor, now=NOW, **given).id
    except RefusedByRule as refused:
        return [f"{each.field}: {each.message}" for each in refused.blockers]
    incoming_work.work(database, file_id, lambda: NOW)
    with database.transaction() as session:
        file = session.get_one(IncomingFile, file_id)
        if file.phase == incoming.READY:
            seen = file.row_version
            incoming.take(session, actor=actor, now=NOW, file_id=file_id, row_version=seen)
            return []
        assert file.phase in (incoming.UNREADABLE, incoming.HELD), file.phase
        reasons = list_reasons(session, file_id) or [file.message]
        incoming.forget_file(session, file)
    return reasons


def list_reasons(session: Session, file_id: int) -> list[str]:
    rows = session.scalars(select(IncomingRow).where(IncomingRow.file_id == file_id))
    return [
        f"{row.sheet} {row.line}行目「{column}」: {reason}"
        for row in rows
        if row.outcome in ("refused", "question")
        for column, reason, _ in row.said
    ]


def find_kind(database: Database, key: str, many: int) -> FuzzKind:
    with database.transaction() as session:
        return next(kind for kind in make_kinds(session, many=many) if kind.key == key)


def check_stored(database: Database, kind: FuzzKind, expected: Taken) -> None:
    with database.read_session() as session:
        for _cells, stored in expected.rows:
            found = kind.read(session, stored)
            assert {name: found[name] for name in stored} == stored


def check_lines(reasons: list[str], expected: Refused) -> None:
    """No other line is blamed than the one at fault."""
    if expected.line and not expected.column.startswith("つづり"):
        blamed = {reason.split("行目")[0].split()[-1] for reason in reasons if "行目" in reason}
        assert blamed == {str(expected.line)}, reasons[:5]


def take_all(
    database: Database, kind: FuzzKind, folder: Path, breaks: Iterable[tuple[int, Breaks]]
) -> dict[type, int]:
    """Each file refused by its line and column, or taken exactly; how many of both."""
    outcomes = {Refused: 0, Taken: 0}
    faults = []
    after = written(database)
    for n, each in breaks:
        path, expected = make_kind_file(kind, n, each, folder)
        outcomes[type(expected)] += 1
        try:
            reasons = send(database, kind.key, kind.actor, path)
            before, after = after, written(database)
            if isinstance(expected, Refused):
                check_refused(reasons, expected)
                check_lines(reasons, expected)
                assert after == before
            else:
                assert reasons == []
                check_stored(database, kind, expected)
        except Exception as fault:
            what = f"{type(fault).__name__} {str(fault)[:400]}"
            faults.append(f"{kind.key} {n} {path.name} {str(expected)[:90]}: {what}")
    assert not faults, "\n".join(faults)
    return outcomes


@pytest.mark.parametrize("key", KINDS)
def test_a_file_of_every_kind_is_refused_by_name_or_taken_exactly(
    database: Database, tmp_path: Path, key: str
) -> None:
    """Each database sees every second file."""
    kind = find_kind(database, key, many=200)
    cells, _stored = kind.rows(0, random.Random(0))
    assert sorted(map(normalize, cells)) == sorted(map(normalize, kind.headings))
    turn = 0 if database.engine.dialect.name == "sqlite" else 1
    breaks = list(enumerate(list_breaks(kind)))
    outcomes = take_all(database, kind, tmp_path, breaks[turn::2])
    assert min(outcomes.values()) >= 8


@pytest.mark.long
@pytest.mark.parametrize("key", KINDS)
def test_every_file_of_every_kind_on_both_databases_with_10_000_rows(
    database: Database, tmp_path: Path, key: str
) -> None:
    kind = find_kind(database, key, many=LONG)
    take_all(database, kind, tmp_path, enumerate(list_breaks(kind)))


def test_child_sheets_are_refused_by_name_or_taken_exactly(
    database: Database, tmp_path: Path
) -> None:
    """Sellers, plans, components, tiers, functions and certificates, each with its own sheet."""
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        maker = str(make_vendor(session).organization.corporate_number)
        operator = make_actor(session, make_organization(session, "operator"), Role.OPERATOR)
    turn = 0 if database.engine.dialect.name == "sqlite" else 1
    faults, outcomes = [], {True: 0, False: 0}
    after = written(database)
    for n, each in list(enumerate(list_sheet_breaks()))[turn::2]:
        book, stored = make_book(n, maker)
        each.change(book)
        path = tmp_path / f"sheets-{n}.xlsx"
        book.save(path)
        outcomes[each.refused is None] += 1
        try:
            reasons = send(database, "offerings", operator, path)
            before, after = after, written(database)
            if each.refused is not None:
                check_named(reasons, each)
                assert after == before
            else:
                assert reasons == []
                check_entries(database, stored, each)
        except Exception as fault:
            what = f"{type(fault).__name__} {str(fault)[:400]}"
            faults.append(f"{n} {each.sheet} {each.refused}: {what}")
    assert not faults, "\n".join(faults)
    assert outcomes[True] >= 5
    assert outcomes[False] >= 20


def check_named(reasons: list[str], each: SheetBreak) -> None:
    """Sheet, line, column and reason stand in one line of what is said."""
    expected = each.refused
    assert expected is not None
    assert reasons, "was taken"
    place = f"{each.sheet} {expected.line}行目" if expected.line else each.sheet
    lines = [line for reason in reasons for line in reason.splitlines()]
    fitting = [line for line in lines if place in line and expected.column in line]
    assert fitting, reasons[:5]
    assert all(len(line.split(":", 1)[-1]) > 5 for line in fitting), fitting


def check_entries(database: Database, stored: list[Row], each: SheetBreak) -> None:
    if each.meant:
        each.meant(stored[0])
    with database.read_session() as session:
        found = [read_entry(session, row["key"]) for row in stored]
    assert found == stored


def read_entry(session: Session, key: str) -> Row:
    offering = session.scalars(select(Offering).where(Offering.key == key)).one()
    version = find_version(session, offering.id, 1)
    assert version is not None
    [offer] = version.offers
    [plan] = offer["plans"]
    [component] = plan["definition"]["components"]
    assert offer["seller_id"] == offering.vendor_id
    return {
        "key": key,
        "name": version.name,
        "functions": version.answers["functions"],
        "certificates": version.answers["certificates"],
        "conditions": offer["contract_conditions"],
        "tax": plan["tax_rate_percent"],
        "not_included": plan["not_included"],
        "component": component,
    }
