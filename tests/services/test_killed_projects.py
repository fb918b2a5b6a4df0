"""Many processes at one project, some killed: no lost update, no half state, the chain whole.

Normally 5 kills each, in the long run 50.
"""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.audit import AuditEvent, verify
from foundation.db import Database
from procurement.models import Consent, Participation, Project, ShareLine, ShareVersion
from procurement.queries.previews import get_previews
from procurement.queries.standing import find_standing
from procurement.services.terms import set_sharing_terms
from tests.harness.builders import NOW
from tests.harness.joined import codes, joined
from tests.harness.many_bodies import make_managers
from tests.harness.processes import Place
from tests.harness.project_processes import (
    Seen,
    consent_as_seen,
    fix_as_seen,
    fix_seen,
    join_together,
    run_together,
    try_again,
)
from tests.harness.projects import TERMS, World, fix, make_project, make_world, move

BODIES = 200
AT_ONCE = 5
KILLS = [5, pytest.param(50, marks=pytest.mark.long)]
# How many statements are sent at least, by a fixing and by a consent that succeed.
EVERYBODYS, FIXING, CONSENTING = 5, 30, 15


@pytest.mark.parametrize("count", KILLS)
def test_two_hundred_bodies_join_at_once(database: Database, tmp_path: Path, count: int) -> None:
    """Five processes with forty bodies each; all are killed, started again, and none is lost."""
    random = Random(7)
    with database.transaction() as session:
        world = make_world(session, populations=())
        world.managers = make_managers(session, BODIES)
        project_id = make_project(session, world, joined=0).id
    managers = list(world.managers.values())
    killed, inside = 0, set[str]()
    for wave in range(count // AT_ONCE):
        waiting = [manager for manager in managers if manager.body_code not in inside]
        places = [
            Place(
                url=database.url, instance=tmp_path / f"{wave}-{n}", dies_at=random.randint(1, 300)
            )
            for n in range(AT_ONCE)
        ]
        killed += run_together(_split(waiting, places, project_id))
        inside = joined(database, world, project_id)
    assert killed >= min(count, AT_ONCE) - 1, "nobody was still joining when it was to be killed"
    assert 0 < len(inside) < BODIES or count > AT_ONCE
    rest = [manager for manager in managers if manager.body_code not in inside]
    places = [Place(url=database.url, instance=tmp_path / f"last-{n}") for n in range(AT_ONCE)]
    assert run_together(_split(rest, places, project_id)) == 0
    assert joined(database, world, project_id) == codes(managers)
    with database.transaction() as session:
        project = session.get_one(Project, project_id)
        move(session, world.lead, project, "start_agreement")
        version = fix(session, world, project)
        assert _shares(session, version.id) == (BODIES, version.result["total_yen"])


def _split(managers, places, project_id):
    seen = Seen(project_id=project_id)
    return [
        (join_together, place, seen, managers[n :: len(places)]) for n, place in enumerate(places)
    ]


@pytest.mark.parametrize("count", KILLS)
def test_two_fix_a_version_while_a_body_consents(
    database: Database, tmp_path: Path, count: int
) -> None:
    """One version more, whoever dies; a consent is to a version that stood, or asked anew."""
    random = Random(11)
    with database.transaction() as session:
        world = make_world(session)
        projects = [_agreeing(session, world, f"共同調達 {n}号").id for n in range(count)]
    killed = 0
    for n, project_id in enumerate(projects):
        works = _works(database, world, project_id, tmp_path / str(n))
        dies = n % len(works)
        target, place, *rest = works[dies]
        # The first falls wherever it gets to: nobody sends fewer statements than that.
        deepest = (EVERYBODYS, FIXING, CONSENTING)[dies]
        doomed = replace(place, dies_at=random.randint(1, deepest))
        killed += run_together([*works[:dies], (target, doomed, *rest), *works[dies + 1 :]])
        _assert_nothing_is_half(database, project_id)
        try_again(fix_seen, database, works[0][2], world.lead)
        with database.read_session() as session:
            assert _versions(session, project_id) == [1, 2]
        _assert_nothing_is_half(database, project_id)
    assert killed


def _agreeing(session: Session, world: World, title: str) -> Project:
    """A project whose first version waits for consents, and whose terms have changed since."""
    project = make_project(session, world, title=title)
    move(session, world.lead, project, "start_agreement")
    fix(session, world, project)
    rules = {"initial": "equal", "recurring": "population", "option": "own_use"}
    set_sharing_terms(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project.id,
        wanted=TERMS | {"rules": rules},
        seen_version=project.row_version,
    )
    return project


def _works(database: Database, world: World, project_id: int, folder: Path):
    with database.read_session() as session:
        project = session.get_one(Project, project_id)
        standing = find_standing(session, world.lead, project_id)
        chosen = get_previews(session, project, standing).find(None)
        assert chosen is not None and chosen.preview is not None
        seen = Seen(
            project_id=project_id,
            basis_id=chosen.basis.id,
            sha256=chosen.preview.sha256,
            version=1,
            maximum_yen=tuple((year, 99_999_999) for year in chosen.preview.years),
        )
    places = [Place(url=database.url, instance=folder / name) for name in ("one", "two", "body")]
    manager = next(iter(world.managers.values()))
    return [
        (fix_as_seen, places[0], seen, world.lead),
        (fix_as_seen, places[1], seen, world.lead),
        (consent_as_seen, places[2], seen, manager),
    ]


def _versions(session: Session, project_id: int) -> list[int]:
    return list(
        session.scalars(
            select(ShareVersion.number)
            .where(ShareVersion.project_id == project_id)
            .order_by(ShareVersion.number)
        )
    )


def _shares(session: Session, version_id: int) -> tuple[int, int]:
    """How many bodies have lines, and what they sum to."""
    bodies, total = session.execute(
        select(
            func.count(func.distinct(ShareLine.body_code)), func.sum(ShareLine.amount_yen)
        ).where(ShareLine.share_version_id == version_id)
    ).one()
    return int(bodies), int(total)


def _assert_nothing_is_half(database: Database, project_id: int) -> None:
    """Each version with all its lines, consents and its event; each consent with its own."""
    with database.read_session() as session:
        assert verify(session).problems == ()
        members = set(
            session.scalars(select(Participation.id).where(Participation.project_id == project_id))
        )
        versions = session.scalars(
            select(ShareVersion).where(ShareVersion.project_id == project_id)
        ).all()
        for version in versions:
            assert _shares(session, version.id) == (len(members), version.result["total_yen"])
            asked = session.scalars(
                select(Consent).where(Consent.share_version_id == version.id)
            ).all()
            assert {row.participation_id for row in asked} == members
            for row in asked:
                assert bool(row.approval_number) == (row.status == "given") == bool(row.maximum_yen)
        newest = max(versions, key=lambda version: version.number)
        assert _events(session, project_id, "fix_share_version") == [
            (version.number, version.sha256)
            for version in sorted(versions, key=lambda version: version.number)
        ]
        given = session.scalars(
            select(Consent.id)
            .join(ShareVersion, ShareVersion.id == Consent.share_version_id)
            .where(ShareVersion.project_id == project_id, Consent.status == "given")
        ).all()
        assert len(given) == len(_events(session, project_id, "consent"))
        if newest.number == 2:  # the terms changed: nobody's older consent counts for it
            carried = select(Consent).where(
                Consent.share_version_id == newest.id, Consent.status != "asked"
            )
            assert session.scalars(carried).all() == []


def _events(session: Session, project_id: int, action: str) -> list[tuple[int, str]]:
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.action == action, AuditEvent.subject_id == str(project_id))
        .order_by(AuditEvent.seq)
    )
    return [
        (event.changes.get("number", event.changes.get("version")), event.changes["sha256"])
        for event in events
    ]
