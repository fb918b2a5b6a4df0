"""Same specification, several products: who says what of which version, and what is missing."""

from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from catalog.library.models import SpecDocument
from catalog.models import Offering, OfferingVersion
from foundation.db import Database
from tests.harness.client import StrictClient, as_page
from tests.harness.page import text_of

CAPTION = "について（実データ 0件・架空 "


@pytest.fixture(scope="module")
def spec_ids(app: Flask) -> dict[str, int]:
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        return {
            key: number
            for key, number in session.execute(select(SpecDocument.key, SpecDocument.id))
        }


@pytest.fixture(scope="module")
def said(app: Flask) -> list[tuple[int, str, dict]]:
    """(entry, name, what it says) as the database has it."""
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        rows = session.execute(
            select(Offering.id, OfferingVersion.name, OfferingVersion.answers)
            .join(OfferingVersion, OfferingVersion.offering_id == Offering.id)
            .where(OfferingVersion.number == Offering.current_version)
            .where(Offering.publication_status == "published")
        )
        return [
            (number, name, one)
            for number, name, answers in rows
            for one in answers.get("spec_conformance", [])
        ]


def test_the_example_says_all_that_can_be_said(said: list[tuple[int, str, dict]]) -> None:
    assert {one["status"] for *_, one in said} == {"self_declared", "verified", "not_conforming"}
    assert any(one["gaps"] for *_, one in said)
    assert all("架空" in one["verified_by"] for *_, one in said if one["verified_by"])


@pytest.mark.parametrize("key", ["disaster-model", "education-security-guideline"])
def test_every_entry_stands_under_the_version_it_speaks_of(
    client: StrictClient, spec_ids: dict[str, int], said: list[tuple[int, str, dict]], key: str
) -> None:
    page = client.page(f"/specs/{spec_ids[key]}")
    expected: dict[str, list[str]] = {}
    for _, name, one in said:
        if one["spec"] == key:
            expected.setdefault(one["version"] or "版の記載なし", []).append(name)
    captions = [caption for caption in page.captions if CAPTION in caption]
    assert len(captions) == len(expected) >= 1
    for version, names in expected.items():
        rows = page.table(f"{version}{CAPTION}{len(names)}件")
        assert sorted(row["サービス"].removesuffix(" 架空") for row in rows) == sorted(names)
    statuses = {text_of(cell) for cell in page.soup.select("main td")}
    assert any(
        one["gaps"][0] in text
        for *_, one in said
        if one["spec"] == key and one["gaps"]
        for text in statuses
    )


def test_products_of_the_same_version_stand_side_by_side(
    client: StrictClient, spec_ids: dict[str, int]
) -> None:
    page = client.page(f"/specs/{spec_ids['disaster-model']}")
    form = page.form("/offerings/compare")
    ids = [box["value"] for box in form.tag.select("input[name=ids]")][:3]
    compared = as_page(form.submit(client, ids=ids))
    rows = [text_of(one) for one in compared.soup.select(".moyai-compare tbody th[scope=row]")]
    assert any("仕様書への適合：防災アプリ・サービスのモデル仕様書" in row for row in rows)


def test_a_spec_nobody_speaks_of_says_so(client: StrictClient, spec_ids: dict[str, int]) -> None:
    page = client.page(f"/specs/{spec_ids['nursery-ict-spec']}")
    assert "この仕様書について述べている掲載サービスはありません" in page.text


def test_values_nobody_has_are_shown_with_zero_and_cannot_be_chosen(
    client: StrictClient, spec_ids: dict[str, int]
) -> None:
    page = client.page("/search")
    boxes = page.soup.select(".moyai-facets input[name=spec]")
    assert {box["value"] for box in boxes} == set(spec_ids)
    empty = {
        box["value"]
        for box in boxes
        if text_of(box.parent.select_one(".moyai-facets__count")).startswith("0")
    }
    assert empty == {box["value"] for box in boxes if box.has_attr("disabled")}
    assert {"nursery-ict-spec", "leak-survey-spec"} <= empty
    assert "disaster-model" not in empty
    assert len(page.soup.select(".moyai-facets input[name=funding_program]")) == 7
    answer = client.get("/api/v1/search?spec=nursery-ict-spec").get_json()
    assert answer["total"] == 0
    assert client.get("/api/v1/search?spec=nothing").status_code == 400


def test_a_spec_leads_to_what_conforms_and_not_conforming_is_not_among_it(
    client: StrictClient, spec_ids: dict[str, int], said: list[tuple[int, str, dict]]
) -> None:
    page = client.page(f"/specs/{spec_ids['disaster-model']}")
    address = page.link("この仕様書に適合する掲載サービス・事例・案件")
    assert address.endswith("/search?spec=disaster-model")
    conforming = {
        number
        for number, _, one in said
        if one["spec"] == "disaster-model" and one["status"] != "not_conforming"
    }
    query = urlencode({"spec": "disaster-model", "kind": "offering"})
    found = client.get(f"/api/v1/search?{query}").get_json()
    assert {result["id"] for result in found["results"]} == conforming
    assert "モデル仕様書" in client.page(f"/search?{query}").text


def test_specs_and_programs_know_the_area_and_scope_of_their_kinds(client: StrictClient) -> None:
    found = client.get("/api/v1/search?kind=program&policy_scope=standard_20").get_json()
    assert [result["title"] for result in found["results"]] == ["デジタル基盤改革支援基金"]
    found = client.get("/api/v1/search?kind=spec&area=operations").get_json()
    assert found["total"] == 8


def test_few_queries(client: StrictClient, spec_ids: dict[str, int], count_queries) -> None:
    with count_queries() as log:
        client.page(f"/specs/{spec_ids['disaster-model']}")
    log.at_most(12)
