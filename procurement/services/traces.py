"""What every action leaves behind: one audit event, the search outbox, notices to those told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization
from accounts.notices import tell_organization
from accounts.roles import Actor
from catalog.search.outbox import queue
from procurement.models import Participation, Project, ProjectRole

# Those who once had a row but went their own way are told nothing more.
_GONE = ("left", "declined", "lapsed")


@dataclass(frozen=True, kw_only=True)
class Told:
    """A notice for everybody of one organisation. path: where to go, on this site."""

    organization_id: int | None
    title: str
    text: str
    path: str


def leave_trace(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project: Project,
    action: str,
    changes: Mapping[str, Any],
    told: Iterable[Told] = (),
    told_everybody: str = "",
) -> None:
    """Append the audit event, queue the project for the index, and tell whom it concerns.

    told_everybody: a text for all members and invited organisations but the actor's own.
    """
    session.flush()
    record(session, actor, action, "project", project.id, changes, now)
    queue(session, "project", project.id, now=now)
    notices = list(told)
    if told_everybody:
        notices += _for_everybody(session, actor, project, told_everybody)
    for each in notices:
        if each.organization_id is not None:
            tell_organization(
                session,
                each.organization_id,
                title=each.title,
                body=each.text,
                url=each.path,
                now=now,
            )


def _for_everybody(session: Session, actor: Actor, project: Project, text: str) -> list[Told]:
    by_role = select(ProjectRole.organization_id).where(ProjectRole.project_id == project.id)
    by_body = (
        select(Organization.id)
        .join(Participation, Participation.body_code == Organization.body_code)
        .where(Participation.project_id == project.id, Participation.status.not_in(_GONE))
    )
    ids = sorted(session.scalars(union(by_role, by_body)))
    return [
        Told(
            organization_id=organization_id,
            title=f"「{project.title}」からのお知らせ",
            text=text,
            path=f"/projects/{project.id}",
        )
        for organization_id in ids
        if organization_id != actor.organization_id
    ]
