"""予定価格: sealed until the opening, then no price above it is awarded (domain §3, §4)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, Refused
from procurement.domain.planned_price import Disclosure, is_public, limit_of
from procurement.domain.states import State
from procurement.models import PlannedPrice
from procurement.queries.judging import get_judging_page
from procurement.queries.planned_price import (
    find_planned_price,
    find_public_planned,
    get_moment,
)
from procurement.queries.standing import find_standing
from procurement.services.judging import decide_award
from procurement.services.planned_price import set_planned_price
from tests.harness.builders import NOW
from tests.harness.contracts import choose, make_contracting_project
from tests.harness.projects import make_world
from tests.harness.tender import (
    AFTER_CLOSING,
    CONTENT,
    make_noticed_project,
    make_second,
    open_for_evaluation,
)
from tests.services.test_judging import score, seat

PLANNED_YEN = 11_000_000  # tax-included: 10,000,000 without
AT = replace(CONTENT, price_yen=10_000_000, lot_digits="001")
ABOVE = replace(CONTENT, price_yen=10_000_001, lot_digits="002")


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def plan(session, actor, project, yen=PLANNED_YEN, **more):
    given = {"tax_included": True, "disclosure": Disclosure.AFTER, "seen_at": "", "now": NOW}
    return set_planned_price(
        session, actor=actor, project_id=project.id, amount_yen=yen, **given | more
    )


def seen_by(session, project, actor):
    standing = find_standing(session, actor, project.id)
    return find_planned_price(session, project, standing, get_moment(session, project))


def evaluated(session, *contents):
    """A noticed project with a planned price, opened and scored alike for all."""
    world = make_world(session)
    project = make_noticed_project(session, world)
    plan(session, world.lead, project)
    bidders = [v for v, _ in open_for_evaluation(session, world, project, list(contents))]
    judge = seat(session, world, project)
    score(session, judge, project, dict.fromkeys(bidders, ("300", "400")))
    return world, project, bidders


def award(session, world, project):
    page = get_judging_page(session, project)
    return decide_award(
        session,
        actor=world.lead,
        now=AFTER_CLOSING,
        project_id=project.id,
        seen_sha256=page.sha256,
    )


@pytest.mark.parametrize(
    ("amount_yen", "tax_included", "price_yen", "passed"),
    [
        (11_000_000, True, 10_000_000, False),
        (11_000_000, True, 10_000_001, True),
        (10_999_999, True, 10_000_000, True),
        (10_000_000, False, 10_000_000, False),
        (10_000_000, False, 10_000_001, True),
    ],
)
def test_a_price_is_compared_on_the_basis_of_the_planned_one(
    amount_yen, tax_included, price_yen, passed
):
    limit = limit_of(amount_yen, tax_included=tax_included)
    assert limit.is_passed_by(price_yen) is passed


def test_it_is_public_before_after_or_never():
    after, states = Disclosure.AFTER, (State.AGREEMENT, State.SOLICITATION, State.CONTRACTING)
    assert [is_public(Disclosure.BEFORE, s, decided=False) for s in states] == [False, True, True]
    assert [is_public(after, s, decided=True) for s in states] == [False, False, True]
    assert not is_public(after, State.CONTRACTING, decided=False)
    assert not any(is_public(Disclosure.NEVER, s, decided=True) for s in State)


def test_only_who_set_it_reads_it_until_the_opening(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_noticed_project(session, world)
        plan(session, world.lead, project)
        second = make_second(session, world)
        assert seen_by(session, project, world.lead).amount_yen == PLANNED_YEN
        assert seen_by(session, project, second).amount_yen is None
        assert seen_by(session, project, world.manager(world.bodies[0])) is None
        assert find_public_planned(session, project) is None
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "set_planned_price")
        ).one()
        assert str(PLANNED_YEN) not in str(event.changes)
        open_for_evaluation(session, world, project, [AT])
        assert seen_by(session, project, second).amount_yen == PLANNED_YEN
        assert find_public_planned(session, project) is None


def test_it_stands_once_the_opening_is_asked_for(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_noticed_project(session, world)
        first = plan(session, world.lead, project)
        with pytest.raises(Conflict):
            plan(session, world.lead, project, 5)
        seen = first.set_at.isoformat()
        plan(session, world.lead, project, 5, seen_at=seen, now=NOW + timedelta(hours=1))
        with pytest.raises(Refused) as zero:
            plan(session, world.lead, project, 0, seen_at="")
        assert codes(zero) == ["amount"]
        with pytest.raises(Refused) as stranger:
            plan(session, world.manager(world.bodies[0]), project)
        assert codes(stranger) == ["not_lead"]
        open_for_evaluation(session, world, project, [AT])
        with pytest.raises(Refused) as late:
            plan(session, world.lead, project)
        assert codes(late) == ["too_late"]


def test_the_cheapest_within_it_is_awarded_and_no_reason_tells_the_figure(database: Database):
    with database.transaction() as session:
        world, project, (above, at) = evaluated(session, ABOVE, AT)
        lines = {line.bidder: line for line in get_judging_page(session, project).sheet.lines}
        assert lines[str(above.id)].reasons == ("価格が予定価格を超えています。",)
        decided = award(session, world, project)
        assert decided.vendor_id == at.id
        assert f"{PLANNED_YEN:,}" not in str(decided.sheet)
        assert str(PLANNED_YEN) not in str(decided.sheet)


def test_with_all_above_it_nothing_can_be_awarded(database: Database):
    with database.transaction() as session:
        world, project, _ = evaluated(session, ABOVE)
        with pytest.raises(Refused) as failed:
            award(session, world, project)
        assert codes(failed) == ["failed"]


def test_without_a_notice_the_vendor_is_named_within_it(database: Database):
    """Set while the contracts are prepared; the refusal tells no figure."""
    with database.transaction() as session:
        world = make_world(session)
        project, vendor, _ = make_contracting_project(session, world, "delegation")
        with pytest.raises(Refused) as late:
            plan(session, world.lead, project)
        assert codes(late) == ["too_late"]
        session.add(
            PlannedPrice(
                project_id=project.id,
                amount_yen=PLANNED_YEN,
                tax_included=True,
                disclosure="after",
                set_by_user_id=world.lead.user_id,
                set_at=NOW - timedelta(days=1),
            )
        )
        session.flush()
        with pytest.raises(Refused) as over:
            choose(session, world, project, vendor, 10_000_001, 1)
        assert codes(over) == ["over_planned"]
        assert str(PLANNED_YEN) not in str(over.value)
        choose(session, world, project, vendor, 10_000_000, 1)
        assert find_public_planned(session, project).amount_yen == PLANNED_YEN
