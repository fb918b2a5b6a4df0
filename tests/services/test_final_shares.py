"""After the award: the final version, who is asked anew, deadline, lapse, ways out (domain §3)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, Refused
from procurement.domain.award_costs import Breakdown
from procurement.domain.contracts import Membership
from procurement.models import Consent, Participation
from procurement.queries.consents import find_latest_version, lines_by_year, list_consents
from procurement.queries.contracts import find_newest_award
from procurement.queries.ledger_facts import find_agreed
from procurement.queries.sharing_page import get_sharing_page
from procurement.queries.standing import find_standing
from procurement.services import consents
from procurement.services.award_breakdown import set_award_breakdown
from procurement.services.leaving import leave_project
from procurement.tender_models import AwardBreakdown
from tests.harness.builders import NOW
from tests.harness.contracts import (
    AWARDED_YEN,
    DRAFT,
    LUMP_SUMS,
    WITHOUT_AMOUNT,
    bring_to_contracts,
    choose,
    make_contracting_project,
    qualify,
    sign_all,
    sign_for,
)
from tests.harness.projects import (
    APPROVED,
    CONSENT_CLOSES,
    fix,
    give,
    make_project,
    make_world,
    move,
    settle_award,
)
from tests.harness.tender import make_bidder

LATER = CONSENT_CLOSES + timedelta(days=40)
# 7,212,000 yen by the estimate: 3 × 100,000 once, 360 accounts × 800 yen × 24 months.
ESTIMATED_YEN = 7_212_000


def at_contracting(session, price_yen, tolerance=3, starts=()):
    """Everybody agreed to its share plus the tolerance, and a price is named.

    starts: pairs of a body's place and the day it begins.
    """
    world = make_world(session)
    project = make_project(
        session,
        world,
        procurement_method="negotiated_contract",
        procurement_method_reason="1者だけが提供できるため",
    )
    for place, starts_on in starts:
        participation_of(session, project, world.bodies[place]).starts_on = starts_on
    bring_to_contracts(session, world, project, world.bodies, Decimal(tolerance))
    vendor, _ = make_bidder(session, "架空決定株式会社")
    choose(session, world, project, vendor, price_yen)
    return world, project, vendor


def participation_of(session, project, body):
    return session.query(Participation).filter_by(project_id=project.id, body_code=body.code).one()


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def statuses(session, project):
    version = find_latest_version(session, project.id)
    return {row.code: row.status.value for row in list_consents(session, version.id)}


def sign_everything(session, world, project):
    sign_all(session, world, project, WITHOUT_AMOUNT)
    sign_bodies(session, world, project, world.bodies)


def sign_bodies(session, world, project, bodies):
    for body in bodies:
        qualify(session, world.manager(body), project)
        sign_for(session, world, project, body, DRAFT)


def test_a_price_within_every_maximum_asks_nobody_and_sums_to_the_yen(database: Database):
    with database.transaction() as session:
        world, project, _ = at_contracting(session, ESTIMATED_YEN - 123_457)
        with pytest.raises(Refused) as early:
            move(session, world.lead, project, "start_introduction")
        assert "final_version" in codes(early)
        with pytest.raises(Refused) as unsigned:
            sign_all(session, world, project, WITHOUT_AMOUNT)
        assert codes(unsigned) == ["final_version"]
        version = fix(session, world, project)
        sign_everything(session, world, project)
        award = find_newest_award(session, project.id)
        assert (version.number, version.basis) == (2, "award")
        assert version.inputs["costs"]["award_id"] == award.id
        assert set(statuses(session, project).values()) == {"carried"}
        lines = lines_by_year(session, version.id)
        assert sum(sum(years.values()) for years in lines.values()) == version.result["total_yen"]
        agreed = find_agreed(session, project.id, project.term_start)
        assert agreed.number == 2 and agreed.agreed.costs.price_yen == award.price_yen
        move(session, world.lead, project, "start_introduction")
        assert project.state == "introduction"


def test_an_award_at_the_estimate_changes_nobodys_share_when_one_begins_later(database: Database):
    """300,000 once, 300 accounts × 1,000 yen × 12 months, then 360 × 800 × 12: 7,356,000 yen."""
    with database.transaction() as session:
        world, project, _ = at_contracting(session, 7_356_000, 0, [(2, date(2028, 4, 1))])
        agreed = lines_by_year(session, find_latest_version(session, project.id).id)
        assert 2027 not in {year for year, yen in agreed[world.bodies[2].code].items() if yen}
        standing = find_standing(session, world.lead, project.id)
        award = get_sharing_page(session, project, standing, None).award
        assert award.stays_differ and award.total_yen == award.price_yen
        version = fix(session, world, project)
        assert lines_by_year(session, version.id) == agreed
        assert set(statuses(session, project).values()) == {"carried"}


def test_only_who_is_above_its_maximum_is_asked_anew_with_a_deadline_ahead(database: Database):
    with database.transaction() as session:
        world, project, _ = at_contracting(session, ESTIMATED_YEN + 50_000)
        low = world.bodies[2]
        row = consent_of(session, project, low)
        row.maximum_yen = {year: yen * 9 // 10 for year, yen in row.maximum_yen.items()}
        session.flush()
        after = CONSENT_CLOSES + timedelta(days=1)
        with pytest.raises(Refused) as late:
            fix(session, world, project, after)
        assert codes(late) == ["consent_deadline"]
        version = fix(session, world, project, after, closes_at=LATER)
        assert project.consent_closes_at == LATER
        others = [body.code for body in world.bodies[:2]]
        assert statuses(session, project) == {
            **dict.fromkeys(others, "carried"),
            low.code: "asked",
        }
        sign_all(session, world, project, WITHOUT_AMOUNT)  # names no amount: waits for nobody
        sign_bodies(session, world, project, world.bodies[:2])
        qualify(session, world.manager(low), project)
        with pytest.raises(Refused) as unsigned:
            sign_for(session, world, project, low, DRAFT)
        assert codes(unsigned) == ["consent_missing"]
        assert low.name in str(unsigned.value)
        with pytest.raises(Refused) as waiting:
            move(session, world.lead, project, "start_introduction")
        assert codes(waiting) == ["consent_missing", "contracts"]
        share = lines_by_year(session, version.id)[low.code]
        with pytest.raises(Refused) as below:
            give(session, world, project, low, maximum={y: n - 1 for y, n in share.items()})
        assert set(codes(below)) == {"maximum"}
        give(session, world, project, low, maximum=share, now=after)
        sign_for(session, world, project, low, DRAFT)
        move(session, world.lead, project, "start_introduction")


def consent_of(session, project, body):
    version = find_latest_version(session, project.id)
    return session.scalars(
        select(Consent)
        .join(Participation, Participation.id == Consent.participation_id)
        .where(Consent.share_version_id == version.id, Participation.body_code == body.code)
    ).one()


def test_each_reads_its_own_maximum_and_everybody_the_final_shares(database: Database):
    with database.transaction() as session:
        world, project, _ = at_contracting(session, ESTIMATED_YEN)
        own = world.bodies[0]

        def rows(actor):
            standing = find_standing(session, actor, project.id)
            return get_sharing_page(session, project, standing, None).final.rows

        by_lead = rows(world.lead)
        assert all(row.difference_yen < 0 and not row.above for row in by_lead)
        by_own = rows(world.manager(own))
        assert [row.code for row in by_own if row.maximum_yen is not None] == [own.code]
        assert [row.final_yen for row in by_own] == [row.final_yen for row in by_lead]
        stranger = find_standing(session, make_bidder(session)[1], project.id)
        assert get_sharing_page(session, project, stranger, None).final is None


def test_a_silent_body_lapses_and_the_rest_is_shared_anew(database: Database):
    with database.transaction() as session:
        world, project, _ = at_contracting(session, ESTIMATED_YEN + 10, tolerance=0)
        silent = world.bodies[2]
        for body in world.bodies[:2]:
            row = consent_of(session, project, body)
            row.maximum_yen = {year: yen * 2 for year, yen in row.maximum_yen.items()}
        row = consent_of(session, project, silent)
        row.maximum_yen = {year: yen - 1 for year, yen in row.maximum_yen.items()}
        session.flush()
        fix(session, world, project)
        assert statuses(session, project)[silent.code] == "asked"
        given = {"actor": world.lead, "project_id": project.id, "body_code": silent.code}
        for day in (1, 2):
            consents.remind(session, now=NOW + timedelta(days=day), **given)
        consents.lapse_consent(session, now=CONSENT_CLOSES + timedelta(seconds=1), **given)
        version = fix(session, world, project, LATER, closes_at=LATER + timedelta(days=9))
        assert set(version.result["bodies"][n]["code"] for n in (0, 1)) == {
            body.code for body in world.bodies[:2]
        }
        assert set(statuses(session, project).values()) == {"carried"}


def test_a_body_above_its_maximum_may_leave_instead(database: Database):
    with database.transaction() as session:
        world, project, _ = at_contracting(session, ESTIMATED_YEN * 2)
        fix(session, world, project)
        body = world.bodies[1]
        leave_project(
            session,
            actor=world.manager(body),
            now=NOW,
            project_id=project.id,
            body_code=body.code,
            reason="上限額を超えるため",
            approval_date=APPROVED,
            approval_number="第9号",
        )
        version = fix(session, world, project)
        assert body.code not in {each["code"] for each in version.result["bodies"]}


def test_asked_twice_what_was_agreed_before_still_counts(database: Database):
    """v2 asks a body; the lead breaks the sum down anew and v3 is within what it agreed to."""
    with database.transaction() as session:
        world, project, vendor = at_contracting(session, ESTIMATED_YEN * 2)
        fix(session, world, project)
        assert set(statuses(session, project).values()) == {"asked"}
        choose(session, world, project, vendor, ESTIMATED_YEN, 1)
        fix(session, world, project)
        assert set(statuses(session, project).values()) == {"carried"}


def test_a_breakdown_is_written_once_and_seen_by_both(database: Database):
    with database.transaction() as session:
        world, project, _ = at_contracting(session, 7_200_000)
        given = {"session": session, "actor": world.lead, "now": NOW, "project_id": project.id}
        monthly = Breakdown(monthly_yen=300_000)
        set_award_breakdown(**given, wanted=monthly, reason="", seen_number=0)
        with pytest.raises(Conflict):
            set_award_breakdown(**given, wanted=monthly, reason="", seen_number=0)
        less = Breakdown(monthly_yen=299_999)
        with pytest.raises(Refused) as unexplained:
            set_award_breakdown(**given, wanted=less, reason="", seen_number=1)
        assert codes(unexplained) == ["below_award"]
        given["actor"] = world.manager(world.bodies[0])
        with pytest.raises(Refused) as stranger:
            set_award_breakdown(**given, wanted=monthly, reason="", seen_number=1)
        assert codes(stranger) == ["not_lead"]
        version = fix(session, world, project)
        assert version.result["total_yen"] == 24 * 330_000
        stored = session.scalars(select(AwardBreakdown)).one()
        assert (stored.number, stored.monthly_yen) == (1, 300_000)
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "set_award_breakdown")
        ).one()
        assert "7200000" not in str(event.changes)


def test_a_moved_term_is_shared_from_the_award_and_agreed_anew(database: Database):
    """Terms that changed ask everybody; what they are asked about is the award."""
    with database.transaction() as session:
        world, project, _ = at_contracting(session, ESTIMATED_YEN)
        project.term_start = date(2027, 5, 1)
        session.flush()
        standing = find_standing(session, world.lead, project.id)
        page = get_sharing_page(session, project, standing, None)
        assert page.award is not None and page.terms_changed
        version = fix(session, world, project)
        assert version.basis == "award"
        assert version.result["total_yen"] == ESTIMATED_YEN * 11 // 10
        assert set(statuses(session, project).values()) == {"asked"}


def test_a_breakdown_changed_after_the_final_version_makes_another_due(database: Database):
    with database.transaction() as session:
        world, project, _ = at_contracting(session, 7_200_000)
        fix(session, world, project)
        sign_everything(session, world, project)
        set_award_breakdown(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project.id,
            wanted=Breakdown(initial_yen=240_000, monthly_yen=290_000),
            reason="",
            seen_number=0,
        )
        with pytest.raises(Refused) as due:
            move(session, world.lead, project, "start_introduction")
        assert codes(due) == ["final_version"]
        fix(session, world, project)
        move(session, world.lead, project, "start_introduction")


def test_a_body_that_has_signed_does_not_lapse(database: Database):
    with database.transaction() as session:
        world, project, _ = at_contracting(session, ESTIMATED_YEN)
        fix(session, world, project)
        sign_everything(session, world, project)
        silent = world.bodies[0]
        row = consent_of(session, project, silent)
        row.status, row.reminders_sent = "asked", 2
        session.flush()
        assert participation_of(session, project, silent).status == "contracted"
        with pytest.raises(Refused) as signed:
            consents.lapse_consent(
                session,
                actor=world.lead,
                now=CONSENT_CLOSES + timedelta(seconds=1),
                project_id=project.id,
                body_code=silent.code,
            )
        assert codes(signed) == ["has_contract"]


def test_the_runner_up_makes_another_final_version_due(database: Database):
    with database.transaction() as session:
        world, project, vendor = at_contracting(session, ESTIMATED_YEN)
        fix(session, world, project)
        choose(session, world, project, vendor, ESTIMATED_YEN - 1, 1)
        with pytest.raises(Refused) as due:
            sign_all(session, world, project, WITHOUT_AMOUNT)
        assert codes(due) == ["final_version"]


@pytest.mark.parametrize("model", LUMP_SUMS)
def test_no_contract_is_signed_before_the_final_version(database: Database, model):
    """Each model's own documents: for all by the lead, and each body's. Rules of a delegation
    name no amount and come first."""
    with database.transaction() as session:
        world = make_world(session)
        project, vendor, _ = make_contracting_project(session, world, model)
        choose(session, world, project, vendor, AWARDED_YEN - 1, 1)
        body = world.bodies[0]
        for each in (*world.bodies, None):
            qualify(session, world.manager(each) if each else world.lead, project)
        if model == "delegation":
            rules = replace(WITHOUT_AMOUNT, starts_on=None, ends_on=None, vote_on=APPROVED)
            for each in world.bodies:
                sign_for(session, world, project, each, rules)
        whole = DRAFT if model != "basic_and_individual" else WITHOUT_AMOUNT
        own = replace(DRAFT, membership=Membership.MEMBER)
        refused = []
        for sign, with_what in ((sign_all, (whole,)), (sign_for, (body, own))):
            if (model, sign) == ("delegation", sign_for):
                continue
            with pytest.raises(Refused) as early:
                sign(session, world, project, *with_what)
            refused += codes(early)
            assert "「負担案」のページで確定" in str(early.value)
        assert set(refused) - {"overall_first"} == {"final_version"}
        settle_award(session, world, project)
        sign_all(session, world, project, whole)
        if model != "delegation":
            sign_for(session, world, project, body, own)
