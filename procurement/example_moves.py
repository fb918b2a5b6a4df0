"""Putting the re-enactment into its state, with the row and the event every move leaves.

Its road to the notice was walked in reality, not here: the guards have nothing to look at.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Actor
from procurement.domain.lifecycle import State
from procurement.models import Project, ShareVersion, StateChange
from procurement.queries.previews import get_previews
from procurement.queries.standing import find_standing
from procurement.services.shares import fix_share_version
from procurement.services.traces import leave_trace


def enter(session: Session, project: Project, state: State, actor: Actor, now: datetime) -> None:
    """Put the project into the state without asking the guards."""
    session.add(
        StateChange(
            project_id=project.id,
            from_state=project.state,
            to_state=state.value,
            action="load_example",
            actor_label=actor.label,
            reason="見本データとして作成",
            at=now,
        )
    )
    changes = {"from": project.state, "to": state.value}
    project.state = state.value
    project.state_since = now
    project.updated_at = now
    leave_trace(
        session, actor=actor, now=now, project=project, action="load_example", changes=changes
    )


def fix_preview(
    session: Session, project: Project, lead: Actor, now: datetime, note: str
) -> ShareVersion:
    """What the first basis (after the award: its price) gives now, fixed as the next version."""
    standing = find_standing(session, lead, project.id)
    chosen = get_previews(session, project, standing).find(None)
    if chosen is None or chosen.preview is None:
        raise RuntimeError(f"no preview for {project.title}")
    return fix_share_version(
        session,
        actor=lead,
        now=now,
        project_id=project.id,
        basis_id=chosen.basis.id,
        preview_sha256=chosen.preview.sha256,
        note=note,
    )
