"""Suggestions while typing, as a list and for programs: beginnings, readings, and who sees what."""

from time import perf_counter

import pytest
from flask import Flask

from catalog.models import Offering, Vendor
from catalog.search.documents import Viewer
from catalog.search.outbox import queue
from catalog.search.suggestions import Suggestion, SuggestionKind, SuggestionTable
from foundation.db import Database
from tests.harness.builders import NOW
from tests.harness.client import StrictClient


def texts(client: StrictClient, text: str) -> list[str]:
    response = client.get("/api/v1/suggest", query_string={"q": text})
    assert response.status_code == 200, response.text
    return [result["text"] for result in response.get_json()["results"]]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("生成", "生成AI"), ("せいせ", "生成AI"), ("ＲＰＡ", "RPA・AI-OCR"), ("rpa", "RPA・AI-OCR"),
     ("おうみはちまん", "近江八幡市"), ("ｵｳﾐﾊﾁﾏﾝ", "近江八幡市"), ("文書", "文書管理"),
     ("電子申請サ", "電子申請サービスの共同調達"), ("住基 生成", "住基 生成AI")],
)  # fmt: skip
def test_a_beginning_leads_to_what_it_may_become(
    client: StrictClient, typed: str, expected: str
) -> None:
    assert any(text.startswith(expected) for text in texts(client, typed)), texts(client, typed)


def test_specs_and_programs_are_proposed_by_their_titles(client: StrictClient) -> None:
    results = client.get("/api/v1/search", query_string={"kind": ["spec", "program"]})
    for kind in ("spec", "program"):
        title = next(r["title"] for r in results.get_json()["results"] if r["kind"] == kind)
        assert title in texts(client, title[:-1])


def test_the_list_works_without_scripts(client: StrictClient) -> None:
    page = client.page("/search/suggest?q=近江")
    found = client.page(page.link("近江八幡市"))
    assert "検索結果" in found.text and "「近江八幡市」を含む" in found.text
    assert "候補はありません" in client.page("/search/suggest").text


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "😀", "<script>", "%", '"', "あ" * 5000, "ん" * 61]
)
def test_no_beginning_is_an_error(client: StrictClient, text: str) -> None:
    assert texts(client, text) == []
    client.page("/search/suggest?" + "q=" + "%22%3Cb%3E")


def test_an_unknown_parameter_is_named(client: StrictClient) -> None:
    response = client.get("/api/v1/suggest?q=a&kind=body")
    assert response.status_code == 400 and "「kind」" in response.get_json()["error"]["message"]


def test_what_is_withdrawn_is_no_longer_proposed(
    fresh_app: Flask, fresh_client: StrictClient
) -> None:
    database: Database = fresh_app.extensions["moyai_database"]
    name = "めじるし提案の掲載"
    for status, seen in (("published", True), ("withdrawn", False), ("draft", False)):
        with database.transaction() as session:
            offering = session.query(Offering).order_by(Offering.id).first()
            assert offering is not None
            offering.publication_status = status
            queue(session, "offering", offering.id, NOW)
            name = offering.name
        assert (name in texts(fresh_client, name[:-1])) is seen, status


def test_a_vendor_that_is_suspended_is_no_longer_proposed(
    fresh_app: Flask, fresh_client: StrictClient
) -> None:
    database: Database = fresh_app.extensions["moyai_database"]
    for status, seen in (("published", True), ("suspended", False)):
        with database.transaction() as session:
            vendor = session.query(Vendor).order_by(Vendor.id).first()
            assert vendor is not None
            vendor.publication_status = status
            name = vendor.name
        assert (name in texts(fresh_client, name[:-1])) is seen, status


def test_kinds_take_turns_and_chance_decides_inside() -> None:
    many = [Suggestion(text=f"文書{n}", kind=SuggestionKind.OFFERING) for n in range(50)]
    words = [Suggestion(text=f"文書語{n}", kind=SuggestionKind.WORD) for n in range(5)]
    table = SuggestionTable([*many, *words], Viewer.PUBLIC, "2026-11")
    found = table.suggest("文書")
    assert [s.kind for s in found][:5] == [SuggestionKind.WORD] * 5
    assert len(found) == 10
    later = SuggestionTable([*many, *words], Viewer.PUBLIC, "2026-12").suggest("文書")
    assert {s.text for s in found} != {s.text for s in later}
    backwards = SuggestionTable([*many[::-1], *words], Viewer.PUBLIC, "2026-11").suggest("文書")
    assert {s.text for s in found} == {s.text for s in backwards}


def test_what_is_for_bodies_is_proposed_to_bodies_alone() -> None:
    hidden = Suggestion(text="秘密の名", kind=SuggestionKind.CASE, viewer=Viewer.GOVERNMENT)
    assert SuggestionTable([hidden], Viewer.PUBLIC, "2026-11").suggest("秘密") == ()
    assert SuggestionTable([hidden], Viewer.GOVERNMENT, "2026-11").suggest("秘密") == (hidden,)


def test_many_names_are_looked_through_in_milliseconds() -> None:
    names = [
        Suggestion(text=f"架空文書管理{n}号", kind=SuggestionKind.OFFERING) for n in range(20_000)
    ]
    table = SuggestionTable(names, Viewer.PUBLIC, "2026-11")
    began = perf_counter()
    for _ in range(10):
        assert len(table.suggest("架空")) == 10
    assert (perf_counter() - began) / 10 < 0.05
