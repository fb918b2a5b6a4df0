"""One word that nothing has does not hide what has the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.search import sources
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.documents import Viewer
from catalog.search.outbox import queue
from catalog.search.query import SearchQuery
from catalog.search.results import SearchPage
from catalog.search.service import SearchService
from catalog.selection.matches import list_matches
from foundation.db import Database
from tests.harness.builders import NOW, make_offering

NAMES = ("架空電子申請ポータル", "架空電子申請と図書館の窓口", "架空図書館クラウド")


@pytest.fixture
def service(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SearchService]:
    monkeypatch.setattr(sources, "_sources", {})
    monkeypatch.setattr(sources, "_label_loaders", {})
    register_catalog_sources()
    with sqlite_database.transaction() as session:
        for name in NAMES:
            queue(session, "offering", make_offering(session, name=name).id, NOW)
    service = SearchService(sqlite_database, tmp_path / "search")
    service.ensure_index()
    yield service


def ask(service: SearchService, text: str, **filters: tuple[str, ...]) -> SearchPage:
    query = SearchQuery(text=text, filters=filters)
    return service.search(query, viewer=Viewer.PUBLIC, now=NOW)


def titles(page: SearchPage) -> set[str]:
    return {result.title for result in page.results}


def test_what_has_all_words_hides_what_has_some(service: SearchService) -> None:
    page = ask(service, "電子申請 図書館")
    assert not page.partial
    assert titles(page) == {NAMES[1]}


def test_a_word_nothing_has_is_left_out_and_it_is_said(service: SearchService) -> None:
    page = ask(service, "住民基本台帳 電子申請 図書館")
    assert page.partial
    assert titles(page) == set(NAMES)
    assert page.results[0].title == NAMES[1], "what has the most words comes first"
    assert "を含むものはないため、そのうちの一部の語を含むもの 3件" in page.sentence


def test_a_sentence_that_little_has_is_followed_by_what_has_most(service: SearchService) -> None:
    page = ask(service, "電子申請も図書館の窓口もほしい")
    assert (page.partial, page.whole) == (True, 1)
    assert titles(page) == set(NAMES)
    assert page.results[0].title == NAMES[1]
    assert "ものと、それが少ないため続けた、そのうちの一部の語を含むもの 3件" in page.sentence


@pytest.mark.parametrize(
    "text", ["電子申請 図書館 窓口", "電子申請と図書館の窓口", '"電子申請と図書館の窓口"']
)
def test_words_typed_apart_and_names_are_not_followed(service: SearchService, text: str) -> None:
    page = ask(service, text)
    assert (page.partial, page.total) == (False, 1)


def test_counts_are_of_what_is_shown(service: SearchService) -> None:
    page = ask(service, "住民基本台帳 電子申請")
    assert titles(page) == {NAMES[0], NAMES[1]}
    kinds = next(facet for facet in page.facets if facet.name == "kind")
    assert {v.value: v.count for v in kinds.values}["offering"] == page.total == 2


def test_excluded_words_stay_excluded(service: SearchService) -> None:
    assert titles(ask(service, "住民基本台帳 電子申請 -図書館")) == {NAMES[0]}


@pytest.mark.parametrize("text", ["住民基本台帳", '"電子申請 図書館 住民基本台帳"'])
def test_nothing_is_nothing(service: SearchService, text: str) -> None:
    page = ask(service, text)
    assert (page.total, page.partial) == (0, False)


def test_taken_by_the_word_nothing_is_left_out(service: SearchService) -> None:
    query = SearchQuery(text="住民基本台帳 電子申請", literal=True)
    assert service.search(query, viewer=Viewer.PUBLIC, now=NOW).total == 0


def test_saved_searches_are_not_told_of_parts(service: SearchService) -> None:
    for text, told in (("住民基本台帳 電子申請", []), ("電子申請も図書館もほしい", [NAMES[1]])):
        query = SearchQuery(text=text)
        found = list_matches(service, query, viewer=Viewer.PUBLIC, now=NOW, most=10)
        assert [match.title for match in found] == told
