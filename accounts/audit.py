"""The audit chain as actors write it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from accounts.roles import Actor
from foundation import audit


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject_type: str,
    subject_id: str | int,
    changes: Mapping[str, Any],
    now: datetime,
    batch_file_sha256: str | None = None,
) -> audit.AuditEvent:
    """Append what the actor did. Mark secret values with `foundation.audit.secret`."""
    return audit.record(
        session,
        actor_id=actor.user_id,
        actor_label=actor.label,
        organization_id=actor.organization_id,
        action=action,
        subject=(subject_type, subject_id),
        changes=changes,
        now=now,
        batch_file_sha256=batch_file_sha256,
    )
