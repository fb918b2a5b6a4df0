"""Ministries say how far their commonization items have come; nobody else does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from werkzeug.test import TestResponse

from accounts.roles import Role
from catalog.models import PolicyItem, PolicyReport
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from tests.harness.builders import make_organization, make_user
from tests.harness.catalog import open_catalog
from tests.harness.client import StrictClient
from tests.harness.example import sign_in

MINISTRY = "見本省"


class Opened:
    """The small catalog, three reporters, and two items of which one is the ministry's."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.database: Database = app.extensions["moyai_database"]
        with self.database.transaction() as session:
            items = session.scalars(select(PolicyItem).order_by(PolicyItem.id)).all()
            standard, own, other = items[:3]
            own.ministries, other.ministries = f"{MINISTRY}・ほか省", "ほか省"
            self.standard, self.own, self.other = standard.id, own.id, other.id
            self.emails = {}
            for name, kind, role, fictional in (
                (MINISTRY, "ministry", Role.MINISTRY_REPORTER, False),
                ("架空省", "ministry", Role.MINISTRY_REPORTER, True),
                ("運営", "operator", Role.OPERATOR, False),
            ):
                organization = make_organization(
                    session, kind, name=name, alternate_key=name, fictional=fictional
                )
                self.emails[name] = make_user(session, organization, role).email

    def reader(self, name: str = "") -> StrictClient:
        client = StrictClient(self.app)
        if name:
            sign_in(client, self.emails[name])
        return client

    def report(self, name: str, item_id: int, **typed: str) -> TestResponse:
        client = self.reader(name)
        form = client.page(f"/policy/items/{item_id}/report").form("/report")
        given = {"as_of": "2026-11-01", "summary": "要件を決めました。", "url": ""}
        return form.submit(client, **(given | typed))


@pytest.fixture
def opened(empty_sqlite: Path, tmp_path: Path) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path) as (app, _catalog):
        yield Opened(app)


def test_a_report_is_public_at_once_with_who_when_and_what(opened: Opened) -> None:
    assert "報告は登録されていません。" in opened.reader().page(f"/policy/items/{opened.own}").text
    answer = opened.report(MINISTRY, opened.own, url="https://ministry.example/report")
    assert answer.status_code == 302
    opened.report(MINISTRY, opened.own, as_of="2026-11-15", summary="試行を始めました。")
    page = opened.reader().page(f"/policy/items/{opened.own}")
    rows = page.table("進捗の報告の一覧")
    assert [(row["時点"], row["報告した府省庁"]) for row in rows] == [
        ("2026年11月15日", MINISTRY),
        ("2026年11月1日", MINISTRY),
    ]
    assert "要件を決めました。" in rows[1]["内容"]
    assert 'href="https://ministry.example/report"' in page.html
    table = opened.reader().page("/policy").table("決定分の一覧")
    assert any("時点" in row["進捗の報告"] for row in table)
    api = opened.reader().get(f"/api/v1/policy-items/{opened.own}").get_json()
    assert [report["summary"] for report in api["progress_reports"]] == [
        "試行を始めました。",
        "要件を決めました。",
    ]
    with opened.database.read_session() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "report_progress")
        ).all()
        assert len(events) == 2
        assert verify(session).problems == ()


def test_only_its_own_ministry_reports(opened: Opened) -> None:
    own = opened.reader(MINISTRY)
    assert "進捗を報告する" in own.page(f"/policy/items/{opened.own}").text
    for item in (opened.other, opened.standard, 987_654):
        assert own.get(f"/policy/items/{item}/report").status_code == 404
    assert "進捗を報告する" not in own.page(f"/policy/items/{opened.other}").text
    assert "進捗を報告する" not in opened.reader().page(f"/policy/items/{opened.own}").text
    assert opened.reader("運営").get(f"/policy/items/{opened.own}/report").status_code == 403
    assert opened.reader().get(f"/policy/items/{opened.own}/report").status_code == 302


def test_a_made_up_ministrys_report_is_marked(opened: Opened) -> None:
    opened.report("架空省", opened.other)
    page = opened.reader().page(f"/policy/items/{opened.other}")
    assert "架空" in page.table("進捗の報告の一覧")[0]["報告した府省庁"].replace("架空省", "")
    api = opened.reader().get(f"/api/v1/policy-items/{opened.other}").get_json()
    assert api["progress_reports"][0]["fictional"] is True


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"as_of": ""}, "入力してください"),
        ({"as_of": "2026-11-21"}, "今日までの日付"),
        ({"as_of": "きのう"}, "日付"),
        ({"summary": " "}, "入力してください"),
        ({"summary": "長" * 5_001}, "文字以内"),
        ({"url": "javascript:alert(1)"}, "https://"),
    ],
)
def test_what_cannot_stand_is_said_beside_its_field(
    opened: Opened, typed: dict[str, str], said: str
) -> None:
    answer = opened.report(MINISTRY, opened.own, **typed)
    assert answer.status_code == 422
    assert said in answer.text
    kept = typed.get("summary", "要件を決めました。").strip()
    assert kept in answer.text
    with opened.database.read_session() as session:
        assert session.scalars(select(PolicyReport)).all() == []


def test_an_old_report_is_called_overdue(opened: Opened) -> None:
    opened.report(MINISTRY, opened.own, as_of="2025-11-01")
    assert "12か月以上報告がありません" in opened.reader().page(f"/policy/items/{opened.own}").text
    opened.report(MINISTRY, opened.own, as_of="2026-11-01")
    page = opened.reader().page(f"/policy/items/{opened.own}")
    assert "12か月以上報告がありません" not in page.text


def test_a_report_is_written_once(opened: Opened) -> None:
    opened.report(MINISTRY, opened.own)
    with pytest.raises(DatabaseError), opened.database.transaction() as session:
        session.execute(text("UPDATE policy_report SET summary = 'x'"))
