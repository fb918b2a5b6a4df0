"""A coordinator enters costs for bodies of its prefecture; marked, told, and corrected (F17)."""

import pytest
from sqlalchemy import select

from accounts.roles import Role
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice
from procurement.domain.costs import CostBasis, CostCategory
from procurement.models import Participation
from procurement.queries.costs_on_behalf import get_costs_of_body, list_bodies_to_enter
from procurement.queries.own_costs import get_own_costs
from procurement.services.costs import YearCosts, record_costs
from procurement.services.costs_on_behalf import enter_costs_on_behalf, set_present_cost
from tests.harness.builders import NOW, make_actor, make_body, organization_of
from tests.harness.ledger import make_collected_project
from tests.harness.projects import make_project, make_world


def said(operating, year=2025):
    return YearCosts(
        fiscal_year=year,
        basis=CostBasis.SETTLEMENT,
        amounts={CostCategory.OPERATING: operating},
        source="決算書",
    )


def enter(session, actor, project, code, wanted):
    seen = get_own_costs(session, project.id, code).seen_sha256
    enter_costs_on_behalf(
        session,
        actor=actor,
        now=NOW,
        project_id=project.id,
        body_code=code,
        wanted=wanted,
        seen_sha256=seen,
    )


def test_it_is_marked_the_body_is_told_and_corrects_it(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project, _, _ = make_collected_project(session, world)
        code = world.bodies[0].code
        enter(session, world.lead, project, code, said(700))
        (line,) = get_own_costs(session, project.id, code).lines
        assert (line.amounts, line.on_behalf_by) == ({"operating": 700}, world.lead.label)
        told = session.scalars(select(Notice).where(Notice.url.endswith("/costs/own"))).one()
        assert told.organization_id == world.manager(world.bodies[0]).organization_id
        assert session.scalars(
            select(AuditEvent).where(AuditEvent.action == "enter_costs_on_behalf")
        ).one()
        own = world.staff[code]
        record_costs(
            session,
            actor=own,
            now=NOW,
            project_id=project.id,
            wanted=said(800),
            seen_sha256=get_own_costs(session, project.id, code).seen_sha256,
        )
        (line,) = get_own_costs(session, project.id, code).lines
        assert (line.amounts, line.on_behalf_by) == ({"operating": 800}, "")
        with pytest.raises(Refused) as own_word:
            enter(session, world.lead, project, code, said(900))
        assert [b.code for b in own_word.value.blockers] == ["own_word"]
        with pytest.raises(Conflict):
            enter_costs_on_behalf(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project.id,
                body_code=code,
                wanted=said(1, year=2024),
                seen_sha256="old",
            )


def test_other_prefectures_and_other_people_find_nothing(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project, _vendor, manager = make_collected_project(session, world)
        code = world.bodies[0].code
        far = organization_of(session, make_body(session, code="011002", name="遠市"))
        far.prefecture_code = "01"
        session.flush()
        stranger = make_actor(session, far, Role.PREFECTURE_COORDINATOR)
        strangers = (stranger, manager, world.manager(world.bodies[1]))
        for actor in strangers:
            with pytest.raises(NotFound):
                enter(session, actor, project, code, said(1))
        with pytest.raises(NotFound):
            enter(session, world.lead, project, "011002", said(1))
        assert list_bodies_to_enter(session, project.id, "01") == ()
        counted = list_bodies_to_enter(session, project.id, code[:2])
        assert [body.code for body in counted] == [body.code for body in world.bodies]


def test_the_present_cost_is_entered_unread_and_corrected_by_the_body(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        code = world.bodies[0].code
        row = session.scalars(select(Participation).where(Participation.body_code == code)).one()
        given = {"session": session, "now": NOW, "project_id": project.id, "body_code": code}

        def put(actor, yen, seen=None):
            version = row.row_version if seen is None else seen
            set_present_cost(**given, actor=actor, annual_yen=yen, seen_version=version)
            session.refresh(row)

        put(world.lead, 765_432)
        assert (row.declared_standalone_yen, row.declared_on_behalf_by) == (
            765_432,
            world.lead.label,
        )
        page = get_costs_of_body(session, project.id, code)
        assert page.has_present_cost and not page.present_is_own
        put(world.staff[code], 700_000)
        assert (row.declared_standalone_yen, row.declared_on_behalf_by) == (700_000, "")
        with pytest.raises(Refused) as own_word:
            put(world.lead, 1)
        assert [b.code for b in own_word.value.blockers] == ["own_word"]
        with pytest.raises(NotFound):
            put(world.manager(world.bodies[1]), 1)
        with pytest.raises(Conflict):
            put(world.staff[code], 2, seen=0)
        changes = [str(event.changes) for event in session.scalars(select(AuditEvent))]
        assert not any("765432" in text or "700000" in text for text in changes)
