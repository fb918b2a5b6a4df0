"""「募集中の共同調達」 above the results: for whom, for what, in which order, and never else."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask

from catalog.chance import chance
from foundation.db import Database
from procurement.models import Project
from tests.harness.builders import NOW
from tests.harness.client import StrictClient
from tests.harness.example import sign_in
from tests.harness.example_projects import JOINING_STAFF, LEAD_STAFF, VENDOR, signed_in
from tests.harness.page import Page, text_of
from tests.harness.queries import counted_queries

MONTH = "2026-11"


def titles(page: Page) -> list[str]:
    assert page.soup.select_one("[data-live=openings]") is not None
    return [text_of(one) for one in page.soup.select(".moyai-openings .dads-resource-list__title")]


def box(client: StrictClient, text: str = "", **filters: str | list[str]) -> list[str]:
    return titles(client.page(f"/search?{urlencode({'q': text, **filters}, doseq=True)}"))


ONE = ["電子申請サービスの共同調達（架空）"]


def test_a_body_is_told_of_what_forms_in_its_prefecture(app: Flask) -> None:
    staff = signed_in(app, JOINING_STAFF)
    assert box(staff, "電子申請") == ONE
    assert box(staff, category="electronic_application") == ONE
    assert box(staff, "オンライン申請 スマホ") == ONE
    page = staff.page("/search?q=%E9%9B%BB%E5%AD%90%E7%94%B3%E8%AB%8B")
    shown = text_of(page.soup.select_one(".moyai-openings"))
    assert "参加の締切 2026年12月20日" in shown
    assert "架空" in shown
    assert "検索結果の件数には含みません" in shown and MONTH in shown


def test_nothing_is_said_without_a_kind_or_of_another_one(app: Flask) -> None:
    staff = signed_in(app, JOINING_STAFF)
    assert box(staff) == []
    assert box(staff, "防災") == []
    assert box(staff, "架空県") == []
    assert box(staff, "-電子申請 窓口") == []
    # A chosen kind decides, whatever the words are.
    assert box(staff, "電子申請", category="disaster_response") == []


def test_a_visitor_chooses_a_prefecture(client: StrictClient, app: Flask) -> None:
    assert box(client, "電子申請") == []
    assert box(client, "電子申請", prefecture="99") == ONE
    assert box(client, "電子申請", prefecture="25") == []
    vendor = signed_in(app, VENDOR)
    assert box(vendor, "電子申請") == []
    assert box(vendor, "電子申請", prefecture="99") == ONE


def test_it_says_which_filters_it_does_not_follow(client: StrictClient) -> None:
    page = client.page("/search?q=電子申請&prefecture=99&fictional=real")
    assert "種別と都道府県のほかの絞り込み（実データだけ、など）は当てはめません" in page.text


def test_it_is_outside_the_list_its_counts_and_later_pages(
    client: StrictClient, app: Flask
) -> None:
    staff = signed_in(app, JOINING_STAFF)
    query = {"q": "電子申請", "kind": "offering"}
    with_box = staff.page(f"/search?{urlencode(query)}")
    assert titles(with_box) == ONE
    without = client.page(f"/search?{urlencode(query)}")
    count = ".moyai-result-bar__count"
    assert text_of(with_box.soup.select_one(count)) == text_of(without.soup.select_one(count))
    assert ONE[0] not in [
        text_of(one)
        for one in with_box.soup.select("[data-live=results] .dads-resource-list__title")
    ]
    wide = {"category": ["generative_ai", "electronic_application"]}
    assert len(box(staff, **wide)) == 2
    assert box(staff, **wide, page="2") == []


def test_programs_get_the_same(app: Flask) -> None:
    staff = signed_in(app, JOINING_STAFF)
    answer = staff.get("/api/v1/search?category=electronic_application").get_json()
    [one] = answer["open_projects"]
    assert one["title"] == ONE[0]
    assert one["closes_at"].startswith("2026-12-20")
    assert (one["prefecture"], one["fictional"]) == ("99", True)
    later = staff.get("/api/v1/search?category=generative_ai&page=2").get_json()
    assert later["open_projects"] == []
    none = StrictClient(app).get("/api/v1/search?category=electronic_application").get_json()
    assert none["open_projects"] == []


@pytest.fixture
def many(fresh_app: Flask) -> Iterator[tuple[StrictClient, dict[str, int]]]:
    """Seven more projects of one kind: equal deadlines, none, past, hidden, elsewhere."""
    database: Database = fresh_app.extensions["moyai_database"]
    soon, later = NOW + timedelta(days=5), NOW + timedelta(days=60)
    plots = {
        "等しい締切1": {"join_closes_at": soon},
        "等しい締切2": {"join_closes_at": soon},
        "等しい締切3": {"join_closes_at": soon, "prefecture_code": None},
        "締切なし": {"join_closes_at": None},
        "あとの締切": {"join_closes_at": later},
        "過ぎた締切": {"join_closes_at": NOW - timedelta(seconds=1)},
        "下書き": {"join_closes_at": soon, "published": False},
        "意向調査": {"join_closes_at": soon, "state": "intention_survey"},
        "よその県": {"join_closes_at": soon, "prefecture_code": "25"},
    }
    ids = {}
    with database.transaction() as session:
        lead = session.get_one(Project, 2).lead_organization_id
        for title, facts in plots.items():
            project = Project(
                title=title,
                system_type_code="library",
                lead_organization_id=lead,
                state_since=NOW,
                created_at=NOW,
                updated_at=NOW,
                fictional=True,
                **({"prefecture_code": "99", "state": "forming"} | facts),
            )
            session.add(project)
            session.flush()
            ids[title] = project.id
    client = StrictClient(fresh_app)
    sign_in(client, LEAD_STAFF)
    yield client, ids


def test_the_nearest_deadline_first_and_equals_by_the_months_chance(
    many: tuple[StrictClient, dict[str, int]], fresh_app: Flask
) -> None:
    staff, ids = many
    equal = sorted(
        (f"等しい締切{n}" for n in (1, 2, 3)),
        key=lambda title: chance(f"project:{ids[title]}", MONTH),
    )
    assert box(staff, "図書館") == [*equal, "あとの締切", "締切なし"]
    # Whoever is of no body sees what is wide-area.
    assert box(StrictClient(fresh_app), "図書館") == ["等しい締切3"]
    assert box(StrictClient(fresh_app), "図書館", prefecture="25") == sorted(
        ["等しい締切3", "よその県"], key=lambda title: chance(f"project:{ids[title]}", MONTH)
    )


def test_few_queries(app: Flask) -> None:
    database: Database = app.extensions["moyai_database"]
    staff = signed_in(app, JOINING_STAFF)
    staff.page("/search?q=%E9%9B%BB%E5%AD%90%E7%94%B3%E8%AB%8B&ids=1,16")
    with counted_queries(database.engine) as log:
        staff.page("/search?q=%E9%9B%BB%E5%AD%90%E7%94%B3%E8%AB%8B&ids=1,16")
    log.at_most(12)
