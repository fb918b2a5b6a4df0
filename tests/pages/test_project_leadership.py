"""/projects/<id>/lead: handed over and kept, through the pages."""

import pytest

from tests.harness.client import StrictClient, as_page
from tests.harness.example_projects import (
    AGREEMENT,
    ASKED_MANAGER,
    ASKED_STAFF,
    AUDITOR,
    LEAD_MANAGER,
    STRANGER,
    VENDOR,
    project_path,
    signed_in,
)


def test_the_lead_hands_over_and_the_successor_takes_it(fresh_app):
    lead = signed_in(fresh_app, LEAD_MANAGER)
    path = project_path(fresh_app, AGREEMENT, "lead")
    members = lead.page(project_path(fresh_app, AGREEMENT, "members"))
    form = lead.page(members.link("幹事団体の交代")).form("/lead/offer")
    empty = as_page(form.submit(lead, {"reason": ""}), status=422)
    assert "入力してください" in empty.text
    nobody = as_page(form.submit(lead, {"reason": "担当の交代"}), status=409)
    assert "参加団体か事務局から選んでください" in nobody.text, "nobody is chosen by a slip"
    successor = signed_in(fresh_app, ASKED_MANAGER)
    option = next(
        tag["value"]
        for tag in lead.page(path).soup.select("#to_organization_id option")
        if "綱ノ江市" in tag.text
    )
    assert (
        form.submit(lead, {"to_organization_id": option, "reason": "担当の交代"}).status_code == 302
    )
    assert "返答を待っています" in lead.page(path).text
    page = successor.page(path)
    assert "段階の期限から30日" in page.text
    assert page.form("/take").submit(successor).status_code == 302
    assert "今の幹事団体は綱ノ江市です" in successor.page(path).text
    assert "交代した" in lead.page(path).text
    assert lead.page(project_path(fresh_app, AGREEMENT)).status == 200


@pytest.mark.parametrize(
    ("email", "status"),
    [("", 302), (VENDOR, 403), (STRANGER, 404), (ASKED_STAFF, 200), (AUDITOR, 200)],
)
def test_the_page_is_for_members(app, email, status):
    client = signed_in(app, email) if email else StrictClient(app)
    assert client.get(project_path(app, AGREEMENT, "lead")).status_code == status


def test_staff_are_told_to_ask_their_manager(app):
    page = signed_in(app, ASKED_STAFF).page(project_path(app, AGREEMENT, "lead"))
    assert "決裁者に依頼してください" in page.text


@pytest.mark.parametrize("email", [ASKED_MANAGER, LEAD_MANAGER, AUDITOR])
def test_the_page_asks_the_database_little(app, count_queries, email):
    client = signed_in(app, email)
    path = project_path(app, AGREEMENT, "lead")
    client.page(path)
    with count_queries() as log:
        client.page(path)
    log.at_most(15)
