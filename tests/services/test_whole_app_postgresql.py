"""The whole product on PostgreSQL, its search index too: the same facts, pages and words."""

import io
import re
import time
import zipfile
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from foundation.audit import verify
from foundation.db import Base, Database
from tests.harness.client import StrictClient
from tests.harness.crawl import crawl
from tests.harness.example import (
    ExampleData,
    example_config,
    open_example,
    role_emails,
    sign_in,
)
from tests.harness.page import read_page
from tests.harness.postgres import Cluster

# One worker prepares PostgreSQL, once.
pytestmark = pytest.mark.xdist_group("whole_app_postgresql")

READERS = ("visitor", "prefecture_coordinator", "municipal_manager")
# The bytes of a zip, the sums of a process, a word drawn by chance, a hash over one of these.
_DIFFERENT_EACH_TIME = re.compile(r"[0-9a-f]{12,64}")
_OF_THE_PROCESS = ("system.", "static")


@pytest.fixture(scope="module")
def app(example: ExampleData, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A copy of the example of this module's own: nothing that other tests wrote is in it."""
    with open_example(example, tmp_path_factory.mktemp("whole") / "instance") as app:
        yield app


@pytest.fixture(scope="module")
def on_postgres(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application over a PostgreSQL database prepared by what `make run` runs."""
    url = postgres.create("moyai_whole_app")
    config = example_config(tmp_path_factory.mktemp("postgres"))
    app = create_app(config | {"DATABASE_URL": url, "SEARCH_BACKEND": "postgresql"})
    began = time.monotonic()
    for command in (["db", "upgrade"], ["db", "seed"], ["search", "rebuild", "--if-needed"]):
        result = app.test_cli_runner().invoke(args=command)
        assert result.exit_code == 0, result.output
    print(f"prepared on PostgreSQL in {time.monotonic() - began:.1f} s")
    yield app
    app.extensions["moyai_database"].dispose()
    postgres.drop(url)


def reader(app: Flask, role: str) -> StrictClient:
    client = StrictClient(app)
    if role != "visitor":
        sign_in(client, role_emails(app)[role])
    return client


def counted(app: Flask) -> dict[str, int]:
    """How many rows each table has; the chain is intact."""
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        assert verify(session).problems == ()
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def words(path: str, status: int, mimetype: str, body: bytes) -> str:
    """What a reader is answered; of a page the text, of a zip only that it came.

    Of a workbook or a Word file its parts, but the one that says when it was made.
    """
    if mimetype == "application/zip":
        return f"{status} zip"
    if mimetype.startswith("application/vnd.openxmlformats"):
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            body = b"".join(
                file.read(name) for name in sorted(file.namelist()) if name != "docProps/core.xml"
            )
    text = body.decode(errors="replace")
    if mimetype == "text/html":
        text = read_page(path, text, status).text
    return _DIFFERENT_EACH_TIME.sub("…", f"{status} {text}")


def test_both_databases_hold_the_same(app: Flask, on_postgres: Flask) -> None:
    assert counted(on_postgres) == counted(app)


def test_the_counters_are_those_promised(on_postgres: Flask) -> None:
    page = StrictClient(on_postgres).page("/")
    for number in ("244", "270", "245", "52"):
        assert number in page.text


def test_preparing_it_again_adds_nothing(on_postgres: Flask) -> None:
    before = counted(on_postgres)
    result = on_postgres.test_cli_runner().invoke(args=["db", "seed"])
    assert result.exit_code == 0, result.output
    assert counted(on_postgres) == before


@pytest.mark.parametrize("role", READERS)
def test_every_page_says_the_same_on_both(app: Flask, on_postgres: Flask, role: str) -> None:
    seen = crawl(reader(app, role), limit=lambda _kind: 1)
    client = reader(on_postgres, role)
    assert len(seen) > 20
    different = []
    for visit in seen:
        if visit.endpoint.startswith(_OF_THE_PROCESS):
            continue
        here = words(visit.path, visit.status, visit.mimetype, visit.body)
        answer = client.get(visit.path, follow_redirects=True)
        there = words(visit.path, answer.status_code, answer.mimetype, answer.get_data())
        if here != there:
            different.append(f"{visit.path}: {first_difference(here, there)}")
    assert not different, "\n".join(different)


@pytest.mark.parametrize(
    "query", ["", "q=文書管理", "q=生成AI&kind=case", "q=架空&sort=updated", "fictional=real"]
)
def test_search_finds_and_counts_the_same(app: Flask, on_postgres: Flask, query: str) -> None:
    """Facets and results, in the order they are shown, for the public and for a body."""
    for role in ("visitor", "municipal_manager"):
        one, other = (
            reader(each, role).get(f"/api/v1/search?{query}") for each in (app, on_postgres)
        )
        assert one.status_code == other.status_code == 200
        assert one.json == other.json
        assert one.json["total"] > 0


def first_difference(one: str, other: str) -> str:
    place = next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    start = max(0, place - 40)
    return f"「{one[start : place + 80]}」 / 「{other[start : place + 80]}」"
