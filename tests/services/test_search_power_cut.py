"""A power cut takes back what the disk did not have yet: what is left of the index is not believed.

The disk's state is a copy of the folder from before the last change; the next start of the machine
is another boot id.
"""

import os
import shutil
from pathlib import Path

import pytest

from catalog.search import current, sources
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.documents import Viewer
from catalog.search.index import SETTLED_AFTER_SECONDS
from catalog.search.outbox import queue
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from foundation.db import Database
from tests.harness.builders import NOW, make_offering
from tests.harness.versions import add_version


@pytest.fixture(autouse=True)
def only_the_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_sources", {})
    monkeypatch.setattr(sources, "_label_loaders", {})
    register_catalog_sources()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "search"


@pytest.fixture
def service(sqlite_database: Database, folder: Path) -> SearchService:
    """A machine just started, with three offerings in its index."""
    with sqlite_database.transaction() as session:
        for n in range(3):
            make_offering(session, name=f"最初の{n}号")
    opened = SearchService(sqlite_database, folder)
    opened.ensure_index()
    sqlite_database.after_commit.append(opened.after_commit)
    return opened


def rename(database: Database, name: str) -> None:
    with database.transaction() as session:
        add_version(session, 1, name=name)
        queue(session, "offering", 1, NOW)


def finds(service: SearchService, name: str) -> bool:
    page = service.search(SearchQuery(text=f'"{name}"'), viewer=Viewer.PUBLIC, now=NOW)
    return any(result.title == name for result in page.results)


def start_again(monkeypatch: pytest.MonkeyPatch, database: Database, folder: Path) -> SearchService:
    """The machine's next start, as the process that is started then sees it."""
    monkeypatch.setattr(current, "boot_id", lambda: "the next start")
    return SearchService(database, folder)


def test_what_the_disk_lost_is_built_again(
    sqlite_database: Database, service: SearchService, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(sqlite_database, "目印の旧版")
    shutil.copytree(folder, folder.with_name("disk"))
    rename(sqlite_database, "目印の新版")
    assert finds(service, "目印の新版")
    shutil.rmtree(folder)
    shutil.copytree(folder.with_name("disk"), folder)
    # Nothing else would tell: its keys are the database's, and no change is queued any more.
    assert finds(SearchService(sqlite_database, folder), "目印の旧版")
    started = start_again(monkeypatch, sqlite_database, folder)
    assert finds(started, "目印の新版")
    assert not finds(started, "目印の旧版")


def test_what_was_settled_outlives_a_start(
    sqlite_database: Database, service: SearchService, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = service.index.get_state()
    assert built.boot == "", "what is built is settled"
    rename(sqlite_database, "目印の旧版")
    changed = service.index.get_state()
    service.tidy()
    assert service.index.get_state().boot == changed.boot != "", "it changes still"
    long_ago = (folder / "CURRENT").stat().st_mtime - SETTLED_AFTER_SECONDS - 1
    os.utime(folder / "CURRENT", (long_ago, long_ago))
    service.tidy()
    settled = service.index.get_state()
    assert (settled.boot, settled.generation) == ("", changed.generation)
    started = start_again(monkeypatch, sqlite_database, folder)
    assert finds(started, "目印の旧版")
    assert started.index.get_state().folder == built.folder, "not built again"


def test_only_the_first_change_waits_for_the_disk(
    sqlite_database: Database, service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[int] = []
    wait = os.fsync
    monkeypatch.setattr(os, "fsync", lambda opened: (waited.append(opened), wait(opened))[1])
    rename(sqlite_database, "目印の第1版")
    assert len(waited) == 2, "the mark and its name"
    rename(sqlite_database, "目印の第2版")
    rename(sqlite_database, "目印の第3版")
    assert len(waited) == 2
    assert finds(service, "目印の第3版")
    # Where the machine does not say when it was started, each change waits.
    monkeypatch.setattr(current, "boot_id", lambda: "")
    service.rebuild()
    waited.clear()
    rename(sqlite_database, "目印の第4版")
    rename(sqlite_database, "目印の第5版")
    assert len(waited) == 4
