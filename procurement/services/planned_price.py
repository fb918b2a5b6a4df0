"""予定価格 is set by a manager of the lead, under seal, before any price is known."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.audit import secret
from foundation.errors import Blocker, Conflict, Refused
from procurement.domain.planned_price import (
    Disclosure,
    list_amount_blockers,
    list_stage_blockers,
)
from procurement.domain.states import ProcurementMethod, State
from procurement.models import PlannedPrice, Project
from procurement.queries.planned_price import Moment, get_moment
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.traces import leave_trace


def list_planning_blockers(project: Project, standing: Standing, moment: Moment) -> list[Blocker]:
    """Why this actor cannot set a planned price now."""
    method = project.procurement_method
    return [
        *list_leading_blockers(standing, Action.FIX_SHARE_VERSION),
        *list_stage_blockers(
            State(project.state),
            ProcurementMethod(method) if method else None,
            moment.asked_at,
            chosen=moment.named_at is not None,
        ),
    ]


def set_planned_price(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    amount_yen: int,
    tax_included: bool,
    disclosure: Disclosure,
    seen_at: str,
) -> PlannedPrice:
    """Keep it sealed; nobody is told a figure, and the chain has a salted hash only.

    seen_at: when the one the actor saw was set, '' for none. Raises Refused, Conflict.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    blockers = list_planning_blockers(project, standing, get_moment(session, project))
    blockers += list_amount_blockers(amount_yen)
    if blockers or actor.user_id is None:
        raise Refused(blockers)
    row = session.get(PlannedPrice, project_id, populate_existing=True)
    if (row.set_at.isoformat() if row else "") != seen_at:
        raise Conflict("ほかの決裁者が先に予定価格を決めました。確かめてから保存してください。")
    row = row or PlannedPrice(project_id=project_id)
    row.amount_yen, row.tax_included = amount_yen, tax_included
    row.disclosure = disclosure.value
    row.set_by_user_id, row.set_at = actor.user_id, now
    session.add(row)
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="set_planned_price",
        changes={
            "planned_price_yen": secret(amount_yen),
            "tax_included": tax_included,
            "disclosure": disclosure.value,
        },
    )
    return row
