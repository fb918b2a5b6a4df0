"""From the notice to the opening: private questions, sealed proposals, two persons."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from accounts.roles import Role
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice as InboxNotice
from procurement.domain.lifecycle import State, get_move
from procurement.domain.tender import receipt_sha256
from procurement.models import Project
from procurement.queries.dossier import load_dossier
from procurement.queries.standing import find_standing
from procurement.queries.tender import (
    find_own_vendor,
    list_opened,
    list_own_receipts,
    list_questions,
)
from procurement.services.moves import list_move_blockers
from procurement.services.notice import postpone_closing, set_notice
from procurement.services.proposals import hand_in, open_proposals, withdraw
from procurement.services.questions import answer, ask, publish_answers
from tests.harness.builders import NOW, make_actor, organization_of
from tests.harness.projects import make_project, make_world
from tests.harness.tender import (
    ANSWERS_DUE,
    CONTENT,
    NOTICE,
    PROPOSALS_CLOSE,
    QUESTIONS_CLOSE,
    make_bidder,
    make_noticed_project,
    make_second,
)

SECOND = timedelta(seconds=1)
AFTER = PROPOSALS_CLOSE + SECOND


def scene(session):
    world = make_world(session)
    return world, make_noticed_project(session, world)


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def test_a_question_is_published_to_all_at_once_and_without_its_asker(database: Database):
    with database.transaction() as session:
        world, project = scene(session)
        vendor, asker = make_bidder(session, "架空質問株式会社")
        _, other = make_bidder(session)
        question = ask(session, actor=asker, now=NOW, project_id=project.id, text="容量は？")
        lead = find_standing(session, world.lead, project.id)
        stranger = find_standing(session, other, project.id)
        rows = list_questions(session, project.id, lead, None)
        assert [row.text for row in rows] == ["容量は？"]
        assert "架空質問" not in str(rows)
        assert list_questions(session, project.id, stranger, find_own_vendor(session, other)) == ()
        answer(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project.id,
            question_id=question.id,
            text="100GBです。",
            seen_version=question.row_version,
        )
        own = list_questions(
            session,
            project.id,
            find_standing(session, asker, project.id),
            find_own_vendor(session, asker),
        )
        assert [(row.answer, row.own) for row in own] == [("", True)]
        publish_answers(session, actor=world.lead, now=NOW, project_id=project.id)
        seen = list_questions(session, project.id, stranger, find_own_vendor(session, other))
        assert [(row.text, row.answer, row.own) for row in seen] == [
            ("容量は？", "100GBです。", False)
        ]
        told = session.scalars(
            select(InboxNotice).where(InboxNotice.organization_id == vendor.organization_id)
        ).all()
        assert [notice.title for notice in told if "回答" in notice.title]


def test_the_form_closes_at_its_moment(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        _, project = scene(session)
        _, asker = make_bidder(session)
        just = QUESTIONS_CLOSE - SECOND
        ask(session, actor=asker, now=just, project_id=project.id, text="間に合う質問")
        with pytest.raises(Refused) as refused:
            ask(session, actor=asker, now=QUESTIONS_CLOSE, project_id=project.id, text="遅い")
        assert codes(refused) == ["questions_closed"]
        assert "17時00分00秒" in refused.value.blockers[0].message


def test_a_published_answer_stays_and_two_people_never_overwrite(database: Database):
    with database.transaction() as session:
        world, project = scene(session)
        _, asker = make_bidder(session)
        question = ask(session, actor=asker, now=NOW, project_id=project.id, text="いつ？")
        given = {"actor": world.lead, "now": NOW, "project_id": project.id}
        seen = question.row_version
        answer(session, **given, question_id=question.id, text="4月", seen_version=seen)
        with pytest.raises(Conflict):
            answer(session, **given, question_id=question.id, text="5月", seen_version=seen)
        publish_answers(session, **given)
        with pytest.raises(Refused) as refused:
            answer(
                session,
                **given,
                question_id=question.id,
                text="6月",
                seen_version=question.row_version,
            )
        assert codes(refused) == ["published"]
        assert question.answer == "4月"


def test_nobody_reads_or_counts_a_proposal_before_the_opening(database: Database):
    with database.transaction() as session:
        _world, project = scene(session)
        vendor, manager = make_bidder(session)
        before = project.row_version, project.updated_at
        receipt = hand_in(session, actor=manager, now=NOW, project_id=project.id, content=CONTENT)
        assert (project.row_version, project.updated_at) == before
        assert list_opened(session, project.id, 1) == ()
        dossier = load_dossier(session, project)
        assert (dossier.results.opened, dossier.results.valid_proposals) == (False, 0)
        said = [str(event.changes) for event in session.scalars(select(AuditEvent))]
        assert not [each for each in said if "12345678" in each or "提案の要旨" in each]
        own = list_own_receipts(session, project.id, 1, vendor.id)
        assert [(row.number, row.stands, row.sha256) for row in own] == [(1, True, receipt.sha256)]


def test_a_receipt_proves_what_was_handed_in(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        _, project = scene(session)
        vendor, manager = make_bidder(session)
        receipt = hand_in(session, actor=manager, now=NOW, project_id=project.id, content=CONTENT)
        facts = {
            "project_id": project.id,
            "round_number": 1,
            "vendor_id": vendor.id,
            "number": 1,
            "received_at": NOW,
        }
        assert receipt.sha256 == receipt_sha256(**facts, content=CONTENT.as_json())
        other = replace(CONTENT, price_yen=12_345_679)
        assert receipt.sha256 != receipt_sha256(**facts, content=other.as_json())


def test_the_database_itself_refuses_to_change_what_was_sealed(database: Database):
    with database.transaction() as session:
        _, project = scene(session)
        _, manager = make_bidder(session)
        hand_in(session, actor=manager, now=NOW, project_id=project.id, content=CONTENT)
    for statement in (
        "UPDATE proposal_receipt SET sha256 = 'x'",
        "DELETE FROM proposal_receipt",
    ):
        with pytest.raises(DBAPIError), database.transaction() as session:
            session.execute(text(statement))


def test_late_by_a_second_is_late(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        _, project = scene(session)
        _, manager = make_bidder(session)
        given = {"actor": manager, "project_id": project.id, "content": CONTENT}
        hand_in(session, now=PROPOSALS_CLOSE - SECOND, **given)
        with pytest.raises(Refused) as refused:
            hand_in(session, now=PROPOSALS_CLOSE, **given)
        assert codes(refused) == ["proposals_closed"]
        with pytest.raises(Refused):
            withdraw(session, actor=manager, now=AFTER, project_id=project.id, reason="やめる")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price_yen": 0}, "price_yen"),
        ({"summary": " "}, "summary"),
        ({"lot_digits": "12"}, "lot_digits"),
        ({"lot_digits": "１２３"}, "lot_digits"),
    ],
)
def test_what_cannot_stand_is_refused(sqlite_database: Database, changes, field):
    with sqlite_database.transaction() as session:
        _, project = scene(session)
        _, manager = make_bidder(session)
        with pytest.raises(Refused) as refused:
            hand_in(
                session,
                actor=manager,
                now=NOW,
                project_id=project.id,
                content=replace(CONTENT, **changes),
            )
        assert [blocker.field for blocker in refused.value.blockers] == [field]


def test_only_the_newest_that_was_not_taken_back_stands(database: Database):
    with database.transaction() as session:
        world, project = scene(session)
        first, one = make_bidder(session, "架空甲")
        second, two = make_bidder(session, "架空乙")
        third, three = make_bidder(session, "架空丙")
        later = NOW + timedelta(hours=1)
        given = {"project_id": project.id}
        hand_in(session, actor=one, now=NOW, content=CONTENT, **given)
        hand_in(session, actor=two, now=NOW + SECOND, content=CONTENT, **given)
        hand_in(session, actor=three, now=NOW, content=CONTENT, **given)
        cheaper = replace(CONTENT, price_yen=9_000_000)
        hand_in(session, actor=one, now=later, content=cheaper, **given)
        withdraw(session, actor=three, now=later, reason="体制が組めないため", **given)
        with pytest.raises(Refused):
            withdraw(session, actor=three, now=later, reason="もう一度", **given)
        open_proposals(session, actor=world.lead, now=AFTER, **given)
        open_proposals(session, actor=make_second(session, world), now=AFTER, **given)
        opened = list_opened(session, project.id, 1)
        assert [(row.vendor_id, row.content["price_yen"]) for row in opened] == [
            (second.id, CONTENT.price_yen),
            (first.id, 9_000_000),
        ]
        dossier = load_dossier(session, project)
        assert dossier.results.valid_proposals == 2
        assert third.id not in [row.vendor_id for row in opened]


def test_two_persons_open_and_never_before_the_closing(database: Database):
    with database.transaction() as session:
        world, project = scene(session)
        _, manager = make_bidder(session)
        hand_in(session, actor=manager, now=NOW, project_id=project.id, content=CONTENT)
        given = {"project_id": project.id}
        with pytest.raises(Refused) as early:
            open_proposals(session, actor=world.lead, now=PROPOSALS_CLOSE - SECOND, **given)
        assert codes(early) == ["not_closed"]
        assert open_proposals(session, actor=world.lead, now=AFTER, **given).opened_at is None
        assert list_opened(session, project.id, 1) == ()
        with pytest.raises(Refused) as same:
            open_proposals(session, actor=world.lead, now=AFTER, **given)
        assert codes(same) == ["same_person"]
        member = world.manager(world.bodies[0])
        with pytest.raises(Refused) as stranger:
            open_proposals(session, actor=member, now=AFTER, **given)
        assert codes(stranger) == ["not_lead"]
        second = make_second(session, world)
        opening = open_proposals(session, actor=second, now=AFTER, **given)
        assert (opening.first_user_id, opening.second_user_id) == (
            world.lead.user_id,
            second.user_id,
        )
        assert len(list_opened(session, project.id, 1)) == 1


def blocking(session, project, actor, now):
    move = get_move(State.SOLICITATION, "start_evaluation")
    standing = find_standing(session, actor, project.id)
    found = list_move_blockers(load_dossier(session, project), move, standing, now)
    return [blocker.code for blocker in found]


def test_evaluation_waits_for_closing_answers_and_opening(database: Database):
    with database.transaction() as session:
        world, project = scene(session)
        _, manager = make_bidder(session)
        question = ask(session, actor=manager, now=NOW, project_id=project.id, text="？")
        assert blocking(session, project, world.lead, NOW) == [
            "not_closed",
            "questions",
            "not_opened",
        ]
        given = {"actor": world.lead, "now": NOW, "project_id": project.id}
        answer(
            session,
            **given,
            question_id=question.id,
            text="はい。",
            seen_version=question.row_version,
        )
        publish_answers(session, **given)
        hand_in(session, actor=manager, now=NOW, project_id=project.id, content=CONTENT)
        open_proposals(session, actor=world.lead, now=AFTER, project_id=project.id)
        assert blocking(session, project, world.lead, AFTER) == ["not_opened"]
        open_proposals(session, actor=make_second(session, world), now=AFTER, project_id=project.id)
        assert blocking(session, project, world.lead, AFTER) == []


def test_after_the_notice_only_the_closing_moves_and_only_later(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project = scene(session)
        given = {"actor": world.lead, "now": NOW, "project_id": project.id}
        with pytest.raises(Refused) as fixed:
            set_notice(session, **given, wanted=NOTICE, seen_version=1)
        assert codes(fixed) == ["after_notice"]
        with pytest.raises(Refused) as earlier:
            postpone_closing(session, **given, closes_at=ANSWERS_DUE, reason="早める")
        assert codes(earlier) == ["not_later"]
        later = PROPOSALS_CLOSE + timedelta(days=7)
        with pytest.raises(Refused) as silent:
            postpone_closing(session, **given, closes_at=later, reason=" ")
        assert codes(silent) == ["reason"]
        postpone_closing(session, **given, closes_at=later, reason="回答が遅れたため")
        stored = session.get_one(Project, project.id)
        assert stored.proposals_close_at == later


def test_a_rule_that_does_not_add_up_is_refused(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        broken = replace(NOTICE, rule={**NOTICE.rule, "full_score": 999})
        with pytest.raises(Refused) as refused:
            set_notice(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project.id,
                wanted=broken,
                seen_version=0,
            )
        assert "full_score" in codes(refused)
        swapped = replace(NOTICE, questions_close_at=PROPOSALS_CLOSE)
        with pytest.raises(Refused) as order:
            set_notice(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project.id,
                wanted=swapped,
                seen_version=0,
            )
        assert [b.field for b in order.value.blockers] == ["answers_due_on"]


def test_bodies_and_strangers_are_no_vendors(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project = scene(session)
        member = make_actor(
            session, organization_of(session, world.bodies[0]), Role.MUNICIPAL_MANAGER
        )
        for actor in (world.lead, member):
            with pytest.raises(NotFound):
                ask(session, actor=actor, now=NOW, project_id=project.id, text="？")
            with pytest.raises(NotFound):
                hand_in(session, actor=actor, now=NOW, project_id=project.id, content=CONTENT)
