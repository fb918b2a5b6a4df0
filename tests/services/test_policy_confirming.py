"""A person says what an entry or a project counts as; a changed table asks, and changes nothing."""

from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.models import PolicyClass, PolicyConfirmation, PolicyItem
from catalog.policy import ClassedKind, ClassState
from catalog.policy_confirming import ClassAnswer, confirm_offering_class
from catalog.policy_history import get_offering_subject, recheck_offerings
from catalog.queries.policy_classes import ClassPage, get_class_page, list_unconfirmed
from catalog.search.catalog_sources import OfferingSource
from foundation.audit import AuditEvent, verify
from foundation.clock import jst_today
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice
from procurement.models import Project
from procurement.queries.standing import find_standing
from procurement.services.policy_class import confirm_project_class
from procurement.services.policy_recheck import make_project_subject, recheck_projects
from tests.harness.builders import NOW
from tests.harness.catalog import decide_common_target
from tests.harness.desk import Desk, make_desk
from tests.harness.projects import World, make_project, make_world

TODAY = jst_today(NOW)
OFFERING, PROJECT = ClassedKind.OFFERING.value, ClassedKind.PROJECT.value


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = make_desk(database)
    desk.publish()
    recheck_offerings(database, NOW)
    return desk


def decide(database: Database, words: str = "対話サービス") -> None:
    """The state decides to make one system of it."""
    with database.transaction() as session:
        decide_common_target(session, words)


def seen(session: Session, desk: Desk) -> ClassAnswer:
    """The answer of somebody who agrees with what the page shows now."""
    subject = get_offering_subject(session, desk.offering_id, TODAY)
    page = get_class_page(session, OFFERING, desk.offering_id)
    return ClassAnswer(
        scope=subject.scope,
        basis="資料を確かめた。",
        reason="",
        seen_number=page.number,
        seen_sha256=subject.sha256,
    )


def confirm(desk: Desk, actor: Actor | None = None, **changes: str) -> None:
    with desk.database.transaction() as session:
        confirm_offering_class(
            session,
            actor=actor or desk.operator,
            now=NOW,
            offering_id=desk.offering_id,
            answer=replace(seen(session, desk), **changes),  # type: ignore[arg-type]
        )


def page_of(database: Database, kind: str, subject_id: int) -> ClassPage:
    with database.read_session() as session:
        return get_class_page(session, kind, subject_id)


def told(database: Database) -> list[str]:
    with database.read_session() as session:
        rows = session.scalars(select(Notice).where(Notice.title.contains("国の方針")))
        return [row.body for row in rows]


def test_suggestion_and_confirmed_class_are_both_kept(desk: Desk) -> None:
    assert page_of(desk.database, OFFERING, desk.offering_id).state is ClassState.UNCONFIRMED
    confirm(desk, scope="undetermined", reason="資料からは決められない。")
    page = page_of(desk.database, OFFERING, desk.offering_id)
    assert page.state is ClassState.CONFIRMED
    assert page.suggested and page.suggested.scope == "general"
    assert page.confirmed and page.confirmed.scope == "undetermined"
    assert (page.confirmed.role, page.confirmed.at) == ("operator", NOW)
    assert page.confirmed.organization_name == desk.operator.organization_name
    assert page.confirmed.basis == "資料を確かめた。"
    with desk.database.read_session() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "confirm_policy_class")
        ).all()
        assert len(events) == 1
        assert verify(session).problems == ()


def test_who_was_suggested_something_else_learns_what_was_confirmed_first(desk: Desk) -> None:
    confirm(desk)
    assert told(desk.database) == []  # as suggested: nothing is new to anybody
    decide(desk.database)
    recheck_offerings(desk.database, NOW)
    before = len(told(desk.database))
    confirm(desk, scope="general", reason="照会して対象外と分かった。")
    assert len(told(desk.database)) == before  # confirmed again as it was


def test_a_first_confirmation_against_the_suggestion_is_told_with_its_reason(desk: Desk) -> None:
    confirm(desk, scope="common_saas_candidate", reason="省庁の照会の結果による。")
    [body] = told(desk.database)
    assert "推定の「一般（後押しの対象）」ではなく「共通SaaSの対象候補」と確認" in body
    assert "理由：省庁の照会の結果による。" in body


def test_a_changed_table_leaves_the_confirmed_class_and_asks(desk: Desk) -> None:
    confirm(desk)
    decide(desk.database)
    assert recheck_offerings(desk.database, NOW) == 1
    page = page_of(desk.database, OFFERING, desk.offering_id)
    assert page.state is ClassState.RECHECK
    assert page.confirmed and page.confirmed.scope == "general"
    assert page.suggested and page.suggested.scope == "commonization_target"
    assert page.suggested.sources == (("見本の資料", "S3:1-2"),)
    assert any("確認が必要" in body and "令和8年11月20日" in body for body in told(desk.database))
    with desk.database.read_session() as session:
        [row] = list_unconfirmed(session, page=1, size=10).rows
        assert (row.state, row.confirmed, row.suggested) == (
            ClassState.RECHECK,
            "general",
            "commonization_target",
        )
    confirm(desk)
    page = page_of(desk.database, OFFERING, desk.offering_id)
    assert (page.state, page.number) == (ClassState.CONFIRMED, 2)
    assert [(event.confirmed, event.scope) for event in page.events] == [
        (True, "commonization_target"),
        (False, "commonization_target"),
        (True, "general"),
        (False, "general"),
    ]
    assert "「一般（後押しの対象）」から「共通化対象」に改めて確認" in told(desk.database)[-1]
    with desk.database.read_session() as session:
        assert list_unconfirmed(session, page=1, size=10).rows == []


def test_the_search_narrows_by_the_confirmed_class(desk: Desk) -> None:
    source = OfferingSource()
    with desk.database.read_session() as session:
        [before] = source.documents(session, [desk.offering_id])
    confirm(desk, scope="standard_20", reason="契約の内容から。")
    with desk.database.read_session() as session:
        [after] = source.documents(session, [desk.offering_id])
    assert before.facets["policy_scope"] == ("general",)
    assert after.facets["policy_scope"] == ("standard_20",)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"basis": " "}, "basis"),
        ({"basis": "長" * 2_001}, "basis"),
        ({"scope": "standard_20"}, "reason"),
        ({"scope": "何か"}, "scope"),
    ],
)
def test_what_is_missing_is_named(desk: Desk, changes: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        confirm(desk, **changes)
    assert field in {blocker.field for blocker in refused.value.blockers}
    assert page_of(desk.database, OFFERING, desk.offering_id).number == 0


def test_the_second_of_two_sees_what_the_first_did(desk: Desk) -> None:
    with desk.database.read_session() as session:
        stale = seen(session, desk)
    confirm(desk)
    with pytest.raises(Conflict), desk.database.transaction() as session:
        confirm_offering_class(
            session, actor=desk.operator, now=NOW, offering_id=desk.offering_id, answer=stale
        )


def test_nobody_confirms_a_suggestion_it_did_not_see(desk: Desk) -> None:
    with desk.database.read_session() as session:
        stale = seen(session, desk)
    decide(desk.database)
    with pytest.raises(Conflict), desk.database.transaction() as session:
        confirm_offering_class(
            session, actor=desk.operator, now=NOW, offering_id=desk.offering_id, answer=stale
        )


def test_an_entry_that_is_not_public_has_no_class(desk: Desk) -> None:
    draft = desk.start("下書き")
    with desk.database.read_session() as session, pytest.raises(NotFound):
        get_offering_subject(session, draft, TODAY)


def test_an_item_counts_only_while_it_holds(desk: Desk) -> None:
    decide(desk.database)
    with desk.database.transaction() as session:
        item = session.scalars(select(PolicyItem).where(PolicyItem.decision_fy == 2027)).one()
        item.valid_from = TODAY.replace(year=TODAY.year + 1)
    assert recheck_offerings(desk.database, NOW) == 0
    with desk.database.transaction() as session:
        item = session.scalars(select(PolicyItem).where(PolicyItem.decision_fy == 2027)).one()
        item.valid_from, item.valid_to = None, TODAY
    assert recheck_offerings(desk.database, NOW) == 1


def test_a_confirmation_is_written_once(desk: Desk) -> None:
    confirm(desk)
    for statement in ("UPDATE policy_confirmation SET basis = ''", "DELETE FROM policy_class"):
        with pytest.raises(DatabaseError), desk.database.transaction() as session:
            session.execute(text(statement))
    with desk.database.read_session() as session:
        assert len(session.scalars(select(PolicyConfirmation)).all()) == 1


def open_project(database: Database) -> tuple[World, int]:
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2, title="対話サービスの共同調達")
        return world, project.id


def answer_for(session: Session, project_id: int, **changes: str) -> ClassAnswer:
    project = session.get_one(Project, project_id)
    subject = make_project_subject(session, project, TODAY)
    page = get_class_page(session, PROJECT, project_id)
    given = ClassAnswer(
        scope=subject.scope,
        basis="照会の結果による。",
        reason="",
        seen_number=page.number,
        seen_sha256=subject.sha256,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def confirm_project(
    database: Database, actor: Actor, project_id: int, reason: str = "", **changes: str
) -> None:
    with database.transaction() as session:
        confirm_project_class(
            session,
            actor=actor,
            now=NOW,
            project_id=project_id,
            answer=answer_for(session, project_id, **changes),
            policy_reason=reason,
        )


def test_a_project_is_confirmed_by_its_lead_and_goes_on(database: Database) -> None:
    world, project_id = open_project(database)
    recheck_projects(database, NOW)
    confirm_project(database, world.lead, project_id)
    decide(database)
    recheck_projects(database, NOW)
    page = page_of(database, PROJECT, project_id)
    assert page.state is ClassState.RECHECK
    assert page.confirmed and page.confirmed.scope == "general"
    with pytest.raises(Refused) as refused:  # a warning asks for a reason in writing
        confirm_project(database, world.lead, project_id)
    assert [each.field for each in refused.value.blockers] == ["policy_reason"]
    confirm_project(database, world.lead, project_id, reason="府省庁に照会した。")
    page = page_of(database, PROJECT, project_id)
    assert page.confirmed and page.confirmed.scope == "commonization_target"
    assert (page.state, page.confirmed.role) == (ClassState.CONFIRMED, "lead")
    with database.read_session() as session:
        project = session.get_one(Project, project_id)
        assert project.policy_check["reason"] == "府省庁に照会した。"
        assert project.state == "forming"
    # Each member is told of the suggestion and of the word, the lead of the suggestion alone.
    assert len(told(database)) == (2 + 1) + 2


def test_only_the_lead_confirms_a_project(database: Database) -> None:
    world, project_id = open_project(database)
    for actor in (*world.managers.values(), *world.staff.values()):
        with pytest.raises(Refused):
            confirm_project(database, actor, project_id)
    with database.read_session() as session:
        assert not find_standing(session, actor, project_id).leads
        assert session.scalars(select(PolicyClass)).all() == []
