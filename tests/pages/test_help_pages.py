"""/help: a town asks its coordinator, who routes it on; both sides read, others find nothing."""

import csv
import io

import pytest

from tests.harness.client import StrictClient, as_page
from tests.harness.example import open_example, sign_in
from tests.harness.queries import counted_queries

STAFF, COORDINATOR = "hoyui-staff@moyai.example", "pref@moyai.example"
MINISTRY, VENDOR = "ministry@moyai.example", "vendor-staff@moyai.example"
OTHERS = ("tsunanoe-staff@moyai.example", "oumi@moyai.example", VENDOR)
SUBJECT = "=架空の相談"


@pytest.fixture(scope="module")
def opened(example, tmp_path_factory):
    with open_example(example, tmp_path_factory.mktemp("help") / "instance") as app:
        yield app


def client_of(app, email):
    client = StrictClient(app)
    sign_in(client, email)
    return client


def ask(client, **changes):
    form = client.page("/help/new?kind=scrutiny").form("/help/new")
    prefecture = next(
        option["value"]
        for option in form.tag.select("#to option")
        if option.text.startswith("都道府県")
    )
    values = {
        "to": prefecture,
        "subject": SUBJECT,
        "text": "高いでしょうか。",
        "annual_yen": "1000",
    }
    return form.submit(client, values | changes)


def test_a_quote_is_looked_at_and_both_sides_are_told(opened):
    town, coordinator = client_of(opened, STAFF), client_of(opened, COORDINATOR)
    assert "/help" in town.page("/desk/body").links
    assert ask(town).status_code == 302
    waiting = coordinator.page("/desk/prefecture")
    path = waiting.link(SUBJECT)
    assert coordinator.page(path).form("/take").submit(coordinator).status_code == 302
    page = coordinator.page(path)
    assert "1,000円" in page.text
    choices = [option.text for option in page.form("/route").tag.select("option")]
    assert not [text for text in choices if text.startswith("事業者")]
    for email in OTHERS:
        stranger = client_of(opened, email)
        assert stranger.get(path).status_code == 404
        assert SUBJECT not in stranger.page("/help").text
        assert SUBJECT[1:] not in stranger.get("/help.csv").text
    reply = {"reply-reply": "比較件数不足のため、内訳を事業者に確かめてください。"}
    form = page.form("/reply")
    assert form.submit(coordinator, reply).status_code == 302
    assert form.submit(coordinator, reply).status_code == 409
    answered = town.page(path)
    assert "比較件数不足のため" in answered.text
    assert answered.soup.select("main form") == []
    assert "回答がありました" in town.page("/inbox").text
    file = town.get("/help.csv")
    rows = csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff")))
    (row,) = [each for each in rows if each["subject"] == f"'{SUBJECT}"]
    assert (row["status"], row["fictional"]) == ("answered", "1")
    assert file.headers["Cache-Control"] == "no-store"


def test_what_is_wrong_is_said_beside_its_field_and_kept(opened):
    town = client_of(opened, STAFF)
    page = as_page(ask(town, annual_yen="", text="しるし"), status=409)
    assert "精査を依頼する見積" in page.soup.select_one("#annual_yen-error").text
    assert "しるし" in page.form("/help/new").values["text"]
    assert as_page(ask(town, to="987654"), status=409).soup.select_one("#to-error")


def test_who_asks_no_body_finds_a_list_and_no_form(opened):
    for email in (VENDOR, MINISTRY):
        client = client_of(opened, email)
        assert client.page("/help").soup.select("main a[href='/help/new']") == []
        assert client.get("/help/new").status_code == 403
    assert StrictClient(opened).get("/help").status_code == 302


def test_past_cases_stand_beside_a_request_for_scrutiny(opened):
    """The example's request is about a project: its kind, its size band, each case's source."""
    for email in (STAFF, COORDINATOR):
        client = client_of(opened, email)
        path = client.page("/help").link("文書管理の見積の精査のお願い（架空）")
        with counted_queries(opened.extensions["moyai_database"].engine) as log:
            client.get(path)
        log.at_most(12)
        page = client.page(path)
        rows = page.table("同じ種別・同じ規模の公開事例（税抜）")
        few = "比較件数不足" in page.text
        assert few == (len([row for row in rows if row["確認日"]]) < 5)
        assert "判定ではありません" in page.text
