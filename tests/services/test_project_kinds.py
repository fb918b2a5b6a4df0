"""Real and made-up bodies are never in one project, except in a marked re-enactment."""

import pytest

from foundation.db import Database
from foundation.errors import Refused
from procurement.services.invitations import invite_bodies, request_join, state_interest
from procurement.services.joining import JoinAnswers, join_project, prepare_join
from tests.harness.builders import NOW
from tests.harness.projects import APPROVED, make_project, make_world


def a_mixed_pair(session, *, project_fictional: bool):
    """A project of one kind, and a body of its prefecture of the other."""
    world = make_world(session)
    project = make_project(session, world, joined=1)
    project.fictional = project_fictional
    body = world.bodies[1]
    body.fictional = not project_fictional
    session.flush()
    return world, project, body


@pytest.mark.parametrize("project_fictional", [True, False])
def test_a_body_of_the_other_kind_is_refused_by_name(
    sqlite_database: Database, project_fictional: bool
):
    with sqlite_database.transaction() as session:
        world, project, body = a_mixed_pair(session, project_fictional=project_fictional)
        common = {"now": NOW, "project_id": project.id}
        own = {"body_code": body.code, **common}
        answers = JoinAnswers(quantity=10)
        approval = {"approval_date": APPROVED, "approval_number": "第1号"}
        attempts = (
            lambda: invite_bodies(session, actor=world.lead, body_codes=[body.code], **common),
            lambda: state_interest(session, actor=world.staff[body.code], **own),
            lambda: request_join(session, actor=world.lead, **own),
            lambda: prepare_join(session, actor=world.staff[body.code], answers=answers, **own),
            lambda: join_project(
                session, actor=world.manager(body), answers=answers, **approval, **own
            ),
        )
        for attempt in attempts:
            with pytest.raises(Refused) as refused:
                attempt()
            (blocker,) = refused.value.blockers
            assert blocker.code == "mixed_kinds"
            assert body.name in blocker.message and body.code in blocker.message


def test_a_reenactment_plays_with_real_bodies(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project, body = a_mixed_pair(session, project_fictional=True)
        project.reenactment_of = "https://www.example.jp/notice"
        session.flush()
        asked = invite_bodies(
            session, actor=world.lead, now=NOW, project_id=project.id, body_codes=[body.code]
        )
        assert asked == [body.code]
