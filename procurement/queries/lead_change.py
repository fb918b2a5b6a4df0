"""The lead of a project and who could lead it next, for members."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from procurement.domain.lead_change import ChangeKind, is_waited_for
from procurement.domain.participation import TAKING_PART
from procurement.lead_models import LeadChange
from procurement.models import Participation, Project, ProjectRole


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """One change as members read it."""

    id: int
    kind: ChangeKind
    to_organization_id: int
    to_name: str
    reason: str
    asked_by: str
    asked_at: datetime
    closes_at: datetime
    status: str
    row_version: int


def list_successors(session: Session, project: Project) -> tuple[tuple[int, str], ...]:
    """Organisations that could lead: the secretariat and the bodies taking part. One query."""
    by_role = select(ProjectRole.organization_id).where(
        ProjectRole.project_id == project.id, ProjectRole.role == "secretariat"
    )
    by_body = (
        select(Organization.id)
        .join(Participation, Participation.body_code == Organization.body_code)
        .where(Participation.project_id == project.id, Participation.status.in_(TAKING_PART))
    )
    rows = session.execute(
        select(Organization.id, Organization.name)
        .where(
            Organization.id.in_(by_role.union(by_body)),
            Organization.id != project.lead_organization_id,
        )
        .order_by(Organization.name, Organization.id)
    )
    return tuple((id_, name) for id_, name in rows)


def list_changes(session: Session, project_id: int) -> tuple[ChangeRow, ...]:
    """Every change ever asked for, the newest first. One query."""
    rows = session.execute(
        select(LeadChange, Organization.name)
        .join(Organization, Organization.id == LeadChange.to_organization_id)
        .where(LeadChange.project_id == project_id)
        .order_by(LeadChange.id.desc())
    )
    return tuple(
        ChangeRow(
            id=row.id,
            kind=ChangeKind(row.kind),
            to_organization_id=row.to_organization_id,
            to_name=name,
            reason=row.reason,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            closes_at=row.closes_at,
            status=row.status,
            row_version=row.row_version,
        )
        for row, name in rows
    )


def find_open_change(rows: Sequence[ChangeRow], now: datetime) -> ChangeRow | None:
    """The change that is waited for: one past its time is no longer open."""
    return next(
        (
            row
            for row in rows
            if row.status == "asked" and is_waited_for(row.kind, row.closes_at, now)
        ),
        None,
    )


def find_last_kept(session: Session, project_id: int) -> datetime | None:
    """When the lead last declined a claim."""
    found: datetime | None = session.scalar(
        select(LeadChange.answered_at)
        .where(
            LeadChange.project_id == project_id,
            LeadChange.kind == ChangeKind.CLAIM.value,
            LeadChange.status == "declined",
        )
        .order_by(LeadChange.id.desc())
        .limit(1)
    )
    return found
