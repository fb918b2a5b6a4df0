"""When the policy table changes, entries and projects are looked at again; people are told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from accounts.models import Organization
from catalog.models import PolicyClass, Vendor
from catalog.policy_history import OFFERING, recheck_offerings
from catalog.queries.policy_classes import list_classes
from foundation.db import Database
from foundation.mail import Notice, OutboxMail
from procurement.models import Project
from procurement.services.policy_recheck import PROJECT, recheck_projects
from tests.harness.builders import NOW
from tests.harness.catalog import decide_common_target
from tests.harness.desk import Desk, make_desk
from tests.harness.queries import counted_queries

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = make_desk(database)
    desk.publish()
    with database.transaction() as session:
        lead = session.scalars(select(Organization).where(Organization.kind == "vendor")).first()
        assert lead is not None
        session.add(
            Project(
                title="対話サービスの共同調達",
                system_type_code="generative_ai",
                lead_organization_id=lead.id,
                state="forming",
                state_since=NOW,
                published=True,
                created_at=NOW,
                updated_at=NOW,
                fictional=True,
            )
        )
    return desk


def decide(database: Database, keywords: str = "対話サービス") -> None:
    """The state decides to make one system of it."""
    with database.transaction() as session:
        decide_common_target(session, keywords)


def classes(database: Database, kind: str) -> list[tuple[str, list[str]]]:
    with database.read_session() as session:
        rows = session.scalars(
            select(PolicyClass).where(PolicyClass.subject_kind == kind).order_by(PolicyClass.id)
        )
        return [(row.scope, row.items) for row in rows]


def told(database: Database) -> tuple[list[int], int]:
    """Whom the notices are for, and how many mails."""
    words = "国の方針との関係を確かめてください"
    with database.read_session() as session:
        notices = session.scalars(select(Notice).where(Notice.title.contains(words))).all()
        mails = session.scalars(select(OutboxMail).where(OutboxMail.subject.contains(words))).all()
        return [notice.organization_id or 0 for notice in notices], len(mails)


def test_the_first_look_is_noted_and_nobody_is_told(desk: Desk) -> None:
    assert (recheck_offerings(desk.database, NOW), recheck_projects(desk.database, NOW)) == (0, 0)
    assert classes(desk.database, OFFERING) == [("general", [])]
    assert classes(desk.database, PROJECT) == [("general", [])]
    assert told(desk.database) == ([], 0)
    assert recheck_offerings(desk.database, TOMORROW) == 0
    assert len(classes(desk.database, OFFERING)) == 1


@pytest.mark.parametrize(
    ("kind", "recheck"), [(OFFERING, recheck_offerings), (PROJECT, recheck_projects)]
)
def test_a_new_decision_adds_to_the_history_and_tells_once(
    desk: Desk, kind: str, recheck: object
) -> None:
    assert callable(recheck)
    recheck(desk.database, NOW)
    decide(desk.database)
    assert recheck(desk.database, NOW) == 1  # at once, not the next day
    assert classes(desk.database, kind) == [
        ("general", []),
        ("commonization_target", ["対話の共通化"]),
    ]
    people, mails = told(desk.database)
    assert len(people) == 1 and mails >= 1
    assert recheck(desk.database, NOW) == recheck(desk.database, TOMORROW) == 0
    assert told(desk.database) == (people, mails)


def test_the_maker_is_told_with_both_classes_named(desk: Desk) -> None:
    recheck_offerings(desk.database, NOW)
    decide(desk.database)
    recheck_offerings(desk.database, NOW)
    with desk.database.read_session() as session:
        maker = session.get_one(Vendor, desk.vendor_id)
        [notice] = session.scalars(select(Notice).where(Notice.title.contains("国の方針"))).all()
        assert notice.organization_id == maker.organization_id
        assert notice.url == f"/desk/vendor/offerings/{desk.offering_id}"
        assert "「一般（後押しの対象）」から「共通化対象」（対話の共通化）" in notice.body
        assert "そのまま続けられます" in notice.body
        newest, oldest = list_classes(session, OFFERING, desk.offering_id)
    assert (newest.scope, oldest.scope) == ("commonization_target", "general")
    assert newest.table_sha256 != oldest.table_sha256


def test_a_new_version_that_counts_otherwise_is_told_at_once_and_no_table_is_blamed(
    desk: Desk,
) -> None:
    decide(desk.database, keywords="住民税")
    recheck_offerings(desk.database, NOW)
    content = desk.content()
    changed = {key: content[key] for key in ("name", "system_type_code")}
    desk.save("basic", {**changed, "summary": "住民税の申告を支えます。"})
    assert desk.submit().version == 2  # a safe edit is public at once
    assert classes(desk.database, OFFERING)[-1] == ("commonization_target", ["対話の共通化"])
    [body] = bodies(desk.database)
    assert "名称・概要・システム種別のどれかが変わり" in body
    assert "国の方針の表が変わり" not in body
    assert recheck_offerings(desk.database, TOMORROW) == 0
    assert len(bodies(desk.database)) == 1


def test_a_project_written_otherwise_is_told_so_and_no_table_is_blamed(desk: Desk) -> None:
    decide(desk.database, keywords="住民税")
    recheck_projects(desk.database, NOW)
    with desk.database.transaction() as session:
        session.scalars(select(Project)).one().title = "住民税の申告の共同調達"
    assert recheck_projects(desk.database, TOMORROW) == 1
    [body] = bodies(desk.database)
    assert "名称・概要・システム種別のどれかが変わり" in body


def bodies(database: Database) -> list[str]:
    with database.read_session() as session:
        asked = Notice.title.contains("国の方針との関係を確かめてください")
        return list(session.scalars(select(Notice.body).where(asked)))


def test_a_decision_about_something_else_tells_nobody(desk: Desk) -> None:
    recheck_offerings(desk.database, NOW)
    decide(desk.database, keywords="住民税")
    assert recheck_offerings(desk.database, NOW) == 0
    assert told(desk.database) == ([], 0)


def test_an_ended_project_is_left_alone(desk: Desk) -> None:
    with desk.database.transaction() as session:
        session.execute(update(Project).values(state="closed"))
    recheck_projects(desk.database, NOW)
    assert classes(desk.database, PROJECT) == []


def test_the_history_is_written_once(desk: Desk) -> None:
    recheck_offerings(desk.database, NOW)
    with pytest.raises(DatabaseError), desk.database.transaction() as session:
        session.execute(text("DELETE FROM policy_class"))


def test_the_queries_do_not_grow_with_the_projects(desk: Desk, database: Database) -> None:
    """Each further project is looked at in memory: what it is checked against is loaded once."""
    counts = []
    for day in (1, 2):
        with counted_queries(database.engine) as log:
            recheck_projects(database, NOW + timedelta(days=day))
        counts.append(sum(each.startswith("SELECT") for each in log.statements))
        with database.transaction() as session:
            first = session.scalars(select(Project)).first()
            assert first is not None
            for n in range(20):
                session.add(
                    Project(
                        title=f"対話サービスの共同調達{n}",
                        system_type_code="generative_ai",
                        lead_organization_id=first.lead_organization_id,
                        state="forming",
                        state_since=NOW,
                        published=True,
                        created_at=NOW,
                        updated_at=NOW,
                        fictional=True,
                    )
                )
    assert counts[1] <= counts[0]
    assert len(classes(database, PROJECT)) == 21


def test_two_processes_at_once_note_and_tell_once(desk: Desk) -> None:
    recheck_offerings(desk.database, NOW)
    decide(desk.database)
    start = Barrier(2)

    def run(_number: int) -> int:
        own = Database(desk.database.url)
        start.wait(10)
        try:
            return recheck_offerings(own, NOW)
        finally:
            own.dispose()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == [0, 1]
    with desk.database.read_session() as session:
        assert len(list_classes(session, OFFERING, desk.offering_id)) == 2
