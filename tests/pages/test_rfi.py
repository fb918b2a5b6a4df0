"""/projects/<id>/rfi: the lead asks, a vendor answers with prices, nobody reads another's."""

import pytest

from tests.harness.client import StrictClient, as_page
from tests.harness.example_projects import (
    ASKED_STAFF,
    COORDINATOR,
    FORMING,
    LEAD_STAFF,
    STRANGER,
    VENDOR,
    project_path,
    signed_in,
)


def path(app, words=FORMING):
    return project_path(app, words, "rfi")


def asked_path(app, vendor):
    """A project whose lead asked the example vendor."""
    page = vendor.page("/desk/vendor")
    found = [tag["href"] for tag in page.soup.select("a") if tag["href"].endswith("/rfi")]
    assert found, "the example vendor was asked by nobody"
    return found[0]


def test_the_lead_compares_and_a_member_waits(app):
    page = signed_in(app, COORDINATOR).page(path(app))
    assert "5年間の合計（税抜）" in page.text
    assert "移行（別料金）、データの書き出し（記載なし）" in page.text
    assert "比較件数不足" in page.text or "中央値" in page.text
    past = page.table("同じ種別・同じ規模の公開事例（税抜）")
    assert all(row["確認日"] and row["人口1人あたり"].endswith("円") for row in past)
    assert "3年間の合計（税抜）" in signed_in(app, COORDINATOR).page(path(app) + "?years=3").text
    member = signed_in(app, LEAD_STAFF).page(path(app))
    assert "の後に回答を見られます" in member.text
    assert "年間の合計" not in member.text
    assert member.soup.select_one("#table-comparable, #comparable") is None


def test_a_vendor_answers_in_rows(fresh_app):
    vendor = signed_in(fresh_app, VENDOR)
    own = asked_path(fresh_app, vendor)
    page = vendor.page(own)
    editor = vendor.page(own + "/answer")
    form = editor.form("/rfi/answer", button="回答する")
    rows = {
        "components-0-name": "利用料",
        "components-0-kind": "recurring",
        "components-0-period": "month",
        "components-0-unit": "body",
        "components-0-tiers-0-unit_price": "１２，３４５",
        "training": "included",
        "do": "save",
    }
    assert "依頼" in page.text
    wrong = as_page(
        form.submit(vendor, rows | {"components-0-tiers-0-unit_price": "高い"}), status=422
    )
    assert "金額として読めません" in wrong.text
    assert form.submit(vendor, rows).status_code == 302
    late = as_page(form.submit(vendor, rows), status=409)
    assert "別の担当者が先に回答しました" in late.text
    again = vendor.page(own + "/answer").form("/rfi/answer", button="回答する")
    assert again.values["components-0-tiers-0-unit_price"] == "12345"
    assert again.values["training"] == "included"


def test_the_lead_asks_more_vendors(fresh_app):
    lead = signed_in(fresh_app, LEAD_STAFF)
    agreement = project_path(fresh_app, "文書管理", "rfi")
    page = lead.page(agreement)
    assert "依頼した事業者" in page.text
    form = page.form("/rfi", button="依頼する")
    refused = as_page(form.submit(lead, {"closes_on": "2027-03-01"}), status=409)
    assert "依頼する事業者を選んでください" in refused.text


@pytest.mark.parametrize(("email", "status"), [("", 302), (STRANGER, 404), (ASKED_STAFF, 200)])
def test_requests_are_for_those_in_it(app, email, status):
    client = signed_in(app, email) if email else StrictClient(app)
    assert client.get(project_path(app, "文書管理", "rfi")).status_code == status


def test_a_vendor_reads_no_other_vendors_prices(app):
    vendor = signed_in(app, VENDOR)
    own = asked_path(app, vendor)
    assert "年間の合計" not in vendor.page(own).text
    for words in (FORMING, "文書管理", "生成AIサービス", "おうみ"):
        response = vendor.get(path(app, words))
        assert response.status_code == 404 or "年間の合計" not in response.get_data(as_text=True)
    assert vendor.get(project_path(app, "おうみ", "rfi/answer")).status_code == 404


def test_the_page_asks_the_database_little(app, count_queries):
    client = signed_in(app, COORDINATOR)
    client.page(path(app))
    with count_queries() as log:
        client.page(path(app))
    log.at_most(15)
