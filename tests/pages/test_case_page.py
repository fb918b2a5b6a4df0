"""Cases: nothing guessed, real and fictional apart, links both ways."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask

from foundation.db import Database
from foundation.feeds import ATOM
from tests.harness.catalog import SmallCatalog, open_catalog
from tests.harness.client import StrictClient
from tests.harness.page import Page, text_of
from tests.harness.queries import counted_queries

Opened = tuple[Flask, SmallCatalog]


@pytest.fixture(scope="module")
def opened(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path_factory.mktemp("case-page")) as opened:
        yield opened


@pytest.fixture
def visitor(opened: Opened) -> StrictClient:
    return StrictClient(opened[0])


def facts(page: Page) -> dict[str, str]:
    rows = page.soup.select(".dads-description-list__row")
    return {text_of(row.dt): text_of(row.dd) for row in rows}


def titles(page: Page) -> list[str]:
    return [text_of(tag) for tag in page.soup.select(".dads-resource-list__title")]


def test_a_full_case_shows_its_know_how_effects_source_and_amounts(
    visitor: StrictClient, opened: Opened
) -> None:
    page = visitor.page(f"/cases/{opened[1].case}")
    said = facts(page)
    assert "仕様を先に決めると早く進みました。" in page.text
    assert "作成時間が3割減りました" in page.text
    assert said["契約額"] == "1,200,000円（税込）"
    assert said["参加市区町村数（都道府県を除く）"] == "6市区町村"
    assert said["出典の種類"] == "公式発表"
    assert page.link("https://source.example/case") == "https://source.example/case"


def test_blanks_are_said_to_be_blank(visitor: StrictClient, opened: Opened) -> None:
    page = visitor.page(f"/cases/{opened[1].plain_case}")
    said = facts(page)
    for label in ("契約額", "調達方式", "仕様書の提供", "都道府県の負担"):
        assert said[label] == "記載なし"
    assert "ノウハウ未登録" in page.text
    assert "効果未登録" in page.text
    assert "出典のアドレス：記載なし" in page.text


def test_a_case_confirmed_over_a_year_ago_asks_for_confirmation(
    visitor: StrictClient, opened: Opened
) -> None:
    assert "要更新確認" in visitor.page(f"/cases/{opened[1].case}").text
    assert "要更新確認" not in visitor.page(f"/cases/{opened[1].plain_case}").text


def test_fictional_and_real_are_marked_and_counted_apart(
    visitor: StrictClient, opened: Opened
) -> None:
    chips = ".moyai-page-header .dads-chip-label"
    fictional = visitor.page(f"/cases/{opened[1].case}").soup.select(chips)
    real = visitor.page(f"/cases/{opened[1].real_case}").soup.select(chips)
    assert "架空" in map(text_of, fictional)
    assert "架空" not in map(text_of, real)
    assert "実データ 1件・架空 2件" in visitor.page("/cases").text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fictional=False", {"実在の事例"}),
        ("know_how=True", {"架空アシストの共同調達"}),
        ("know_how=False&fictional=True", {"記載の少ない事例"}),
        ("prefecture=25", {"実在の事例"}),
        ("kind=single", set()),
        ("kind=nonsense", set()),
        (
            "know_how=maybe&unknown=1",
            {"実在の事例", "架空アシストの共同調達", "記載の少ない事例"},
        ),
    ],
)
def test_filters(visitor: StrictClient, query: str, expected: set[str]) -> None:
    assert set(titles(visitor.page(f"/cases?{query}"))) == expected


def test_the_numbers_beside_the_filters_are_what_the_filters_give(
    visitor: StrictClient,
) -> None:
    start = visitor.page("/cases")
    for select in start.soup.select(".moyai-filters select"):
        for option in select.select("option[value]"):
            if not option["value"] or select["name"] == "fictional":
                continue
            words = re.search(r"（実データ (\d+)件・架空 (\d+)件）$", text_of(option))
            assert words, text_of(option)
            for fictional, promised in zip(("False", "True"), words.groups(), strict=True):
                narrowed = f"fictional={fictional}&{select['name']}={option['value']}"
                assert len(titles(visitor.page(f"/cases?{narrowed}"))) == int(promised), narrowed


def test_similar_cases_are_of_the_same_origin(visitor: StrictClient, opened: Opened) -> None:
    page = visitor.page(f"/cases/{opened[1].case}")
    assert titles(page) == ["記載の少ない事例"]


def test_few_queries(visitor: StrictClient, opened: Opened) -> None:
    app, catalog = opened
    database: Database = app.extensions["moyai_database"]
    for address in ("/cases", f"/cases/{catalog.case}"):
        with counted_queries(database.engine) as log:
            visitor.page(address)
        log.at_most(12)


def test_the_feed_names_changed_cases_and_marks_fictional_ones(
    visitor: StrictClient, opened: Opened
) -> None:
    response = visitor.get("/feeds/cases.atom")
    assert response.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(response.data)
    titles = {entry.findtext(f"{{{ATOM}}}title") for entry in feed.iter(f"{{{ATOM}}}entry")}
    assert titles == {"【架空】架空アシストの共同調達", "【架空】記載の少ない事例", "実在の事例"}
