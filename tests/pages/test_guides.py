"""The guides as pages: methods with precedents, the contract wizard, the scan."""

import io

from catalog.guides.clause_scan import LONGEST_TEXT
from catalog.views.guides import MOST_SHOWN
from tests.harness.client import StrictClient, as_page


def test_every_contract_model_has_a_real_precedent_linked(app):
    page = StrictClient(app).page("/guides/methods")
    for model in ("basic_and_individual", "selection_and_requote", "delegation"):
        section = page.soup.find(id=model).find_parent("section")
        links = [a["href"] for a in section.find_all("a") if a["href"].startswith("/cases/")]
        assert links, model
        case = app.test_client().get(links[0])
        assert case.status_code == 200
        assert "架空" not in case.text.split("<h1", 1)[1].split("</h1>", 1)[0]
    assert "協議会" in page.text
    assert "適法かどうかを示すものではありません" in page.text


def test_more_cases_are_a_search_that_finds_as_many(app):
    page = StrictClient(app).page("/guides/methods")
    link = page.soup.find(id="open_proposal").find_parent("section").find_all("a")[-1]
    more = int("".join(ch for ch in link.get_text() if ch.isdigit()))
    found = app.test_client().get("/api/v1" + link["href"]).get_json()
    assert found["total"] == more + 5


def test_the_answers_make_a_list_to_copy(app):
    client = StrictClient(app)
    page = client.page("/guides/saas-contract?kind=service&transfer=yes&data=no")
    assert "著作権の移転を前提とした条項は合いません" in page.text
    assert "データの帰属と返還の条項がない" in page.text
    kept = page.soup.find("input", {"name": "kind", "value": "service"})
    assert kept.has_attr("checked")
    href = page.link("テキストファイルで受け取る")
    text = client.get(href)
    assert text.mimetype == "text/plain"
    assert "独自" not in text.text
    assert text.text.count("□") == len(page.table("確かめる条項"))


def scan_form(client):
    return client.page("/guides/saas-contract").form("/scan", button="文章を調べる")


def test_a_pasted_contract_is_looked_through_and_kept_in_the_page(app):
    client = StrictClient(app)
    answer = scan_form(client).submit(client, text="第1条\n乙は著作権を甲に譲渡する。")
    page = as_page(answer, status=200)
    assert page.table("見つかった文")[0]["文"] == "乙は著作権を甲に譲渡する。"
    assert "2行目" in page.text
    assert "第1条" in page.soup.find("textarea", {"name": "text"}).get_text()


def test_a_script_in_a_contract_is_text(app):
    client = StrictClient(app)
    answer = scan_form(client).submit(client, text="著作権を<script>alert(1)</script>に譲渡する。")
    assert "<script>alert" not in answer.text


def test_an_uploaded_file_is_read_and_a_wrong_one_says_why(app):
    client = StrictClient(app)
    good = io.BytesIO("著作権は甲に帰属する。".encode("cp932"))
    answer = scan_form(client).submit(client, file=(good, "ひな形.txt"))
    assert "著作権は甲に帰属する。" in answer.text
    bad = scan_form(client).submit(client, file=(io.BytesIO(b"%PDF-1.4"), "a.docx"))
    assert bad.status_code == 422
    assert "PDFは読み取れません" in bad.text
    empty = scan_form(client).submit(client)
    assert empty.status_code == 422
    assert 'id="file-error"' in empty.text


def test_a_file_beside_the_text_of_an_earlier_look_is_not_passed_over(app):
    client = StrictClient(app)
    file = (io.BytesIO("著作者人格権を行使しない。".encode()), "a.txt")
    answer = scan_form(client).submit(client, text="乙は著作権を甲に譲渡する。", file=file)
    page = as_page(answer, status=422)
    assert "両方があります" in page.text
    assert page.soup.select("#found") == []


def test_of_very_many_sentences_the_first_are_shown_and_the_rest_counted(app):
    client = StrictClient(app)
    answer = scan_form(client).submit(client, text="著作権を譲渡する。\n" * (MOST_SHOWN + 1234))
    page = as_page(answer, status=200)
    assert len(page.table("見つかった文")) == MOST_SHOWN
    assert "ほかに1,234文" in page.text
    few = as_page(scan_form(client).submit(client, text="著作権を譲渡する。"), status=200)
    assert "ほかに" not in few.soup.select_one("section:has(#found)").get_text()


def test_a_text_over_the_limit_is_told_and_kept(app):
    client = StrictClient(app)
    answer = scan_form(client).submit(client, text="著" * (LONGEST_TEXT + 1))
    assert answer.status_code in (413, 422)
