"""The catalog for programs and for download."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.harness.catalog import DRAFT_MARK, GOVERNMENT_MARK, SmallCatalog, open_catalog
from tests.harness.client import StrictClient

Opened = tuple[Flask, SmallCatalog]

LISTS = ("offerings", "vendors", "cases", "policy-items")
ZIPS = ("offerings", "price-plans", "cases")


@pytest.fixture(scope="module")
def opened(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path_factory.mktemp("catalog-api")) as opened:
        yield opened


@pytest.fixture
def visitor(opened: Opened) -> StrictClient:
    return StrictClient(opened[0])


def table(content: bytes, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8"))))


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_total_page_pages_results_and_links(
    visitor: StrictClient, name: str
) -> None:
    response = visitor.get(f"/api/v1/{name}?per_page=1")
    body: dict[str, Any] = response.json
    assert list(body)[:3] == ["total", "page", "pages"]
    assert body["pages"] == body["total"] > 1
    assert len(body["results"]) == 1
    assert 'rel="next"' in response.headers["Link"]


@pytest.mark.parametrize("name", ["offerings", "vendors", "cases", "search"])
def test_totals_say_how_many_are_fictional(visitor: StrictClient, name: str) -> None:
    body: dict[str, Any] = visitor.get(f"/api/v1/{name}").json
    marks = [each["fictional"] for each in body["results"]]
    assert body["total"] == len(marks)
    assert body["total_fictional"] == sum(marks) > 0


@pytest.mark.parametrize("name", LISTS)
def test_an_unknown_parameter_is_refused_by_name(visitor: StrictClient, name: str) -> None:
    response = visitor.get(f"/api/v1/{name}?colour=red")
    assert response.status_code == 400
    assert "colour" in response.json["error"]["message"]


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("/api/v1/cases?kind=other", "kind"),
        ("/api/v1/cases?know_how=maybe", "know_how"),
        ("/api/v1/offerings?vendor=abc", "vendor"),
        ("/api/v1/offerings?page=0", "page"),
        ("/api/v1/policy-items?kind=x", "kind"),
        ("/api/v1/offerings?category=nothing", "category"),
        ("/api/v1/cases?category=nothing", "category"),
        ("/api/v1/cases?prefecture=48", "prefecture"),
        ("/api/v1/projects?category=nothing", "category"),
        ("/api/v1/projects?prefecture=48", "prefecture"),
        ("/api/v1/search?kind=xx", "kind"),
        ("/api/v1/search?status=open&status=nowhere", "status"),
        ("/api/v1/search?category=nothing", "category"),
        ("/api/v1/search?prefecture=48", "prefecture"),
    ],
)
def test_a_value_that_means_nothing_is_refused_by_name(
    visitor: StrictClient, address: str, parameter: str
) -> None:
    response = visitor.get(address)
    assert response.status_code == 400
    assert parameter in response.json["error"]["message"]


def test_each_object_says_whether_it_is_fictional(visitor: StrictClient) -> None:
    for name in ("offerings", "vendors", "cases"):
        results = visitor.get(f"/api/v1/{name}").json["results"]
        assert all(isinstance(result["fictional"], bool) for result in results)
    real = visitor.get("/api/v1/cases?fictional=false").json
    assert [result["title"] for result in real["results"]] == ["実在の事例"]


def test_a_reader_who_holds_the_answer_is_told_so(visitor: StrictClient, opened: Opened) -> None:
    address = f"/api/v1/offerings/{opened[1].offering}"
    etag = visitor.get(address).headers["ETag"]
    again = visitor.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_what_is_not_stated_is_null(visitor: StrictClient, opened: Opened) -> None:
    case = visitor.get(f"/api/v1/cases/{opened[1].plain_case}").json
    assert case["know_how"] is None
    assert case["contract_amount_yen"] is None
    offering = visitor.get(f"/api/v1/offerings/{opened[1].offering}").json
    assert offering["answers"]["sla_availability"]["value"] is None
    assert offering["answers"]["certifications"]["value"] == ["none"]


def test_drafts_and_government_answers_are_in_no_public_read(
    visitor: StrictClient, opened: Opened
) -> None:
    addresses = [f"/api/v1/{name}" for name in LISTS]
    addresses += [f"/api/v1/vendors/{opened[1].vendor}", "/open-data"]
    addresses += [f"/vendors/{opened[1].vendor}", "/cases", "/policy"]
    for address in addresses:
        text = visitor.get(address).text
        assert DRAFT_MARK not in text, address
        assert GOVERNMENT_MARK not in text, address
    for name in ZIPS:
        content = visitor.get(f"/open-data/{name}.zip").data
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            texts = [archive.read(member).decode() for member in archive.namelist()]
        assert not any(DRAFT_MARK in text or GOVERNMENT_MARK in text for text in texts), name


def test_openapi_lists_every_public_read(visitor: StrictClient, opened: Opened) -> None:
    document = visitor.get("/api/v1/openapi.json").json
    rules = {
        rule.rule.split("<")[0]
        for rule in opened[0].url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }
    described = {path.split("{")[0] for path in document["paths"]}
    assert described == rules
    names = [p["name"] for p in document["paths"]["/api/v1/cases"]["get"]["parameters"]]
    assert names == ["kind", "category", "prefecture", "know_how", "fictional", "page", "per_page"]


@pytest.mark.parametrize("name", ZIPS)
def test_a_download_explains_itself(visitor: StrictClient, name: str) -> None:
    content = visitor.get(f"/open-data/{name}.zip").data
    data = table(content, "data.csv")
    described = {row["column"] for row in table(content, "data_dictionary.csv")}
    items = {row["code"] for row in table(content, "codes.csv") if row["code_list"] == "item"}
    assert data
    assert set(data[0]) <= described
    assert {row["item"] for row in data} <= items
    assert {row["fictional"] for row in data} <= {"0", "1"}
    assert all(row["value"] for row in data)
    assert "監査記録の先頭" in table(content, "changelog.csv")[-1]["change"]


def test_every_coded_value_has_its_word(visitor: StrictClient) -> None:
    content = visitor.get("/open-data/offerings.zip").data
    lists = {
        row["column"].removeprefix("value[").rstrip("]"): row["code_list"]
        for row in table(content, "data_dictionary.csv")
        if row["code_list"] not in ("", "item", "fictional")
    }
    codes = {(row["code_list"], row["code"]) for row in table(content, "codes.csv")}
    coded = [row for row in table(content, "data.csv") if row["item"] in lists]
    assert coded
    assert all((lists[row["item"]], row["value"]) in codes for row in coded)


def test_equal_content_gives_equal_bytes(visitor: StrictClient) -> None:
    assert visitor.get("/open-data/cases.zip").data == visitor.get("/open-data/cases.zip").data


def test_a_download_nobody_offers_is_not_found(visitor: StrictClient) -> None:
    assert visitor.get("/open-data/secrets.zip").status_code == 404


def test_a_number_no_database_holds_is_an_address_of_nothing(visitor: StrictClient) -> None:
    for path in (
        "/api/v1/offerings/{}",
        "/api/v1/projects/{}",
        "/offerings/{}",
        "/projects/{}",
        "/cases/{}",
        "/vendors/{}",
    ):
        for number in (2**31, 10**30):
            assert visitor.get(path.format(number)).status_code == 404, path
