"""Bodies joining while their process is killed: each is in with all that belongs to it, or not."""

from pathlib import Path

import pytest

from foundation.db import Database
from tests.harness.joined import codes, joined
from tests.harness.processes import (
    Place,
    assert_index_is_the_database,
    finish,
    join_all,
    kills,
    measure,
    start,
)
from tests.harness.projects import make_project, make_world

KILLS = [5, pytest.param(50, marks=pytest.mark.long)]
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
