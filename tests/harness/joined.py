"""Whether those who joined a project are in it by every table that tells of it."""

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Actor
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.mail import Notice, OutboxMail
from procurement.models import Participation, Project, ProjectRole
from tests.harness.projects import World


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
