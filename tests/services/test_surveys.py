"""The lead fixes questions and asks; each body answers for itself, late is late."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice
from procurement.domain.survey import AnswerKind, Question, tally
from procurement.queries.own_figures import own_figures
from procurement.queries.survey import get_own_response, list_asked, list_asked_codes
from procurement.services import surveys
from procurement.services.invitations import invite_bodies
from procurement.services.projects import open_project
from tests.harness.builders import NOW
from tests.harness.projects import make_fields, make_world

CLOSES = NOW + timedelta(days=14)
QUESTIONS = (
    ("アカウントの数", AnswerKind.QUANTITY),
    ("LGWANから使えること", AnswerKind.REQUIREMENT),
    ("使い始めたい月", AnswerKind.MONTH),
)


def make_survey(session, *, opened=True):
    """(world, project, question ids): two of three towns are asked."""
    world = make_world(session)
    project = open_project(session, actor=world.lead, now=NOW, wanted=make_fields())
    codes = [body.code for body in world.bodies[:2]]
    who = {"actor": world.lead, "now": NOW, "project_id": project.id}
    invite_bodies(session, body_codes=codes, **who)
    ids = [
        surveys.add_question(session, text=text, kind=kind.value, **who).id
        for text, kind in QUESTIONS
    ]
    if opened:
        surveys.open_survey(session, closes_at=CLOSES, **who)
    return world, project, ids


def answer(session, actor, project, answers, *, body="", seen=0, now=NOW):
    return surveys.answer_survey(
        session,
        actor=actor,
        now=now,
        project_id=project.id,
        body_code=body or actor.body_code,
        answers=answers,
        seen_version=seen,
    )


def staff_of(world, place=0):
    return world.staff[world.bodies[place].code]


def test_a_body_answers_and_its_quantity_is_not_typed_again(database: Database):
    with database.transaction() as session:
        world, project, (quantity, lgwan, month) = make_survey(session)
        asked = [n for n in session.scalars(select(Notice)) if n.url.endswith("/survey")]
        assert len(asked) == 2
        staff = staff_of(world)
        row = answer(session, staff, project, {quantity: 210, lgwan: "must", month: "2027-04"})
        assert row.status == "given"
        answer(session, staff, project, {quantity: 220, lgwan: "must"}, seen=row.row_version)
        codes = list_asked_codes(session, project.id)
        assert codes == tuple(sorted(body.code for body in world.bodies[:2]))
        rows = list_asked(session, project.id, codes)
        own = next(each for each in rows if each.body_code == staff.body_code)
        assert own.answers == {str(quantity): 220, str(lgwan): "must"}
        figures = own_figures(session, project, world.bodies[0], None)
        assert (figures.quantity, figures.quantity_source) == (
            220,
            "自団体が意向調査で回答した数量",
        )
        kept = [str(e.changes) for e in session.scalars(select(AuditEvent))]
        assert not [text for text in kept if "2027-04" in text and "must" in text]


def test_what_is_asked_is_fixed_before_anybody_answers(database: Database):
    with database.transaction() as session:
        world, project, ids = make_survey(session, opened=False)
        who = {"actor": world.lead, "now": NOW, "project_id": project.id}
        with pytest.raises(Refused, match="まだ始まっていません"):
            answer(session, staff_of(world), project, {ids[0]: 1})
        with pytest.raises(Refused, match="1つだけ"):
            surveys.add_question(session, text="もう一つの数", kind="quantity", **who)
        surveys.remove_question(session, question_id=ids[2], **who)
        with pytest.raises(Refused, match="これからの日"):
            surveys.open_survey(session, closes_at=NOW, **who)
        surveys.open_survey(session, closes_at=CLOSES, **who)
        assert project.survey_closes_at == CLOSES
        with pytest.raises(Refused, match="質問を変えられません"):
            surveys.add_question(session, text="遅い質問", kind="text", **who)
        with pytest.raises(Refused, match="質問を変えられません"):
            surveys.remove_question(session, question_id=ids[0], **who)


def test_late_by_a_second_is_late(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project, ids = make_survey(session)
        answer(session, staff_of(world), project, {ids[0]: 5}, now=CLOSES)
        late = CLOSES + timedelta(seconds=1)
        with pytest.raises(Refused, match="を過ぎたため"):
            answer(session, staff_of(world, 1), project, {ids[0]: 5}, now=late)


def test_what_the_coordinator_answers_waits_for_the_body(database: Database):
    with database.transaction() as session:
        world, project, ids = make_survey(session)
        staff = staff_of(world)
        row = answer(session, world.lead, project, {ids[0]: 77}, body=staff.body_code)
        assert (row.status, row.entered_by) == ("requested", world.lead.label)
        assert own_figures(session, project, world.bodies[0], None).quantity != 77
        with pytest.raises(Conflict):
            surveys.confirm_answers(
                session, actor=staff, now=NOW, project_id=project.id, seen_version=99
            )
        surveys.confirm_answers(
            session, actor=staff, now=NOW, project_id=project.id, seen_version=row.row_version
        )
        assert own_figures(session, project, world.bodies[0], None).quantity == 77
        with pytest.raises(Refused, match="団体が回答済み"):
            answer(
                session,
                world.lead,
                project,
                {ids[0]: 1},
                body=staff.body_code,
                seen=row.row_version,
            )


def test_the_second_of_two_is_told(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project, ids = make_survey(session)
        answer(session, staff_of(world), project, {ids[0]: 5})
        with pytest.raises(Conflict):
            answer(session, world.manager(world.bodies[0]), project, {ids[0]: 6})


def test_who_is_not_asked_does_not_answer(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project, ids = make_survey(session)
        with pytest.raises(NotFound):  # a survey's project is known to those asked only
            answer(session, staff_of(world, 2), project, {ids[0]: 5})
        with pytest.raises(NotFound):
            answer(session, staff_of(world), project, {ids[0]: 5}, body=world.bodies[1].code)
        with pytest.raises(Refused, match="対象ではありません"):
            answer(session, world.lead, project, {ids[0]: 5}, body=world.bodies[2].code)
        with pytest.raises(Refused, match="入れ直して"):
            answer(session, staff_of(world), project, {ids[1]: "perhaps"})
        with pytest.raises(Refused, match="入れ直して"):
            answer(session, staff_of(world), project, {999: "must"})
        assert get_own_response(session, project.id, world.bodies[0].code).row_version == 0


def test_the_silent_are_reminded_once_a_day(database: Database):
    with database.transaction() as session:
        world, project, ids = make_survey(session)
        answer(session, staff_of(world), project, {ids[0]: 5})
        who = {"actor": world.lead, "project_id": project.id}
        assert surveys.remind_silent(session, now=NOW, **who) == 1
        with pytest.raises(Refused, match="1日1回"):
            surveys.remind_silent(session, now=NOW + timedelta(hours=2), **who)
        assert surveys.remind_silent(session, now=NOW + timedelta(days=1), **who) == 1
        organization = staff_of(world, 1).organization_id
        told = session.scalars(select(Notice).where(Notice.organization_id == organization)).all()
        assert len([n for n in told if n.url.endswith("/survey")]) == 3
        answer(session, staff_of(world, 1), project, {ids[0]: 5})
        with pytest.raises(Refused, match="回答していない団体はありません"):
            surveys.remind_silent(session, now=NOW + timedelta(days=2), **who)


def test_an_answer_not_given_is_not_a_no():
    question = Question(id=1, text="要件", kind=AnswerKind.REQUIREMENT)
    summed = tally(question, [{"1": "must"}, {"1": "not_needed"}, {"2": 5}], asked=5)
    assert summed.counts == {"必須": 1, "希望": 0, "不要": 1}
    assert (summed.answered, summed.unanswered, summed.total) == (2, 3, None)
    number = Question(id=2, text="数", kind=AnswerKind.NUMBER)
    assert tally(number, [{"2": 5}, {"2": 0}], asked=2).total == 5
