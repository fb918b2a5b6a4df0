"""A writer killed at a random moment: the index is whole or builds itself, and never lies."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from catalog.models import Offering
from catalog.search import sources
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.documents import Viewer
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from foundation.db import Database
from tests.harness.builders import NOW, make_offering

ROOT = Path(__file__).resolve().parents[2]
OFFERINGS = 12

# Renames offerings for ever, each time in one transaction followed by its index update.
WRITER = """
import sys
from itertools import count
from pathlib import Path
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.outbox import queue
from catalog.search.service import SearchService
from foundation.db import Database
from tests.harness.builders import NOW
from tests.harness.versions import add_version

register_catalog_sources()
database = Database(sys.argv[1])
service = SearchService(database, Path(sys.argv[2]))
service.ensure_index()
database.after_commit.append(service.after_commit)
print("ready", flush=True)
for number in count(1):
    with database.transaction() as session:
        offering_id = number % int(sys.argv[3]) + 1
        add_version(session, offering_id, name=f"{sys.argv[4]}回目の{number}号")
        queue(session, "offering", offering_id, NOW)
    if number % 11 == 0:
        service.rebuild()
    elif number % 3 == 0:
        service.tidy()
    print(number, flush=True)
"""


@pytest.fixture(autouse=True)
def only_the_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_sources", {})
    monkeypatch.setattr(sources, "_label_loaders", {})
    register_catalog_sources()


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.long)])
def test_after_each_kill_every_answer_equals_the_database(
    sqlite_database: Database, tmp_path: Path, kills: int
) -> None:
    random = Random(20261120 + kills)
    with sqlite_database.transaction() as session:
        for n in range(OFFERINGS):
            make_offering(session, name=f"最初の{n}号")
    # Another web process, which has the index open all the while.
    other = SearchService(sqlite_database, tmp_path / "search")
    other.ensure_index()
    for kill in range(1, kills + 1):
        before = names_in(sqlite_database)
        run_and_kill(sqlite_database.url, tmp_path / "search", kill, random)
        started = SearchService(sqlite_database, tmp_path / "search")
        names = names_in(sqlite_database)
        assert any(name.startswith(f"{kill}回目") for name in names)
        for service in (started, other):
            check_answers(service, names, gone=before - names)


def names_in(database: Database) -> set[str]:
    with database.read_session() as session:
        return set(session.scalars(select(Offering.name)))


def check_answers(service: SearchService, names: set[str], gone: set[str]) -> None:
    """Each entry is found by its present name and by no former one, and counted once."""
    page = service.search(SearchQuery(), viewer=Viewer.PUBLIC, now=NOW)
    assert (page.total, {result.title for result in page.results}) == (OFFERINGS, names)
    (kinds,) = [facet for facet in page.facets if facet.name == "kind"]
    assert {(value.value, value.count) for value in kinds.values if value.count} == {
        ("offering", OFFERINGS)
    }
    for name in names:
        found = service.search(SearchQuery(text=name), viewer=Viewer.PUBLIC, now=NOW)
        assert found.results[0].title == name
    for name in gone:
        quoted = SearchQuery(text=f'"{name}"', literal=True)
        assert service.search(quoted, viewer=Viewer.PUBLIC, now=NOW).total == 0


def run_and_kill(url: str, directory: Path, kill: int, random: Random) -> None:
    arguments = [sys.executable, "-c", WRITER, url, str(directory), str(OFFERINGS), str(kill)]
    writer = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    try:
        assert writer.stdout.readline() == "ready\n"
        for _ in range(random.randint(1, 14)):
            assert writer.stdout.readline()
        time.sleep(random.uniform(0, 0.15))  # within the next change, merge or rebuild
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
