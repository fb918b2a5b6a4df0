"""A grant is chosen from the funding programs, with its conditions; free text stays (F22)."""

import pytest
from sqlalchemy import select

from foundation.db import Database
from procurement.cost_models import ProjectFunding
from procurement.models import Project
from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in
from tests.harness.queries import counted_queries

LEAD = "pref@moyai.example"
TITLE = "庁内文書と決裁の共同利用（運用中・架空）"


@pytest.fixture
def scene(fresh_app):
    client = StrictClient(fresh_app)
    sign_in(client, LEAD)
    database: Database = fresh_app.extensions["moyai_database"]
    with database.read_session() as session:
        number = session.scalars(select(Project.id).where(Project.title == TITLE)).one()
    return client, database, f"/projects/{number}/costs/entries"


def grants(database, name):
    with database.read_session() as session:
        return session.scalars(select(ProjectFunding).where(ProjectFunding.name == name)).all()


def test_a_program_names_the_grant_and_its_conditions_stand_beside_it(scene):
    client, database, path = scene
    form = client.page(path).form("/entries/funding")
    typed = {
        "funding-program_key": "school-dx-subsidy",
        "funding-fiscal_year": "2026",
        "funding-amount_yen": "1000",
    }
    assert form.submit(client, typed).status_code == 302
    (row,) = grants(database, "次世代校務DX環境整備の補助")
    assert row.program_key == "school-dx-subsidy"
    page = client.page(path)
    table = {line["制度"]: line for line in page.table("選んだ支援制度と条件")}
    chosen = table["次世代校務DX環境整備の補助"]
    assert "都道府県域で行う" in chosen["条件（資料の記載）"]
    assert "確かめる条件：共同で利用する、都道府県域で行う" in chosen["案件の記録からわかること"]
    assert client.get(page.link("次世代校務DX環境整備の補助")).status_code == 200


def test_free_text_stays_possible_and_one_of_both_is_needed(scene):
    client, database, path = scene
    form = client.page(path).form("/entries/funding")
    typed = {"funding-fiscal_year": "2026", "funding-amount_yen": "1000"}
    refused = as_page(form.submit(client, typed), status=409)
    assert "制度を選ぶか、名称を入力してください。" in refused.text
    assert form.submit(client, typed | {"funding-name": "架空の県補助"}).status_code == 302
    (row,) = grants(database, "架空の県補助")
    assert row.program_key == ""
    unknown = form.submit(client, typed | {"funding-program_key": "no-such-program"})
    assert unknown.status_code == 422


def test_the_page_asks_the_database_little(scene):
    client, database, path = scene
    with counted_queries(database.engine) as log:
        client.get(path)
    log.at_most(15)
