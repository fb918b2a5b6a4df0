"""Pages of the product beside a bare Flask + Jinja page, over HTTP on the loopback, one run."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from app import create_app
from bench.timing import print_table, quantile, time_in_turn
from catalog.models import Offering
from procurement.models import Project
from procurement.queries.project_rows import IS_OPEN
from tests.harness.example import ExampleData, example_config

ROUNDS = 150
GOAL = 3.0  # times the bare page's p95
ROOT = Path(__file__).resolve().parent.parent


def run(example: ExampleData) -> bool:
    """Print the table; whether every page stays within the goal."""
    paths = _paths(example)
    environment = os.environ | {
        "MOYAI_INSTANCE_DIR": str(example.folder),
        "DATABASE_URL": f"sqlite:///{example.folder / 'moyai.db'}",
        "MOYAI_EXAMPLE_MODE": "1",
    }
    with (
        gunicorn("bench.bare:create_bare()", dict(os.environ)) as bare,
        gunicorn("app:create_app()", environment) as product,
    ):
        tasks = {"bare": getter(bare, "/")}
        tasks |= {name: getter(product, path) for name, path in paths.items()}
        taken = time_in_turn(tasks, ROUNDS)
    return _report(taken, paths)


def _report(taken: dict[str, list[float]], paths: dict[str, str]) -> bool:
    base = quantile(taken["bare"], 0.95)
    rows = [
        (
            f"{name} {paths.get(name, '')}".strip(),
            f"{quantile(values, 0.5):.1f}",
            f"{quantile(values, 0.95):.1f}",
            f"{quantile(values, 0.95) / base:.2f}",
        )
        for name, values in taken.items()
    ]
    title = f"Pages, milliseconds over {ROUNDS} rounds in turn (goal: p95 ≤ {GOAL:.0f} × bare)"
    print_table(title, ("page", "p50", "p95", "× bare"), rows)
    return all(quantile(values, 0.95) <= GOAL * base for values in taken.values())


def _paths(example: ExampleData) -> dict[str, str]:
    app = create_app(example_config(example.folder))
    database = app.extensions["moyai_database"]
    with database.read_session() as session:
        offering = session.scalars(
            select(Offering.id).where(Offering.publication_status == "published").limit(1)
        ).one()
        project = session.scalars(select(Project.id).where(IS_OPEN).limit(1)).one()
    database.dispose()
    return {
        "home": "/",
        "search": "/search?q=%E6%96%87%E6%9B%B8%E7%AE%A1%E7%90%86",
        "offering": f"/offerings/{offering}",
        "project": f"/projects/{project}",
    }


def getter(port: int, path: str, headers: Mapping[str, str] | None = None) -> Callable[[], None]:
    """Asks for the page over one connection that stays open; anything but 200 is an error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get() -> None:
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        body = response.read()
        if response.status != 200 or not body:
            raise RuntimeError(f"{path} answered {response.status}")

    return get


@contextmanager
def gunicorn(target: str, environment: dict[str, str]) -> Iterator[int]:
    """A server of that application on a free port, for as long as it is needed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        str(Path(sys.executable).with_name("gunicorn")),
        f"--bind=127.0.0.1:{port}",
        "--workers=1",
        "--worker-class=gthread",
        "--threads=4",
        "--keep-alive=60",
        "--log-level=error",
        target,
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=15)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("the server ended at once")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not listen within 30 seconds")
