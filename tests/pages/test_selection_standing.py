"""What a selection record says of its entries that were suspended or withdrawn since."""

import pytest
from sqlalchemy import select

from catalog.models import Offering
from catalog.selection.standing import Standing, list_standings
from tests.harness.client import as_page
from tests.harness.example import sign_in

NEW = "/searches/new?q=文書管理&kind=offering"


@pytest.fixture
def staff(fresh_client):
    sign_in(fresh_client, "hoyui-staff@moyai.example")
    return fresh_client


def draft(client):
    """(path, ids) of a draft with the first three entries of a search."""
    page = client.page(NEW)
    chosen = [box["value"] for box in page.soup.select("input[name=chosen]")][:3]
    answer = page.form("/searches/new").submit(client, title="文書管理の選定", chosen=chosen)
    return answer.headers["Location"], [int(key.split(":")[1]) for key in chosen]


def lock(client, path):
    return client.page(f"{path}/lock").form(f"{path}/lock").submit(client, confirmed="y")


def put(app, statuses):
    """Give the entries these states."""
    with app.extensions["moyai_database"].transaction() as session:
        for number, status in statuses.items():
            session.get_one(Offering, number).publication_status = status


def test_a_draft_says_which_cannot_be_locked_before_anybody_tries(staff, fresh_app):
    path, (first, second, third) = draft(staff)
    put(fresh_app, {first: "suspended", second: "withdrawn"})
    page = staff.page(path)
    assert "今は公開されていないものがあります" in page.text
    assert ("公開停止中" in page.text, "掲載終了" in page.text) == (True, True)
    links = {link["href"] for link in page.soup.select(".moyai-selection a")}
    assert links == {f"/offerings/{second}", f"/offerings/{third}"}
    before = staff.page(f"{path}/lock").text
    assert "まだ確定できません" in before
    refused = lock(staff, path)
    assert refused.status_code == 422
    assert as_page(refused).text.count("は今は公開されていません") >= 2
    decisions = [name for name in page.form(path).names if name.startswith("decision_")]
    left_out = dict.fromkeys(decisions[:2], "left_out")
    assert page.form(path).submit(staff, left_out).status_code == 302
    assert "今は公開されていないもの" not in staff.page(path).text
    assert lock(staff, path).status_code == 302


def test_a_locked_record_marks_what_changed_and_leads_to_no_missing_page(staff, fresh_app):
    path, (first, second, _third) = draft(staff)
    assert lock(staff, path).status_code == 302
    assert "掲載が変わったもの" not in staff.page(path).text
    put(fresh_app, {first: "suspended", second: "withdrawn"})
    page = staff.page(path)
    assert "確定した後に、掲載が変わったものがあります" in page.text
    rows = page.soup.select("#locked-results tbody tr") or page.soup.select("tbody tr")
    said = [row.th.get_text() for row in rows[:3]]
    assert "公開停止中" in said[0]
    assert "掲載終了" in said[1]
    assert "公開停止中" not in said[2]
    for row in rows[:3]:
        for link in row.th.select("a"):
            assert staff.get(link["href"]).status_code == 200
    assert rows[0].th.a is None
    # What is taken away stays as it was sealed.
    printed = page.form(f"{path}/downloads").submit(staff, format="print")
    assert "公開停止中" not in printed.text
    assert f"/offerings/{first}/versions/" in printed.text


def test_the_page_of_a_version_says_that_the_entry_has_ended(fresh_client, fresh_app):
    with fresh_app.extensions["moyai_database"].read_session() as session:
        shown = select(Offering.id).where(Offering.publication_status == "published").limit(1)
        number = session.scalars(shown).one()
    address = f"/offerings/{number}/versions/1"
    assert "掲載を終了しています" not in fresh_client.page(address).text
    put(fresh_app, {number: "withdrawn"})
    text = fresh_client.page(address).text
    assert "このサービスは掲載を終了しています" in text
    assert "これが最新の版です" not in text


def test_what_one_may_not_find_has_no_state(fresh_app):
    with fresh_app.extensions["moyai_database"].read_session() as session:
        unknown = [("offering", 987_654), ("project", 987_654), ("case", 987_654)]
        assert list_standings(session, unknown) == {
            "offering:987654": Standing.GONE,
            "project:987654": Standing.GONE,
            "case:987654": Standing.GONE,
        }
        assert list_standings(session, []) == {}
