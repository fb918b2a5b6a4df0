"""The way a project came: its moves, and for members its fixed versions."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.models import ShareVersion, StateChange
from procurement.queries.standing import HIDDEN_STATE, Standing


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """One move. Who and why are for members; state and moment are public."""

    from_state: str
    to_state: str
    action: str
    actor_label: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """One fixed share version."""

    number: int
    basis: str
    sha256: str
    fixed_at: datetime
    fixed_by: str
    note: str


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    """Newest first."""

    changes: tuple[ChangeRow, ...]
    versions: tuple[VersionRow, ...]


def get_history_page(session: Session, project_id: int, standing: Standing) -> HistoryPage:
    """At most two queries; strangers see neither who moved it nor the time before `forming`."""
    changes = session.scalars(
        select(StateChange)
        .where(StateChange.project_id == project_id)
        .order_by(StateChange.at.desc(), StateChange.id.desc())
    )
    member = standing.is_member
    rows = [
        ChangeRow(
            from_state=change.from_state,
            to_state=change.to_state,
            action=change.action,
            actor_label=change.actor_label if member else "",
            reason=change.reason if member else "",
            at=change.at,
        )
        for change in changes
        if member or change.to_state != HIDDEN_STATE
    ]
    versions = list_versions(session, project_id) if member else ()
    return HistoryPage(changes=tuple(rows), versions=versions)


def list_versions(session: Session, project_id: int) -> tuple[VersionRow, ...]:
    """Every fixed version, newest first. For members: the caller has asked."""
    versions = session.scalars(
        select(ShareVersion)
        .where(ShareVersion.project_id == project_id)
        .order_by(ShareVersion.number.desc())
    )
    return tuple(
        VersionRow(
            number=version.number,
            basis=version.basis,
            sha256=version.sha256,
            fixed_at=version.fixed_at,
            fixed_by=version.fixed_by,
            note=version.note,
        )
        for version in versions
    )
