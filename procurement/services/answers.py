"""What a body said when it joined, changed by the body while joining is still open."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may_for_body
from foundation.clock import to_jst
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.participation import TAKING_PART, BudgetStatus
from procurement.domain.participation import ParticipationStatus as Status
from procurement.models import Participation, Project
from procurement.services.access import find_participation, get_body, lock_project
from procurement.services.joining import MAX_NOTE, MAX_QUANTITY
from procurement.services.traces import Told, leave_trace

CHANGED = "変更"  # what the audit chain keeps of texts: that they changed, not what they say


@dataclass(frozen=True, kw_only=True)
class OwnAnswers:
    """What may change after joining. quantity: of the project's main unit."""

    quantity: int | None
    budget_status: str = ""
    contact_name: str = ""
    note: str = ""


def list_answer_blockers(
    project: Project, row: Participation | None, *, actor: Actor, body_code: str, now: datetime
) -> list[Blocker]:
    """Why this actor cannot change this body's answers now."""
    own = actor.body_code == body_code
    if not own or not may_for_body(actor, Action.PREPARE_JOIN, body_code):
        message = "参加の内容を変えられるのは、その団体の担当者と決裁者だけです。"
        return [Blocker(code="other_body", message=message)]
    if row is None or row.status not in TAKING_PART:
        message = "参加している団体だけが変えられます。先に参加の手続をしてください。"
        return [Blocker(code="not_joined", message=message)]
    if row.status != Status.JOINED or project.state != "forming":
        message = "参加団体の募集は終わっています。変更は幹事団体に相談してください。"
        return [Blocker(code="not_forming", message=message)]
    closes = project.join_closes_at
    if closes is not None and now > closes:
        message = f"回答期限 {to_jst(closes):%Y-%m-%d %H:%M} を過ぎたため変更できません。"
        return [Blocker(code="after_deadline", message=message)]
    return []


def change_answers(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    wanted: OwnAnswers,
    seen_version: int,
) -> Participation:
    """Keep the body's new answers; the preview follows.

    Raises Conflict when a colleague saved since they were read.
    """
    project, _ = lock_project(session, actor, project_id)
    row = find_participation(session, project_id, body_code)
    blockers = list_answer_blockers(project, row, actor=actor, body_code=body_code, now=now)
    if blockers:
        raise Refused(blockers)
    if row is None:
        raise NotFound("participation")
    if row.row_version != seen_version:
        raise Conflict(
            "ほかの担当者が先に参加の内容を変えました。今の内容を確かめて、もう一度保存してください。"
        )
    blockers = _value_blockers(project, row, actor, wanted)
    if blockers:
        raise Refused(blockers)
    changes = _changes(project, row, wanted)
    row.quantities = row.quantities | {project.main_unit: wanted.quantity or 0}
    row.budget_status = wanted.budget_status
    row.contact_name = wanted.contact_name
    row.note = wanted.note
    row.updated_at = now
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="change_answers",
        changes={"body_code": body_code} | changes,
        told=[_told_lead(project, get_body(session, body_code).name)] if changes else [],
    )
    return row


def _value_blockers(
    project: Project, row: Participation, actor: Actor, wanted: OwnAnswers
) -> list[Blocker]:
    quantity = wanted.quantity
    changes_price = quantity != row.quantities.get(project.main_unit)
    decides = may_for_body(actor, Action.JOIN, row.body_code)
    checks = [
        (
            "quantity",
            quantity is not None and 1 <= quantity <= MAX_QUANTITY,
            f"数量は1から{MAX_QUANTITY:,}までの整数で入力してください。",
        ),
        (
            "quantity",
            decides or not changes_price,
            "数量は負担額を変えるため、変更は決裁者が行います。",
        ),
        (
            "budget_status",
            wanted.budget_status in {"", *BudgetStatus},
            "予算の状況を選び直してください。",
        ),
        ("note", len(wanted.note) <= MAX_NOTE, f"備考は{MAX_NOTE}文字以内で入力してください。"),
    ]
    return [
        Blocker(code=name, message=message, field=name)
        for name, holds, message in checks
        if not holds
    ]


def _changes(project: Project, row: Participation, wanted: OwnAnswers) -> dict[str, Any]:
    pairs = {
        "quantity": (row.quantities.get(project.main_unit), wanted.quantity),
        "budget_status": (row.budget_status, wanted.budget_status),
    }
    changes: dict[str, Any] = {
        name: {"from": before, "to": after}
        for name, (before, after) in pairs.items()
        if before != after
    }
    for name in ("contact_name", "note"):
        if getattr(row, name) != getattr(wanted, name):
            changes[name] = CHANGED
    return changes


def _told_lead(project: Project, name: str) -> Told:
    return Told(
        organization_id=project.lead_organization_id,
        title=f"「{project.title}」の参加団体が内容を変えました",
        text=f"{name}が数量・予算の状況などを変えました。",
        path=f"/projects/{project.id}/members",
    )
