"""Putting the re-enactment into its state, with the row and the event every move leaves.

Its road to the notice was walked in reality, not here: the guards have nothing to look at.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Actor
from procurement.domain.lifecycle import State
from procurement.models import Project, StateChange
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
