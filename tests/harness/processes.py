"""Real processes that work on a database, and are killed at a moment nobody chose."""

import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import event

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
forking = multiprocessing.get_context("forkserver")
# pytest too: each child first imports the main module of its parent.
_PRELOADED = ["pytest", "tests.harness.processes", "tests.harness.project_processes"]
forking.set_forkserver_preload(_PRELOADED)


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


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a process works. dies_at: the statement before which it kills itself; 0: none."""

    url: str
    instance: Path
    dies_at: int = 0


def run_flask(place: Place, arguments: list[str]) -> None:
    """What `flask <arguments>` does, in this process; its words go to instance/process.log."""
    app = _open(place)
    app.cli.main(args=arguments, obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)


def join_all(place: Place, project_id: int, managers: list[Actor]) -> None:
    """The bodies of these managers join one after another, each in its own transaction."""
    database: Database = _open(place).extensions["moyai_database"]
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


def _open(place: Place) -> Flask:
    _write_to(place.instance / "process.log")
    app = create_app(configuration(place.url, place.instance))
    _count_statements(app.extensions["moyai_database"], place)
    return app


def _count_statements(database: Database, place: Place) -> None:
    """Keep the number of statements sent in instance/statements; die before one of them."""
    sent = 0
    file = os.open(place.instance / "statements", os.O_WRONLY | os.O_CREAT)

    def count(*_what: Any) -> None:
        nonlocal sent
        sent += 1
        os.pwrite(file, f"{sent:9}".encode(), 0)
        if sent == place.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "commit"):
        event.listen(database.engine, moment, count)


def start(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Run the function in a new process."""
    process = forking.Process(target=target, args=arguments)
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


@dataclass(frozen=True)
class Length:
    """How long an undisturbed run is, by the clock and in statements."""

    seconds: float
    statements: int


def measure(target: Callable[..., None], place: Place, *arguments: Any) -> Length:
    """Run the function once, undisturbed, in a new process."""
    finish(start(_do_nothing))  # the first one waits for the program to be imported
    began = time.monotonic()
    finish(start(target, place, *arguments))
    seconds = time.monotonic() - began
    return Length(seconds=seconds, statements=int((place.instance / "statements").read_text()))


@dataclass(frozen=True)
class Kill:
    """When a run is killed: after so many seconds, and at that statement where one is named."""

    seconds: float
    statement: int = 0

    def of(self, target: Callable[..., None], place: Place, *arguments: Any) -> bool:
        """Run the function and kill it; whether it was still at work then."""
        process = start(target, replace(place, dies_at=self.statement), *arguments)
        process.join(timeout=self.seconds)
        process.kill()
        process.join(timeout=10)
        assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
        return process.exitcode != 0


def kills(count: int, length: Length, seed: int) -> list[Kill]:
    """Two of three at a statement, the third by the clock; spread over the whole run."""
    random = Random(seed)
    parts = random.sample(range(count), count)
    return [_kill_in(n, (part + random.random()) / count, length) for n, part in enumerate(parts)]


def _kill_in(number: int, share: float, length: Length) -> Kill:
    if number % 3 == 2:
        return Kill(share * length.seconds)
    return Kill(SLOWEST_SECONDS, 1 + int(share * length.statements))


def assert_index_is_the_database(place: Place) -> None:
    """What the next start finds in the index is what an index built from nothing holds."""
    app = create_app(configuration(place.url, place.instance))
    scratch = place.instance / "scratch"
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
