"""Judges: declared, sealed, complete; and the award with the sheet it rests on."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from accounts.models import User
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from procurement.domain.lifecycle import State, get_move
from procurement.queries.dossier import load_dossier
from procurement.queries.judging import get_judging_page
from procurement.queries.standing import find_standing
from procurement.services.judging import (
    decide_award,
    declare_no_conflict,
    hand_in_scores,
    invite_judge,
    mark_absent,
)
from procurement.services.moves import list_move_blockers, move_project
from tests.harness.projects import make_world
from tests.harness.tender import (
    AFTER_CLOSING,
    CONTENT,
    make_judge,
    make_noticed_project,
    open_for_evaluation,
)

CHEAP = replace(CONTENT, price_yen=9_000_000, lot_digits="001")
DEAR = replace(CONTENT, price_yen=12_000_000, lot_digits="002")


def scene(session, contents=(CHEAP, DEAR)):
    world = make_world(session)
    project = make_noticed_project(session, world)
    bidders = open_for_evaluation(session, world, project, list(contents))
    return world, project, [vendor for vendor, _ in bidders]


def seat(session, world, project):
    """A judge who was invited and has declared no conflict."""
    judge = make_judge(session)
    given = {"now": AFTER_CLOSING, "project_id": project.id}
    email = session.get_one(User, judge.user_id).email
    invite_judge(session, actor=world.lead, email=email, **given)
    declare_no_conflict(session, actor=judge, **given)
    return judge


def score(session, judge, project, points):
    """points: vendor → (実施体制, 使いやすさ)."""
    return hand_in_scores(
        session,
        actor=judge,
        now=AFTER_CLOSING,
        project_id=project.id,
        given={
            str(vendor.id): {"実施体制": plan, "使いやすさ": ease}
            for vendor, (plan, ease) in points.items()
        },
    )


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def test_scores_are_sealed_until_every_present_judge_is_in(database: Database):
    with database.transaction() as session:
        world, project, (cheap, dear) = scene(session)
        first, second, third = (seat(session, world, project) for _ in range(3))
        score(session, first, project, {cheap: ("210", "280"), dear: ("240", "300")})
        assert get_judging_page(session, project).sheet is None
        score(session, second, project, {cheap: ("220.5", "290"), dear: ("260", "320")})
        page = get_judging_page(session, project)
        assert (page.complete, page.sheet) == (False, None)
        mark_absent(
            session,
            actor=world.lead,
            now=AFTER_CLOSING,
            project_id=project.id,
            user_id=third.user_id,
            reason="体調不良",
        )
        page = get_judging_page(session, project)
        lines = {line.bidder: line for line in page.sheet.lines}
        # By hand: averages 215.25 and 285, all 300 price points for the lowest.
        assert str(lines[str(cheap.id)].total) == "800.25"
        # 250 and 310, and 9,000,000 / 12,000,000 of 300.
        assert str(lines[str(dear.id)].total) == "785.00"
        assert page.sheet.preferred == str(cheap.id)
        with pytest.raises(NotFound):
            score(session, third, project, {cheap: ("1", "1"), dear: ("1", "1")})


def test_the_quality_minimum_counts_without_the_price(sqlite_database: Database):
    """419 of 700 and the full 300 points for the price fail; 420 pass."""
    for plan, passes in (("139", False), ("140", True)):
        with sqlite_database.transaction() as session:
            world, project, (cheap, dear) = scene(session)
            judge = seat(session, world, project)
            score(session, judge, project, {cheap: (plan, "280"), dear: ("200", "300")})
            sheet = get_judging_page(session, project).sheet
            line = next(each for each in sheet.lines if each.bidder == str(cheap.id))
            assert (line.rank is not None) == passes
            session.rollback()


def test_nobody_scores_before_declaring_and_nobody_twice(database: Database):
    with database.transaction() as session:
        world, project, vendors = scene(session)
        judge = make_judge(session)
        points = {vendor: ("200", "300") for vendor in vendors}
        with pytest.raises(NotFound):
            score(session, judge, project, points)
        given = {"now": AFTER_CLOSING, "project_id": project.id}
        email = session.get_one(User, judge.user_id).email
        invite_judge(session, actor=world.lead, email=f" {email.upper()} ", **given)
        with pytest.raises(Refused) as early:
            score(session, judge, project, points)
        assert codes(early) == ["undeclared"]
        declare_no_conflict(session, actor=judge, **given)
        score(session, judge, project, points)
        with pytest.raises(Refused) as twice:
            score(session, judge, project, points)
        assert codes(twice) == ["submitted"]
        said = [str(event.changes) for event in session.scalars(select(AuditEvent))]
        assert not [each for each in said if "実施体制" in each and "max_points" not in each]


@pytest.mark.parametrize("wrong", ["", "301", "-1", "1.234", "NaN", "三百"])
def test_what_is_no_points_is_named_by_its_box(sqlite_database: Database, wrong):
    with sqlite_database.transaction() as session:
        world, project, (cheap, dear) = scene(session)
        judge = seat(session, world, project)
        with pytest.raises(Refused) as refused:
            score(session, judge, project, {cheap: (wrong, "280"), dear: ("1", "1")})
        assert [b.field for b in refused.value.blockers] == [f"score-{cheap.id}-0"]
        assert get_judging_page(session, project).seats[0].submitted_at is None


def award(session, world, project, sha256):
    return decide_award(
        session,
        actor=world.lead,
        now=AFTER_CLOSING,
        project_id=project.id,
        seen_sha256=sha256,
    )


def test_the_award_keeps_its_sheet_and_lets_the_contract_begin(database: Database):
    with database.transaction() as session:
        world, project, (cheap, dear) = scene(session)
        with pytest.raises(Refused) as early:
            award(session, world, project, "")
        assert codes(early) == ["scores"]
        judge = seat(session, world, project)
        score(session, judge, project, {cheap: ("210", "280"), dear: ("240", "300")})
        page = get_judging_page(session, project)
        with pytest.raises(Conflict):
            award(session, world, project, "0" * 64)
        kept = award(session, world, project, page.sha256)
        assert (kept.vendor_id, kept.price_yen) == (cheap.id, CHEAP.price_yen)
        assert kept.sheet["runner_up"] == str(dear.id)
        with pytest.raises(Refused) as again:
            award(session, world, project, page.sha256)
        assert codes(again) == ["awarded"]
        standing = find_standing(session, world.lead, project.id)
        blockers = list_move_blockers(
            load_dossier(session, project),
            get_move(State.EVALUATION, "award"),
            standing,
            AFTER_CLOSING,
        )
        assert blockers == []


def test_the_runner_up_is_turned_to_once(database: Database):
    with database.transaction() as session:
        world, project, (cheap, dear) = scene(session)
        judge = seat(session, world, project)
        score(session, judge, project, {cheap: ("210", "280"), dear: ("240", "300")})
        award(session, world, project, get_judging_page(session, project).sha256)
        given = {"actor": world.lead, "now": AFTER_CLOSING, "project_id": project.id}
        move_project(session, **given, action="award", seen_state="evaluation")
        turn = {"action": "turn_to_runner_up", "seen_state": "contracting"}
        move_project(session, **given, **turn, reason="交渉が不成立のため")
        found = get_judging_page(session, project).award
        assert (found.number, found.vendor_id) == (2, dear.id)
        with pytest.raises(Refused) as nobody:
            move_project(session, **given, **turn, reason="また不成立")
        assert "no_runner_up" in codes(nobody)


def test_nobody_left_is_a_failed_tender(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        unmet = replace(CHEAP, mandatory_met=False)
        world, project, (only,) = scene(session, [unmet])
        judge = seat(session, world, project)
        score(session, judge, project, {only: ("300", "400")})
        page = get_judging_page(session, project)
        with pytest.raises(Refused) as refused:
            award(session, world, project, page.sha256)
        assert codes(refused) == ["failed"]


def test_a_vendor_is_no_judge_and_a_stranger_unknown(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_noticed_project(session, world)
        bidders = open_for_evaluation(session, world, project, [CHEAP])
        vendor_email = session.get_one(User, bidders[0][1].user_id).email
        given = {"actor": world.lead, "now": AFTER_CLOSING, "project_id": project.id}
        for email, code in ((vendor_email, "vendor"), ("nobody@moyai.example", "no_user")):
            with pytest.raises(Refused) as refused:
                invite_judge(session, **given, email=email)
            assert codes(refused) == [code]
