"""The audit chain: every way of tampering is found, and nothing slips into it."""

import multiprocessing
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from foundation.audit import (
    AuditEvent,
    Head,
    event_hash,
    find_head,
    list_heads,
    record,
    secret,
    verify,
)
from foundation.db import Database

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def append(session, n, *, now=NOW, changes=None):
    return record(
        session,
        actor_id=1,
        actor_label="山田（潮見市）",
        organization_id=7,
        action="join_project",
        subject=("project", n),
        changes=changes if changes is not None else {"seats": n},
        now=now,
    )


@pytest.fixture
def chain(database):
    """Five events on three days."""
    for n in range(5):
        with database.transaction() as session:
            append(session, n, now=NOW + timedelta(days=n // 2))
    return database


def found(database, head=None):
    with database.read_session() as session:
        return verify(session, head)


def tamper(database, *statements):
    """Change the table as somebody would who may switch its triggers off."""
    off, on = (
        (["DROP TRIGGER audit_event_no_update", "DROP TRIGGER audit_event_no_delete"], [])
        if database.is_sqlite
        else (
            ["ALTER TABLE audit_event DISABLE TRIGGER USER"],
            ["ALTER TABLE audit_event ENABLE TRIGGER USER"],
        )
    )
    with database.engine.begin() as connection:
        for statement in (*off, *statements, *on):
            connection.execute(text(statement))


def rewrite_from(database, seq):
    """Forge one event and every hash after it, the head row too: a chain that holds together."""
    before = ""
    with database.read_session() as session:
        events = session.query(AuditEvent).order_by(AuditEvent.seq).all()
    statements = []
    for event in events[seq - 1 :]:
        if event.seq == seq:
            event.actor_label = "別人"
        else:
            event.prev_hash = before
        before = event.hash = event_hash(event)
        statements.append(
            f"UPDATE audit_event SET actor_label='{event.actor_label}', hash='{event.hash}', "
            f"prev_hash='{event.prev_hash}' WHERE seq={event.seq}"
        )
    statements.append(f"UPDATE audit_chain SET hash='{before}'")
    tamper(database, *statements)


def test_an_untouched_chain_is_as_it_was_written(chain):
    result = found(chain)
    assert result.problems == ()
    assert result.events == 5
    with chain.read_session() as session:
        assert find_head(session) == result.head


def test_what_was_recorded_reads_back(chain):
    with chain.read_session() as session:
        event = session.get_one(AuditEvent, 3)
        assert (event.actor_label, event.action, event.subject_id) == (
            "山田（潮見市）",
            "join_project",
            "2",
        )
        assert event.changes == {"seats": 2}
        assert event.at == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_event SET action='x' WHERE seq=2", "DELETE FROM audit_event"]
)
def test_the_database_refuses_to_change_or_delete_events(chain, statement):
    with pytest.raises(DBAPIError, match="append-only"), chain.engine.begin() as connection:
        connection.execute(text(statement))
    assert found(chain).problems == ()


@pytest.mark.parametrize("verb", ["UPDATE audit_head SET seq=1", "DELETE FROM audit_head"])
def test_the_database_refuses_to_change_published_heads(chain, verb):
    with pytest.raises(DBAPIError, match="append-only"), chain.engine.begin() as connection:
        connection.execute(text(verb))


def test_a_changed_event_is_named(chain):
    tamper(chain, "UPDATE audit_event SET actor_label='別人' WHERE seq=3")
    assert found(chain).problems == ("seq 3: 内容が変更されています。",)


def test_a_changed_event_with_its_own_hash_forged_breaks_the_link(chain):
    with chain.read_session() as session:
        first = session.get_one(AuditEvent, 1)
    tamper(chain, f"UPDATE audit_event SET hash='{'a' * 64}' WHERE seq=1")
    problems = found(chain).problems
    assert "seq 1: 内容が変更されています。" in problems
    assert "seq 2: 直前の記録とつながっていません。" in problems
    assert first.hash != "a" * 64


def test_a_missing_event_is_named(chain):
    tamper(chain, "DELETE FROM audit_event WHERE seq=3")
    assert any(problem.startswith("seq 3: 記録が抜けています") for problem in found(chain).problems)


def test_a_cut_tail_is_found_by_the_head_row(chain):
    tamper(chain, "DELETE FROM audit_event WHERE seq=5")
    assert any("末尾" in problem for problem in found(chain).problems)


def test_a_cut_tail_with_a_forged_head_row_is_found_by_a_kept_head(chain):
    kept = found(chain).head
    with chain.read_session() as session:
        fourth = session.get_one(AuditEvent, 4).hash
    tamper(
        chain,
        "DELETE FROM audit_event WHERE seq=5",
        f"UPDATE audit_chain SET seq=4, hash='{fourth}'",
    )
    assert found(chain).problems == ()
    assert any("切り取られ" in problem for problem in found(chain, kept).problems)


def test_a_rewritten_past_is_found_by_the_published_heads(chain):
    rewrite_from(chain, 2)
    assert any("公開済みの値と一致しません" in problem for problem in found(chain).problems)


def test_a_rewritten_present_is_found_by_a_kept_head(chain):
    kept = found(chain).head
    rewrite_from(chain, 5)
    assert found(chain).problems == ()
    assert any("過去が書き換えられています" in problem for problem in found(chain, kept).problems)


def test_each_finished_day_has_its_head_and_today_has_none_yet(chain):
    with chain.read_session() as session:
        today = NOW + timedelta(days=2)
        assert [(day, head.seq) for day, head in list_heads(session, today)] == [
            (date(2026, 11, 20), 2),
            (date(2026, 11, 21), 4),
        ]
        tomorrow = list_heads(session, today + timedelta(days=1))
        assert tomorrow[-1] == (date(2026, 11, 22), find_head(session))


def test_an_event_entered_with_an_earlier_moment_opens_no_closed_day(chain):
    with chain.transaction() as session:
        append(session, 9, now=NOW - timedelta(days=30))
    with chain.transaction() as session:
        append(session, 10, now=NOW + timedelta(days=5))
    assert found(chain).problems == ()


def test_a_secret_enters_as_a_salted_hash_that_differs_per_subject(database):
    with database.transaction() as session:
        first = append(session, 1, changes={"ceiling": secret(987_654_321)}).changes
        again = append(session, 1, changes={"ceiling": secret(987_654_321)}).changes
        other = append(session, 2, changes={"ceiling": secret(987_654_321)}).changes
    assert first == again != other
    assert "987654321" not in str(first)
    assert found(database).problems == ()


def test_a_float_may_not_enter(database):
    with pytest.raises(TypeError, match="float"), database.transaction() as session:
        append(session, 1, changes={"ratio": 0.1})


def test_what_is_rolled_back_leaves_no_event_and_no_gap(chain):
    with pytest.raises(RuntimeError), chain.transaction() as session:
        append(session, 99)
        raise RuntimeError
    with chain.transaction() as session:
        assert append(session, 6).seq == 6
    assert found(chain).problems == ()


def _append_many(url, count):
    database = Database(url)
    for n in range(count):
        with database.transaction() as session:
            append(session, n)
    database.dispose()


def test_two_processes_appending_at_once_keep_one_chain(database):
    each = 60
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_append_many, args=(database.url, each)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    result = found(database)
    assert result.problems == ()
    assert result.events == 2 * each


def test_a_head_nobody_wrote_is_not_in_the_chain(chain):
    assert found(chain, Head(seq=2, hash="0" * 64)).problems
