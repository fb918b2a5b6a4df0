"""The pages of saved searches."""

import html
import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from catalog.selection.saved_models import SavedSearch
from foundation.audit import AuditEvent
from tests.harness.client import StrictClient
from tests.harness.example import sign_in

STAFF = "hoyui-staff@moyai.example"
COLLEAGUE = "hoyui-manager@moyai.example"
OTHER_TOWN = "tsunanoe-staff@moyai.example"
COUNTS = re.compile(r"（実データ ([\d,]+)件・架空データ ([\d,]+)件）を、")
ROWS = re.compile(r"<tr>.*?</tr>", re.DOTALL)
NEW = "/searches/saved/new?q=文書管理&kind=offering"


@pytest.fixture
def staff(fresh_client):
    sign_in(fresh_client, STAFF)
    return fresh_client


def save(client, **typed):
    form = client.page(NEW).form("/searches/saved/new")
    return form.submit(client, **({"name": "文書管理の製品"} | typed))


def stored(app):
    with app.extensions["moyai_database"].read_session() as session:
        return session.scalars(select(SavedSearch)).all()


def test_from_a_result_page_to_the_list_and_back_to_the_results(staff, fresh_app):
    assert save(staff, shared="y").status_code == 302
    page = staff.page("/searches/saved")
    assert "文書管理の製品" in page.text
    assert "実データ 0件・架空データ" in page.text
    [saved] = stored(fresh_app)
    assert saved.parameters == [["q", "文書管理"], ["kind", "offering"]]
    assert (
        "/search?q=%E6%96%87%E6%9B%B8%E7%AE%A1%E7%90%86&amp;exact=all&amp;kind=offering"
        in staff.get("/searches/saved").text
    )
    with fresh_app.extensions["moyai_database"].read_session() as session:
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "save_search"))
        assert event.subject_id == str(saved.id)


@pytest.mark.parametrize(
    "q",
    [
        "文書管理",
        "ぶんしょかんり",
        "議事碌",
        "SAML",
        "やりとり記録メモ",
        "文書 -管理",
        "保存した語なし",
        "",
    ],
)
def test_the_number_at_saving_in_the_list_and_at_the_link_is_one(staff, q):
    """A notice tells of what these three count: the answered words, and all of them."""
    path = f"/searches/saved/new?{urlencode({'q': q, 'sort': 'updated'})}"
    page = staff.page(path)
    assert "すべての語を含むものだけを数え、知らせます" in page.text
    at_saving = COUNTS.search(page.text).groups()
    assert page.form("/searches/saved/new").submit(staff, name="数える").status_code == 302
    [row] = [r for r in ROWS.findall(staff.get("/searches/saved").text) if "数える" in r]
    listed = re.search(r"実データ ([\d,]+)件・架空データ ([\d,]+)件", row).groups()
    link = html.unescape(re.search(r'href="(/search\?[^"]+|/search)"', row)[1])
    shown = COUNTS.search(staff.page(link).text).groups()
    assert at_saving == listed == shown
    if q == "ぶんしょかんり":
        assert "「文書管理」で数え、知らせます" in page.text
        assert listed != ("0", "0")


def test_the_result_page_leads_there_for_who_may(staff, fresh_app):
    assert "/searches/saved/new?q=" in staff.get("/search?q=文書").text
    assert "/searches/saved/new" not in StrictClient(fresh_app).get("/search?q=文書").text


def test_the_list_is_in_the_menu_of_who_may_keep_searches(staff, fresh_app):
    vendor = StrictClient(fresh_app)
    sign_in(vendor, "vendor-staff@moyai.example")
    assert 'href="/searches/saved"' in staff.get("/policy").text
    assert 'href="/searches/saved"' not in vendor.get("/policy").text
    assert vendor.get("/searches/saved").status_code == 403


def test_a_name_is_asked_for_and_nothing_is_lost(staff):
    response = save(staff, name="", shared="y")
    assert response.status_code == 422
    assert "入力してください" in response.text
    assert re.search(r'<input[^>]*checked[^>]*name="shared"', response.text)


def test_a_name_turns_nothing_round(staff, fresh_app):
    assert save(staff, name="\u202e新着\u202c").status_code == 302
    [saved] = stored(fresh_app)
    assert saved.name == "新着"
    path = f"/searches/saved/{saved.id}"
    for name in ("\u202e", "\u200f \u202e"):
        for response in (
            save(staff, name=name),
            staff.page(path).form(path).submit(staff, name=name),
        ):
            assert response.status_code == 422
            assert "入力してください" in response.text
    assert [one.name for one in stored(fresh_app)] == ["新着"]


def test_changed_elsewhere_is_shown_beside_what_was_typed(staff, fresh_app):
    save(staff)
    [saved] = stored(fresh_app)
    path = f"/searches/saved/{saved.id}"
    first, second = staff.page(path).form(path), staff.page(path).form(path)
    assert first.submit(staff, name="先の名前").status_code == 302
    response = second.submit(staff, name="後の名前")
    assert response.status_code == 409
    assert "「先の名前」" in response.text
    assert 'value="後の名前"' in response.text


def test_shared_is_seen_by_the_colleague_and_404_to_others(staff, fresh_app):
    save(staff, shared="y")
    [saved] = stored(fresh_app)
    colleague, other = StrictClient(fresh_app), StrictClient(fresh_app)
    sign_in(colleague, COLLEAGUE)
    sign_in(other, OTHER_TOWN)
    assert "文書管理の製品" in colleague.page("/searches/saved").text
    assert "文書管理の製品" not in other.page("/searches/saved").text
    for client in (colleague, other):
        assert client.get(f"/searches/saved/{saved.id}").status_code == 404


def test_one_click_stops_the_notices_without_signing_in(staff, fresh_app):
    save(staff, notify="y")
    [saved] = stored(fresh_app)
    assert saved.notify
    visitor = StrictClient(fresh_app)
    path = f"/searches/stop/{saved.stop_token}"
    page = visitor.page(path)
    assert stored(fresh_app)[0].notify, "opening alone stops nothing"
    assert page.form(path).submit(visitor).status_code == 200
    assert not stored(fresh_app)[0].notify
    assert visitor.get("/searches/stop/unknown").status_code == 404
