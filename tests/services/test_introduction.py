"""From the contracts to the end: checklist, first day of use, know-how, closing."""

from datetime import date

import pytest

from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from procurement.domain.introduction import Check, IntroductionStep
from procurement.models import Participation
from procurement.services.introduction import record_check, start_use, write_know_how
from tests.harness.builders import NOW
from tests.harness.contracts import make_introduced_project
from tests.harness.projects import make_world, move
from tests.harness.tender import make_bidder

DONE = Check(done_on=date(2026, 11, 20))


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def check_all(session, world, project, body, actor=None):
    seen = 0
    for step in IntroductionStep:
        entry = record_check(
            session,
            actor=actor or world.staff[body.code],
            now=NOW,
            project_id=project.id,
            body_code=body.code,
            step=step,
            check=DONE,
            seen_id=seen,
        )
        session.flush()
        seen = entry.id
    return seen


def start(session, actor, project, body, day=date(2026, 11, 20)):
    return start_use(
        session,
        actor=actor,
        now=NOW,
        project_id=project.id,
        body_code=body.code,
        starts_on=day,
    )


def write(session, world, project, **changes):
    values = {"know_how": "移行は2か月前に始める。", "no_know_how_reason": "", "seen_version": 0}
    given = {"actor": world.lead, "now": NOW, "project_id": project.id}
    return write_know_how(session, **given, **(values | changes))


def test_a_project_walks_from_its_contracts_to_its_end(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world)
        with pytest.raises(Refused) as unused:
            move(session, world.lead, project, "start_operation")
        assert codes(unused) == ["not_in_use"]
        for body in world.bodies:
            check_all(session, world, project, body)
            start(session, world.staff[body.code], project, body)
        rows = session.query(Participation).filter_by(project_id=project.id)
        assert {row.status for row in rows} == {"in_use"}
        move(session, world.lead, project, "start_operation")
        with pytest.raises(Refused) as unwritten:
            move(session, world.lead, project, "close")
        assert codes(unwritten) == ["know_how"]
        write(session, world, project)
        move(session, world.lead, project, "close")
        assert project.state == "closed"


def test_nothing_begins_before_contract_and_checklist(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world)
        body, other, _ = world.bodies
        staff = world.staff[body.code]
        with pytest.raises(Refused) as unchecked:
            start(session, staff, project, body)
        assert codes(unchecked) == ["unchecked"]
        check_all(session, world, project, body, actor=world.lead)
        with pytest.raises(Refused) as future:
            start(session, staff, project, body, date(2026, 11, 21))
        assert codes(future) == ["future"]
        with pytest.raises(Refused) as stranger:
            start(session, world.staff[other.code], project, body)
        assert codes(stranger) == ["not_own"]
        _, vendor = make_bidder(session)
        with pytest.raises(NotFound):
            start(session, vendor, project, body)


@pytest.mark.parametrize(
    ("step", "check", "code"),
    [
        (IntroductionStep.ACCEPTANCE, Check(note="要らない"), "needed"),
        (IntroductionStep.SETUP, Check(), "empty"),
        (IntroductionStep.SETUP, Check(done_on=date(2026, 11, 21)), "future"),
    ],
)
def test_an_entry_says_when_or_why_not(sqlite_database: Database, step, check, code):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world)
        body = world.bodies[0]
        given = {"actor": world.lead, "now": NOW, "project_id": project.id, "body_code": body.code}
        with pytest.raises(Refused) as refused:
            record_check(session, step=step, check=check, seen_id=0, **given)
        assert codes(refused) == [code]
        first = {"step": IntroductionStep.SETUP, "check": DONE, "seen_id": 0, **given}
        record_check(session, **first)
        with pytest.raises(Conflict):
            record_check(session, **first)


def test_know_how_or_why_there_is_none(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world)
        with pytest.raises(Refused) as empty:
            write(session, world, project, know_how=" ")
        assert codes(empty) == ["know_how"]
        write(session, world, project, know_how="", no_know_how_reason="期間が短いため")
        with pytest.raises(Conflict):
            write(session, world, project)
