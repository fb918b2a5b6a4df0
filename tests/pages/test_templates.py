"""The shelf of templates, and a project that begins with one."""

from tests.harness.client import StrictClient, as_page
from tests.harness.example_projects import (
    COORDINATOR,
    FORMING,
    LEAD_STAFF,
    STRANGER,
    project_path,
    signed_in,
)


def test_everybody_reads_the_shelf(app):
    visitor = StrictClient(app)
    shelf = visitor.page(visitor.page("/projects").link("案件のひな形"))
    page = visitor.page(shelf.link("GIGA端末"))
    assert "指導者用端末の整備は、基金の「補助要件」" in page.text
    assert "出典：デジタル行財政改革 取りまとめ2025（案）" in page.text
    school = visitor.page(shelf.link("校務支援システム"))
    assert [(row["はじめ"], row["終わり"]) for row in school.table("資料にある年度と出典")] == [
        ("令和8年度（2026年度）", "令和11年度（2029年度）"),
        ("令和11年度（2029年度）", "令和11年度（2029年度）"),
    ]
    assert school.soup.select_one("figure svg") is not None
    assert "資料にある年度" not in page.text
    assert "固有の条件は" in visitor.page(shelf.link("自治体チャット")).text
    assert visitor.get("/projects/templates/nothing").status_code == 404


def test_a_project_begins_with_a_template(fresh_app):
    lead = signed_in(fresh_app, COORDINATOR)
    form = lead.page("/projects/new").form("/projects/new")
    answer = form.submit(
        lead,
        {
            "title": "校務支援の共同調達（架空）",
            "system_type_code": "school_administration",
            "term_start": "2027-04-01",
            "template": "school_administration",
        },
    )
    assert answer.status_code == 302
    path = answer.headers["Location"].removesuffix("/terms")
    assert "指導要録を共通の様式で作れること" in lead.page(f"{path}/requirements").text
    assert "学校の数（小・中・その他の合計）" in lead.page(f"{path}/survey").text
    page = lead.page(path)
    assert "県内の市区町村" in page.text and "0団体が参加しています" in page.text
    assert "令和11年度までに全団体が目標" in page.text


def test_a_template_is_copied_later_once(fresh_app):
    lead = signed_in(fresh_app, COORDINATOR)
    path = project_path(fresh_app, FORMING, "template")
    form = lead.page(path).form("/template")
    assert form.values["template"] == "electronic_application"
    assert form.submit(lead).status_code == 302
    again = as_page(lead.page(path).form("/template").submit(lead), status=409)
    assert "すべて入っています" in again.text
    for email in (LEAD_STAFF, STRANGER):
        assert signed_in(fresh_app, email).get(path).status_code == 404


def test_a_suggested_rule_is_taken_over_with_one_click(fresh_app):
    lead = signed_in(fresh_app, COORDINATOR)
    path = project_path(fresh_app, FORMING, "terms")
    page = lead.page(path)
    before = page.form("/terms").values["recurring_rule"]
    filled = lead.page(page.link("均等割30%・人口割70%を下の欄に入れる"))
    assert "まだ保存していません" in filled.text
    form = filled.form("/terms")
    assert form.values["initial_rule"] == form.values["recurring_rule"] == "mixed:population"
    assert lead.page(path).form("/terms").values["recurring_rule"] == before
    assert form.submit(lead).status_code == 302
    assert lead.page(path).form("/terms").values["recurring_rule"] == "mixed:population"
    other = lead.page(f"{path}?rule=quantity-of-nothing")  # no suggestion: nothing is filled in
    assert "まだ保存していません" not in other.text
