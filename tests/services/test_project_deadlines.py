"""One deadline is one everywhere, and they come in the order of the work."""

from datetime import timedelta

import pytest

from foundation.clock import jst_moment, to_jst
from foundation.db import Database
from foundation.errors import Refused
from procurement.example import PLOTS
from procurement.presenters.project import deadline, public_facts
from procurement.queries.desk import list_waiting
from procurement.queries.interests import list_interests
from procurement.queries.project_page import get_head_and_project
from procurement.services.invitations import invite_bodies
from procurement.services.projects import open_project
from tests.harness.builders import NOW
from tests.harness.projects import JOIN_CLOSES, make_fields, make_world


def test_a_survey_has_one_deadline_on_desk_and_project(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = open_project(session, actor=world.lead, now=NOW, wanted=make_fields())
        project.survey_closes_at = jst_moment((to_jst(NOW) + timedelta(days=9)).date())
        body = world.bodies[0]
        invite_bodies(
            session, actor=world.lead, now=NOW, project_id=project.id, body_codes=[body.code]
        )
        actor = world.staff[body.code]
        (waiting,) = list_waiting(session, actor)
        assert waiting.closes_at == project.survey_closes_at
        (interest,) = list_interests(session, actor)
        assert interest.closes_at == project.survey_closes_at
        head, _ = get_head_and_project(session, actor, project.id)
        facts = dict(public_facts(head, "未定", NOW))
        assert facts["意向調査の回答期限"] == deadline(waiting.closes_at, NOW)
        project.survey_closes_at = None
        session.flush()
        (waiting,) = list_waiting(session, actor)
        assert waiting.closes_at == JOIN_CLOSES


def test_consent_is_asked_after_joining_has_closed(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        wanted = make_fields(consent_closes_at=JOIN_CLOSES)
        with pytest.raises(Refused) as refused:
            open_project(session, actor=world.lead, now=NOW, wanted=wanted)
        assert [b.field for b in refused.value.blockers] == ["consent_closes_at"]


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.title)
def test_the_example_projects_ask_in_that_order(plot):
    assert plot.join_days < plot.consent_days
