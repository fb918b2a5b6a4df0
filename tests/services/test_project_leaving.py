"""What a body decided when it joined stays beside what it decided when it left."""

from datetime import date

from foundation.db import Database
from procurement.models import Participation
from procurement.presenters.sheet import sheet_view
from procurement.queries.own_page import get_own_page
from procurement.queries.project_page import get_head_and_project
from procurement.services.access import find_participation
from procurement.services.leaving import leave_project
from tests.harness.builders import NOW
from tests.harness.projects import APPROVED, join, make_project, make_world


def test_leaving_keeps_the_approval_of_the_join(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        body = world.bodies[1]
        actor = world.manager(body)
        leave_project(
            session,
            actor=actor,
            now=NOW,
            project_id=project.id,
            body_code=body.code,
            reason="合併のため",
            approval_date=date(2026, 11, 20),
            approval_number="離脱第9号",
        )
        row = find_participation(session, project.id, body.code)
        assert isinstance(row, Participation)
        assert (row.approval_date, row.approval_number) == (APPROVED, "情政第123号")
        assert row.leave_approval_date == date(2026, 11, 20)
        assert row.leave_approval_number == "離脱第9号"
        head, _ = get_head_and_project(session, actor, project.id)
        page = get_own_page(session, project, head.standing)
        rows = dict(sheet_view(head, page, NOW).rows)
        assert rows["参加の決裁"] == "令和8年11月19日　情政第123号"
        assert rows["離脱の決裁"] == "令和8年11月20日　離脱第9号"


def test_joining_again_begins_with_a_clean_leave(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        body = world.bodies[1]
        leave_project(
            session,
            actor=world.manager(body),
            now=NOW,
            project_id=project.id,
            body_code=body.code,
            reason="再検討",
            approval_date=APPROVED,
            approval_number="離脱第1号",
        )
        join(session, world, project, body)
        row = find_participation(session, project.id, body.code)
        assert row is not None
        assert (row.leave_approval_date, row.leave_approval_number) == (None, "")
