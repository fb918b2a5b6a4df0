"""/projects/<id>/requirements and /specification: seen, answered, fixed, saved as files."""

import io

import pytest
from docx import Document

from tests.harness.client import StrictClient, as_page
from tests.harness.example_projects import (
    AGREEMENT,
    ASKED_STAFF,
    AUDITOR,
    HIDDEN,
    LEAD_STAFF,
    NOTICE,
    STRANGER,
    VENDOR,
    project_path,
    signed_in,
)

LIST = "要件ごとの回答の数"
MATRIX = "団体ごとの回答（"


def path(app, words=AGREEMENT, page="requirements"):
    return project_path(app, words, page)


def test_the_lead_reads_the_matrix_and_members_their_own_column(app):
    page = signed_in(app, LEAD_STAFF).page(path(app))
    assert any(caption.startswith(MATRIX) for caption in page.captions)
    assert "改修 1,800,000円（税抜）" in page.text
    assert "1件、合計1,800,000円（税抜）" in page.text
    member = signed_in(app, ASKED_STAFF).page(path(app))
    assert not any(caption.startswith(MATRIX) for caption in member.captions)
    assert "自団体の回答（綱ノ江市）" in member.text
    assert "/requirements/own" in str(member.soup)
    assert any(c.startswith(MATRIX) for c in signed_in(app, AUDITOR).page(path(app)).captions)


def test_a_survey_answer_stands_in_the_matrix(app):
    lead = signed_in(app, "pref@moyai.example")
    page = lead.page(path(app, HIDDEN))
    assert "（調査）" in page.text
    text = lead.get(path(app, HIDDEN) + ".csv").get_data(as_text=True)
    assert "必須（調査）" in text and "未回答" in text


def test_a_body_answers_and_a_colleague_is_told(fresh_app):
    staff = signed_in(fresh_app, ASKED_STAFF)
    page = staff.page(path(fresh_app))
    form = page.form("/requirements/own")
    name = next(n for n in form.names if n.startswith("r"))
    assert form.submit(staff, {name: "not_needed"}).status_code == 302
    late = as_page(form.submit(staff, {name: "must"}), status=409)
    assert "先に保存しました" in late.text
    assert late.form("/requirements/own").values[name] == "must"
    assert late.form("/requirements/own").submit(staff).status_code == 302


def test_the_lead_settles_fixes_and_saves_the_specification(fresh_app):
    lead = signed_in(fresh_app, LEAD_STAFF)
    spec = path(fresh_app, page="specification")
    page = lead.page(path(fresh_app))
    edit = lead.page(page.link("旧システムの文書をすべて移行できること"))
    form = edit.form("/requirements/", button="保存する")
    refused = as_page(form.submit(lead, {"settled": "must", "customization": "y"}), status=409)
    assert "業務を変えずに改修する理由" in refused.text
    assert form.submit(lead, {"settled": "must"}).status_code == 302
    fix = lead.page(spec).form("/specification/fix")
    assert fix.submit(lead, {"note": "移行を加えた"}).status_code == 302
    again = lead.page(spec)
    assert "第2版" in again.text and "追加：旧システムの文書をすべて移行できること" in again.text
    paper = Document(io.BytesIO(lead.get(spec + ".docx").data))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert "旧システムの文書をすべて移行できること" in cells
    assert "（架空）" in paper.paragraphs[0].text
    text = lead.get(spec + ".md").get_data(as_text=True)
    assert "| 1 | 起案から決裁・保存・廃棄まで電子で行えること | 必須 |" in text
    assert lead.get(spec + ".exe").status_code == 404


def test_typed_text_is_no_markdown(fresh_app):
    lead = signed_in(fresh_app, LEAD_STAFF)
    form = lead.page(path(fresh_app)).form("/requirements", button="要件を加える")
    assert form.submit(lead, {"text": "# [x](http://a) | b", "settled": "must"}).status_code == 302
    spec = path(fresh_app, page="specification")
    assert lead.page(spec).form("/specification/fix").submit(lead).status_code == 302
    assert "\\# \\[x\\](http://a) \\| b" in lead.get(spec + ".md").get_data(as_text=True)


@pytest.mark.parametrize(
    ("email", "status"), [("", 302), (VENDOR, 403), (STRANGER, 404), (AUDITOR, 200)]
)
def test_the_matrix_is_for_those_asked(app, email, status):
    client = signed_in(app, email) if email else StrictClient(app)
    assert client.get(path(app)).status_code == status


def test_the_specification_is_public_from_the_notice_on(app):
    visitor = StrictClient(app)
    assert visitor.get(path(app, page="specification")).status_code == 404
    assert visitor.get(path(app, page="specification.md")).status_code == 404
    page = visitor.page(path(app, NOTICE, "specification"))
    assert "版はまだ固められていません" in page.text
    assert visitor.get(path(app, NOTICE, "specification.md")).status_code == 404
    vendor = signed_in(app, VENDOR)
    assert vendor.get(path(app, page="specification")).status_code == 404


@pytest.mark.parametrize("page", ["requirements", "specification"])
def test_the_pages_ask_the_database_little(app, count_queries, page):
    client = signed_in(app, LEAD_STAFF)
    client.page(path(app, page=page))
    with count_queries() as log:
        client.page(path(app, page=page))
    log.at_most(15)
