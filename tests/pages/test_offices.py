"""/desk/body/office and /desk/prefecture/systems."""

import pytest

from tests.harness.client import StrictClient, as_page
from tests.harness.example_projects import ASKED_STAFF, COORDINATOR, LEAD_STAFF, VENDOR, signed_in

OFFICE = "/desk/body/office"
SYSTEMS = "/desk/prefecture/systems"


def test_a_successor_finds_what_waits(fresh_app):
    staff = signed_in(fresh_app, ASKED_STAFF)
    page = staff.page(staff.page("/desk/body").link("担当と引継ぎ"))
    assert "文書管理・電子決裁サービスの共同調達（架空）" in page.text
    assert "担当者不在" not in staff.page("/desk/body").text
    form = page.form(OFFICE)
    wrong = as_page(form.submit(staff, {"successor_name": "後任（架空）"}), status=409)
    assert "引き継ぐ日も入力してください" in wrong.text
    right = {"hands_over_on": "2020-04-01", "successor_name": "", "dx_staff": "３"}
    assert form.submit(staff, right).status_code == 302
    assert "担当者不在" in staff.page(OFFICE).text
    assert "後任の担当者が入力されていません" in staff.page("/desk/body").text
    table = signed_in(fresh_app, COORDINATOR).page(SYSTEMS)
    rows = [row for row in table.table("市区町村ごと") if row["団体"].startswith("綱ノ江市")]
    assert "担当者不在" in rows[0]["団体"] and rows[0]["担当の人数"] == "2〜3人"


def test_the_coordinator_sees_every_municipality(app):
    lead = signed_in(app, COORDINATOR)
    page = lead.page(lead.page("/desk/prefecture").link("市区町村とシステム"))
    kinds = page.table("システム種別ごと")
    assert any(row["システム種別"] == "文書管理・電子決裁" for row in kinds)
    chosen = lead.page(SYSTEMS + "?category=document_management")
    rows = chosen.table("市区町村ごと")
    assert any("文書管理・電子決裁サービス" in row["参加している案件"] for row in rows)
    assert any("どの案件にも参加したことがない" in row["参加している案件"] for row in rows)
    text = lead.get(SYSTEMS + ".csv").get_data(as_text=True)
    assert text.count("\r\n") == 1 + len(rows) * len(kinds)
    assert "0〜1人" in text


@pytest.mark.parametrize("email", ["", VENDOR, LEAD_STAFF])
def test_the_table_is_the_coordinators(app, email):
    client = signed_in(app, email) if email else StrictClient(app)
    assert client.get(SYSTEMS).status_code in (302, 403)


def test_the_pages_ask_the_database_little(app, count_queries):
    for email, path in ((COORDINATOR, SYSTEMS), (LEAD_STAFF, OFFICE)):
        client = signed_in(app, email)
        client.page(path)
        with count_queries() as log:
            client.page(path)
        log.at_most(12)
