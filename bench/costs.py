"""Costs at size: a nation's dashboard over a million rows, a project of 200 bodies and 60 months.

ROWS=10000 BODIES=20 PARTS=costs make bench    for a smaller run
"""

import csv
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from app import create_app
from bench.crowd import make_crowd
from bench.pages import getter, gunicorn
from bench.timing import print_table, quantile, time_in_turn
from catalog.models import SystemType
from foundation.db import Database
from procurement.dashboard.sums import cost_sums
from procurement.models import CostRow
from tests.harness.example import ExampleData, example_config, sign_in
from tests.harness.queries import counted_queries

ROWS = int(os.environ.get("ROWS", "1000000"))
BODIES = int(os.environ.get("BODIES", "200"))
ROUNDS = int(os.environ.get("ROUNDS", "60"))
CHUNK = 20_000
TIMES_DUCKDB = 2.0
TIMES_BARE = 6.0
MOST_QUERIES = 15
LEAD = "pref@moyai.example"
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
_COLUMNS = "fiscal_year INTEGER, category VARCHAR, basis VARCHAR, amount_yen BIGINT"
_NAMES = ("fiscal_year", "category", "basis", "amount_yen")
_SUMS = (
    "SELECT fiscal_year, category, basis, SUM(amount_yen) FROM cost_row"
    " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
)


def run(example: ExampleData) -> bool:
    """Print both tables; whether every goal is met."""
    app = create_app(example_config(example.folder))
    database: Database = app.extensions["moyai_database"]
    pages = _measure_pages(example, app, database)
    sums = _measure_sums(app, database)
    database.dispose()
    return pages and sums


def _rows(session: Session) -> Iterator[dict[str, Any]]:
    random = Random(2026)
    codes = session.scalars(select(LocalBody.code).where(LocalBody.fictional)).all()
    types = session.scalars(select(SystemType.code)).all()
    for _ in range(ROWS):
        yield {
            "body_code": random.choice(codes),
            "system_type_code": random.choice(types),
            "fiscal_year": random.randrange(2018, 2027),
            "category": random.choice(("operating", "build_modification", "build_other", "other")),
            "basis": random.choice(("settlement", "budget_initial", "budget_revised")),
            "amount_yen": random.randrange(1, 100_000_000),
            "tax_included": True,
            "fictional": True,
        }


def _measure_sums(app: Any, database: Database) -> bool:
    """Each round writes one row to both, then asks both for the same sums."""
    try:
        import duckdb
    except ImportError:
        print("\nduckdb is not installed: the dashboard's sums were compared with nothing.")
        return False
    with tempfile.TemporaryDirectory(prefix="moyai-duckdb-") as folder:
        other = duckdb.connect(str(Path(folder) / "costs.duckdb"))
        other.execute(f"CREATE TABLE cost_row ({_COLUMNS})")
        _fill(database, other, Path(folder))
        client = app.test_client()
        written = _writer(database, other)
        tasks: dict[str, Callable[[], object]] = {
            "a row written to both": written,
            "DuckDB, the sums": lambda: other.execute(_SUMS).fetchall(),
            "Moyai, the same sums": lambda: _own(database),
            "another row": written,
            "Moyai, the page /dashboard": lambda: client.get("/dashboard?data=fictional"),
        }
        taken = time_in_turn(tasks, ROUNDS)
        _check(database, other)
        other.close()
    return _report_sums(taken)


def _fill(database: Database, other: Any, folder: Path) -> None:
    """The same rows on both sides; DuckDB takes them from a file, row by row it is slow."""
    print(f"writing {ROWS:,} cost rows …", flush=True)
    path = folder / "rows.csv"
    with database.transaction() as session, path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for kept in session.scalars(select(CostRow).where(CostRow.fictional)):
            writer.writerow([getattr(kept, name) for name in _NAMES])
        rows = _rows(session)
        while chunk := list(islice(rows, CHUNK)):
            session.execute(insert(CostRow), chunk)
            writer.writerows([row[name] for name in _NAMES] for row in chunk)
    other.execute(f"COPY cost_row FROM '{path}' (HEADER false)")


def _writer(database: Database, other: Any) -> Callable[[], None]:
    with database.read_session() as session:
        first = next(_rows(session))

    def write() -> None:
        with database.transaction() as session:
            session.execute(insert(CostRow), [first])
        values = tuple(first[name] for name in _NAMES)
        other.execute("INSERT INTO cost_row VALUES (?, ?, ?, ?)", values)

    return write


def _own(database: Database) -> list[tuple[int, str, str, int]]:
    with database.read_session() as session:
        found = cost_sums(session, fictional=True)
    return [(row.fiscal_year, row.category, row.basis, row.amount_yen) for row in found]


def _check(database: Database, other: Any) -> None:
    theirs = [tuple(row) for row in other.execute(_SUMS).fetchall()]
    if sorted(theirs) != sorted(_own(database)):
        raise AssertionError("the dashboard's sums are not those of the rows")


def _report_sums(taken: dict[str, list[float]]) -> bool:
    base = quantile(taken["DuckDB, the sums"], 0.95)
    rows = [
        (
            name,
            f"{quantile(values, 0.5):.2f}",
            f"{quantile(values, 0.95):.2f}",
            f"{quantile(values, 0.95) / base:.2f}",
        )
        for name, values in taken.items()
    ]
    title = (
        f"Costs: {ROWS:,} rows, first request after a write, milliseconds over {ROUNDS} rounds"
        f" (goal: p95 ≤ {TIMES_DUCKDB:.0f} × DuckDB)"
    )
    print_table(title, ("what", "p50", "p95", "× DuckDB"), rows)
    return quantile(taken["Moyai, the same sums"], 0.95) <= TIMES_DUCKDB * base


def _measure_pages(example: ExampleData, app: Any, database: Database) -> bool:
    """The large project's pages as its lead reads them, beside the bare page."""
    print(f"preparing a project of {BODIES} bodies and 60 months …", flush=True)
    with database.transaction() as session:
        project_id = make_crowd(session, BODIES, date(2026, 4, 1), NOW)
    base = f"/projects/{project_id}"
    paths = {name: f"{base}{path}" for name, path in _PAGES.items()}
    client = app.test_client()
    sign_in(client, LEAD)
    counts = {}
    for name, path in paths.items():
        with counted_queries(database.engine) as log:
            answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        counts[name] = len(log)
    cookie = client.get_cookie("session")
    header = {"Cookie": f"session={cookie.value}"} if cookie else {}
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
        tasks |= {name: getter(product, path, header) for name, path in paths.items()}
        taken = time_in_turn(tasks, ROUNDS)
    return _report_pages(taken, counts)


_PAGES = {"project": "", "costs": "/costs", "ledger": "/ledger", "members": "/members"}


def _report_pages(taken: dict[str, list[float]], counts: dict[str, int]) -> bool:
    base = quantile(taken["bare"], 0.95)
    rows = [
        (
            name,
            str(counts.get(name, 0)),
            f"{quantile(values, 0.5):.1f}",
            f"{quantile(values, 0.95):.1f}",
            f"{quantile(values, 0.95) / base:.2f}",
        )
        for name, values in taken.items()
    ]
    title = (
        f"A project of {BODIES} bodies, 5 years, monthly ledgers, as its lead reads it:"
        f" milliseconds over {ROUNDS} rounds (goals: ≤ {MOST_QUERIES} queries,"
        f" p95 ≤ {TIMES_BARE:.0f} × bare)"
    )
    print_table(title, ("page", "queries", "p50", "p95", "× bare"), rows)
    fast = all(quantile(values, 0.95) <= TIMES_BARE * base for values in taken.values())
    return fast and all(count <= MOST_QUERIES for count in counts.values())
