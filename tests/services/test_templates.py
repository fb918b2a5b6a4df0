"""A template is copied once, into what a project does not have yet."""

import pytest
from sqlalchemy import select

from foundation.db import Database
from foundation.errors import Refused
from procurement.domain.requirements import Origin
from procurement.domain.templates.shelf import TEMPLATES
from procurement.queries.coverage import find_coverage
from procurement.queries.requirements import list_lines
from procurement.queries.survey import list_questions
from procurement.requirement_models import Requirement
from procurement.services import requirements, surveys
from procurement.services.projects import open_project
from procurement.services.templates import apply_template
from tests.harness.builders import NOW
from tests.harness.projects import make_fields, make_project, make_world
from tests.harness.surveys import ask

AI = TEMPLATES["generative_ai"]


def test_what_is_there_stays_and_what_is_missing_comes(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = open_project(session, actor=world.lead, now=NOW, wanted=make_fields())
        who = {"actor": world.lead, "now": NOW, "project_id": project.id}
        surveys.add_question(session, text="利用者の数", kind="quantity", **who)
        own = requirements.RequirementFields(text=AI.requirements[0].text, settled="must")
        requirements.add_requirement(session, wanted=own, **who)
        copied = apply_template(session, key="generative_ai", **who)
        # The quantity is asked once, so the template's own question for it stays out.
        assert copied.questions == len(AI.questions) - 1
        assert copied.requirements == len(AI.requirements) - 1
        lines = [row.line for row in list_lines(session, project.id)]
        assert (lines[0].origin, lines[0].settled.value) == (Origin.LEAD, "must")
        assert {line.origin for line in lines[1:]} == {Origin.TEMPLATE}
        assert {line.settled.value for line in lines[1:]} == {"open"}
        order = [question.text for question in list_questions(session, project.id)]
        assert order[1:] == [q.text for q in AI.questions if q.kind.value != "quantity"]
        with pytest.raises(Refused, match="すべて入っています"):
            apply_template(session, key="generative_ai", **who)
        with pytest.raises(Refused, match="選び直して"):
            apply_template(session, key="nothing", **who)


def test_an_open_survey_is_not_touched(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=0)
        ask(session, world, project, world.bodies[0].code)
        before = list_questions(session, project.id)
        who = {"actor": world.lead, "now": NOW, "project_id": project.id}
        copied = apply_template(session, key="municipal_chat", **who)
        assert copied.questions == 0
        assert copied.requirements > 5
        assert list_questions(session, project.id) == before


def test_a_question_taken_back_leaves_its_requirement(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = open_project(session, actor=world.lead, now=NOW, wanted=make_fields())
        who = {"actor": world.lead, "now": NOW, "project_id": project.id}
        question = surveys.add_question(session, text="LGWAN", kind="requirement", **who)
        with pytest.raises(Refused, match="意向調査を始めると"):
            requirements.adopt_survey(session, **who)
        row = requirements.add_requirement(
            session, wanted=requirements.RequirementFields(text="LGWAN"), **who
        )
        row.survey_question_id = question.id
        session.flush()
        surveys.remove_question(session, question_id=question.id, **who)
        session.expire_all()
        assert session.scalars(select(Requirement)).one().survey_question_id is None


def test_coverage_counts_those_that_take_part(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        found = find_coverage(session, project)
        assert found is not None
        assert (found.joined, found.municipalities) == (2, 3)
        project.prefecture_code = None
        assert find_coverage(session, project) is None
