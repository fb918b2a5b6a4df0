"""A purchase divided into lots: each on its own way, bodies in some of them, totals over all."""

from collections import Counter

import pytest
from sqlalchemy import select

from accounts.roles import VISITOR
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.errors import Conflict, Refused
from foundation.mail import Notice
from procurement.domain.lots import Division, DivisionDraft
from procurement.lot_models import LotGroup, ProjectLot
from procurement.models import Participation, Project, ProjectRole, ShareLine
from procurement.queries.consents import find_latest_version
from procurement.queries.lot_notice import find_lots_notice
from procurement.queries.lots import get_lots_page
from procurement.queries.reshaping import list_candidates
from procurement.services.estimates import add_estimate_basis
from procurement.services.lot_notice import announce_lots
from procurement.services.lots import add_lot
from procurement.services.merging import ask_to_merge
from procurement.services.notice import set_notice
from procurement.services.terms import set_sharing_terms
from procurement.tender_models import TenderNotice
from tests.harness.builders import NOW
from tests.harness.contracts import (
    WITHOUT_AMOUNT,
    bring_to_contracts,
    choose,
    qualify,
    sign_all,
    sign_for,
)
from tests.harness.projects import (
    TERMS,
    agree,
    join,
    make_project,
    make_world,
    move,
    settle_award,
)
from tests.harness.queries import counted_queries
from tests.harness.tender import NOTICE, make_bidder

FIRST = DivisionDraft(name="県南", own_name="県北", divided_by=Division.REGION)


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def divide(session, world, project, draft=FIRST, seen=0, actor=None):
    return add_lot(
        session,
        actor=actor or world.lead,
        now=NOW,
        project_id=project.id,
        draft=draft,
        seen_count=seen,
    )


def make_lots(session):
    """A direct purchase with all three bodies, divided; the second lot with the last two."""
    world = make_world(session)
    project = make_project(
        session,
        world,
        procurement_method="negotiated_contract",
        procurement_method_reason="1者だけが提供できるため",
    )
    second = divide(session, world, project)
    return world, project, second


def contract(session, world, project, bodies, name):
    vendor, _ = make_bidder(session, name)
    choose(session, world, project, vendor, 30_000_000)
    settle_award(session, world, project)
    sign_all(session, world, project, WITHOUT_AMOUNT)
    for body in bodies:
        qualify(session, world.manager(body), project)
        sign_for(session, world, project, body)
    move(session, world.lead, project, "start_introduction")


def prepare_second(session, world, second, bodies):
    given = {"actor": world.lead, "now": NOW, "project_id": second.id}
    add_estimate_basis(session, price_plan_id=world.plan_id, **given)
    set_sharing_terms(session, wanted=TERMS, seen_version=second.row_version, **given)
    for body in bodies:
        join(session, world, second, body, 30)


def test_each_lot_is_awarded_by_itself_and_one_that_fails_stops_nobody(database: Database):
    with database.transaction() as session:
        world, project, second = make_lots(session)
        one, two, three = world.bodies
        prepare_second(session, world, second, (two, three))
        bring_to_contracts(session, world, project, world.bodies)
        bring_to_contracts(session, world, second, (two, three))
        check_totals(session, world, get_lots_page(session, project, world.lead), (project, second))
        # The first lot ends without a contract; the second goes its way to the introduction.
        move(session, world.lead, project, "cancel", reason="不調のため")
        contract(session, world, second, (two, three), "架空県南株式会社")
        page = get_lots_page(session, project, world.lead)
        assert [(lot.number, lot.name, lot.state.value) for lot in page.lots] == [
            (1, "県北", "cancelled"),
            (2, "県南", "introduction"),
        ]
        assert [lot.vendors for lot in page.lots] == ["", "架空県南株式会社"]
        assert [lot.bodies for lot in page.lots] == [3, 2]
        # What the cancelled lot came to is nobody's burden: it is in no total.
        check_totals(session, world, page, (second,))
        assert {row.amounts[0] for row in page.totals} == {None}
        # Everybody reads the second lot's shares now, which are all there are.
        public = get_lots_page(session, second, VISITOR)
        assert public.totals == page.totals
        own = get_lots_page(session, second, world.manager(two))
        assert {row.name: row.total_yen is not None for row in own.totals}[two.name]
        assert not verify(session).problems
        assert one.code not in [
            row.body_code for row in session.query(Participation).filter_by(project_id=second.id)
        ]


def check_totals(session, world, page, projects):
    """What a body pays over the lots is what its lines of both versions say."""
    versions = [find_latest_version(session, project.id) for project in projects]
    lines = session.scalars(
        select(ShareLine).where(ShareLine.share_version_id.in_([v.id for v in versions]))
    ).all()
    names = {body.code: body.name for body in world.bodies}
    expected = Counter[str]()
    for line in lines:
        expected[names[line.body_code]] += line.amount_yen
    assert {row.name: row.total_yen for row in page.totals} == dict(expected)
    first = {row.name: row.amounts[1] for row in page.totals}.get(world.bodies[0].name)
    assert first is None  # the first body is not in the second lot


def test_dividing_asks_every_body_into_the_new_lot(database: Database):
    with database.transaction() as session:
        world, project, second = make_lots(session)
        assert second.title == f"{project.title}（区分2：県南）"
        assert (second.state, second.lead_organization_id) == (
            "forming",
            project.lead_organization_id,
        )
        copied = ("system_type_code", "procurement_method", "contract_model", "term_start")
        assert all(getattr(second, name) == getattr(project, name) for name in copied)
        roles = session.execute(
            select(ProjectRole.organization_id, ProjectRole.role)
            .where(ProjectRole.project_id == second.id)
            .order_by(ProjectRole.organization_id)
        )
        towns = sorted(world.manager(body).organization_id for body in world.bodies)
        assert sorted(tuple(row) for row in roles) == sorted(
            [(world.lead.organization_id, "lead"), *((town, "invited") for town in towns)]
        )
        assert not session.query(Participation).filter_by(project_id=second.id).count()
        told = session.scalars(select(Notice).where(Notice.title.contains("区分2：県南"))).all()
        assert sorted(notice.organization_id for notice in told) == towns
        assert "add_lot" in session.scalars(select(AuditEvent.action)).all()
        third = divide(session, world, second, DivisionDraft(name="離島"), seen=2)
        lots = session.scalars(select(ProjectLot).order_by(ProjectLot.number)).all()
        assert [(lot.project_id, lot.number, lot.name) for lot in lots] == [
            (project.id, 1, "県北"),
            (second.id, 2, "県南"),
            (third.id, 3, "離島"),
        ]
        assert session.query(LotGroup).count() == 1


def test_who_may_divide_and_when(database: Database):
    with database.transaction() as session:
        world, project, _ = make_lots(session)
        with pytest.raises(Conflict):  # somebody else added a lot first
            divide(session, world, project, DivisionDraft(name="離島"), seen=0)
        with pytest.raises(Refused) as stranger:
            divide(session, world, project, seen=2, actor=world.manager(world.bodies[0]))
        assert codes(stranger) == ["not_lead"]
        with pytest.raises(Refused) as same:
            divide(session, world, project, DivisionDraft(name="県南"), seen=2)
        assert codes(same) == ["lot_name"]
        move(session, world.lead, project, "start_agreement")
        with pytest.raises(Refused) as late:
            divide(session, world, project, DivisionDraft(name="離島"), seen=2)
        assert codes(late) == ["after_agreement"]
    with pytest.raises(Exception, match="append-only"), database.transaction() as session:
        session.query(ProjectLot).first().name = "別の名前"


def test_a_lot_nobody_may_know_of_yet_is_not_there(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project, second = make_lots(session)
        session.get_one(Project, second.id).state = "intention_survey"
        session.flush()
        assert [lot.number for lot in get_lots_page(session, project, VISITOR).lots] == [1]
        assert len(get_lots_page(session, project, world.manager(world.bodies[0])).lots) == 2


def make_announced(session):
    """Both lots agreed on, with the notice of each written; nothing is announced yet."""
    world = make_world(session)
    project = make_project(
        session, world, procurement_method="open_proposal", procurement_method_reason="企画で比べる"
    )
    second = divide(session, world, project)
    prepare_second(session, world, second, world.bodies[1:])
    for lot, bodies in ((project, world.bodies), (second, world.bodies[1:])):
        agree(session, world, lot, bodies)
        given = {"actor": world.lead, "now": NOW, "project_id": lot.id}
        set_notice(session, wanted=NOTICE, seen_version=0, **given)
    return world, project, second


def announce(session, world, project, *chosen, actor=None):
    return announce_lots(
        session,
        actor=actor or world.lead,
        now=NOW,
        project_id=project.id,
        chosen=[each.id for each in chosen],
    )


def test_all_lots_are_announced_together_and_none_twice(database: Database):
    with database.transaction() as session:
        world, project, second = make_announced(session)
        assert find_lots_notice(session, project, VISITOR) is None
        town = world.manager(world.bodies[1])
        assert find_lots_notice(session, second, town) is None
        rows = find_lots_notice(session, project, world.lead).rows
        assert [(row.announced, row.notice is not None) for row in rows] == [(False, True)] * 2
        with pytest.raises(Refused) as nothing:
            announce(session, world, project)
        assert codes(nothing) == ["lots"]
        with pytest.raises(Refused) as stranger:
            announce(session, world, project, project, second, actor=town)
        assert codes(stranger) == ["not_lead"] * 2
        session.get_one(TenderNotice, second.id).evaluation_rule = {}
        with pytest.raises(Refused) as half:  # one cannot be, so none is
            announce(session, world, project, project, second)
        assert "区分2「県南」" in half.value.blockers[0].message
        assert (project.state, second.state) == ("agreement", "agreement")
        announce(session, world, project, project)
        page = find_lots_notice(session, project, VISITOR)
        assert [(row.number, row.announced, row.notice is not None) for row in page.rows] == [
            (1, True, True),
            (2, False, False),
        ]
        assert (page.rows[1].notice_number, page.rows[1].bodies) == ("", 2)
        session.get_one(TenderNotice, second.id).evaluation_rule = dict(NOTICE.rule)
        with pytest.raises(Refused) as twice:
            announce(session, world, second, project, second)
        assert codes(twice) == ["announced"]
        announce(session, world, second, second)
        assert [row.rounds for row in find_lots_notice(session, second, VISITOR).rows] == [1, 1]
        events = session.scalars(
            select(AuditEvent.subject_id).where(AuditEvent.action == "project.notice_published")
        ).all()
        assert sorted(int(each) for each in events) == sorted([project.id, second.id])
        assert not verify(session).problems


def test_lots_of_one_purchase_are_no_candidates_for_one_another(database: Database):
    with database.transaction() as session:
        world, project, second = make_lots(session)
        other = make_project(session, world, joined=1, title="ほかの案件")
        for lot in (project, second):
            assert [row.id for row in list_candidates(session, lot)] == [other.id]
        assert len(list_candidates(session, other)) == 2
        with pytest.raises(Refused) as refused:
            ask_to_merge(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project.id,
                other_project_id=second.id,
                reason="やはり一つにするため",
            )
        assert codes(refused) == ["same_lots"]


def test_the_page_asks_the_same_few_questions_for_many_lots(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project, _ = make_lots(session)
        for n in range(3, 8):
            divide(session, world, project, DivisionDraft(name=f"区域{n}"), seen=n - 1)
        project_id = project.id
    with sqlite_database.transaction() as session:
        found = session.get_one(Project, project_id)
        with counted_queries(sqlite_database.engine) as log:
            assert len(get_lots_page(session, found, world.lead).lots) == 7
        log.at_most(7)
        with counted_queries(sqlite_database.engine) as log:
            assert len(find_lots_notice(session, found, world.lead).rows) == 7
        log.at_most(5)
