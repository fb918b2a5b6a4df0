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


def test_the_costs_show_on_what_terms_a_grant_rests(scene):
    client, _, path = scene
    form = client.page(path).form("/entries/funding")
    typed = {
        "funding-program_key": "school-dx-subsidy",
        "funding-fiscal_year": "2026",
        "funding-amount_yen": "2,000",
        "funding-rate": "1/3",
        "funding-ceiling_yen": "1,500円",
        "funding-period": "令和8年度",
        "funding-eligible": "初期費用",
        "funding-source": "架空の交付要綱",
        "funding-source_on": "令和8年4月1日",
    }
    assert form.submit(client, typed).status_code == 302
    costs = client.page(path.removesuffix("/entries"))
    caption = "補助・交付金の条件と、この案件の記録【架空】（金額は税込）"
    told = {line["制度"]: line for line in costs.table(caption)}
    own = told["次世代校務DX環境整備の補助"]
    assert own["記録した額"] == "2,000円 予定（申請中・見込み） 上限額を超えています"
    assert (own["補助の割合"], own["上限額"]) == ("1/3", "1,500円")
    assert (own["対象の期間"], own["対象の経費"]) == ("令和8年度", "初期費用")
    assert own["出典（日付）"] == "架空の交付要綱（令和8年4月1日）"
    stated = {line["制度"]: line for line in costs.table("国の資料にある条件")}
    of_the_state = stated["次世代校務DX環境整備の補助"]
    assert "対象の費用：初期費用" in of_the_state["対象の費用・開始"]
    assert of_the_state["条件"] == "共同調達をする、共同で利用する、都道府県域で行う"
    assert "確かめる条件：共同で利用する" in of_the_state["案件の記録からわかること"]
    assert "2025-06-13時点" in of_the_state["出典"]
    assert "架空デジタル推進交付金" not in stated
    unknown = told["新しい地方経済・生活環境創生交付金（TYPESを含む）"]
    assert (unknown["補助の割合"], unknown["上限額"]) == ("記録なし", "記録なし")
    assert "超えて" not in unknown["記録した額"]


def test_terms_that_cannot_be_read_are_told_beside_their_field(scene):
    client, database, path = scene
    form = client.page(path).form("/entries/funding")
    typed = {"funding-name": "架空の県補助", "funding-fiscal_year": "2026"}
    typed |= {"funding-amount_yen": "1", "funding-ceiling_yen": "半分", "funding-source_on": "春"}
    page = as_page(form.submit(client, typed), status=422)
    again = page.form("/entries/funding")
    assert (again.values["funding-ceiling_yen"], again.values["funding-source_on"]) == (
        "半分",
        "春",
    )
    assert grants(database, "架空の県補助") == []


def test_what_was_recorded_stands_in_the_form_that_changes_it(scene):
    client, database, path = scene
    (row,) = grants(database, "架空デジタル推進交付金")
    form = client.page(f"{path}?funding={row.id}").form("/entries/funding")
    assert form.values["funding-source_on"] == "2025-04-01"
    assert form.submit(client, {"funding-rate": "2/3"}).status_code == 302
    (changed,) = grants(database, "架空デジタル推進交付金")
    assert (changed.rate, changed.ceiling_yen, changed.body_code) == ("2/3", 8_000_000, None)
    (other,) = grants(database, "新しい地方経済・生活環境創生交付金（TYPESを含む）")
    empty = client.page(f"{path}?funding={other.id}").form("/entries/funding")
    assert empty.values["funding-source_on"] == ""


def test_the_page_asks_the_database_little(scene):
    client, database, path = scene
    with counted_queries(database.engine) as log:
        client.get(path)
    log.at_most(15)
