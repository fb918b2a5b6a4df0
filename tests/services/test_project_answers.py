"""What a body said when it joined can be put right while joining is open."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, Refused
from procurement.queries.previews import get_previews
from procurement.queries.standing import find_standing
from procurement.services.access import find_participation
from procurement.services.answers import OwnAnswers, change_answers
from tests.harness.builders import NOW
from tests.harness.projects import JOIN_CLOSES, make_project, make_world, move

WANTED = OwnAnswers(
    quantity=150, budget_status="before_vote", contact_name="情報 花子", note="予算は3月議会"
)


def change(session, world, project, body, *, actor=None, wanted=WANTED, now=NOW, seen=None):
    row = find_participation(session, project.id, body.code)
    assert row is not None
    return change_answers(
        session,
        actor=actor or world.manager(body),
        now=now,
        project_id=project.id,
        body_code=body.code,
        wanted=wanted,
        seen_version=row.row_version if seen is None else seen,
    )


def test_the_manager_changes_all_four_and_the_preview_follows(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        body = world.bodies[1]
        row = change(session, world, project, body)
        assert row.quantities == {"account": 150}
        assert (row.budget_status, row.contact_name) == ("before_vote", "情報 花子")
        assert (row.note, row.approval_number) == ("予算は3月議会", "情政第123号")
        previews = get_previews(session, project, find_standing(session, world.lead, project.id))
        member = next(each for each in previews.members if each.code == body.code)
        assert member.quantities.account == 150
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
        assert event is not None and event.action == "change_answers"
        kept = str(event.changes)
        assert "100" in kept and "150" in kept
        assert "花子" not in kept and "3月議会" not in kept


def test_staff_change_all_but_the_quantity(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        body = world.bodies[1]
        staff = world.staff[body.code]
        with pytest.raises(Refused) as refused:
            change(session, world, project, body, actor=staff)
        assert [b.field for b in refused.value.blockers] == ["quantity"]
        same = OwnAnswers(quantity=100, note="担当が代わりました")
        assert change(session, world, project, body, actor=staff, wanted=same).note == same.note


def test_the_second_of_two_is_told(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        body = world.bodies[1]
        row = find_participation(session, project.id, body.code)
        assert row is not None
        seen = row.row_version
        change(session, world, project, body, seen=seen)
        with pytest.raises(Conflict):
            change(session, world, project, body, seen=seen, wanted=OwnAnswers(quantity=9))
        assert row.quantities == {"account": 150}


@pytest.mark.parametrize("case", ["other_body", "not_joined", "after_deadline", "not_forming"])
def test_nobody_else_and_not_afterwards(sqlite_database: Database, case):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        body = world.bodies[1]
        changes = {
            "other_body": {"actor": world.manager(world.bodies[0])},
            "after_deadline": {"now": JOIN_CLOSES + timedelta(seconds=1)},
        }.get(case, {})
        if case == "not_forming":
            move(session, world.lead, project, "start_agreement")
        if case == "not_joined":
            row = find_participation(session, project.id, body.code)
            assert row is not None
            row.status = "declined"
            session.flush()
        with pytest.raises(Refused) as refused:
            change(session, world, project, body, **changes)
        assert [b.code for b in refused.value.blockers] == [case]
