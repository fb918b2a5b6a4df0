"""From stated needs to a proposed group, its estimate, and a draft project with invitations."""

from datetime import date

import pytest
from sqlalchemy import select

from accounts.roles import Role
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Refused
from foundation.mail import Notice
from procurement.models import ProjectRole
from procurement.queries.partners import PartnerFilter, list_partner_groups
from procurement.services.needs import withdraw_need
from procurement.services.partners import WantedGroup, open_group_project
from tests.harness.builders import NOW, make_actor, make_organization, make_vendor
from tests.harness.needs import state
from tests.harness.projects import QUANTITIES, make_world

COSTS = (3_000_000, 1_500_000, None)


def make_needs(session, world, costs=COSTS):
    return [
        state(
            session,
            world.staff[body.code],
            quantity=quantity,
            annual_cost_yen=cost,
            contract_ends_on=date(2027, 3 + place, 28),
        )
        for place, (body, quantity, cost) in enumerate(
            zip(world.bodies, QUANTITIES, costs, strict=True)
        )
    ]


def groups_for(session, actor, **narrowed):
    return list_partner_groups(
        session, actor, narrowed=PartnerFilter(**narrowed), page=1, now=NOW
    ).rows


def codes_of(world):
    return tuple(sorted(body.code for body in world.bodies))


def wanted(world):
    return WantedGroup(system_type_code="generative_ai", body_codes=codes_of(world))


def test_the_coordinator_finds_the_group_with_its_estimate(database: Database):
    """360 accounts: alone at 1,000 yen a month, together at 800, plus 10% tax."""
    with database.transaction() as session:
        world = make_world(session)
        make_needs(session, world)
        (row,) = groups_for(session, world.lead)
        assert row.group.codes == codes_of(world)
        assert row.saving.bodies == 3
        assert row.saving.saving.low_yen == 360 * 200 * 12 * 11 // 10
        assert (row.declared.bodies, row.declared.declared_yen) == (2, 4_500_000)
        # 200 and 100 accounts do not reach the cheaper tier without the third body.
        assert row.declared.by_plan.joint.low_yen == 300 * 1_000 * 12 * 11 // 10
        assert groups_for(session, world.lead, category="gis") == ()
        assert groups_for(session, world.lead, scope="wide_area") == ()


def test_a_body_sees_its_own_groups_and_nobodys_declared_costs(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        needs = make_needs(session, world)
        first = world.bodies[0].code
        (row,) = groups_for(session, world.staff[first])
        assert row.declared is None
        withdraw_need(session, actor=world.staff[first], now=NOW, need_id=needs[0].id)
        assert groups_for(session, world.staff[first]) == ()
        (rest,) = groups_for(session, world.lead)
        assert first not in rest.group.codes


def test_a_quantity_not_said_is_left_out_of_the_estimate(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        for body, quantity in zip(world.bodies, (200, 160, None), strict=True):
            state(session, world.staff[body.code], quantity=quantity)
        (row,) = groups_for(session, world.lead)
        assert (row.group.bodies, row.saving.bodies) == (3, 2)


def test_one_click_makes_the_draft_and_asks_the_others(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        make_needs(session, world)
        project = open_group_project(session, actor=world.lead, now=NOW, wanted=wanted(world))
        assert (project.state, project.main_unit) == ("intention_survey", "account")
        assert project.lead_organization_id == world.lead.organization_id
        assert project.term_start == date(2027, 6, 1)
        assert project.prefecture_code == "99"
        invited = session.scalars(
            select(ProjectRole.organization_id).where(
                ProjectRole.project_id == project.id, ProjectRole.role == "invited"
            )
        )
        assert set(invited) == {actor.organization_id for actor in world.managers.values()}
        told = session.scalars(select(Notice).where(Notice.title.contains("参加の案内"))).all()
        assert len(told) == 3
        assert not [n for n in told if "3,000,000" in n.body or "3000000" in n.body]
        events = session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject_type == "project")
        )
        assert list(events) == ["open_project", "invite_bodies"]
        (row,) = groups_for(session, world.lead)
        assert row.project_ids == (project.id,)
        with pytest.raises(Refused, match="すでにあります"):
            open_group_project(session, actor=world.lead, now=NOW, wanted=wanted(world))


def test_a_body_of_the_group_may_lead_it(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        make_needs(session, world)
        leader = world.staff[world.bodies[1].code]
        project = open_group_project(session, actor=leader, now=NOW, wanted=wanted(world))
        roles = session.execute(
            select(ProjectRole.role, ProjectRole.organization_id).where(
                ProjectRole.project_id == project.id
            )
        ).all()
        assert ("lead", leader.organization_id) in roles
        assert ("invited", leader.organization_id) not in roles
        assert len(roles) == 3


def test_what_changed_since_is_not_asked(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        needs = make_needs(session, world)
        staff = world.staff[needs[2].body_code]
        withdraw_need(session, actor=staff, now=NOW, need_id=needs[2].id)
        with pytest.raises(Refused, match="ニーズが変わった"):
            open_group_project(session, actor=world.lead, now=NOW, wanted=wanted(world))


def test_who_has_nothing_to_do_with_a_group_cannot_gather_it(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        needs = make_needs(session, world)
        two = WantedGroup(
            system_type_code="generative_ai",
            body_codes=(needs[0].body_code, needs[1].body_code),
        )
        outside = world.staff[needs[2].body_code]
        with pytest.raises(Refused, match="組み合わせに入っている団体"):
            open_group_project(session, actor=outside, now=NOW, wanted=two)
        with pytest.raises(Refused, match="までです"):
            open_group_project(
                session,
                actor=world.lead,
                now=NOW,
                wanted=WantedGroup(
                    system_type_code="generative_ai",
                    body_codes=tuple(f"{n:06d}" for n in range(2_000)),
                ),
            )
        vendor = make_vendor(session)
        seller = make_actor(session, make_organization(session, "vendor"), Role.VENDOR_MANAGER)
        assert vendor
        with pytest.raises(Refused):
            open_group_project(session, actor=seller, now=NOW, wanted=wanted(world))
