"""Fixtures every test may ask for. What they are made of is in tests/harness."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings

from foundation.db import Database
from foundation.migrate import upgrade
from tests.harness.client import StrictClient
from tests.harness.compiled import (
    compile_addresses_once,
    compile_statements_once,
    compile_templates_once,
)
from tests.harness.databases import build_empty_sqlite, built_once, copy_sqlite
from tests.harness.example import ExampleData, build_example, open_example
from tests.harness.order import place_of
from tests.harness.postgres import Cluster
from tests.harness.queries import QueryLog, counted_queries
from tests.harness.quick_folder import quick_folder
from tests.harness.shared_data import SHARED_DATA

# The machine may be busy: a slow example is not a wrong one.
settings.register_profile("moyai", deadline=None, print_blob=True)
settings.load_profile("moyai")

# Read by pytest when it makes the first of its temporary folders.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(quick_folder()))

# Some 500 tests make an application of their own, thousands a database.
compile_templates_once()
compile_statements_once()
compile_addresses_once()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; else as they are."""
    items.sort(key=lambda item: place_of(item.path))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all worker processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def empty_sqlite(shared_folder: Path) -> Path:
    """A migrated, empty SQLite file; copy it."""
    with built_once(shared_folder / "empty", build_empty_sqlite) as folder:
        return folder / "moyai.db"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """This worker's own PostgreSQL with a migrated, empty database `moyai_empty`."""
    cluster = Cluster()
    try:
        upgrade(cluster.create("moyai_empty"))
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def sqlite_url(empty_sqlite: Path, tmp_path: Path) -> str:
    """The address of a migrated, empty SQLite database of this test's own."""
    return copy_sqlite(empty_sqlite, tmp_path / "moyai.db")


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """The address of a migrated, empty PostgreSQL database of this test's own."""
    url = postgres.copy("moyai_empty")
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated, empty database of this test's own: every such test runs on both kinds."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    database = Database(request.getfixturevalue(name))
    yield database
    database.dispose()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """As `database`, on SQLite only: for what cannot differ between the two."""
    database = Database(sqlite_url)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def example(shared_folder: Path) -> ExampleData:
    """The example data, made once a run: read it, copy it, never write to it."""
    with built_once(shared_folder / "example", build_example) as folder:
        return ExampleData(folder)


@pytest.fixture(scope="session")
def app(example: ExampleData, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The whole application over a copy of the example data. Tests that write use `fresh_app`."""
    with open_example(example, tmp_path_factory.mktemp("app") / "instance") as app:
        SHARED_DATA.open(app.extensions["moyai_database"])
        yield app
        SHARED_DATA.close()


@pytest.fixture(scope="module", autouse=True)
def shared_data_unchanged() -> Iterator[None]:
    """The module that writes to the data all tests read fails, not whichever reads it next."""
    yield
    assert SHARED_DATA.list_new() == [], "tests that write ask for fresh_app"


@pytest.fixture
def client(app: Flask) -> StrictClient:
    """A visitor who reads every page strictly. For reading: the data is shared by all tests."""
    return StrictClient(app)


@pytest.fixture
def fresh_app(example: ExampleData, tmp_path: Path) -> Iterator[Flask]:
    """The whole application over example data of this test's own."""
    with open_example(example, tmp_path / f"instance-{secrets.token_hex(3)}") as app:
        yield app
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def fresh_client(fresh_app: Flask) -> StrictClient:
    """A visitor of `fresh_app`, who may change things."""
    return StrictClient(fresh_app)


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[QueryLog]]:
    """`with count_queries() as log:` … `log.at_most(12)`, over `app`'s database."""
    database: Database = app.extensions["moyai_database"]

    @contextmanager
    def counting() -> Iterator[QueryLog]:
        with counted_queries(database.engine) as log:
            yield log

    return counting
