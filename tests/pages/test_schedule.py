"""The calendar of a project: page, settings, a body's own rules, and the calendar file."""

import icalendar
import pytest

from tests.harness.client import as_page
from tests.harness.example_projects import (
    ASKED_STAFF,
    COORDINATOR,
    FORMING,
    HIDDEN,
    LEAD_STAFF,
    NOTICE,
    VENDOR,
    project_path,
    signed_in,
)


def test_a_visitor_sees_steps_and_no_body(app):
    page = app.test_client().get(project_path(app, FORMING, "schedule"))
    assert page.status_code == 200
    assert "工程の一覧" in page.text
    assert "予算要求の締切" not in page.text
    assert "日程の設定" not in page.text


def test_the_drawing_says_nothing_the_table_does_not(app):
    text = app.test_client().get(project_path(app, FORMING, "schedule")).text
    assert text.count("開庁日</td>") == 8
    assert text.count('role="img"') == 1
    assert "数値は下の表にあります" in text


def test_the_lead_sees_every_body_and_a_member_itself_only(app):
    path = project_path(app, FORMING, "schedule")
    lead = signed_in(app, COORDINATOR).get(path).text
    assert "団体ごとの期限と確かめること" in lead
    assert lead.count("予算要求の締切") == 1
    assert lead.count("2026年10月31日") > 5


def test_the_calendar_file_is_read_back(app):
    path = project_path(app, FORMING, "schedule.ics")
    answer = app.test_client().get(path)
    assert answer.mimetype == "text/calendar"
    calendar = icalendar.Calendar.from_ical(answer.get_data())
    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    number = path.split("/")[2]
    join = events[f"project-{number}-join@localhost"]
    assert join["dtstart"].dt.utcoffset().total_seconds() == 0
    assert (join["dtstart"].dt.hour, join["dtstart"].dt.minute) == (8, 0)
    assert all("架空" in str(event["summary"]) for event in events.values())
    step = events[f"project-{number}-step-notice@localhost"]
    assert step["dtend"].dt > step["dtstart"].dt
    elsewhere = app.test_client().get(path, base_url="https://other.example").get_data()
    uids = {str(event["uid"]) for event in icalendar.Calendar.from_ical(elsewhere).walk("VEVENT")}
    assert len(uids) == len(events) and not uids & set(events), "two places, two calendars"


def test_a_hidden_project_has_no_calendar(app):
    for page in ("schedule", "schedule.ics"):
        assert app.test_client().get(project_path(app, HIDDEN, page)).status_code == 404
        assert signed_in(app, VENDOR).get(project_path(app, HIDDEN, page)).status_code == 404


def lengths_form(client, path):
    return client.page(path).form("/schedule", button="日程の設定を保存する")


def test_the_lead_changes_a_length_and_the_days_move(fresh_app):
    client = signed_in(fresh_app, COORDINATOR)
    path = project_path(fresh_app, FORMING, "schedule")
    stale = lengths_form(client, path)
    assert lengths_form(client, path).submit(client, notice="４０").status_code == 302
    assert "40開庁日" in client.get(path).text
    page = as_page(stale.submit(client, notice="41"), status=409)
    assert "ほかの担当者が先に保存しました" in page.text
    # Saving again, knowing of it, is a decision.
    again = page.form("/schedule", button="日程の設定を保存する")
    assert again.submit(client).status_code == 302
    assert "41開庁日" in client.get(path).text


@pytest.mark.parametrize("wrong", ["0", "251", "いちにち", "1.5"])
def test_a_wrong_length_is_named_beside_its_field(app, wrong):
    client = signed_in(app, COORDINATOR)
    form = lengths_form(client, project_path(app, FORMING, "schedule"))
    answer = form.submit(client, notice=wrong)
    assert answer.status_code == 422
    assert 'id="notice-error"' in answer.text
    assert f'value="{wrong}"' in answer.text


def test_a_member_has_no_settings(app):
    client = signed_in(app, LEAD_STAFF)
    page = client.page(project_path(app, FORMING, "schedule"))
    assert "日程の設定を保存する" not in page.text


def test_a_body_states_its_rules_once(fresh_app):
    client = signed_in(fresh_app, ASKED_STAFF)
    form = client.page("/desk/body/rules").form("/desk/body/rules", button="保存する")
    data = {
        "budget_request_month": "１０",
        "budget_request_day": "20",
        "assembly_months": ["3", "9"],
        "long_term": "covered",
        "long_term_limit_months": "36",
        "property_threshold_yen": "20,000,000",
        "source": "架空町条例",
    }
    assert form.submit(client, **data).status_code == 302
    page = client.get("/desk/body/rules").text
    assert 'value="36"' in page
    assert "最後の更新" in page
    again = form.submit(client, **{**data, "source": "別の根拠"})
    assert again.status_code == 409
    assert "別の根拠" in again.text


def test_an_impossible_day_stays_in_the_form(app):
    client = signed_in(app, ASKED_STAFF)
    form = client.page("/desk/body/rules").form("/desk/body/rules", button="保存する")
    answer = form.submit(client, budget_request_month="2", budget_request_day="30")
    assert answer.status_code == 409
    assert "2月に30日はありません" in answer.text
    assert 'value="30"' in answer.text


@pytest.mark.parametrize("words", [FORMING, NOTICE])
def test_few_queries_make_the_page(app, count_queries, words):
    client = signed_in(app, COORDINATOR)
    path = project_path(app, words, "schedule")
    with count_queries() as log:
        assert client.get(path).status_code == 200
    assert len(log.statements) <= 12
