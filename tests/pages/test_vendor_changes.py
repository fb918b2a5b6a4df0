"""A vendor's new name and a merger by pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.client import as_page
from tests.harness.vendor_and_operator import Opened, open_for_both

NEW = "架空あたらし株式会社"


@pytest.fixture
def opened(empty_sqlite: Path, tmp_path: Path) -> Iterator[Opened]:
    with open_for_both(empty_sqlite, tmp_path) as opened:
        yield opened


def test_from_the_managers_wish_to_the_public_page(opened: Opened) -> None:
    manager, operator = opened.reader(opened.manager), opened.reader(opened.operator)
    form = manager.page(manager.page("/desk/vendor").link("名称の変更")).form("/name")
    page = as_page(form.submit(manager, {"name": NEW, "effective_on": "きのう"}), status=422)
    assert page.soup.select_one("#effective_on-error")
    assert page.soup.select_one("#reason-error")
    assert page.form("/name").values["name"] == NEW
    sent = {"name": NEW, "effective_on": "令和8年11月1日", "reason": "商号変更"}
    assert form.submit(manager, sent).status_code == 302
    waits = manager.page("/desk/vendor/name").text
    assert "運営者の審査を待っています" in waits and "運営者の審査の期限は令和8年" in waits
    public = f"/vendors/{opened.catalog.vendor}"
    assert NEW not in opened.reader().page(public).text
    address = operator.page("/admin/reviews").link("架空文書株式会社")
    decide = operator.page(address).form(address, button="承認する")
    assert "理由を入力" in as_page(decide.submit(operator, do="send_back"), status=422).text
    assert decide.submit(operator, do="approve").status_code == 302
    assert decide.submit(operator, do="approve").status_code == 409
    visitor = opened.reader()
    [row] = visitor.page(public).table("名称と統合の履歴")
    assert (row["これまでの名称"], row["事情"]) == ("架空文書株式会社", "名称の変更：商号変更")
    assert visitor.page(public).h1 == NEW
    api = visitor.get(f"/api/v1{public}").get_json()
    assert api["former_names"] == [
        {"name": "架空文書株式会社", "until": "2026-11-01", "merged": False}
    ]
    entry = f"/offerings/{opened.catalog.offering}"
    assert NEW in visitor.page(entry).text
    assert "架空文書株式会社" in visitor.page(f"{entry}/versions/2").text
    for words in (NEW, "架空文書株式会社"):
        found = visitor.get(f"/api/v1/search?kind=offering&q={words}").get_json()
        assert opened.catalog.offering in [result["id"] for result in found["results"]], words


def test_the_manager_takes_the_wish_back_and_the_operator_is_told(opened: Opened) -> None:
    manager, operator = opened.reader(opened.manager), opened.reader(opened.operator)
    form = manager.page("/desk/vendor/name").form("/name")
    sent = {"name": NEW, "effective_on": "令和8年11月1日", "reason": "商号変更"}
    form.submit(manager, sent)
    address = operator.page("/admin/reviews").link("架空文書株式会社")
    before = operator.page(address).form(address, button="承認する")
    recall = manager.page("/desk/vendor/name").form("/recall", button="申請を取り下げる")
    assert recall.submit(manager).location == "/desk/vendor/name"
    page = manager.page("/desk/vendor/name")
    [row] = page.table("名称の変更の申請")
    assert row["新しい名称"] == NEW and row["結果"].startswith("取り下げ（")
    assert page.form("/desk/vendor/name", button="申請する").values["name"] == ""
    assert NEW not in operator.page("/admin/reviews").text
    told = as_page(before.submit(operator, do="approve"), status=409)
    assert "事業者がすでに取り下げました" in told.text
    assert "事業者が取り下げました" in operator.page(address).text
    assert NEW not in opened.reader().page(f"/vendors/{opened.catalog.vendor}").text
    again = as_page(recall.submit(manager), status=409)
    assert "すでに取り下げました" in again.text


def test_two_vendors_become_one_and_the_old_address_leads_on(opened: Opened) -> None:
    operator, visitor = opened.reader(opened.operator), opened.reader()
    old, new = opened.catalog.vendor, opened.catalog.other_vendor
    form = operator.page(operator.page("/admin/reviews").link("事業者を統合する")).form("/merge")
    sent = {
        "vendor": f"https://moyai.example/vendors/{old}",
        "successor": str(new),
        "effective_on": "2026-11-01",
        "reason": "吸収合併",
    }
    page = as_page(form.submit(operator, sent), status=422)
    assert page.soup.select_one("#confirmed-error")
    assert page.form("/merge").values["reason"] == "吸収合併"
    for wrong in ("架空文書株式会社", "99999", "javascript:1"):
        page = as_page(form.submit(operator, sent, vendor=wrong, confirmed="y"), status=422)
        assert page.soup.select_one("#vendor-error"), wrong
    assert form.submit(operator, sent, confirmed="y").location == f"/vendors/{new}"
    answer = visitor.get(f"/vendors/{old}")
    assert (answer.status_code, answer.location) == (301, f"/vendors/{new}")
    answer = visitor.get(f"/api/v1/vendors/{old}")
    assert (answer.status_code, answer.location) == (301, f"/api/v1/vendors/{new}")
    [row] = visitor.page(f"/vendors/{new}").table("名称と統合の履歴")
    assert row["これまでの名称"] == "架空文書株式会社"
    entry = visitor.page(f"/offerings/{opened.catalog.offering}")
    assert f"/vendors/{new}" in entry.links
    old_version = visitor.page(f"/offerings/{opened.catalog.offering}/versions/2")
    assert "架空文書株式会社" in old_version.text
    withdrawn = visitor.page(f"/offerings/{opened.catalog.withdrawn}")
    assert "掲載を終了しています" in withdrawn.text
    assert opened.reader(opened.manager).get("/desk/vendor/name").status_code == 404
    again = as_page(form.submit(operator, sent, confirmed="y"), status=422)
    assert "すでに統合" in again.text


def test_staff_and_others_do_neither(opened: Opened) -> None:
    assert opened.reader(opened.catalog.vendor_email).get("/desk/vendor/name").status_code == 403
    for email in (opened.manager, opened.catalog.staff_email):
        assert opened.reader(email).get("/admin/vendors/merge").status_code == 403
    assert opened.reader(opened.operator).get("/admin/vendors/renames/99").status_code == 404
