"""A body's way in: own figures first, then one page of at most eight fields."""

import pytest

from tests.harness.client import as_page
from tests.harness.example_projects import (
    COORDINATOR,
    COUNCIL,
    FORMING,
    HIDDEN,
    JOINING_MANAGER,
    JOINING_STAFF,
    NOTICE,
    STRANGER,
    VENDOR,
    project_path,
    signed_in,
)

APPROVAL = {"approval_date": "2026-11-19", "approval_number": "情政第12号"}


def join_path(app):
    return project_path(app, FORMING, "join")


def test_own_figures_are_shown_before_joining_with_what_they_rest_on(app):
    page = signed_in(app, JOINING_STAFF).page(join_path(app))
    for words in (
        "自分の団体の負担",
        "単独で調達した場合",
        "差額",
        "特定の製品を選ぶものではありません",
    ):
        assert words in page.text
    assert page.table("年度ごとの負担の見込み")
    assert "縄手浦町" in page.text


def test_another_quantity_gives_other_figures_and_comes_back_in_the_form(app):
    client = signed_in(app, JOINING_STAFF)
    page = client.page(join_path(app))
    more = as_page(page.form("/join", button="試算する").submit(client, quantity="１２，０００"))
    assert "12,000" in more.text
    assert more.table("年度ごとの負担") != page.table("年度ごとの負担")
    assert more.form("/join", button="保存して").values["quantity"] == "12000"


def test_no_quantity_typed_is_the_estimated_one(app):
    page = signed_in(app, JOINING_STAFF).page(f"{join_path(app)}?quantity=")
    assert page.table("年度ごとの負担の見込み")
    assert page.soup.select("#try-quantity-error") == []


@pytest.mark.parametrize("typed", ["abc", "-5", "0", "9" * 30])
def test_a_quantity_that_is_none_stays_typed_with_the_reason_beside_it(app, typed):
    page = signed_in(app, JOINING_STAFF).page(f"{join_path(app)}?quantity={typed}")
    assert page.table("年度ごとの負担の見込み")
    field = page.soup.select_one("#try-quantity")
    assert field["value"] == typed
    assert field["aria-describedby"] == "try-quantity-error"
    assert page.soup.select_one("#try-quantity-error").get_text(strip=True) != "＊"


def test_every_year_shows_what_alone_would_cost_and_the_difference(app):
    page = signed_in(app, JOINING_STAFF).page(join_path(app))
    rows = page.table("年度ごとの負担の見込み")
    assert rows
    for row in rows:
        assert row["単独の場合"].endswith("円") and row["差額"].endswith("円"), row
    sheet = signed_in(app, JOINING_STAFF).page(project_path(app, FORMING, "sheet"))
    years = sheet.table("年度ごとの負担と単独の場合")[:-1]
    assert [row["単独の場合"] for row in years] == [row["単独の場合"] for row in rows]


def test_the_approval_fields_say_that_they_are_needed(app):
    page = signed_in(app, JOINING_MANAGER).page(join_path(app))
    for name in ("approval_date", "approval_number"):
        assert "※必須" in page.soup.select_one(f"label[for={name}]").get_text()


def test_at_most_eight_fields_and_two_clicks_from_home(app):
    client = signed_in(app, JOINING_MANAGER)
    project = client.page("/").link(FORMING)
    join = client.page(project).link("自団体の負担を確かめて参加する")
    form = client.page(join).form("/join", button="参加する")
    assert len(form.names) <= 8, form.names
    assert form.tag.select("input[type=file]") == []


def test_staff_prepare_and_the_manager_joins(fresh_app):
    path = join_path(fresh_app)
    staff = signed_in(fresh_app, JOINING_STAFF)
    form = staff.page(path).form("/join", button="保存して")
    assert "approval_number" not in form.names
    saved = form.submit(
        staff, quantity="８，１６７", budget_status="before_vote", standalone_yen="1,200,000円"
    )
    assert saved.status_code == 302
    manager = signed_in(fresh_app, JOINING_MANAGER)
    assert "参加の決裁" in manager.page("/desk/body").text
    form = manager.page(path).form("/join", button="参加する")
    assert (form.values["quantity"], form.values["standalone_yen"]) == ("8167", "1200000")
    assert form.submit(manager, APPROVAL).status_code == 302
    joined = manager.page(path)
    assert "自団体の状況：参加" in joined.text
    assert "すでに参加しています" in joined.text
    members = manager.page(project_path(fresh_app, FORMING, "members"))
    assert "縄手浦町" in {row["団体"].replace(" 架空", "") for row in members.table("参加団体")}


def test_joining_twice_is_refused_in_words(fresh_app):
    manager = signed_in(fresh_app, JOINING_MANAGER)
    form = manager.page(join_path(fresh_app)).form("/join", button="参加する")
    assert form.submit(manager, APPROVAL).status_code == 302
    again = as_page(form.submit(manager, APPROVAL), status=409)
    assert "すでに参加しています" in again.text


def test_joining_after_the_deadline_is_refused_in_words(fresh_app):
    manager = signed_in(fresh_app, JOINING_MANAGER)
    form = manager.page(join_path(fresh_app)).form("/join", button="参加する")
    fresh_app.config["MOYAI_NOW"] = "2027-02-01T10:00:00+09:00"
    late = as_page(form.submit(manager, APPROVAL), status=409)
    assert "を過ぎたため参加できません" in late.text


def test_joining_for_another_body_is_refused_in_words(fresh_app):
    manager = signed_in(fresh_app, JOINING_MANAGER)
    form = manager.page(join_path(fresh_app)).form("/join", button="参加する")
    other = as_page(form.submit(manager, APPROVAL, body_code="994014"), status=409)
    assert "ほかの団体に代わって" in other.text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("quantity", "いっぱい", "整数として読めません"),
        ("quantity", "-3", "1以上"),
        ("quantity", "", "入力してください"),
        ("approval_date", "2026-11-31", "という日付はありません"),
        ("standalone_yen", "-1", "0円以上"),
        ("budget_status", "rich", ""),
    ],
)
def test_wrong_answers_stand_beside_their_field(fresh_app, field, typed, said):
    manager = signed_in(fresh_app, JOINING_MANAGER)
    form = manager.page(join_path(fresh_app)).form("/join", button="参加する")
    page = as_page(form.submit(manager, {**APPROVAL, field: typed}), status=422)
    error = page.soup.select_one(f"#{field}-error")
    assert error is not None and said in error.get_text()


@pytest.mark.parametrize("missing", ["approval_date", "approval_number"])
def test_the_approval_is_needed(fresh_app, missing):
    manager = signed_in(fresh_app, JOINING_MANAGER)
    form = manager.page(join_path(fresh_app)).form("/join", button="参加する")
    page = as_page(form.submit(manager, {**APPROVAL, missing: ""}), status=422)
    assert page.soup.select_one(f"#{missing}-error") is not None


def test_declining_and_interest(fresh_app):
    staff = signed_in(fresh_app, JOINING_STAFF)
    page = staff.page(join_path(fresh_app))
    assert page.form("/interest").submit(staff).status_code == 302
    assert "関心あり" in staff.page(join_path(fresh_app)).text
    declined = staff.page(join_path(fresh_app)).form("/decline")
    assert declined.submit(staff, decline_reason="別の契約がある").status_code == 302
    assert "不参加" in staff.page(join_path(fresh_app)).text
    coordinator = signed_in(fresh_app, COORDINATOR)
    lead_rows = coordinator.page(project_path(fresh_app, FORMING, "members")).table("回答の状況")
    row = next(row for row in lead_rows if row["団体"] == "縄手浦町")
    assert row["状況"] == "不参加" and "別の契約がある" in row["備考・理由"]


def test_a_reason_nobody_could_read_is_refused_beside_its_field(app):
    staff = signed_in(app, JOINING_STAFF)
    declined = staff.page(join_path(app)).form("/decline")
    page = as_page(declined.submit(staff, decline_reason="長" * 4001), status=422)
    assert "4,000文字以内" in page.text


def test_who_cannot_join_does_not_get_the_page(app, client):
    assert client.get(join_path(app)).status_code == 302
    assert signed_in(app, VENDOR).get(join_path(app)).status_code == 403
    assert signed_in(app, COORDINATOR).get(join_path(app)).status_code == 403
    assert signed_in(app, COUNCIL).get(join_path(app)).status_code == 404
    assert signed_in(app, STRANGER).get(project_path(app, HIDDEN)).status_code == 404


def test_a_project_past_recruiting_says_why_nobody_joins(app):
    page = signed_in(app, JOINING_STAFF).page(project_path(app, NOTICE, "join"))
    assert "募集は終わっています" in page.text


def test_interest_is_one_click_on_one_page(fresh_app):
    staff = signed_in(fresh_app, JOINING_STAFF)
    page = staff.page("/interests")
    rows = {row["案件"]: row for row in page.table("関心を登録できる共同調達")}
    title = next(title for title in rows if title.startswith(FORMING))
    assert rows[title]["自団体の状況"] == "未回答"
    path = project_path(fresh_app, FORMING)
    assert page.form(f"{path}/interest").submit(staff).status_code == 302
    after = {r["案件"]: r for r in staff.page("/interests").table("関心を登録できる共同調達")}
    assert after[title]["自団体の状況"] == "関心あり"


def test_a_join_entered_on_behalf_counts_once_the_manager_confirms(fresh_app):
    coordinator = signed_in(fresh_app, COORDINATOR)
    form = coordinator.page(project_path(fresh_app, FORMING, "invite")).form("/request")
    nobody = as_page(form.submit(coordinator), status=422)
    assert "団体を選んでください" in nobody.text
    assert form.submit(coordinator, body_code="993018", quantity="8000").status_code == 302
    manager = signed_in(fresh_app, JOINING_MANAGER)
    page = manager.page(join_path(fresh_app))
    assert "団体の確認待ち" in page.text
    form = page.form("/join", button="参加する")
    assert form.values["quantity"] == "8000"
    assert form.submit(manager, APPROVAL).status_code == 302
    assert "自団体の状況：参加" in manager.page(join_path(fresh_app)).text
