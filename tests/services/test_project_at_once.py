"""Several people at the same project at the same moment, each in a transaction of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from foundation.audit import verify
from foundation.db import Database
from foundation.errors import Conflict, Refused
from procurement.models import Participation, Project, ShareVersion
from procurement.queries.previews import get_previews
from procurement.queries.standing import find_standing
from procurement.services.joining import JoinAnswers, join_project
from procurement.services.projects import EditConflict, edit_project
from procurement.services.shares import fix_share_version
from tests.harness.builders import NOW
from tests.harness.projects import APPROVED, make_fields, make_project, make_world, move

BODIES = 8


def at_once(database, tasks):
    """Run each task(session) in its own thread and transaction, started together."""
    barrier = Barrier(len(tasks))

    def run(task):
        barrier.wait(timeout=30)
        try:
            with database.transaction() as session:
                task(session)
        except (Refused, Conflict) as refused:
            return refused
        return None

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_bodies_joining_at_once_all_join(database: Database):
    with database.transaction() as session:
        world = make_world(session, populations=tuple(range(10_000, 10_000 + BODIES)))
        project_id = make_project(session, world, joined=0).id

    def joining(body_code):
        def join(session):
            join_project(
                session,
                actor=world.managers[body_code],
                now=NOW,
                project_id=project_id,
                body_code=body_code,
                answers=JoinAnswers(quantity=10),
                approval_date=APPROVED,
                approval_number="第1号",
            )

        return join

    codes = sorted(world.managers)
    assert at_once(database, [joining(code) for code in codes]) == [None] * BODIES
    with database.read_session() as session:
        joined = session.scalars(
            select(Participation.body_code).where(Participation.status == "joined")
        )
        assert sorted(joined) == codes
        assert not verify(session).problems


def test_a_body_joining_twice_at_once_joins_once(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project_id = make_project(session, world, joined=0).id
        code = world.bodies[0].code

    def join(session):
        join_project(
            session,
            actor=world.managers[code],
            now=NOW,
            project_id=project_id,
            body_code=code,
            answers=JoinAnswers(quantity=10),
            approval_date=APPROVED,
            approval_number="第1号",
        )

    first, second = sorted(at_once(database, [join, join]), key=lambda answer: answer is not None)
    assert first is None
    assert [blocker.code for blocker in second.blockers] == ["already_joined"]


def test_two_coordinators_saving_at_once_one_wins_and_one_is_told(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        project_id, seen = project.id, project.row_version

    def saving(title):
        def save(session):
            edit_project(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project_id,
                wanted=make_fields(title=title),
                seen_version=seen,
            )

        return save

    answers = at_once(database, [saving("一人目"), saving("二人目")])
    told = [answer for answer in answers if answer is not None]
    assert len(told) == 1 and isinstance(told[0], EditConflict)
    with database.read_session() as session:
        title = session.get_one(Project, project_id).title
    (difference,) = told[0].differences
    assert difference.stored == title != difference.wanted


def test_two_managers_fixing_at_once_make_one_version(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        move(session, world.lead, project, "start_agreement")
        standing = find_standing(session, world.lead, project.id)
        chosen = get_previews(session, project, standing).find(None)
        project_id, sha256 = project.id, chosen.preview.sha256

    def fix(session):
        fix_share_version(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project_id,
            basis_id=chosen.basis.id,
            preview_sha256=sha256,
        )

    answers = at_once(database, [fix, fix])
    assert sum(answer is None for answer in answers) == 1
    with database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(ShareVersion)) == 1


def test_a_version_seen_before_a_body_joined_is_not_fixed_after(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        standing = find_standing(session, world.lead, project.id)
        move(session, world.lead, project, "start_agreement")
        chosen = get_previews(session, project, standing).find(None)
        move(session, world.lead, project, "reopen_recruitment", reason="もう1団体")
        project_id, sha256 = project.id, chosen.preview.sha256
        third = world.bodies[2].code
    with database.transaction() as session:
        join_project(
            session,
            actor=world.managers[third],
            now=NOW,
            project_id=project_id,
            body_code=third,
            answers=JoinAnswers(quantity=10),
            approval_date=APPROVED,
            approval_number="第1号",
        )
        move(session, world.lead, session.get_one(Project, project_id), "start_agreement")

    def fix(session):
        fix_share_version(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project_id,
            basis_id=chosen.basis.id,
            preview_sha256=sha256,
        )

    (answer,) = at_once(database, [fix])
    assert isinstance(answer, Conflict)
