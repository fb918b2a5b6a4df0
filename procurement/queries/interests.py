"""What a body can say it is interested in: projects still gathering that it may know of."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from procurement.models import Participation, Project, ProjectRole
from procurement.queries.project_rows import IS_PUBLIC, ProjectRow, load_rows

GATHERING = ("intention_survey", "forming")


@dataclass(frozen=True, kw_only=True)
class InterestRow:
    """A gathering project with the own body's answer so far ('' for none)."""

    project: ProjectRow
    status: str
    closes_at: datetime | None


def list_interests(session: Session, actor: Actor) -> tuple[InterestRow, ...]:
    """Gathering projects that are public, or that the body was asked about. Three queries."""
    answered = session.execute(
        select(Participation.project_id, Participation.status).where(
            Participation.body_code == actor.body_code
        )
    )
    own = {project_id: status for project_id, status in answered}
    invited = select(ProjectRole.project_id).where(
        ProjectRole.organization_id == actor.organization_id
    )
    query = (
        select(Project)
        .where(
            Project.state.in_(GATHERING),
            or_(IS_PUBLIC, Project.id.in_(invited), Project.id.in_(own)),
        )
        .order_by(Project.join_closes_at, Project.id)
    )
    return tuple(
        InterestRow(project=row, status=own.get(row.id, ""), closes_at=row.answer_closes_at)
        for row in load_rows(session, query)
    )
