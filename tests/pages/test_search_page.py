"""The search page and its API, in a reader's words: find, narrow, clear, and never an error."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import LocalBody, Organization
from accounts.roles import Role
from app import create_app
from catalog.models import Vendor
from catalog.search.outbox import queue
from foundation.db import Database
from tests.harness.builders import (
    NOW,
    make_body,
    make_case,
    make_offering,
    make_system_type,
    make_user,
    organization_of,
)
from tests.harness.client import StrictClient
from tests.harness.example import example_config, sign_in
from tests.harness.page import Page
from tests.harness.queries import counted_queries
from tests.harness.versions import add_version


@dataclass(frozen=True)
class SearchResults:
    """The search page as a reader sees it."""

    page: Page

    @property
    def names(self) -> list[str]:
        titles = self.page.soup.select(".dads-resource-list__title")
        return [title.get_text() for title in titles]

    @property
    def total(self) -> int:
        return int(self._text(".moyai-result-bar__count").split("件")[0].replace(",", ""))

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """facet → value → the number beside it."""
        counts: dict[str, dict[str, int]] = {}
        for box in self.page.soup.select(".moyai-facets input[type=checkbox]"):
            number = box.parent.select_one(".moyai-facets__count").get_text()
            counts.setdefault(box["name"], {})[box["value"]] = int(number.removesuffix("件"))
        return counts

    def box(self, facet: str, value: str) -> Any:
        selector = f".moyai-facets input[name={facet}][value={value}]"
        return self.page.soup.select_one(selector)

    def _text(self, selector: str) -> str:
        return self.page.soup.select_one(selector).get_text()


@pytest.fixture(scope="module")
def search_app(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application with two kinds of system, 45 offerings, three cases and a draft."""
    folder = tmp_path_factory.mktemp("search-page")
    (folder / "moyai.db").write_bytes(empty_sqlite.read_bytes())
    app = create_app(example_config(folder))
    database: Database = app.extensions["moyai_database"]
    with database.transaction() as session:
        make_system_type(session, "document", name="文書管理")
        make_system_type(session, "library", name="図書館")
        for n in range(45):
            offering = make_offering(
                session, name=f"架空文書{n}号", system_type_code="document" if n % 3 else "library"
            )
            queue(session, "offering", offering.id, NOW)
        make_offering(session, name="下書きの目印文書", publication_status="draft")
        add_version(session, offering.id, answers={"security_measures": "金庫室で保管"})
        body = make_body(session)
        make_user(
            session,
            organization_of(session, body),
            Role.MUNICIPAL_STAFF,
            email="staff@moyai.example",
        )
        make_user(
            session,
            session.get_one(Organization, session.scalars(select(Vendor)).first().organization_id),
            Role.VENDOR_STAFF,
            email="vendor@moyai.example",
        )
        for title, fictional, system_type in (
            ("滋賀の文書管理 共同調達", False, "document"),
            ("架空の文書管理 共同調達", True, "document"),
            ("図書館<b>の</b>共同調達", True, "library"),
        ):
            case = make_case(
                session,
                title=title,
                fictional=fictional,
                prefecture_code="25" if not fictional else "99",
                fiscal_year_start=2026,
                system_type_code=system_type,
                procurement_method="open_proposal",
            )
            queue(session, "case", case.id, NOW)
    yield app
    database.dispose()


@pytest.fixture
def client(search_app: Flask) -> StrictClient:
    return StrictClient(search_app)


def search(client: StrictClient, text: str = "", **filters: str | list[str]) -> SearchResults:
    query = urlencode({"q": text, **filters}, doseq=True)
    return SearchResults(client.page(f"/search?{query}"))


def api(client: StrictClient, status: int = 200, **parameters: Any) -> dict[str, Any]:
    response = client.get("/api/v1/search", query_string=parameters)
    assert response.status_code == status, response.text
    return response.get_json()


def test_a_name_finds_its_entry_first(client: StrictClient) -> None:
    found = search(client, "架空文書7号")
    assert found.names[0] == "架空文書7号"


def test_without_words_everything_published_is_listed(client: StrictClient) -> None:
    found = search(client)
    assert found.total == 48
    assert "実データ 1件・架空 47件" in found.page.text
    assert "下書き" not in found.page.html


def test_the_words_are_marked_and_the_rest_is_escaped(client: StrictClient) -> None:
    found = search(client, "図書館 共同調達")
    title = found.page.soup.select_one(".dads-resource-list__title a")
    assert title.get_text() == "図書館<b>の</b>共同調達"
    assert [mark.get_text() for mark in title.select("mark")] == ["図書館", "共同調達"]
    assert "一致した項目：名称" in found.page.text


def test_every_entry_says_whether_it_is_fictional(client: StrictClient) -> None:
    found = search(client, kind="case")
    for entry in found.page.soup.select(".dads-resource-list__item"):
        assert ("架空" in entry.select_one(".moyai-chips").get_text()) == (
            "滋賀" not in entry.get_text()
        )


def test_counts_beside_the_filters_are_what_the_filters_give(client: StrictClient) -> None:
    start = search(client, "文書")
    assert start.counts["kind"] == {"offering": 45, "case": 2}
    for facet, values in start.counts.items():
        for value, count in values.items():
            assert search(client, "文書", **{facet: value}).total == count


def test_a_facet_counts_as_if_it_were_not_chosen_itself(client: StrictClient) -> None:
    chosen = search(client, "文書", category="library")
    assert chosen.total == 15
    assert chosen.counts["category"] == {"document": 32, "library": 15}
    assert chosen.counts["kind"] == {"offering": 15, "case": 0}
    both = search(client, "文書", category=["library", "document"])
    assert both.total == 47


def test_a_value_without_results_is_shown_and_cannot_be_chosen(client: StrictClient) -> None:
    found = search(client, "文書", category="library")
    assert found.box("kind", "case").has_attr("disabled")
    assert not found.box("kind", "offering").has_attr("disabled")


def test_filters_and_words_survive_paging_sorting_and_a_new_search(client: StrictClient) -> None:
    found = search(client, "文書", kind="offering", sort="updated")
    second = SearchResults(client.page(found.page.link("次へ")))
    assert second.total == found.total == 45
    assert not set(second.names) & set(found.names)
    relevance = SearchResults(client.page(found.page.link("関連の高い順")))
    assert relevance.total == 45
    box = found.page.form("/search", button="検索")
    assert box.values.getlist("kind") == ["offering"]
    again = box.submit(client, q="文書7号")
    assert dict(parse_qsl(urlsplit(again.request.url).query))["kind"] == "offering"


def test_one_link_clears_all_filters_and_keeps_the_words(client: StrictClient) -> None:
    found = search(client, "文書", kind="case", prefecture="25")
    assert found.total == 1
    cleared = SearchResults(client.page(found.page.link("条件をすべて解除")))
    assert cleared.total == 47
    one_less = SearchResults(client.page(found.page.link("都道府県：滋賀県")))
    assert one_less.total == 2


def test_the_page_says_in_words_what_it_shows_and_in_which_order(client: StrictClient) -> None:
    found = search(client, "文書", kind="case", prefecture=["25", "99"])
    assert (
        "「文書」を含み、種別が「調達事例」、都道府県が「滋賀県」または「架空県」に当てはまるもの "
        "2件（実データ 1件・架空データ 1件）を、関連の高い順に表示しています。"
    ) in found.page.text
    assert "2026年11月" in found.page.text


def test_what_is_for_bodies_is_found_by_bodies_and_by_nobody_else(search_app: Flask) -> None:
    visitor, vendor, staff = (StrictClient(search_app) for _ in range(3))
    sign_in(vendor, "vendor@moyai.example")
    sign_in(staff, "staff@moyai.example")
    for reader in (visitor, vendor):
        found = search(reader, "金庫室")
        assert found.total == 0
        assert "保管" not in found.page.html
        assert api(reader, q="金庫室")["total"] == 0
    assert search(staff, "金庫室").total == 1
    assert "<mark>金庫室</mark>" in search(staff, "金庫室").page.html


def test_nothing_found_says_so_and_leads_out(client: StrictClient) -> None:
    found = search(client, "存在しない単語", kind="case")
    assert found.total == 0
    assert "見つかりませんでした" in found.page.text
    assert found.page.link("条件をすべて解除")


@pytest.mark.parametrize(
    "text",
    ['"文書', "「文書", "' OR 1=1 --", "😀🎉", "<script>alert(1)</script>", "%", "\\", "AND OR NOT",
     "文書 -管理 ()[]{}*?~^:", "\u3000\u200b", "ﾌﾞﾝｼｮ", "a" * 200, "𠮷野家", "\x00文書", "\ud800"],
)  # fmt: skip
def test_no_text_is_an_error(client: StrictClient, text: str) -> None:
    address = "/search?" + urlencode({"q": text.encode("utf-8", "surrogatepass")})
    found = SearchResults(client.page(address + "&kind=case&" + urlencode({"status": "\x01"})))
    assert found.total >= 0
    assert found.page.soup.select_one("main input[name=q]") is not None


def test_a_text_over_the_limit_is_kept_and_the_limit_named(client: StrictClient) -> None:
    text = "文書管理" * 1250
    page = client.page("/search?" + urlencode({"q": text}))
    assert "200文字以内" in page.text and "5,000文字" in page.text
    assert page.soup.select_one("main input[name=q]")["value"] == text
    assert "200文字以内" in api(client, status=400, q=text)["error"]["message"]


@pytest.mark.parametrize("page", ["0", "-1", "abc", "4", "1.5"])
def test_a_page_that_does_not_exist_is_404(client: StrictClient, page: str) -> None:
    client.page(f"/search?page={page}", status=404)
    client.page("/search?page=3")


def test_keys_the_page_does_not_know_are_passed_over(client: StrictClient) -> None:
    assert search(client, "文書", color="red", sort="price").total == 47


def test_the_api_gives_the_page_s_answer(client: StrictClient) -> None:
    found = search(client, "文書", kind="offering", sort="updated", page="2")
    body = api(client, q="文書", kind="offering", sort="updated", page="2")
    assert [result["title"] for result in body["results"]] == found.names
    assert (body["total"], body["page"], body["pages"]) == (found.total, 2, 3)
    counts = {f: {v["value"]: v["count"] for v in vs} for f, vs in body["facets"].items()}
    assert counts == found.counts
    first = body["results"][0]
    assert {"kind", "id", "title", "url", "score", "matched_in", "highlights", "fictional"} <= set(
        first
    )
    assert first["fictional"] is True
    assert first["matched_in"] == ["title", "category"]
    assert "<mark>文書</mark>" in first["highlights"]["title"]


def test_the_api_links_its_pages_and_answers_304(client: StrictClient) -> None:
    response = client.get("/api/v1/search?q=%E6%96%87%E6%9B%B8&kind=offering")
    assert 'rel="next"' in response.headers["Link"] and "kind=offering" in response.headers["Link"]
    tag = response.headers["ETag"]
    again = client.get(response.request.full_path, headers={"If-None-Match": tag})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("parameters", "name"),
    [({"color": "red"}, "color"), ({"sort": "price"}, "sort"), ({"page": "abc"}, "page"),
     ({"page": "0"}, "page"), ({"per_page": "5"}, "per_page"),
     ({"fiscal_year": "abc"}, "fiscal_year"), ({"fiscal_year": "あ" * 5_000}, "fiscal_year"),
     ({"fiscal_year": "２０２６"}, "fiscal_year")],
)  # fmt: skip
def test_the_api_names_the_parameter_it_cannot_read(
    client: StrictClient, parameters: dict[str, str], name: str
) -> None:
    assert f"「{name}」" in api(client, status=400, **parameters)["error"]["message"]


def test_the_api_has_no_page_after_the_last(client: StrictClient) -> None:
    api(client, status=404, q="図書館", page="9")


def test_highlights_of_the_api_are_safe_html(client: StrictClient) -> None:
    body = api(client, q="図書館 共同調達")
    assert body["results"][0]["highlights"]["title"] == (
        "<mark>図書館</mark>&lt;b&gt;の&lt;/b&gt;<mark>共同調達</mark>"
    )


def test_a_search_asks_the_database_almost_nothing(client: StrictClient, search_app: Flask) -> None:
    search(client, "文書")
    with counted_queries(search_app.extensions["moyai_database"].engine) as log:
        search(client, "文書", kind="offering")
    log.at_most(3)


def test_the_index_is_rebuilt_from_the_command_line(search_app: Flask) -> None:
    runner = search_app.test_cli_runner()
    result = runner.invoke(args=["search", "rebuild"])
    assert (result.exit_code, "48件" in result.output) == (0, True), result.output
    result = runner.invoke(args=["search", "rebuild", "--if-needed"])
    assert "最新です" in result.output


def test_nearest_asks_for_a_size_and_says_what_it_measures(client: StrictClient) -> None:
    asked = search(client, "文書", sort="nearest")
    assert "どの規模に近い順かが分からない" in asked.page.text
    form = asked.page.form("/search", button="この規模で並べる")
    sized = form.submit(client, size="３万人")
    assert "「３万人」を読めません" in sized.text
    sized = form.submit(client, size="30,000人")
    assert "人口30,000人に近いものから" in sized.text and "人口規模が近い順に表示" in sized.text
    code = form.submit(client, size="999999")
    assert "人口999,999人" in code.text


def test_nearest_measures_from_the_readers_own_body(search_app: Flask) -> None:
    staff = StrictClient(search_app)
    sign_in(staff, "staff@moyai.example")
    found = search(staff, "文書", sort="nearest")
    with search_app.extensions["moyai_database"].read_session() as session:
        [body] = session.scalars(select(LocalBody)).all()
    assert f"{body.name}（人口{body.population_census_2020:,}人）に近い" in found.page.text


@pytest.mark.parametrize("size", ["abc", "0", "-3", "3.5", "123456789012"])
def test_the_api_names_a_size_it_cannot_read(client: StrictClient, size: str) -> None:
    assert "「size」" in api(client, status=400, sort="nearest", size=size)["error"]["message"]
    assert api(client, sort="nearest", size="30000")["total"] == 48


def test_where_nothing_is_found_each_way_out_says_what_it_leads_to(client: StrictClient) -> None:
    found = search(client, "滋賀 図書館", kind="case", fictional="real", exact="1")
    assert found.total == 0
    links = {
        link.get_text(): link["href"]
        for link in found.page.soup.select("main a")
        if "を外す（" in link.get_text()
    }
    assert "「種別」の条件を外す" not in "".join(links)
    assert {"語「図書館」を外す（1件）", "検索の語「滋賀 図書館」を外す（1件）"} <= set(links)
    for text, address in links.items():
        wider = SearchResults(client.page(address))
        assert f"（{wider.total}件）" in text and wider.total > 0
    assert found.page.link("参加団体を募集している共同調達") == "/projects"


def test_who_may_join_is_led_from_nothing_to_telling_the_need(search_app: Flask) -> None:
    staff = StrictClient(search_app)
    sign_in(staff, "staff@moyai.example")
    assert search(staff, "存在しない単語").page.link("共同調達への関心を登録する") == "/interests"


def test_what_begins_like_the_text_is_listed_without_scripts(client: StrictClient) -> None:
    found = search(client, "架空文書7")
    assert found.page.link("架空文書7号").endswith("7%E5%8F%B7")
    assert "候補（" not in search(client, "").page.text
