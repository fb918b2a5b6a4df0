"""Real processes that work on a database, and are killed at a moment nobody chose."""

import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

from flask.cli import ScriptInfo

from accounts.roles import Actor
from app import create_app
from catalog.search.documents import Viewer
from catalog.search.outbox import has_pending
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from foundation.db import Database
from procurement.services.joining import JoinAnswers, join_project
from tests.harness.builders import NOW
from tests.harness.projects import APPROVED

SLOWEST_SECONDS = 120

# One clean process that has imported the program and forks a child for each run: a kill
# then falls into the work and never into the start of Python.
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.harness.processes"])


def configuration(url: str, instance: Path) -> dict[str, Any]:
    """The configuration of an application on that database."""
    return {
        "TESTING": True,
        "EXAMPLE_MODE": True,
        "INSTANCE_DIR": str(instance),
        "DATABASE_URL": url,
        "SEARCH_INDEX_DIR": str(instance / "search"),
        "MOYAI_NOW": NOW.isoformat(),
    }


def run_flask(url: str, instance: Path, arguments: list[str]) -> None:
    """What `flask <arguments>` does, in this process; its words go to instance/process.log."""
    _write_to(instance / "process.log")
    app = create_app(configuration(url, instance))
    app.cli.main(args=arguments, obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)


def join_all(url: str, instance: Path, project_id: int, managers: list[Actor]) -> None:
    """The bodies of these managers join one after another, each in its own transaction."""
    _write_to(instance / "process.log")
    app = create_app(configuration(url, instance))
    database: Database = app.extensions["moyai_database"]
    for number, manager in enumerate(managers, start=1):
        with database.transaction() as session:
            join_project(
                session,
                actor=manager,
                now=NOW,
                project_id=project_id,
                body_code=manager.body_code or "",
                answers=JoinAnswers(quantity=10 * number),
                approval_date=APPROVED,
                approval_number=f"情政第{number}号",
            )


def start(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Run the function in a new process."""
    process = _forking.Process(target=target, args=arguments)
    process.start()
    return process


def finish(process: BaseProcess) -> None:
    """Wait for the process to end by itself, and well."""
    process.join(timeout=SLOWEST_SECONDS)
    if process.is_alive():
        process.kill()
        raise AssertionError(f"still running after {SLOWEST_SECONDS} seconds")
    assert process.exitcode == 0


def kill_after(process: BaseProcess, seconds: float) -> bool:
    """SIGKILL after so many seconds; whether the process was still at work then."""
    process.join(timeout=seconds)
    alive = process.is_alive()
    process.kill()
    process.join(timeout=10)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return alive


def moments(count: int, longest: float, seed: int) -> Iterator[float]:
    """As many moments, one at random in each of `count` equal parts of the time."""
    random = Random(seed)
    parts = list(range(count))
    random.shuffle(parts)
    for part in parts:
        yield longest * (part + random.random()) / count


def seconds_of(target: Callable[..., None], *arguments: Any) -> float:
    """How long the function takes in a new process."""
    finish(start(_do_nothing))  # the first one waits for the program to be imported
    began = time.monotonic()
    finish(start(target, *arguments))
    return time.monotonic() - began


def assert_index_is_the_database(url: str, instance: Path, scratch: Path) -> None:
    """What the next start finds in the index is what an index built from nothing holds."""
    app = create_app(configuration(url, instance))
    database: Database = app.extensions["moyai_database"]
    try:
        kept: SearchService = app.extensions["moyai_search"]
        kept.ensure_index()
        with database.read_session() as session:
            assert not has_pending(session)
        built = SearchService(database, scratch)
        built.rebuild()
        for viewer in Viewer:
            assert _all_of(kept, viewer) == _all_of(built, viewer)
    finally:
        database.dispose()
        shutil.rmtree(scratch, ignore_errors=True)


def _all_of(service: SearchService, viewer: Viewer) -> list[Any]:
    """Every result and every facet count, page by page."""
    first = service.search(SearchQuery(), viewer=viewer, now=NOW)
    pages = [
        service.search(SearchQuery(page=number), viewer=viewer, now=NOW)
        for number in range(1, first.pages + 1)
    ]
    results = [result for page in pages for result in page.results]
    assert len(results) == first.total
    return [first.total, first.facets, results]


def _write_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)


def _do_nothing() -> None:
    pass
