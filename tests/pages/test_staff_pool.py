"""/desk/prefecture/staff-pool, and who reads what it says."""

import pytest

from tests.harness.client import StrictClient, as_page
from tests.harness.example_projects import ASKED_STAFF, COORDINATOR, LEAD_STAFF, VENDOR, signed_in

POOL = "/desk/prefecture/staff-pool"
OFFICE = "くらし課 人材プール係（架空）"


def save(client, **changes):
    return client.page(POOL).form(POOL).submit(client, changes)


def test_what_the_prefecture_says_its_municipalities_read(fresh_app):
    lead, town = signed_in(fresh_app, COORDINATOR), signed_in(fresh_app, ASKED_STAFF)
    assert POOL in lead.page("/desk/prefecture").link("人材プールの窓口")
    page = "https://pool.example.jp/"
    assert save(lead, office=OFFICE, phone="03-1234-5678", page_url=page).status_code == 302
    for path in ("/desk/body", "/help/new"):
        shown = town.page(path)
        assert f"{OFFICE}（電話 03-1234-5678）" in shown.text
        assert shown.link("案内のページ") == page
    assert save(lead, office="", phone="", page_url="").status_code == 302
    assert "人材プール" not in town.page("/desk/body").text


def test_what_is_typed_wrong_is_told_beside_its_field_and_kept(fresh_app):
    lead = signed_in(fresh_app, COORDINATOR)
    before = lead.page(POOL).form(POOL).values["office"]
    answer = save(lead, office="", phone="でんわ", page_url="javascript:alert(1)")
    page = as_page(answer, status=409)
    for words in ("担当の部署を入力", "例：03-1234-5678", "http:// か https:// で始まる"):
        assert words in page.text
    assert page.form(POOL).values["phone"] == "でんわ"
    assert save(lead, office="あ" * 101).status_code == 409
    assert lead.page(POOL).form(POOL).values["office"] == before


def test_two_at_once_do_not_overwrite_each_other(fresh_app):
    first, second = (signed_in(fresh_app, COORDINATOR) for _ in range(2))
    earlier = second.page(POOL).form(POOL)
    assert save(first, office=OFFICE).status_code == 302
    answer = as_page(earlier.submit(second, {"office": "べつの係"}), status=409)
    assert "ほかの担当者が先に保存しました" in answer.text
    assert answer.form(POOL).values["office"] == "べつの係"
    assert answer.form(POOL).submit(second, {}).status_code == 302


@pytest.mark.parametrize("email", ["", VENDOR, LEAD_STAFF])
def test_the_page_is_the_coordinators(app, email):
    client = signed_in(app, email) if email else StrictClient(app)
    assert client.get(POOL).status_code in (302, 403)
