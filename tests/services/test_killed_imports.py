"""An import whose process is killed at a moment nobody chose: all rows, or none of them."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.codes import body_check_digit
from accounts.importing import REQUIRED as BODY_COLUMNS
from accounts.models import LocalBody, Organization
from catalog.answers import format_answer
from catalog.criteria import CRITERIA
from catalog.importing import offering_rows
from catalog.models import Offering, OfferingVersion
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.staging import ImportBatch, ImportRow
from tests.harness.builders import make_system_type, make_vendor
from tests.harness.catalog import ANSWERS
from tests.harness.processes import (
    Place,
    assert_index_is_the_database,
    finish,
    kills,
    measure,
    run_flask,
    start,
)

KILLS = [5, pytest.param(50, marks=pytest.mark.long)]
BODIES = 520
OFFERINGS = 60


@dataclass(frozen=True)
class Import:
    """A command, the file it is given for the n-th time, and what the database then says.

    written: every different value that the rows' marked column has.
    """

    command: tuple[str, str]
    action: str
    prepare: Callable[[Database, Path], None]
    write: Callable[[Path, int], Path]
    written: Callable[[Session], set[str]]


def prepare_nothing(_database: Database, _folder: Path) -> None:
    pass


def write_bodies(folder: Path, round_: int) -> Path:
    path = folder / f"bodies-{round_}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, BODY_COLUMNS)
        out.writeheader()
        for n in range(BODIES):
            first = f"99{n:03d}"
            out.writerow(
                {
                    "code": f"{first}{body_check_digit(first)}",
                    "name": f"架空{n}市",
                    "kana": f"だい{round_}かい",
                    "kind": "city",
                    "prefecture_code": "99",
                    "prefecture": "架空県",
                }
            )
    return path


def written_bodies(session: Session) -> set[str]:
    found = session.execute(select(LocalBody.kana, func.count()).group_by(LocalBody.kana)).all()
    assert sum(count for _, count in found) in (0, BODIES)
    assert session.scalar(select(func.count()).select_from(Organization)) in (0, BODIES)
    return {kana for kana, _ in found}


def prepare_offerings(database: Database, folder: Path) -> None:
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        maker = make_vendor(session).organization.corporate_number
    (folder / "maker").write_text(maker or "")


def write_offerings(folder: Path, round_: int) -> Path:
    maker = (folder / "maker").read_text()
    path = folder / f"offerings-{round_}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        answers = {c.csv_column: format_answer(c, ANSWERS.get(c.key)) for c in CRITERIA}
        out.writerow((*offering_rows.REQUIRED, offering_rows.FICTIONAL, *answers))
        for n in range(OFFERINGS):
            own = (f"entry-{n}", f"架空サービス{n}", f"第{round_}回の概要", "生成AI", maker, "true")
            out.writerow((*own, *answers.values()))
    return path


def written_offerings(session: Session) -> set[str]:
    found = session.execute(
        select(Offering.summary, OfferingVersion.summary, func.count())
        .join(
            OfferingVersion,
            (OfferingVersion.offering_id == Offering.id)
            & (OfferingVersion.number == Offering.current_version),
        )
        .group_by(Offering.summary, OfferingVersion.summary)
    ).all()
    assert sum(count for _, _, count in found) in (0, OFFERINGS)
    assert all(current == version for current, version, _ in found)
    versions = session.scalar(select(func.count()).select_from(OfferingVersion)) or 0
    assert versions % OFFERINGS == 0
    return {summary for summary, _, _ in found}


IMPORTS = {
    "bodies": Import(
        command=("bodies", "import"),
        action="import_bodies",
        prepare=prepare_nothing,
        write=write_bodies,
        written=written_bodies,
    ),
    "offerings": Import(
        command=("catalog", "import-offerings"),
        action="import_offerings",
        prepare=prepare_offerings,
        write=write_offerings,
        written=written_offerings,
    ),
}


def look(database: Database, each: Import) -> tuple[set[str], int]:
    """What the rows say and how many imports the chain tells of; the chain itself is whole."""
    with database.read_session() as session:
        assert verify(session).problems == ()
        imports = (
            select(func.count()).select_from(AuditEvent).where(AuditEvent.action == each.action)
        )
        committed = (
            select(func.count()).select_from(ImportBatch).where(ImportBatch.state == "committed")
        )
        told = session.scalar(imports) or 0
        assert told == session.scalar(committed)
        return each.written(session), told


@pytest.mark.parametrize("count", KILLS)
@pytest.mark.parametrize("name", IMPORTS)
def test_an_import_killed_at_any_moment_is_whole_or_not_there(
    database: Database, tmp_path: Path, name: str, count: int
) -> None:
    each = IMPORTS[name]
    each.prepare(database, tmp_path)

    place = Place(url=database.url, instance=tmp_path / "instance")

    def arguments(round_: int) -> list[str]:
        return [*each.command, str(each.write(tmp_path, round_))]

    length = measure(run_flask, place, arguments(0))
    values, told = look(database, each)
    assert (len(values), told) == (1, 1)
    round_, interrupted = 1, 0
    for kill in kills(count, length, seed=len(database.url)):
        interrupted += kill.of(run_flask, place, arguments(round_))
        before, (values, now_told) = values, look(database, each)
        assert len(values) == 1, f"{kill}: rows of {values}"
        assert (values != before) == (now_told == told + 1), kill
        round_ += now_told - told
        told = now_told
        if name == "offerings":
            assert_index_is_the_database(place)
    assert interrupted, "no import was still at work when it was killed"
    finish(start(run_flask, place, arguments(round_)))
    values, now_told = look(database, each)
    assert (len(values), now_told) == (1, told + 1)
    with database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 0
