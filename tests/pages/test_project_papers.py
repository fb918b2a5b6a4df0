"""予算要求シート and the files of a clerk's papers: the same figures, the own body's only."""

import io

import pytest
from docx import Document
from openpyxl import load_workbook

from accounts.models import User
from procurement.queries.contracts import find_newest_award
from tests.harness.client import StrictClient
from tests.harness.contracts import make_introduced_project
from tests.harness.example import sign_in
from tests.harness.example_projects import (
    AGREEMENT,
    ASKED_STAFF,
    AUDITOR,
    COORDINATOR,
    FORMING,
    HIDDEN,
    JOINING_STAFF,
    LEAD_MANAGER,
    OPERATOR,
    STRANGER,
    VENDOR,
    project_path,
    signed_in,
)
from tests.harness.projects import make_world


def digits(text):
    return int("".join(each for each in text if each.isdigit()))


def words_of(content):
    paper = Document(io.BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in paper.paragraphs] + cells


def test_the_budget_is_the_share_of_the_fixed_version_to_the_yen(app):
    client = signed_in(app, ASKED_STAFF)
    own = client.page(project_path(app, AGREEMENT, "sheet"))
    shares = own.table("年度ごとの負担と単独の場合")
    page = client.page(project_path(app, AGREEMENT, "budget"))
    *lines, foot = page.table("年度・節ごとの要求額")
    assert digits(foot["負担額（税込・円）"]) == digits(shares[-1]["共同での負担"]) > 0
    assert sum(digits(x["負担額（税込・円）"]) for x in lines) == digits(foot["負担額（税込・円）"])
    for line in lines:
        assert digits(line["要求額（千円）"]) == -(-digits(line["負担額（税込・円）"]) // 1000)
    assert {x["節"] for x in lines} <= {"使用料及び賃借料", "委託料"}
    assert {x["年度"] for x in lines} == {x["年度"] for x in shares[:-1]}


def test_what_binds_later_years_follows_the_year_of_the_contract(app):
    client = signed_in(app, ASKED_STAFF)
    path = project_path(app, AGREEMENT, "budget")
    page = client.page(path)
    lines = page.table("年度・節ごとの要求額")[:-1]
    options = page.soup.select("#contract_year option")
    before, first = options[0]["value"], options[1]["value"]
    every = sum(digits(x["負担額（税込・円）"]) for x in lines)
    later = sum(digits(x["負担額（税込・円）"]) for x in lines if x["年度"] != lines[0]["年度"])
    assert f"{every:,}円" in client.page(f"{path}?contract_year={before}").text
    assert f"{later:,}円" in client.page(f"{path}?contract_year={first}").text
    for wrong in ("1900", "abc", "", "9" * 50):
        assert client.page(f"{path}?contract_year={wrong}").text == page.text


def test_before_a_version_is_fixed_it_is_an_estimate_and_says_so(app):
    page = signed_in(app, JOINING_STAFF).page(project_path(app, FORMING, "budget"))
    assert "概算" in page.text
    assert "負担案が確定していないため" in page.text
    assert len(page.table("年度・節ごとの要求額")) > 1


def test_the_workbook_holds_numbers_and_no_formula(app):
    client = signed_in(app, ASKED_STAFF)
    page = client.page(project_path(app, AGREEMENT, "budget"))
    answer = client.get(project_path(app, AGREEMENT, "budget.xlsx"))
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    shown = [
        (x["年度"], digits(x["負担額（税込・円）"]), digits(x["要求額（千円）"]))
        for x in page.table("年度・節ごとの要求額")
    ]
    amounts = [(row[0], row[2], row[3]) for row in rows if isinstance(row[2], int)]
    assert amounts == shown
    assert rows[1][:1] == ("架空",)
    assert not any(str(cell).startswith("=") for row in rows for cell in row if cell)


def test_the_word_files_say_what_the_pages_say(app):
    client = signed_in(app, ASKED_STAFF)
    for page, table in (("sheet", "年度ごとの負担"), ("budget", "年度・節ごとの要求額")):
        shown = client.page(project_path(app, AGREEMENT, page)).table(table)
        answer = client.get(project_path(app, AGREEMENT, f"{page}.docx"))
        assert answer.mimetype.endswith("wordprocessingml.document")
        words = words_of(answer.data)
        assert any("架空" in each for each in words)
        for row in shown:
            assert set(filter(None, row.values())) <= set(words)


def test_a_title_no_file_may_hold_is_still_a_file():
    from procurement.presenters.budget import BudgetRow, BudgetView
    from procurement.presenters.paper_files import budget_docx, budget_xlsx

    view = BudgetView(
        title="=1+1\x00\x0b",
        body_name="@団体",
        made_on="",
        basis="-1",
        rows=[("+a", "\x1f")],
        lines=[],
        foot=BudgetRow(year="合計", expense="", yen=0, thousand_yen=0),
        later=[],
        notes=["=HYPERLINK(1)"],
        years=[],
        contract_year=None,
        fictional=False,
    )
    assert any("=1+1" in each for each in words_of(budget_docx(view)))
    sheet = load_workbook(io.BytesIO(budget_xlsx(view))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} <= {"s", "n"}


@pytest.mark.parametrize("page", ["budget", "budget.xlsx", "budget.docx", "sheet.docx"])
def test_only_bodies_print_and_only_their_own(app, client, page):
    path = project_path(app, AGREEMENT, page)
    assert "/login" in client.get(path).location
    for email in (VENDOR, AUDITOR, OPERATOR, COORDINATOR):
        assert signed_in(app, email).get(path).status_code == 403
    hidden = project_path(app, HIDDEN, page)
    assert signed_in(app, STRANGER).get(hidden).status_code == 404
    assert signed_in(app, LEAD_MANAGER).get(path).status_code == 200
    assert signed_in(app, ASKED_STAFF).get(f"{path}x").status_code == 404


def test_few_queries(app, count_queries):
    for email, words in ((ASKED_STAFF, AGREEMENT), (JOINING_STAFF, FORMING)):
        client = signed_in(app, email)
        path = project_path(app, words, "budget")
        with count_queries() as log:
            assert client.get(path).status_code == 200
        log.at_most(12)


@pytest.mark.parametrize(
    ("email", "system", "matter"),
    [
        (ASKED_STAFF, FORMING, "への参加について"),
        (ASKED_STAFF, AGREEMENT, "の負担案 第1版への同意について"),
    ],
)
def test_the_paper_names_the_matter_that_is_to_be_decided(app, email, system, matter):
    client = signed_in(app, email)
    assert matter in client.page(project_path(app, system, "sheet")).h1
    paper = client.get(project_path(app, system, "sheet.docx")).get_data()
    assert any(matter in line for line in words_of(paper))


def test_the_paper_of_a_contract_says_by_which_method_and_why(fresh_app):
    with fresh_app.extensions["moyai_database"].transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world).id
        email = session.get_one(User, world.manager(world.bodies[0]).user_id).email
        chosen = find_newest_award(session, project).vendor_name
    client = StrictClient(fresh_app)
    sign_in(client, email)
    page = client.page(f"/projects/{project}/sheet")
    assert "の契約について" in page.h1
    assert f"選定した事業者 {chosen}" in page.text
    assert "調達方式と理由・根拠条項 随意契約（1者だけが提供できるため" in page.text
