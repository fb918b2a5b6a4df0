"""/interests: said once, seen by those it is for, and one click from a group to a draft project."""

import pytest
from sqlalchemy import select

from procurement.models import Project
from procurement.need_models import Need, PresentContract
from tests.harness.builders import NOW
from tests.harness.client import StrictClient, as_page
from tests.harness.example_projects import (
    ASKED_STAFF,
    AUDITOR,
    COORDINATOR,
    COUNCIL,
    FORMING_BY_COUNCIL,
    JOINING_STAFF,
    LEAD_MANAGER,
    LEAD_STAFF,
    STRANGER,
    VENDOR,
    project_path,
    signed_in,
)

NEW = "/interests/new?category=generative_ai"
ANSWERS = {
    "wanted_from": "令和9年4月",
    "contract_ends_on": "2027-03-31",
    "annual_cost_yen": "1,234,567円",
    "quantity": "３００",
    "network": "lgwan",
    "obstacles": "仕様書を書く人がいない",
}
SMALL_STAFF = "taniyui-staff@moyai.example"


def database_of(app):
    return app.extensions["moyai_database"]


def need_id_of(app, body_code):
    with database_of(app).read_session() as session:
        return session.scalars(select(Need.id).where(Need.body_code == body_code)).one()


def state(client, **changes):
    form = client.page(NEW).form("/interests/new")
    answer = form.submit(client, ANSWERS | changes)
    assert answer.status_code == 302, as_page(answer).text
    return answer.location


def test_a_body_says_it_once_on_one_page_and_sees_who_else(fresh_app):
    staff = signed_in(fresh_app, LEAD_STAFF)
    form = staff.page(NEW).form("/interests/new")
    assert len(form.names) + 1 <= 8  # the system type is in the address
    address = state(staff, must_haves="data_return")
    page = staff.page(address)
    assert "1,234,567円" in page.text
    assert "仕様書を書く人がいない" in page.text
    assert "300アカウント" in page.text
    others = page.table("生成AIを必要としているほかの団体")
    assert len(others) > 10
    assert any(row["組み合わせ"] == "合う" for row in others)
    assert "特定の製品を選ぶものではありません" in page.text
    assert "契約が終わる年度：" in page.text
    own = staff.page("/interests").table("帆結市のニーズ")
    assert [row["状態"] for row in own] == ["登録済み"]
    # Said once: the form leads to what was said.
    assert staff.get(NEW).location == address


def test_it_can_be_changed_and_withdrawn(fresh_app):
    staff = signed_in(fresh_app, LEAD_STAFF)
    address = state(staff)
    form = staff.page(f"{address}/edit").form("/edit")
    assert form.values["wanted_from"] == "2027-04"
    assert form.values["annual_cost_yen"] == "1234567"
    assert form.submit(staff, quantity="310", wanted_from="2027-05").status_code == 302
    assert "310アカウント" in staff.page(address).text
    # A colleague with the form as it was sees what changed, and nothing typed is lost.
    late = as_page(form.submit(staff, quantity="999"), status=409)
    assert late.table("保存済みの内容とあなたの入力の違い")[0]["あなたの入力"]
    assert late.form("/edit").values["quantity"] == "999"
    assert late.form("/edit").submit(staff).status_code == 302
    assert "999アカウント" in staff.page(address).text
    assert staff.page(address).form("/withdraw").submit(staff).status_code == 302
    (row,) = staff.page("/interests").table("帆結市のニーズ")
    assert list(row.values()) == ["まだありません。"]
    assert "取り下げ" in staff.page(address).text
    assert state(staff) == address


def test_mistakes_are_named_beside_the_field(fresh_app):
    staff = signed_in(fresh_app, LEAD_STAFF)
    form = staff.page(NEW).form("/interests/new")
    page = as_page(form.submit(staff, wanted_from="来年度", quantity="0"), status=422)
    assert "年月として読めません" in page.text
    assert page.form("/interests/new").values["wanted_from"] == "来年度"
    both = ANSWERS | {"must_haves": ["as_it_is", "own_forms"]}
    assert "両立しません" in as_page(form.submit(staff, both), status=409).text


def test_the_present_contract_need_not_be_typed_again(fresh_app):
    with database_of(fresh_app).transaction() as session:
        session.add(
            PresentContract(
                body_code="992011",
                system_type_code="generative_ai",
                vendor_name="架空システム",
                ends_on=NOW.date().replace(year=2028),
                annual_cost_yen=880_000,
                imported_at=NOW,
            )
        )
    values = signed_in(fresh_app, LEAD_STAFF).page(NEW).form("/interests/new").values
    assert values["contract_ends_on"] == "2028-11-20"
    assert values["annual_cost_yen"] == "880000"


def test_the_body_confirms_what_its_coordinator_entered(fresh_app):
    staff = signed_in(fresh_app, SMALL_STAFF)
    address = f"/interests/{need_id_of(fresh_app, '994014')}"
    assert staff.page("/desk/body").link("代理で入力されたニーズの確認") == address
    assert "団体が確認するまで" in staff.page(address).text
    assert staff.page(address).form("/confirm").submit(staff).status_code == 302
    assert "登録済み" in staff.page(address).text
    coordinator = signed_in(fresh_app, COORDINATOR)
    page = coordinator.page(address)
    assert "団体が登録した内容です" in page.text
    form = coordinator.page(NEW).form("/interests/new")
    chosen = form.submit(coordinator, {"wanted_from": "2027-04", "body_code": "992020"})
    assert "確認するまで" in coordinator.page(chosen.location).text
    other = form.submit(coordinator, {"wanted_from": "2027-04", "body_code": "011002"})
    assert other.status_code == 422


@pytest.mark.parametrize("email", [ASKED_STAFF, STRANGER, COUNCIL])
def test_another_bodys_need_is_not_there(app, email):
    client = signed_in(app, email)
    need_id = need_id_of(app, "994014")
    for path in (f"/interests/{need_id}", f"/interests/{need_id}/edit", "/interests/999999"):
        assert client.get(path).status_code == 404, path


def test_everybody_reads_sums_and_only_government_more(app, client):
    visitor = client.page("/interests")
    rows = {row["システム種別"]: row for row in visitor.table("システム種別ごとのニーズ")}
    assert rows["生成AI 架空"]["合計人口"].endswith("0,000人")
    vendor = signed_in(app, VENDOR).page("/interests").table("システム種別ごとのニーズ")
    assert vendor == visitor.table("システム種別ごとのニーズ")
    ministry = signed_in(app, AUDITOR).page("/interests")
    exact = {row["システム種別"]: row for row in ministry.table("システム種別ごとのニーズ")}
    assert exact["生成AI 架空"]["団体"] == rows["生成AI 架空"]["団体"]
    assert exact["生成AI 架空"]["合計人口"] != rows["生成AI 架空"]["合計人口"]
    assert client.get(NEW).status_code == 302
    assert client.get("/interests/partners").status_code == 302
    vendor = signed_in(app, VENDOR)
    for path in (NEW, "/interests/partners", "/interests/export.csv"):
        assert vendor.get(path).status_code == 403, path


def test_few_bodies_are_not_counted_in_public(fresh_app):
    with database_of(fresh_app).transaction() as session:
        rows = session.scalars(
            select(Need).where(Need.system_type_code == "leak_survey").order_by(Need.id)
        ).all()
        for row in rows[4:]:
            row.status = "withdrawn"
    table = StrictClient(fresh_app).page("/interests").table("システム種別ごとのニーズ")
    (row,) = [row for row in table if row["システム種別"].startswith("漏水調査")]
    assert (row["団体"], row["合計人口"], row["数量"]) == ("5団体未満", "—", "—")
    assert row["契約が終わる年度"] == "—"


def test_the_file_holds_what_its_reader_may_see(fresh_app):
    staff = signed_in(fresh_app, LEAD_STAFF)
    state(staff, obstacles="=1+1")
    own = staff.get("/interests/export.csv").get_data(as_text=True)
    assert own.startswith("\ufeff団体コード,")
    assert own.count("\r\n") == 2
    assert "1234567" in own
    assert "'=1+1" in own
    whole = signed_in(fresh_app, COORDINATOR).get("/interests/export.csv").get_data(as_text=True)
    assert whole.count("\r\n") > 90
    assert "1234567" not in signed_in(fresh_app, ASKED_STAFF).get("/interests/export.csv").get_data(
        as_text=True
    )


def test_the_coordinator_makes_a_draft_project_of_a_group(fresh_app):
    coordinator = signed_in(fresh_app, COORDINATOR)
    page = coordinator.page("/interests/partners?category=generative_ai")
    assert "組み合わせの理由" in page.text
    assert "試算の前提" in page.text
    assert "団体の申告" in page.text
    answer = page.form("/interests/partners", button="案件の案").submit(coordinator)
    assert answer.status_code == 302
    assert "意向調査" in coordinator.page(answer.location).text
    again = as_page(
        page.form("/interests/partners", button="案件の案").submit(coordinator), status=409
    )
    assert "すでにあります" in again.text
    # Nobody else learns of it but those invited.
    assert StrictClient(fresh_app).get(answer.location).status_code == 404
    with database_of(fresh_app).read_session() as session:
        project = session.scalars(select(Project).order_by(Project.id.desc())).first()
        assert project is not None
        assert project.fictional


def test_a_policy_warning_asks_for_a_reason_in_the_card(fresh_app):
    with database_of(fresh_app).transaction() as session:
        for row in session.scalars(select(Need).where(Need.system_type_code == "leak_survey")):
            row.system_type_code = "dog_registry"
    coordinator = signed_in(fresh_app, COORDINATOR)
    page = coordinator.page("/interests/partners?category=dog_registry")
    form = page.form("/interests/partners", button="案件の案")
    assert "policy_reason" not in form.names
    asked = as_page(form.submit(coordinator), status=409)
    assert "国の方針" in asked.text
    form = asked.form("/interests/partners", button="案件の案")
    assert form.submit(coordinator, policy_reason="国の時期を確認した").status_code == 302


def test_a_body_without_needs_is_shown_the_way(app):
    page = signed_in(app, JOINING_STAFF).page("/interests/partners")
    assert "候補はまだありません" in page.text
    assert page.link("ニーズを登録する") == "/interests"
    assert "申告" not in page.text


@pytest.mark.parametrize("email", ["", LEAD_STAFF, LEAD_MANAGER, COORDINATOR, AUDITOR, VENDOR])
def test_the_pages_ask_the_database_little(app, count_queries, email):
    client = signed_in(app, email) if email else StrictClient(app)
    paths = ["/interests"]
    if email in (LEAD_STAFF, COORDINATOR):
        paths += [NEW, "/interests/partners"]
    if email == COORDINATOR:
        paths.append(f"/interests/{need_id_of(app, '994014')}")
    for path in paths:
        client.page(path)
        with count_queries() as log:
            client.page(path)
        log.at_most(12)


def test_the_quantity_need_not_be_typed_again_to_join(fresh_app):
    staff = signed_in(fresh_app, LEAD_STAFF)
    state(staff, quantity="321")
    page = staff.page(project_path(fresh_app, FORMING_BY_COUNCIL, "join"))
    assert "321アカウント（自団体のニーズに登録した数量）" in page.text
    assert page.form("/join", button="決裁者に渡す").values["quantity"] == "321"
