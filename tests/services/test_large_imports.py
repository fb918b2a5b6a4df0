"""A large file comes in while others write: they wait at most for one short commit."""

import csv
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from accounts.roles import SYSTEM
from catalog.answers import format_answer
from catalog.criteria import CRITERIA
from catalog.importing import prepared, runs
from catalog.importing.models import StagedOffering
from catalog.models import Offering, OfferingVersion, PricePlan, SearchOutbox, Vendor
from catalog.services import register_vendor
from foundation.audit import verify
from foundation.db import Database
from foundation.errors import Conflict
from foundation.staging import ImportRow
from tests.harness.builders import NOW, make_system_type
from tests.harness.busy_writer import LEAST_WRITES, writing
from tests.harness.catalog import ANSWERS, vendor_entry

# (rows, how long others may wait): the short form runs beside other tests on few processors.
ROWS = [(1_500, 10.0), pytest.param((50_000, 2.0), marks=pytest.mark.long)]


def write_file(path: Path, rows: int, summary: str = "一行の概要。", price: str = "1000") -> Path:
    maker = vendor_entry().corporate_number
    answers = {c.csv_column: format_answer(c, ANSWERS.get(c.key)) for c in CRITERIA}
    own = (
        "キー",
        "名称",
        "概要",
        "システム種別",
        "開発元",
        "架空",
        "月額単価（税抜・円）",
        "月額の単位",
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow((*own, *answers))
        for n in range(rows):
            cells = (
                f"large-{n}",
                f"大量{n}",
                summary,
                "生成AI",
                maker,
                "true",
                price,
                "アカウント",
            )
            out.writerow((*cells, *answers.values()))
    return path


@pytest.fixture
def catalog(database: Database) -> Database:
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry())
    return database


class Timed(Database):
    """A database that keeps how much of this process each of its transactions took.

    The neighbour's wait hangs on what else the machine does; this does not.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.cpu_seconds: list[float] = []

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        begins = time.process_time()
        with super().transaction() as session:
            yield session
        self.cpu_seconds.append(time.process_time() - begins)


def take(database: Database, path: Path) -> runs.CatalogImport:
    return runs.run_import(
        database, path, runs.OFFERINGS, actor=SYSTEM, now=NOW, progress=lambda _rows: None
    )


def count(database: Database, table: object) -> int:
    with database.read_session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


# A change of every price rewrites more rows than any other. (rows, seconds of the processor)
CHANGED = [(400, 2.0), pytest.param((50_000, 2.0), marks=pytest.mark.long)]


@pytest.mark.parametrize("case", CHANGED, ids=lambda case: str(case[0]))
def test_others_go_on_writing_while_every_price_changes(
    catalog: Database, tmp_path: Path, case: tuple[int, float]
) -> None:
    rows, most_seconds = case
    take(catalog, write_file(tmp_path / "new.csv", rows))
    path = write_file(tmp_path / "changed.csv", rows, summary="改めた。", price="1100")
    timed = Timed(catalog.url)
    try:
        with writing(catalog.url) as report:
            result = take(timed, path)
    finally:
        timed.dispose()
    assert (result.added, result.changed, result.unchanged) == (0, rows, 0)
    assert report.errors == ()
    assert report.writes >= LEAST_WRITES
    # The commit is among them, and nothing beside it is longer.
    assert max(timed.cpu_seconds) <= most_seconds
    assert (count(catalog, OfferingVersion), count(catalog, PricePlan)) == (2 * rows, rows)
    with catalog.read_session() as session:
        prices = {
            plan.definition["components"][0]["unit_price"]
            for plan in session.scalars(select(PricePlan))
        }
        assert prices == {"1100"}
        assert verify(session).problems == ()


@pytest.mark.parametrize("case", ROWS, ids=lambda case: str(case[0]))
def test_others_go_on_writing(catalog: Database, tmp_path: Path, case: tuple[int, float]) -> None:
    rows, longest_wait_seconds = case
    path = write_file(tmp_path / "large.csv", rows)
    with writing(catalog.url) as report:
        result = take(catalog, path)
    assert (result.added, result.changed, result.unchanged) == (rows, 0, 0)
    assert report.errors == ()
    assert report.writes >= LEAST_WRITES
    assert report.longest_seconds <= longest_wait_seconds
    for table in (Offering, OfferingVersion, PricePlan, SearchOutbox):
        assert count(catalog, table) == rows, table
    assert count(catalog, ImportRow) == count(catalog, StagedOffering) == 0
    with catalog.read_session() as session:
        assert verify(session).problems == ()


def test_the_same_file_again_and_a_changed_one(catalog: Database, tmp_path: Path) -> None:
    path = write_file(tmp_path / "a.csv", 30)
    take(catalog, path)
    again = take(catalog, path)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 30)
    changed = take(catalog, write_file(tmp_path / "b.csv", 40, summary="改めた概要。"))
    assert (changed.added, changed.changed, changed.unchanged) == (10, 30, 0)
    assert count(catalog, OfferingVersion) == 70
    assert count(catalog, StagedOffering) == 0


@pytest.mark.parametrize("meanwhile", ["entry", "vendor"])
def test_what_changed_since_the_reading_stops_the_commit(
    catalog: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """Somebody writes between shaping and commit: nothing is imported, nothing stays behind."""
    path = write_file(tmp_path / "a.csv", 20)
    shape = prepared.prepare

    def shape_and_write(database: Database, batch_id: int, entries: object) -> None:
        shape(database, batch_id, entries)  # type: ignore[arg-type]
        with database.transaction() as session:
            if meanwhile == "vendor":
                session.execute(update(Vendor).values(name="改めた名称"))
                return
            vendor_id = session.scalars(select(Vendor.id)).one()
            session.add(
                Offering(
                    key="large-7",
                    vendor_id=vendor_id,
                    system_type_code="generative_ai",
                    name="先に登録された",
                    summary="",
                    publication_status="draft",
                    current_version=0,
                    fictional=True,
                    registered_on=NOW.date(),
                    updated_at=NOW,
                )
            )

    monkeypatch.setattr(prepared, "prepare", shape_and_write)
    with pytest.raises(Conflict, match="読み取りの後に登録内容が変わりました"):
        take(catalog, path)
    assert count(catalog, OfferingVersion) == 0
    monkeypatch.setattr(prepared, "prepare", shape)
    assert take(catalog, path).added == (20 if meanwhile == "vendor" else 19)
    assert count(catalog, StagedOffering) == count(catalog, ImportRow) == 0
