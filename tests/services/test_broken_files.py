"""200 import files broken as offices break them: named by line and column, or taken exactly.

Whatever is refused leaves the database as it was, to the last row of every table.
"""

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import select

from accounts.roles import SYSTEM
from catalog.importing.known import Alike
from catalog.importing.runs import offerings_plan, run_import
from catalog.models import Offering, PricePlan
from catalog.publishing import find_version
from catalog.services import register_vendor
from foundation.db import Base, Database
from foundation.tables import UnreadableTable
from tests.harness.broken_files import BREAKS, Accepted, Refused, make_file
from tests.harness.builders import NOW, make_system_type
from tests.harness.catalog import vendor_entry

FILES = 200
# The files' entries share their names: whether they are the same is answered once for all.
PLAN = offerings_plan(Alike.NEW)


def fingerprint(database: Database) -> dict[str, str]:
    """Every row of every table, by table."""
    # As the database gives it: what Python makes of it costs most of the time.
    with database.engine.connect() as connection:
        return {
            name: hashlib.sha256(
                repr(
                    sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()))
                ).encode()
            ).hexdigest()
            for name in Base.metadata.tables
        }


def take(database: Database, path: Path) -> list[str]:
    """Why the file was refused; empty when it was taken."""
    try:
        result = run_import(
            database, path, PLAN, actor=SYSTEM, now=NOW, progress=lambda _rows: None
        )
    except UnreadableTable as reason:
        return [str(reason)]
    return [str(problem) for problem in result.staged.problems]


def check_refused(reasons: list[str], expected: Refused) -> None:
    """The line and the column stand in the same message, and a reason after them."""
    assert reasons, "was taken"
    place = f" {expected.line}行目" if expected.line else ""
    column = expected.column.replace("（", "(").replace("）", ")")
    fitting = [
        reason
        for reason in reasons
        if place in f" {reason}" and column in reason.replace("（", "(").replace("）", ")")
    ]
    assert fitting, reasons[:5]
    assert all(len(reason.split(":", 1)[-1]) > 5 for reason in fitting), fitting[:3]


def check_taken(database: Database, expected: Accepted) -> None:
    with database.read_session() as session:
        for key, (name, months, price, registered) in expected.entries.items():
            offering = session.scalars(select(Offering).where(Offering.key == key)).one()
            version = find_version(session, offering.id, 1)
            assert version is not None
            plan = session.scalars(
                select(PricePlan).where(PricePlan.offer.has(offering_id=offering.id))
            ).one()
            [component] = plan.definition["components"]
            said = (
                version.name,
                version.answers["exit_notice_months"],
                component["unit_price"],
                offering.registered_on,
            )
            assert said == (name, months, price, registered)


@pytest.mark.parametrize("part", range(4))
def test_200_files_are_refused_by_name_or_taken_exactly(
    sqlite_database: Database, tmp_path: Path, part: int
) -> None:
    take_all(sqlite_database, tmp_path, range(part, FILES, 4))


def test_postgresql_refuses_and_takes_alike(postgres_url: str, tmp_path: Path) -> None:
    """What a database sees of a file, and its rolling back, is looked at there as well."""
    database = Database(postgres_url)
    try:
        take_all(database, tmp_path, range(0, FILES, 7))
    finally:
        database.dispose()


def take_all(database: Database, folder: Path, numbers: range) -> None:
    """Each file refused by its line and column, or taken exactly."""
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry())
    outcomes = {Refused: 0, Accepted: 0}
    faults: list[str] = []
    assert len(BREAKS) > 50
    for n in numbers:
        path, expected = make_file(n, folder)
        before = fingerprint(database)
        reasons = take(database, path)
        outcomes[type(expected)] += 1
        try:
            if isinstance(expected, Refused):
                check_refused(reasons, expected)
                assert fingerprint(database) == before
            else:
                assert reasons == []
                check_taken(database, expected)
        except AssertionError as fault:
            faults.append(
                f"{n} ({n % len(BREAKS)}) {path.name} {str(expected)[:80]}: {str(fault)[:300]}"
            )
    assert not faults, "\n".join(faults)
    assert min(outcomes.values()) >= 5
