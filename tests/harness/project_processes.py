"""Real processes at one project at the same moment: joining, fixing a version, consenting."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from accounts.roles import Actor
from foundation.db import Database
from foundation.errors import Conflict, Refused
from procurement.services.consents import consent
from procurement.services.joining import JoinAnswers, join_project
from procurement.services.shares import fix_share_version
from tests.harness.builders import NOW
from tests.harness.processes import SLOWEST_SECONDS, Place, forking
from tests.harness.projects import APPROVED


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What stood on the page that its reader acts on."""

    project_id: int
    basis_id: int = 0
    sha256: str = ""
    version: int = 0
    maximum_yen: tuple[tuple[int, int], ...] = ()


def join_together(place: Place, barrier: Barrier, seen: Seen, managers: list[Actor]) -> None:
    """The bodies of these managers, one after another, while others do the same."""
    database = _open(place, barrier)
    for number, manager in enumerate(managers, start=1):
        with database.transaction() as session:
            join_project(
                session,
                actor=manager,
                now=NOW,
                project_id=seen.project_id,
                body_code=manager.body_code or "",
                answers=JoinAnswers(quantity=10 * number),
                approval_date=APPROVED,
                approval_number=f"情政第{number}号",
            )


def fix_as_seen(place: Place, barrier: Barrier, seen: Seen, lead: Actor) -> None:
    """A coordinator fixes the preview on its screen."""
    try_again(fix_seen, _open(place, barrier), seen, lead)


def consent_as_seen(place: Place, barrier: Barrier, seen: Seen, manager: Actor) -> None:
    """A body's manager consents to the version on its screen."""
    try_again(consent_seen, _open(place, barrier), seen, manager)


def try_again(act: Any, database: Database, seen: Seen, actor: Actor) -> None:
    """In one transaction; a refusal is an answer too."""
    with suppress(Refused, Conflict), database.transaction() as session:
        act(session, seen, actor)


def fix_seen(session: Session, seen: Seen, lead: Actor) -> None:
    """Fix the preview that was seen."""
    fix_share_version(
        session,
        actor=lead,
        now=NOW,
        project_id=seen.project_id,
        basis_id=seen.basis_id,
        preview_sha256=seen.sha256,
    )


def consent_seen(session: Session, seen: Seen, manager: Actor) -> None:
    """Consent to the version that was seen."""
    consent(
        session,
        actor=manager,
        now=NOW,
        project_id=seen.project_id,
        body_code=manager.body_code or "",
        version_number=seen.version,
        maximum_yen=dict(seen.maximum_yen),
        approval_date=APPROVED,
        approval_number="第1号",
    )


def run_together(works: list[tuple[Any, Place, Seen, Any]]) -> int:
    """Start all of (function, place, seen, argument) at one moment; how many were killed.

    Each has opened its database before any begins.
    """
    barrier = forking.Barrier(len(works))
    started: list[BaseProcess] = []
    for target, place, seen, argument in works:
        place.instance.mkdir(parents=True, exist_ok=True)
        process = forking.Process(target=target, args=(place, barrier, seen, argument))
        process.start()
        started.append(process)
    for process in started:
        process.join(timeout=SLOWEST_SECONDS)
        process.kill()
        process.join(timeout=10)
        assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return sum(process.exitcode != 0 for process in started)


def _open(place: Place, barrier: Barrier) -> Database:
    """The database; counted statements, and death before the one the place names."""
    database = Database(place.url)
    with database.read_session() as session:
        session.connection()
    barrier.wait(timeout=SLOWEST_SECONDS)
    sent = 0

    def count(*_what: Any) -> None:
        nonlocal sent
        sent += 1
        if sent == place.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "commit"):
        event.listen(database.engine, moment, count)
    return database
