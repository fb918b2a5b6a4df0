"""A body's rules are its own, said once; a project's lengths are its lead's."""

from datetime import date

import pytest

from accounts.roles import Role
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from procurement.need_models import Need
from procurement.presenters.schedule import all_at_once_text, propose
from procurement.queries.schedule_page import get_schedule_page
from procurement.queries.standing import find_standing
from procurement.schedule_models import BodyRules
from procurement.services.schedule import (
    CalendarFields,
    RuleFields,
    set_body_rules,
    set_project_calendar,
)
from tests.harness.builders import NOW, make_actor, make_organization
from tests.harness.projects import make_project, make_world

RULES = RuleFields(
    budget_request_month=10,
    budget_request_day=15,
    assembly_months=(3, 6),
    long_term="covered",
    long_term_limit_months=12,
    property_threshold_yen=20_000_000,
    source="架空市長期継続契約条例",
)


def state(session, actor, wanted=RULES, seen=0):
    return set_body_rules(session, actor=actor, now=NOW, wanted=wanted, seen_version=seen)


def page_for(session, project, actor):
    return get_schedule_page(session, project, find_standing(session, actor, project.id))


def test_what_a_body_states_reaches_every_project_it_takes_part_in(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        body = world.bodies[0]
        state(session, world.staff[body.code])
        page = page_for(session, project, world.lead)
        stated = {c.code: c for c in page.calendars}
        assert stated[body.code].stated
        assert stated[body.code].budget_request == (10, 15)
        assert stated[body.code].assembly_months == (3, 6)
        assert stated[body.code].long_term_limit_months == 12
        other = stated[world.bodies[1].code]
        assert (other.stated, other.long_term_limit_months) == (False, None)


def test_a_colleague_never_overwrites_silently(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        body = world.bodies[0]
        first = state(session, world.staff[body.code])
        with pytest.raises(Conflict):
            state(session, world.manager(body), seen=0)
        again = RuleFields(source="改正後")
        assert state(session, world.manager(body), again, seen=first.row_version).source == "改正後"
        stored = session.get_one(BodyRules, body.code)
        assert (stored.budget_request_month, stored.assembly_months) == (None, [])


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (RuleFields(budget_request_month=4), "budget_request_day"),
        (RuleFields(budget_request_day=4), "budget_request_day"),
        (RuleFields(budget_request_month=2, budget_request_day=30), "budget_request_day"),
        (
            RuleFields(long_term="not_covered", long_term_limit_months=60),
            "long_term_limit_months",
        ),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(sqlite_database: Database, wanted, field):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        with pytest.raises(Refused) as refused:
            state(session, world.manager(world.bodies[0]), wanted)
        assert [blocker.field for blocker in refused.value.blockers] == [field]


def test_a_vendor_has_no_such_rules(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        organization = make_organization(session, "vendor", alternate_key="v")
        vendor = make_actor(session, organization, Role.VENDOR_MANAGER)
        with pytest.raises(NotFound):
            state(session, vendor)


def test_only_the_lead_sets_the_lengths(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        wanted = CalendarFields(lengths={"notice": 35, "survey": 30}, buys_property=True)
        with pytest.raises(Refused):
            set_project_calendar(
                session,
                actor=world.manager(world.bodies[0]),
                now=NOW,
                project_id=project.id,
                wanted=wanted,
                seen_version=0,
            )
        kept = set_project_calendar(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project.id,
            wanted=wanted,
            seen_version=0,
        )
        # The first value is not kept: should it change one day, it changes here too.
        assert kept.lengths == {"notice": 35}
        page = page_for(session, project, world.lead)
        assert page.plan is not None
        assert "vote" in [step.key for step in page.plan.steps]
        with pytest.raises(Conflict):
            set_project_calendar(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project.id,
                wanted=wanted,
                seen_version=0,
            )


def test_others_see_no_body_in_it(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        state(session, world.manager(world.bodies[0]))
        organization = make_organization(session, "vendor", alternate_key="v")
        vendor = make_actor(session, organization, Role.VENDOR_MANAGER)
        page = page_for(session, project, vendor)
        assert page.calendars == ()
        assert page.waves == ()
        assert page.plan is not None and page.plan.calendars == ()


def test_contract_ends_make_waves_and_costs_stay_with_their_body(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        first, second, third = world.bodies
        for body, ends_on in ((first, date(2027, 9, 30)), (second, date(2027, 3, 31))):
            session.add(
                Need(
                    body_code=body.code,
                    system_type_code=project.system_type_code,
                    status="stated",
                    wanted_from=date(2027, 4, 1),
                    contract_ends_on=ends_on,
                    annual_cost_yen=1_200_000,
                    unit="account",
                    created_at=NOW,
                    updated_at=NOW,
                )
            )
        session.flush()
        page = page_for(session, project, world.manager(first))
        waves = propose(page)
        assert [(wave.starts_on, [m.code for m in wave.meetings]) for wave in waves] == [
            (date(2027, 4, 1), sorted([second.code, third.code])),
            (date(2027, 10, 1), [first.code]),
        ]
        assert "二重払いは延べ6か月" in all_at_once_text(page)
        costs = {row.code: row.annual_cost_yen for row in page.waves}
        assert costs == {first.code: 1_200_000, second.code: None, third.code: None}
        lead = {
            row.code: row.annual_cost_yen for row in page_for(session, project, world.lead).waves
        }
        assert lead == {first.code: 1_200_000, second.code: 1_200_000, third.code: None}
