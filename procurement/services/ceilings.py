"""自団体上限額: a body's own limit, in no log, export or API (domain §3)."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may_for_body
from foundation.audit import secret
from foundation.errors import Blocker, Conflict, Refused
from procurement.models import InternalCeiling, Participation
from procurement.queries.secrets import OwnCeiling
from procurement.services.access import find_participation, lock_project
from procurement.services.traces import leave_trace


def list_ceiling_blockers(
    row: Participation | None, *, actor: Actor, body_code: str
) -> list[Blocker]:
    """Why this actor cannot set this body's limit."""
    if actor.body_code != body_code or not may_for_body(
        actor, Action.SET_INTERNAL_CEILING, body_code
    ):
        message = "自団体上限額を決められるのは、その団体の決裁者だけです。"
        return [Blocker(code="not_manager", message=message)]
    if row is None:
        message = "先に関心の登録か参加の準備をしてください。"
        return [Blocker(code="no_participation", message=message)]
    return []


def set_internal_ceiling(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    amount_yen: int | None,
    shown_to_secretariat: bool,
    seen: str = "",
) -> None:
    """Keep the body's limit per fiscal year, tax-included; None takes it away.

    seen: the mark of the limit that the actor saw, '' for none. Raises Refused, Conflict.
    The amount enters the audit chain as a salted hash only, and nobody is told.
    """
    project, _ = lock_project(session, actor, project_id)
    row = find_participation(session, project_id, body_code)
    blockers = list_ceiling_blockers(row, actor=actor, body_code=body_code)
    if amount_yen is not None and amount_yen < 0:
        message = "上限額は0円以上で入力してください。"
        blockers.append(Blocker(code="amount", message=message, field="amount_yen"))
    if blockers or row is None:
        raise Refused(blockers)
    ceiling = session.get(InternalCeiling, row.id, populate_existing=True)
    if _mark_of(ceiling) != seen:
        raise Conflict(
            "ほかの担当者が先に自団体上限額を変えました。今の額を確かめて、もう一度保存してください。"
        )
    if amount_yen is None:
        if ceiling is not None:
            session.delete(ceiling)
    else:
        ceiling = ceiling or InternalCeiling(participation_id=row.id)
        ceiling.amount_yen = amount_yen
        ceiling.shown_to_secretariat = shown_to_secretariat
        ceiling.updated_at = now
        session.add(ceiling)
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="set_internal_ceiling",
        changes={
            "body_code": body_code,
            "amount_yen": secret(amount_yen),
            "shown_to_secretariat": shown_to_secretariat,
        },
    )


def _mark_of(row: InternalCeiling | None) -> str:
    if row is None:
        return ""
    return OwnCeiling(amount_yen=row.amount_yen, shown_to_secretariat=row.shown_to_secretariat).mark
