"""/projects/<id>/survey: asked and answered in the product."""

import pytest

from tests.harness.client import StrictClient, as_page
from tests.harness.example_projects import (
    ASKED_STAFF,
    COORDINATOR,
    FORMING,
    HIDDEN,
    LEAD_STAFF,
    OPERATOR,
    STRANGER,
    VENDOR,
    project_path,
    signed_in,
)

SMALL_STAFF = "taniyui-staff@moyai.example"
BY_BODY = "団体ごとの回答"
TALLIES = "質問ごとの集計"
MEETINGS = "1か月の会議の数"


def survey_path(app, words=HIDDEN):
    return project_path(app, words, "survey")


def field_of(page, label):
    """The name of the field with that label."""
    tag = next(
        tag for tag in page.soup.select("main label") if tag.get_text().strip().startswith(label)
    )
    return page.soup.find(id=tag["for"])["name"]


def test_a_body_answers_and_the_lead_sees_it(fresh_app):
    staff = signed_in(fresh_app, LEAD_STAFF)
    page = staff.page(survey_path(fresh_app))
    form = page.form("/survey/answer")
    answers = {
        field_of(page, MEETINGS): "２４",
        field_of(page, "LGWAN端末"): "must",
        field_of(page, "使い始めたい月"): "令和9年4月",
        field_of(page, "困っていること"): "=人手が足りない",
    }
    assert form.submit(staff, answers).status_code == 302
    again = staff.page(survey_path(fresh_app)).form("/survey/answer")
    assert again.values[field_of(page, MEETINGS)] == "24"
    assert again.values[field_of(page, "使い始めたい月")] == "2027-04"

    lead = signed_in(fresh_app, COORDINATOR)
    page = lead.page(survey_path(fresh_app))
    (row,) = [row for row in page.table(BY_BODY) if row["団体"].startswith("帆結市")]
    assert (row["状態"], row[MEETINGS], row["使い始めたい月"]) == ("回答済み", "24", "2027年4月")
    assert row["話す人を分けて記録できること"] == "未回答"
    assert "15団体のうち8団体が回答済み、1団体が確認待ち" in page.text
    content = lead.get(survey_path(fresh_app).replace("/survey", "/survey.csv"))
    text = content.get_data(as_text=True)
    assert "'=人手が足りない" in text
    assert text.count("\r\n") == 1 + 15 * 6


def test_mistakes_stay_in_the_sheet(fresh_app):
    staff = signed_in(fresh_app, LEAD_STAFF)
    page = staff.page(survey_path(fresh_app))
    name = field_of(page, MEETINGS)
    answer = as_page(page.form("/survey/answer").submit(staff, {name: "多数"}), status=422)
    assert "整数として読めません" in answer.text
    assert answer.form("/survey/answer").values[name] == "多数"
    # Two of one office: the second is told, and its sheet is kept.
    assert page.form("/survey/answer").submit(staff, {name: "1"}).status_code == 302
    late = as_page(page.form("/survey/answer").submit(staff, {name: "2"}), status=409)
    assert "先に回答しました" in late.text
    assert late.form("/survey/answer").submit(staff).status_code == 302
    assert staff.page(survey_path(fresh_app)).form("/survey/answer").values[name] == "2"


def test_what_was_entered_on_behalf_is_confirmed(fresh_app):
    staff = signed_in(fresh_app, SMALL_STAFF)
    page = staff.page(survey_path(fresh_app))
    assert "代理で入力された回答です" in page.text
    assert page.form("/survey/confirm").submit(staff).status_code == 302
    assert "代理で入力された回答です" not in staff.page(survey_path(fresh_app)).text
    lead = signed_in(fresh_app, COORDINATOR)
    page = lead.page(survey_path(fresh_app))
    sheet = lead.page(page.link("綱ノ江市"))
    assert "綱ノ江市の回答" in sheet.text
    form = sheet.form("/survey/answer", button="代理で回答する")
    assert form.submit(lead, {field_of(sheet, MEETINGS): "5"}).status_code == 302
    asked = signed_in(fresh_app, ASKED_STAFF)
    assert "代理で入力された回答です" in asked.page(survey_path(fresh_app)).text
    assert "意向調査が代理で回答されました" in asked.page("/inbox").text


def test_a_survey_is_drafted_opened_and_reminded(fresh_app):
    lead = signed_in(fresh_app, COORDINATOR)
    path = survey_path(fresh_app, FORMING)
    page = lead.page(path)
    early = page.form("/survey/open").submit(lead, closes_on="2026-12-10")
    assert "質問を1つ以上" in as_page(early, status=409).text
    for text, kind in (("使う人の数", "quantity"), ("要らない質問", "text")):
        form = lead.page(path).form("/survey/questions", button="加える")
        assert form.submit(lead, text=text, kind=kind).status_code == 302
    form = lead.page(path).form("/remove", button="要らない質問")
    assert form.submit(lead).status_code == 302
    form = lead.page(path).form("/survey/open")
    assert form.submit(lead, closes_on="2026-12-10").status_code == 302
    page = lead.page(path)
    assert "質問を加える" not in page.text
    assert page.form("/survey/remind").submit(lead).status_code == 302
    assert "督促は1日1回まで" in lead.page(path).text
    staff = signed_in(fresh_app, LEAD_STAFF)
    assert staff.page(project_path(fresh_app, FORMING)).link("意向調査") == path
    assert "意向調査への回答のお願い" in staff.page("/inbox").text


@pytest.mark.parametrize(
    ("email", "status"), [("", 302), (VENDOR, 403), (OPERATOR, 403), (STRANGER, 404)]
)
def test_a_survey_is_for_those_it_asks(app, email, status):
    client = signed_in(app, email) if email else StrictClient(app)
    assert client.get(survey_path(app)).status_code == status


def test_another_bodys_sheet_is_not_shown(app):
    staff = signed_in(app, LEAD_STAFF)
    for code in ("992020", "011002", "999999"):
        assert staff.get(f"{survey_path(app)}?body={code}").status_code == 404
    page = staff.page(survey_path(app))
    assert "綱ノ江市" not in page.text
    assert not [caption for caption in page.captions if caption.startswith((BY_BODY, TALLIES))]
    assert staff.get(survey_path(app).replace("/survey", "/survey.csv")).status_code == 404


@pytest.mark.parametrize("email", [COORDINATOR, LEAD_STAFF])
def test_the_page_asks_the_database_little(app, count_queries, email):
    client = signed_in(app, email)
    client.page(survey_path(app))
    with count_queries() as log:
        client.page(survey_path(app))
    log.at_most(15)
