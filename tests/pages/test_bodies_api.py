"""Local bodies for programs: pages, filters, links, conditional reads, plain refusals."""

import re

import pytest


def get(client, query=""):
    response = client.get(f"/api/v1/bodies{query}")
    assert response.status_code == 200, response.text
    return response.json


def test_every_body_is_reached_by_following_the_links(client):
    address, codes = "/api/v1/bodies?per_page=200", []
    while address:
        response = client.get(address)
        codes += [row["code"] for row in response.json["results"]]
        following = re.search(r'<([^>]+)>; rel="next"', response.headers["Link"])
        address = following and following[1].replace("http://localhost", "")
    assert len(codes) == len(set(codes)) == 1849
    assert codes == sorted(codes)


def test_the_list_has_the_shape_of_every_list(client):
    body = get(client, "?per_page=10&page=3")
    assert (body["total"], body["page"], body["pages"]) == (1849, 3, 185)
    assert body["total_fictional"] == 61
    assert len(body["results"]) == 10


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("?fictional=false", 1788),
        ("?fictional=true", 61),
        ("?prefecture=25", 20),
        ("?prefecture=25&kind=city", 13),
        ("?kind=special_ward", 23),
        ("?kind=prefecture&fictional=false", 47),
        ("?q=大津市", 2),
    ],
)
def test_filters_count_exactly(client, query, total):
    assert get(client, query)["total"] == total


def test_fictional_bodies_are_flagged_one_by_one(client):
    assert all(row["fictional"] for row in get(client, "?prefecture=99")["results"])
    assert not any(row["fictional"] for row in get(client, "?prefecture=01")["results"])


def test_one_body_has_its_facts_with_source_and_day(client):
    body = client.get("/api/v1/bodies/011002").json
    assert body["facts"]["population_census_2020"] == {
        "value": 1973395,
        "unit": "人",
        "source": "census",
        "as_of": "2020-10-01",
    }
    assert body["facts"]["fiscal_strength_index"]["value"] == "0.72"
    assert body["sources"]["census"]["attribution"]
    assert {fact["source"] for fact in body["facts"].values()} == set(body["sources"])


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?prefektur=25", "prefektur"),
        ("?kind=county", "kind"),
        ("?prefecture=77", "prefecture"),
        ("?fictional=yes", "fictional"),
        ("?page=0", "page"),
        ("?page=-1", "page"),
        ("?page=１", "page"),
        ("?per_page=201", "per_page"),
        ("?per_page=abc", "per_page"),
    ],
)
def test_a_wrong_parameter_is_named(client, query, named):
    response = client.get(f"/api/v1/bodies{query}")
    assert response.status_code == 400
    assert f"「{named}」" in response.json["error"]["message"]


def test_one_object_takes_no_parameter(client):
    response = client.get("/api/v1/bodies/011002?page=2")
    assert response.status_code == 400
    assert "「page」" in response.json["error"]["message"]


def test_the_description_tells_of_these_reads(client):
    paths = client.get("/api/v1/openapi.json").json["paths"]
    listing = paths["/api/v1/bodies"]["get"]
    named = {parameter["name"] for parameter in listing["parameters"]}
    assert named == {"q", "prefecture", "kind", "fictional", "page", "per_page"}
    assert paths["/api/v1/bodies/{code}"]["get"]["summary"].startswith("地方公共団体1件")


def test_an_unchanged_answer_is_not_sent_again(client):
    first = client.get("/api/v1/bodies/011002")
    again = client.get("/api/v1/bodies/011002", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/api/v1/bodies/012025", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_what_is_not_there_is_said_in_json(client):
    for path in ("/api/v1/bodies/999999", "/api/v1/nothing"):
        response = client.get(path)
        assert (response.status_code, response.mimetype) == (404, "application/json")
        assert response.json["error"]["status"] == 404


def test_writing_is_refused_in_json(client):
    response = client.post("/api/v1/bodies")
    assert response.status_code in (400, 405)
    assert response.mimetype == "application/json"


def test_japanese_is_readable_in_the_raw_answer(client):
    assert "札幌市" in client.get("/api/v1/bodies/011002").text
