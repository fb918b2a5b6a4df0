"""Bodies joining while their process is killed: each is in with all that belongs to it, or not."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Actor
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.mail import Notice, OutboxMail
from procurement.models import Participation, Project, ProjectRole
from tests.harness.processes import (
    Place,
    assert_index_is_the_database,
    finish,
    join_all,
    kills,
    measure,
    start,
)
from tests.harness.projects import World, make_project, make_world

KILLS = [6, pytest.param(50, marks=pytest.mark.long)]
BODIES = 10


@pytest.mark.parametrize("count", KILLS)
def test_a_killed_join_is_whole_or_not_there(
    database: Database, tmp_path: Path, count: int
) -> None:
    with database.transaction() as session:
        world = make_world(session, populations=(20_000,) * BODIES)
        projects = [
            make_project(session, world, joined=0, title=f"共同調達 {number}号").id
            for number in range(count + 1)
        ]
    managers = list(world.managers.values())
    place = Place(url=database.url, instance=tmp_path / "instance")

    length = measure(join_all, place, projects[0], managers)
    assert joined(database, world, projects[0]) == codes(managers)
    interrupted, last = 0, set[str]()
    for project_id, kill in zip(projects[1:], kills(count, length, seed=3), strict=True):
        interrupted += kill.of(join_all, place, project_id, managers)
        last = joined(database, world, project_id)
        # They come one after another, so those who are in are the first of the row.
        assert last == codes(managers[: len(last)]), kill
        assert_index_is_the_database(place)
    assert interrupted, "nobody was still joining when the process was killed"
    rest = [manager for manager in managers if manager.body_code not in last]
    finish(start(join_all, place, projects[-1], rest))
    assert joined(database, world, projects[-1]) == codes(managers)


def codes(managers: list[Actor]) -> set[str]:
    return {manager.body_code or "" for manager in managers}


def joined(database: Database, world: World, project_id: int) -> set[str]:
    """The bodies that are in, by every table that tells of it; the chain is whole."""
    with database.read_session() as session:
        assert verify(session).problems == ()
        rows = session.scalars(
            select(Participation).where(Participation.project_id == project_id)
        ).all()
        assert {row.status for row in rows} <= {"joined"}
        assert all(row.quantities and row.approval_number and row.joined_at for row in rows)
        found = Counter(row.body_code for row in rows)
        assert found == _participants(session, project_id)
        assert found == _events(session, project_id)
        assert len(rows) == _notices(session, world, project_id) == _mails(session, project_id)
    return set(found)


def _participants(session: Session, project_id: int) -> Counter[str | None]:
    return Counter(
        session.scalars(
            select(Organization.body_code)
            .join(ProjectRole, ProjectRole.organization_id == Organization.id)
            .where(ProjectRole.project_id == project_id, ProjectRole.role == "participant")
        )
    )


def _events(session: Session, project_id: int) -> Counter[str]:
    events = session.scalars(
        select(AuditEvent).where(
            AuditEvent.action == "join_project", AuditEvent.subject_id == str(project_id)
        )
    )
    return Counter(event.changes["body_code"] for event in events)


def _notices(session: Session, world: World, project_id: int) -> int:
    told = select(Notice).where(
        Notice.organization_id == world.lead.organization_id,
        Notice.url == f"/projects/{project_id}/members",
    )
    return len(session.scalars(told).all())


def _mails(session: Session, project_id: int) -> int:
    title = session.get_one(Project, project_id).title
    mails = select(OutboxMail).where(OutboxMail.subject.contains(f"「{title}」の参加団体に動き"))
    return len(session.scalars(mails).all())
