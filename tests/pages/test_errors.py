"""What every answer carries, and what a reader sees when something goes wrong."""

import pytest
from flask import abort
from sqlalchemy import insert, select

from accounts.access import public
from accounts.models import User
from foundation.errors import Conflict, NotFound, refuse
from foundation.settings import Setting
from foundation.web import get_session, transaction
from tests.harness.client import StrictClient, as_page

SECRET_WORDS = "password=hunter2"


def crash():
    raise RuntimeError(SECRET_WORDS)


def rule():
    raise refuse("late", "回答期限 2026-03-31 を過ぎたため参加できません")


def collide():
    raise Conflict


def hide():
    raise NotFound


def say(status):
    abort(status)


def write_while_reading():
    get_session().add(User(email="x"))
    get_session().flush()


def stale():
    with transaction() as session:
        user = session.scalars(select(User)).first()
        session.connection().exec_driver_sql("DELETE FROM membership")
        session.expunge(user)
        raise Conflict("変更後の内容を確かめてください。")


def write_twice():
    with transaction() as session:
        for _ in range(2):
            session.execute(insert(Setting).values(key="twice", value="x"))


@pytest.fixture
def breaking(fresh_app):
    """A reader of an application with pages that fail in every way a page can."""

    fresh_app.config["PROPAGATE_EXCEPTIONS"] = False
    views = (crash, rule, collide, hide, write_while_reading, stale, write_twice)
    for view in views:
        for prefix in ("", "/api/v1"):
            address = f"{prefix}/test/{view.__name__}"
            fresh_app.add_url_rule(address, address, public(view))
    fresh_app.add_url_rule("/test/say/<int:status>", "say", public(say))
    fresh_app.add_url_rule("/test/unmarked", "unmarked", lambda: "open to all")
    return StrictClient(fresh_app)


def test_a_crash_says_nothing_of_its_cause(breaking):
    for prefix in ("", "/api/v1"):
        response = breaking.get(f"{prefix}/test/crash")
        assert response.status_code == 500
        assert "hunter2" not in response.text
        assert "Traceback" not in response.text
        assert "RuntimeError" not in response.text


def test_a_crash_is_still_a_page_when_the_database_is_gone(breaking, monkeypatch):
    def gone(_self):
        raise RuntimeError("no database")

    monkeypatch.setattr("foundation.db.Database.open_read_session", gone)
    with breaking.session_transaction() as session:
        session["_user_id"] = "somebody"
    page = as_page(breaking.get("/bodies"), status=500)
    assert "サーバーで問題が起きました" in page.text


@pytest.mark.parametrize(
    ("view", "status", "said"),
    [
        ("rule", 409, "回答期限 2026-03-31 を過ぎたため参加できません"),
        ("collide", 409, "ほかの人が先に変更しました。"),
        ("stale", 409, "変更後の内容を確かめてください。"),
        ("write_twice", 409, "同じ内容が先に登録されました。登録済みの内容を確かめてください。"),
        ("hide", 404, "ページが見つかりません"),
    ],
)
def test_a_refusal_is_a_page_with_its_reasons(breaking, view, status, said):
    assert said in as_page(breaking.get(f"/test/{view}"), status=status).text
    body = breaking.get(f"/api/v1/test/{view}").json["error"]
    assert body["status"] == status
    assert said in [body["message"], *body["reasons"]]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 415, 422, 429, 503])
def test_every_refusal_is_told_in_japanese(breaking, status):
    page = as_page(breaking.get(f"/test/say/{status}"), status=status)
    assert f"エラー番号：{status}" in page.text
    assert not any(word in page.text for word in ("The ", "Bad Request", "Forbidden"))


def test_a_view_without_a_permission_mark_is_closed(breaking):
    assert breaking.get("/test/unmarked").status_code == 403


def test_a_read_session_cannot_write(breaking):
    assert breaking.get("/test/write_while_reading").status_code == 500


def test_what_a_refused_transaction_wrote_is_undone(breaking):
    breaking.get("/test/stale")
    with breaking.application.extensions["moyai_database"].read_session() as session:
        assert session.scalars(select(User)).first().memberships


@pytest.mark.parametrize("path", ["/", "/login", "/bodies/011002", "/nowhere", "/api/v1/bodies"])
def test_every_answer_carries_the_strict_headers(client, path):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_https_is_remembered_only_where_it_is_used(client):
    headers = client.get("/bodies", base_url="https://localhost").headers
    assert "max-age" in headers["Strict-Transport-Security"]


def test_a_body_beyond_the_limit_is_refused(client, app):
    size = app.config["MAX_CONTENT_LENGTH"] + 1
    response = client.post("/login", data=b"x" * size, content_type="application/octet-stream")
    assert response.status_code in (400, 413)


def test_too_long_form_fields_are_refused(client):
    response = client.post(
        "/login", data={"email": "x" * 3_000_000}, content_type="multipart/form-data"
    )
    assert response.status_code == 413


def test_alive_ready_and_measured(client):
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert {"database", "queue"} <= set(ready.json["checks"])
    assert 'view="system.healthz"' in client.get("/metrics").text


def test_not_ready_names_the_part_but_not_the_reason(fresh_app):
    from foundation.health import add_readiness

    def broken(_database):
        raise RuntimeError(SECRET_WORDS)

    add_readiness(fresh_app, "search", broken)
    response = StrictClient(fresh_app).get("/readyz")
    assert response.status_code == 503
    assert response.json["checks"]["search"] == "failed"
    assert "hunter2" not in response.text


def test_measures_name_no_address_and_no_person(client):
    client.get("/bodies?q=秘密の検索語")
    client.get("/nowhere/秘密のアドレス")
    assert "秘密" not in client.get("/metrics").text


@pytest.mark.parametrize(
    ("referrer", "link"),
    [
        ("http://localhost/cases?kind=joint", "/cases?kind=joint"),
        ("http://localhost/nowhere", None),
        ("http://localhost/logout", None),
        ("http://elsewhere.example/cases", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_a_refused_form_leads_back_to_the_page_of_this_site_it_stood_on(client, referrer, link):
    answer = as_page(client.post("/logout", headers={"Referer": referrer}), status=400)
    found = [a["href"] for a in answer.soup.select("main a") if "戻る" in a.get_text()]
    assert found == ([link] if link else [])
