"""One suite for both backends: what Whoosh's index answers, PostgreSQL's answers too.

Equal are result sets, totals, facet counts, highlights and every order but relevance; by
relevance the first ten agree in nine at least.
"""

import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app import create_app
from catalog.models import Offering
from catalog.search import sources
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.documents import SearchDocument, Viewer
from catalog.search.evaluator import Sort
from catalog.search.facets import FACETS
from catalog.search.nearness import Near
from catalog.search.outbox import queue
from catalog.search.postgresql import tables
from catalog.search.postgresql.index import PostgresIndex
from catalog.search.postgresql.lexemes import lexemes, vector
from catalog.search.query import SearchQuery
from catalog.search.results import SearchPage
from catalog.search.service import SearchService
from catalog.search.storage import IndexBusy
from foundation.db import Database
from foundation.errors import BadSetting
from tests.harness.builders import NOW, make_offering
from tests.harness.client import StrictClient
from tests.harness.corpus import ListSource, make_corpus, make_document
from tests.harness.example import example_config
from tests.harness.postgres import Cluster
from tests.harness.versions import add_version

# One worker builds the second index, once.
pytestmark = pytest.mark.xdist_group("search_backends")

ROOT = Path(__file__).resolve().parents[2]
NEAR = Near(population=30_000, peer_group="Ⅱ－1")
# Words at a desk: spelt otherwise, by sound, with a slip, too many, joined, excluded, quoted.
TYPED = (
    "", "文書管理", "電子申請", "議事録ＡＩ", "ぶんしょかんり", "bunsho kanri", "ぎじろく",
    "議事碌作成", "電子契訳", "住民表", "図書館", "生成AI", "生成ＡＩ　議事録", "チャットボット",
    "文書管理または電子決裁", "電子申請 OR 電子契約", "給食費｜学校徴収金", "文書 -管理",
    "電子申請 -共同", "-架空", '"電子申請"', "「共同調達」", '"文書管理" -クラウド',
    "住基 連携 できる 電子申請", "職員が使える庁内の文書", "防災 情報 配信 宇宙 船",
    "システム", "クラウド 管理 サービス", "市", "の", "AI", "LGWAN", "ISMAP クラウド",
    "標準化 移行", "梼原町", "檮原町", "滋賀県 共同利用", "デジタル田園都市", "補助金 交付金",
    "窓口DX", "書かない窓口", "施設予約 キャッシュレス", "消防 指令", "GIGA スクール", "保育所",
    "ｺﾝﾋﾞﾆ交付", "マイナンバーカード", "RPA", "オンライン手続 高齢者 スマートフォン", "😀", "。。。",
    "存在しない言葉の羅列です", "-", "\"", "または", "🏛 市役所", "a" * 150, "ゔぁ", "%' OR 1=1",
    "\\", "窓口　DX", "SaaS", "電子申請 -SaaS", "GビズID", "OpenID Connect", "24時間対応",
)  # fmt: skip

# Words that results need to have: one of every entry (クラウド) only ranks beside others.
WORDS = (
    "電子", "申請", "文書", "管理", "窓口", "予約", "施設", "電子申請", "文書管理", "生成AI",
    "議事録", "LGWAN", "SaaS", "多要素認証", "OpenID", "ISO27001", "架空", "共同", "調達", "防災",
    "情報", "キャッシュレス", "校務", "図書", "住民票", "滋賀県", "公募型プロポーザル", "中小企業",
    "給食", '"電子申請"', "勤怠管理", "オンライン", "デジタル", "学校", "スマートフォン",
)  # fmt: skip


@pytest.fixture(scope="module")
def whoosh(app: Flask) -> SearchService:
    """The application's own search over the example data."""
    service: SearchService = app.extensions["moyai_search"]
    return service


@pytest.fixture(scope="module")
def postgresql(whoosh: SearchService, postgres: Cluster) -> Iterator[SearchService]:
    """A search over the same data whose index lies in PostgreSQL."""
    url = postgres.create(f"index_{secrets.token_hex(4)}")
    database = Database(url)
    service = SearchService(whoosh.database, PostgresIndex(database))
    service.rebuild()
    yield service
    database.dispose()
    postgres.drop(url)


def ask(service: SearchService, query: SearchQuery, viewer: Viewer) -> SearchPage:
    return replace(service.search(query, viewer=viewer, now=NOW), generation=0)


def keys(page: SearchPage) -> list[tuple[str, int]]:
    return [(result.kind, result.id) for result in page.results]


def all_keys(service: SearchService, query: SearchQuery, viewer: Viewer) -> list[tuple[str, int]]:
    """The whole answer in order."""
    first = ask(service, query, viewer)
    pages = [ask(service, replace(query, page=n), viewer) for n in range(2, first.pages + 1)]
    return [key for page in (first, *pages) for key in keys(page)]


def list_queries(whoosh: SearchService) -> list[SearchQuery]:
    """What is typed at a desk, and combinations that chance makes of the catalog's own words."""
    random = Random(20261121)
    titles = [
        result.title
        for page in range(1, 8)
        for result in ask(whoosh, SearchQuery(page=page), Viewer.GOVERNMENT).results
    ]
    known = {facet.name: whoosh.known_values(facet.name) for facet in FACETS}
    known = {name: values for name, values in known.items() if values}
    queries = [SearchQuery(text=text) for text in TYPED]
    for n in range(60):
        title = random.choice(titles)
        words = [random.choice(titles)[:6], *random.sample(TYPED[1:40], 2)]
        texts = (title, words[0], " ".join(words[:2]), f"{words[1]} -{words[2]}", "", title[1:9])
        chosen = random.sample(sorted(known), random.choice((0, 1, 1, 2)))
        filters = {
            name: tuple(random.sample(known[name], min(len(known[name]), 2))) for name in chosen
        }
        query = SearchQuery(text=texts[n % 6], filters=filters, literal=n % 10 == 9)
        queries.append(query)
    return queries


@pytest.mark.parametrize("viewer", list(Viewer))
def test_what_is_found_and_counted_is_equal(
    whoosh: SearchService, postgresql: SearchService, viewer: Viewer
) -> None:
    """Pages by a fixed order equal to the letter: totals, facets, words, fields, highlights."""
    queries = list_queries(whoosh)
    assert len(queries) >= 100
    found = 0
    for query in queries:
        query = replace(query, sort=Sort.UPDATED)
        one, other = ask(whoosh, query, viewer), ask(postgresql, query, viewer)
        assert replace(one, results=()) == replace(other, results=()), query
        # The score is the one thing that need not be the same figure.
        unscored = [[replace(r, score=0.0) for r in page.results] for page in (one, other)]
        assert unscored[0] == unscored[1], query
        assert whoosh.count(query, viewer=viewer, now=NOW) == postgresql.count(
            query, viewer=viewer, now=NOW
        )
        found += bool(one.total)
    assert found > 80


@pytest.mark.parametrize("viewer", list(Viewer))
def test_by_relevance_the_first_ten_agree_in_nine(
    whoosh: SearchService, postgresql: SearchService, viewer: Viewer
) -> None:
    places = agreeing = 0
    for query in list_queries(whoosh):
        one, other = (keys(ask(service, query, viewer))[:10] for service in (whoosh, postgresql))
        assert len(one) == len(other)
        assert len(set(one) & set(other)) >= min(9, len(one)), query
        places += len(one)
        agreeing += sum(a == b for a, b in zip(one, other, strict=True))
    print(f"by relevance {agreeing} of {places} first places are the same")
    assert agreeing >= 0.9 * places


@pytest.mark.parametrize("sort", [sort for sort in Sort if sort is not Sort.RELEVANCE])
def test_every_other_order_is_equal_to_the_last_page(
    whoosh: SearchService, postgresql: SearchService, sort: Sort
) -> None:
    texts = ("", "共同", "電子申請または文書管理", "クラウド -架空", "ぶんしょかんり")
    for text_ in texts:
        query = SearchQuery(text=text_, sort=sort, near=NEAR)
        for viewer in Viewer:
            one, other = (all_keys(service, query, viewer) for service in (whoosh, postgresql))
            assert one == other
            assert len(one) == len(set(one))


@settings(max_examples=60)
@given(st.lists(st.sampled_from(WORDS), min_size=2, max_size=3, unique=True))
def test_a_word_with_and_without_another_is_the_word(
    whoosh: SearchService, postgresql: SearchService, words: list[str]
) -> None:
    """電子 申請 and 電子 -申請 together are 電子: apart words are an intersection, and no less."""
    first, *others = words
    for service in (whoosh, postgresql):

        def count(text: str, service: SearchService = service) -> int:
            return service.count(SearchQuery(text=text), viewer=Viewer.PUBLIC, now=NOW)

        both, without = count(f"{first} {others[0]}"), count(f"{first} -{others[0]}")
        assert both + without == count(first), (first, others[0])
        # More words never find more, and their order is nothing.
        assert count(" ".join(words)) == count(" ".join(reversed(words))) <= both


@settings(max_examples=100)
@given(st.text(max_size=40))
def test_no_text_is_an_error(whoosh: SearchService, postgresql: SearchService, typed: str) -> None:
    query = SearchQuery(text=typed)
    one, other = (ask(service, query, Viewer.PUBLIC) for service in (whoosh, postgresql))
    assert (one.total, one.sentence) == (other.total, other.sentence)


def test_texts_the_database_cannot_hold_are_no_error(postgresql: SearchService) -> None:
    for typed in (
        "\0",
        "文書\0管理",
        "x" * 6_000,
        "b1:文書",
        "'",
        "a\\b",
    ):
        query = SearchQuery(text=typed)
        assert postgresql.count(query, viewer=Viewer.PUBLIC, now=NOW) >= 0
        ask(postgresql, query, Viewer.PUBLIC)


# -- who sees what, and what changes, on each backend ------------------------------------


MARKS = ("密林鳩", "玻璃猫", "蒼穹杖", "暁光匙")


@pytest.fixture(params=["whoosh", "postgresql"])
def make_service(
    request: pytest.FixtureRequest,
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[], SearchService]]:
    """Makes searches as different processes have them, over one database without sources."""
    monkeypatch.setattr(sources, "_sources", {})
    monkeypatch.setattr(sources, "_label_loaders", {})
    made: list[Database] = []

    def make() -> SearchService:
        database = Database(postgres_url)
        made.append(database)
        on_disk = request.param == "whoosh"
        service = SearchService(database, tmp_path if on_disk else PostgresIndex(database))
        database.after_commit.append(service.after_commit)
        return service

    yield make
    for database in made:
        database.dispose()


def change(service: SearchService, held: dict[int, SearchDocument], *documents: object) -> None:
    """Put documents in, take out those given by id, in one transaction of the service's own."""
    with service.database.transaction() as session:
        for document in documents:
            if isinstance(document, SearchDocument):
                held[document.object_id] = document
                queue(session, "offering", document.object_id, NOW)
            else:
                held.pop(document)  # type: ignore[call-overload]
                queue(session, "offering", document, NOW)  # type: ignore[arg-type]


def titles(service: SearchService, typed: str, viewer: Viewer = Viewer.PUBLIC) -> set[str]:
    return {result.title for result in ask(service, SearchQuery(text=typed), viewer).results}


def test_a_change_is_seen_by_the_next_request_of_any_process(
    make_service: Callable[[], SearchService],
) -> None:
    source = ListSource()
    sources.register("offering", source)
    here, there = make_service(), make_service()
    held = source.held
    change(here, held, *(make_document("offering", n, f"図書館{n}") for n in range(1, 6)))
    assert len(titles(here, "図書館")) == len(titles(there, "図書館")) == 5
    for n in range(20):  # more changes than segments may stand side by side
        writer, reader = (here, there) if n % 2 else (there, here)
        change(writer, held, make_document("offering", 1, f"プール{n}号"))
        assert titles(reader, "プール") == titles(writer, "プール") == {f"プール{n}号"}
        assert len(titles(reader, "図書館")) == 4
    change(there, held, 1, 2)
    assert titles(here, "プール") == set()
    assert titles(here, "") == {"図書館3", "図書館4", "図書館5"}
    change(here, held, make_document("offering", 2, "図書館に戻る"))
    assert "図書館に戻る" in titles(there, "図書館")


def test_kept_up_to_date_it_equals_one_built_anew(
    make_service: Callable[[], SearchService],
) -> None:
    corpus = [replace(d, kind="offering") for d in make_corpus(160)]
    source = ListSource({d.object_id: d for d in corpus[:100]})
    sources.register("offering", source)
    kept, builder = make_service(), make_service()
    kept.ensure_index()
    for n in range(0, 60, 4):
        some = [replace(corpus[100 + m], object_id=corpus[m].object_id) for m in range(n, n + 3)]
        change(kept, source.held, *some, corpus[n + 3].object_id)
        ask(kept, SearchQuery(text="文書"), Viewer.PUBLIC)
    texts = ("", "文書管理", "クラウド 連携", "脆弱性", "架空 -紙", '"文書管理"')
    queries = [SearchQuery(text=t, sort=sort) for t in texts for sort in Sort]
    before = [ask(kept, query, viewer) for query in queries for viewer in Viewer]
    builder.rebuild()
    for service in (builder, kept, make_service()):
        assert before == [ask(service, query, viewer) for query in queries for viewer in Viewer]


def test_what_only_bodies_may_find_is_nowhere_for_others(
    make_service: Callable[[], SearchService],
) -> None:
    hidden = make_document("offering", 1, MARKS[0], body=MARKS[1], visibility=Viewer.GOVERNMENT)
    partly = make_document("offering", 2, "庁舎", government_body=f"{MARKS[2]}の診断",
                           government_facets={"hosting": ("on_premises",)})  # fmt: skip
    once = make_document("offering", 3, MARKS[3])
    source = ListSource({d.object_id: d for d in (hidden, partly, once)})
    sources.register("offering", source)
    service = make_service()
    assert titles(service, MARKS[3]) == {MARKS[3]}
    change(service, source.held, replace(once, visibility=Viewer.GOVERNMENT))
    typed = ("", *MARKS, *(mark[:2] for mark in MARKS), "診断", "ちょうしゃ")
    for text_ in typed:
        page = ask(service, SearchQuery(text=text_), Viewer.PUBLIC)
        assert not [m for m in MARKS if m in str(page.results) + page.did_you_mean]
        assert page.answered_text not in MARKS
        assert "hosting" not in {facet.name for facet in page.facets}
        assert page.total == (text_ in ("", "ちょうしゃ"))
    for mark in MARKS:
        assert len(titles(service, mark, Viewer.GOVERNMENT)) == 1
        assert service.count(SearchQuery(text=mark), viewer=Viewer.PUBLIC, now=NOW) == 0


def test_a_busy_index_lets_the_change_wait_and_loses_nothing(
    make_service: Callable[[], SearchService], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ListSource()
    sources.register("offering", source)
    here, there = make_service(), make_service()
    for service in (here, there):
        service.ensure_index()
    monkeypatch.setattr("catalog.search.service.CATCH_UP_LOCK_SECONDS", 0.05)
    with here.index.lock():
        change(there, source.held, make_document("offering", 1, "給食費"))
        with pytest.raises(IndexBusy), there.index.lock(0.05):
            pass
        assert titles(there, "給食費") == set()
    there.catch_up()
    assert titles(here, "給食費") == {"給食費"}


def test_two_writers_at_once_lose_nothing(make_service: Callable[[], SearchService]) -> None:
    source = ListSource()
    sources.register("offering", source)
    services = [make_service(), make_service()]
    services[0].ensure_index()

    def write(service: SearchService, numbers: range) -> None:
        for n in numbers:
            change(service, source.held, make_document("offering", n, f"並行した{n}号"))
            if n == 7:
                service.rebuild()
            titles(service, "並行")

    threads = [
        threading.Thread(target=write, args=(service, range(first, 20, 2)))
        for first, service in enumerate(services)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for service in services:
        service.catch_up()
        assert titles(service, "並行") == {f"並行した{n}号" for n in range(20)}


# -- of PostgreSQL alone -----------------------------------------------------------------


# Renames offerings for ever; every fifth time the whole index is built anew.
WRITER = """
import sys
from itertools import count
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.outbox import queue
from catalog.search.postgresql.index import PostgresIndex
from catalog.search.service import SearchService
from foundation.db import Database
from tests.harness.builders import NOW
from tests.harness.versions import add_version

register_catalog_sources()
database = Database(sys.argv[1])
service = SearchService(database, PostgresIndex(database))
service.ensure_index()
database.after_commit.append(service.after_commit)
print("ready", flush=True)
for number in count(1):
    with database.transaction() as session:
        add_version(session, number % 6 + 1, name=f"{sys.argv[2]}回目の{number}号")
        queue(session, "offering", number % 6 + 1, NOW)
    if number % 5 == 0:
        service.rebuild()
    print(number, flush=True)
"""


def test_killed_at_any_moment_it_answers_what_the_database_holds(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_sources", {})
    monkeypatch.setattr(sources, "_label_loaders", {})
    register_catalog_sources()
    random = Random(5)
    database = Database(postgres_url)
    with database.transaction() as session:
        for n in range(6):
            make_offering(session, name=f"最初の{n}号")
    for kill in range(1, 4):
        run_and_kill(postgres_url, kill, random)
        service = SearchService(database, PostgresIndex(database))
        with database.read_session() as session:
            names = set(session.scalars(select(Offering.name)))
        assert titles(service, "") == names
        for name in names:
            assert titles(service, f'"{name}"') == {name}
        assert any(name.startswith(f"{kill}回目") for name in names)
    with database.engine.connect() as connection:
        found = connection.scalars(
            text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'derived%'")
        ).all()
    assert len(found) == 3, "a rebuild left its tables behind"
    database.dispose()


def run_and_kill(url: str, kill: int, random: Random) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(kill)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    try:
        assert writer.stdout.readline() == "ready\n"
        for _ in range(random.randint(1, 8)):
            assert writer.stdout.readline()
        time.sleep(random.uniform(0, 0.1))  # somewhere within the next change or rebuild
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()


def test_an_index_lost_or_of_another_layout_is_built_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_sources", {})
    monkeypatch.setattr(sources, "_label_loaders", {})
    sources.register("offering", ListSource({1: make_document("offering", 1, "文書管理")}))
    database = Database(postgres_url)
    service = SearchService(database, PostgresIndex(database))
    damages = (
        f"UPDATE {tables.STATE} SET schema = 'older'",
        f"DELETE FROM {tables.STATE}",
        f"DROP TABLE {tables.STATE}",
        f"UPDATE {tables.STATE} SET folder = 'derived_search_lost', generation = generation + 1",
    )
    for damage in damages:
        assert titles(service, "文書管理") == {"文書管理"}
        with database.derived_transaction() as connection:
            connection.execute(text(damage))
        assert titles(service, "文書管理") == {"文書管理"}, damage
    database.dispose()


def test_every_term_is_stored_as_it_is(postgres_url: str) -> None:
    terms = ["文書", "it's", "a\\b", "a b", ":", "b1:c", "&|!()<->", "''", "\\'", "😀", "\t\n", "é"]
    expected = sorted(set(lexemes({"title": terms, "g_body": ["文書"] * 3, "pairs": ["a b"]})))
    database = Database(postgres_url)
    with database.engine.connect() as connection:
        stored = connection.scalar(
            text("SELECT tsvector_to_array(CAST(:words AS tsvector))"),
            {"words": vector(expected)},
        )
    assert sorted(stored) == expected
    database.dispose()


def test_the_program_does_not_start_with_a_backend_it_cannot_have(tmp_path: Path) -> None:
    config = example_config(tmp_path)
    with pytest.raises(BadSetting, match="DATABASE_URL"):
        create_app(config | {"SEARCH_BACKEND": "postgresql"})
    with pytest.raises(BadSetting, match="elastic"):
        create_app(config | {"SEARCH_BACKEND": "elastic"})


def test_the_application_searches_in_postgresql(postgres_url: str, tmp_path: Path) -> None:
    config = {"DATABASE_URL": postgres_url, "SEARCH_BACKEND": "postgresql"}
    app = create_app(example_config(tmp_path) | config)
    database: Database = app.extensions["moyai_database"]
    with database.transaction() as session:
        make_offering(session, name="架空文書管理")
        queue(session, "offering", 1, NOW)
    built = app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert built.exit_code == 0 and "（1件）" in built.output, built.output
    again = app.test_cli_runner().invoke(args=["search", "rebuild", "--if-needed"])
    assert "最新です" in again.output
    backup = tmp_path / "backup"
    saved = app.test_cli_runner().invoke(args=["db", "backup", str(backup)])
    assert saved.exit_code == 0, saved.output
    assert b"search_outbox" in backup.read_bytes()
    assert b"derived_" not in backup.read_bytes()
    client = StrictClient(app)
    assert client.get("/api/v1/search?q=文書管理").json["total"] == 1
    assert client.get("/readyz").json["checks"]["search_index"] == "ok"
    with database.transaction() as session:
        add_version(session, 1, name="架空図書館")
        queue(session, "offering", 1, NOW)
    assert client.get("/api/v1/search?q=文書管理").json["total"] == 0
    assert "図書館" in client.page("/search?q=架空").text
    assert not (tmp_path / "search").exists()
    database.dispose()
