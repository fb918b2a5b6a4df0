"""The operator's page of words, and searches that lead nowhere."""

import pytest
from sqlalchemy import select

from catalog.words.models import MissedSearch
from foundation.audit import AuditEvent
from tests.harness.client import StrictClient
from tests.harness.example import sign_in

OPERATOR = "operator@moyai.example"
WORDS = "量子もつれ\r\n文書管理\r\n量子もつれ"


@pytest.fixture
def operator(fresh_client):
    sign_in(fresh_client, OPERATOR)
    return fresh_client


def register(client, **typed):
    form = client.page("/admin/words/new").form("/admin/words/new")
    return form.submit(client, **({"words": WORDS} | typed))


def change(client, **typed):
    return client.page("/admin/words/1").form("/admin/words/1").submit(client, **typed)


def total(client, text):
    return client.get("/api/v1/search", query_string={"q": text}).json["total"]


def test_a_group_is_used_by_the_next_search_until_it_is_switched_off(operator, fresh_app):
    visitor = StrictClient(fresh_app)
    documents = total(visitor, '"文書管理"')
    assert documents > 0
    assert total(visitor, "量子もつれ") == 0
    assert register(operator, note="窓口の言い方").status_code == 302
    page = operator.page("/admin/words")
    assert "量子もつれ、文書管理" in page.text
    assert "窓口の言い方" in page.text
    assert total(visitor, "量子もつれ") == documents
    assert change(operator, active=None).status_code == 302
    assert total(visitor, "量子もつれ") == 0
    with fresh_app.extensions["moyai_database"].read_session() as session:
        names = ("register_synonyms", "change_synonyms")
        events = session.scalars(select(AuditEvent).where(AuditEvent.action.in_(names))).all()
    assert [event.changes["active"] for event in events] == [True, False]
    audit = operator.page("/admin/audit").text
    assert "同義語の変更" in audit
    assert "量子もつれ、文書管理" in audit


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "入力してください"),
        ("文書管理", "2語以上"),
        ("文書管理\n 文書管理 ", "2語以上"),
        ("文書管理\n！？", "記号だけ"),
        (f"文書管理\n{'長' * 51}", "長すぎます"),
        ("\n".join(f"語{n}" for n in range(21)), "20語以内"),
    ],
)
def test_what_is_no_group_is_refused_and_stays_typed(operator, words, reason):
    response = register(operator, words=words)
    assert response.status_code == 422
    assert reason in response.text
    assert all(word in response.text for word in words.split("\n") if len(word) < 20)


def test_two_operators_do_not_overwrite_each_other(operator, fresh_app):
    register(operator)
    other = StrictClient(fresh_app)
    sign_in(other, OPERATOR)
    mine = operator.page("/admin/words/1").form("/admin/words/1")
    assert change(other, words="台帳\n帳簿").status_code == 302
    response = mine.submit(operator, words="書類\n文書")
    assert response.status_code == 409
    assert "台帳、帳簿" in response.text
    assert "書類\n文書" in response.text.replace("\r", "")


@pytest.mark.parametrize("path", ["/admin/words", "/admin/words/new", "/admin/words/1"])
def test_only_the_operator_may(app, path):
    client = StrictClient(app)
    assert client.get(path).status_code == 302
    for email in ("auditor@moyai.example", "hoyui-manager@moyai.example"):
        other = StrictClient(app)
        sign_in(other, email)
        assert other.get(path).status_code == 403


def test_a_group_that_is_not_there_is_not_there(operator):
    assert operator.get("/admin/words/999").status_code == 404


def search(client, times, text, **conditions):
    for _ in range(times):
        response = client.get("/search", query_string={"q": text} | conditions)
        assert response.status_code == 200
        response.close()


def test_what_leads_nowhere_is_shown_from_the_third_time_on(operator, fresh_app):
    visitor = StrictClient(fresh_app)
    search(visitor, 3, "量子もつれ")
    search(visitor, 2, "二回だけの語")
    search(visitor, 3, "ぶんしょかんり")
    search(visitor, 3, "文書管理", prefecture="99", kind="project", status="ended")
    search(visitor, 3, "文書管理")
    page = operator.get("/admin/words").text
    assert "量子もつれ" in page
    assert "二回だけの語" not in page
    assert "似た語の結果を表示" in page
    assert "文書管理／" in page


@pytest.mark.parametrize(
    "text", ["yamada@example.jp 量子", "090-1234-5678 量子", "山田太郎 量子", "量" * 51]
)
def test_personal_and_long_texts_are_not_kept(fresh_app, text):
    search(StrictClient(fresh_app), 3, text)
    with fresh_app.extensions["moyai_database"].read_session() as session:
        assert session.scalars(select(MissedSearch)).all() == []
