"""The pages and the API of specifications, programs and related catalogs."""

import pytest

SCHOOL = "次世代校務DX環境整備の補助"


def address_of(client, kind, title):
    found = client.get("/api/v1/search", query_string={"q": title, "kind": kind}).json
    return next(result["url"] for result in found["results"] if result["title"] == title)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/specs", "次世代校務DXガイドブック"),
        ("/programs", SCHOOL),
        ("/related", "共同調達ダッシュボード"),
    ],
)
def test_lists_name_their_sources(client, count_queries, path, said):
    with count_queries() as log:
        page = client.page(path)
    log.at_most(12)
    assert said in page.text
    assert "記載なし" in page.text
    assert "取りまとめ2025（案）" in page.text


def test_they_are_found_by_search_as_real_entries(client):
    for kind, text in (("spec", "モデル仕様書 防災"), ("program", "校務DX 補助")):
        found = client.get("/api/v1/search", query_string={"q": text, "kind": kind}).json
        assert found["total"] >= 1
        assert all(result["kind"] == kind for result in found["results"])
        assert not any(result["fictional"] for result in found["results"])


def test_a_spec_leads_to_what_is_of_its_kind(client):
    page = client.page(address_of(client, "spec", "次世代校務DXガイドブック"))
    assert "校務支援の掲載サービス" in page.text
    assert client.get("/search?kind=offering&category=school_administration").status_code == 200


def test_a_program_never_says_more_than_possible(client):
    path = address_of(client, "program", SCHOOL)
    questions = ("joint_procurement", "joint_use", "prefecture_wide")
    assert "条件に合う可能性があります" not in client.page(path).text
    page = client.page(f"{path}?" + "&".join(f"{name}=yes" for name in questions))
    assert "条件に合う可能性があります" in page.text
    assert "対象になるかどうかを決めるのは所管府省庁です" in page.text
    page = client.page(f"{path}?joint_procurement=yes&prefecture_wide=no")
    assert "満たしていない条件があります" in page.text
    assert "共同で利用する" in page.text
    page = client.page(f"{path}?joint_procurement=maybe")
    assert "条件に合う可能性があります" not in page.text


def test_a_forerunner_is_said_to_be_one(client):
    path = address_of(client, "program", "デジタル田園都市国家構想交付金 TYPES")
    assert "前身の制度" in client.page(path).text


@pytest.mark.parametrize("kind", ["specs", "programs"])
def test_the_api_lists_and_shows(client, kind):
    found = client.get(f"/api/v1/{kind}").json
    assert found["total"] == len(found["results"]) >= 7
    first = client.get(f"/api/v1/{kind}/{found['results'][0]['id']}").json
    assert first == found["results"][0]
    assert first["fictional"] is False
    assert first["document_url"] is None
    assert client.get(f"/api/v1/{kind}?nothing=1").status_code == 400
    assert client.get(f"/api/v1/{kind}/999999").status_code == 404
    assert client.get(f"/{kind}/999999").status_code == 404
