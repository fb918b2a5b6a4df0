"""The two roads of the database: nothing is lost, nothing is half done."""

import multiprocessing
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, StatementError

from accounts.models import Organization, SignInAttempt
from foundation.db import Database

WRITERS = 2
WRITES_EACH = 500


def _count_up(url: str, start: "multiprocessing.synchronize.Barrier", errors: list[str]) -> None:
    """Read, add one, write: as often as agreed, each time in a transaction of its own."""
    database = Database(url)
    start.wait()
    for _ in range(WRITES_EACH):
        try:
            with database.transaction() as session:
                found = session.scalars(
                    select(Organization).where(Organization.id == 1).with_for_update()
                ).one()
                found.name = str(int(found.name) + 1)
        except Exception as error:
            errors.append(repr(error))
    database.dispose()


def test_two_processes_lose_no_write(database):
    with database.transaction() as session:
        session.add(Organization(id=1, kind="operator", name="0"))
    processes = multiprocessing.get_context("spawn")
    with processes.Manager() as manager:
        errors, start = manager.list(), manager.Barrier(WRITERS)
        writers = [
            processes.Process(target=_count_up, args=(database.url, start, errors))
            for _ in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(timeout=120)
        assert list(errors) == []
        assert [writer.exitcode for writer in writers] == [0] * WRITERS
    with database.read_session() as session:
        assert session.get_one(Organization, 1).name == str(WRITERS * WRITES_EACH)


def test_a_failed_block_leaves_nothing(database):
    with pytest.raises(RuntimeError), database.transaction() as session:
        session.add(Organization(kind="operator", name="半分"))
        session.flush()
        raise RuntimeError
    with database.read_session() as session:
        assert session.scalars(select(Organization)).all() == []


def test_the_read_road_cannot_write(database):
    with database.read_session() as session, pytest.raises(DatabaseError):
        session.execute(text("DELETE FROM organization"))


def test_a_reader_sees_one_moment(database):
    with database.read_session() as reading:
        assert reading.scalars(select(Organization)).all() == []
        with database.transaction() as writing:
            writing.add(Organization(kind="operator", name="あとから"))
        assert reading.scalars(select(Organization)).all() == []


def test_foreign_keys_are_enforced(database):
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(
            text("INSERT INTO membership (user_id, organization_id, role) VALUES (7, 7, 'x')")
        )


def test_a_moment_without_a_zone_is_refused(database):
    with database.read_session() as session:
        naive = datetime(2026, 11, 20, 10, 0)  # noqa: DTZ001
        with pytest.raises(StatementError, match="time zone"):
            session.scalars(select(SignInAttempt).where(SignInAttempt.failed_at < naive)).all()
        aware = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
        assert (
            session.scalars(select(SignInAttempt).where(SignInAttempt.failed_at < aware)).all()
            == []
        )


def test_hooks_run_after_the_commit_only(database):
    seen: list[int] = []

    def count_committed(committed: Database) -> None:
        with committed.read_session() as session:
            seen.append(len(session.scalars(select(Organization)).all()))

    database.after_commit.append(count_committed)
    with database.transaction() as session:
        session.add(Organization(kind="operator", name="一"))
        session.flush()
        assert seen == []
    with pytest.raises(RuntimeError), database.transaction():
        raise RuntimeError
    assert seen == [1]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_what_changes_a_derived_copy_does_not_wait_for_the_disk(database):
    waits_of = {0: "off", 1: "normal", 2: "full"}
    with database.derived_transaction() as connection:
        assert waits_of[connection.scalar(text("PRAGMA synchronous"))] == "normal"
    with database.transaction() as session:  # the pool gives the same connection again
        assert waits_of[session.scalar(text("PRAGMA synchronous"))] == "full"
    with database.read_session() as session:
        assert waits_of[session.scalar(text("PRAGMA synchronous"))] == "full"
