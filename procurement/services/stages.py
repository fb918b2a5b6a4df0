"""Both stages of a procurement are recorded by those who lead it, an entry each time (F13)."""

from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.audit import secret
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, Refused
from procurement.domain.states import State
from procurement.domain.two_stages import (
    StageDecision,
    StagePattern,
    Stages,
    default_cap,
    list_decided_blockers,
    list_decision_blockers,
    list_first_blockers,
    list_result_blockers,
    list_time_blockers,
)
from procurement.models import Project, StageEntry
from procurement.queries.stages import list_stage_entries
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.traces import leave_trace

# Read by members and auditor on the page; the chain, which the operator reads too, has hashes.
_FOR_MEMBERS = ("stage1_cap_yen", "stage1_amount_yen", "stage1_result", "stage2_reason")
_SAVED_FIRST = (
    "ほかの担当者が先に2段階の記録を変えました。今の内容を確かめて、もう一度記録してください。"
)


def list_first_stage_blockers(project: Project, standing: Standing, known: Stages) -> list[Blocker]:
    """Why this actor cannot record the first stage now, whatever is typed."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    # Once it is too late, nobody is told to take the decision back first.
    return blockers + (list_time_blockers(State(project.state)) or list_decided_blockers(known))


def list_second_stage_blockers(
    project: Project, standing: Standing, known: Stages
) -> list[Blocker]:
    """Why this actor, the lead's manager, cannot decide on the second stage now."""
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    return [*blockers, *list_time_blockers(State(project.state)), *list_result_blockers(known)]


def record_first_stage(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    wanted: Stages,
    seen_number: int,
) -> StageEntry:
    """Cap, days, what it came to and its result; what is decided of the second stays.

    seen_number: of the newest entry the actor saw, 0 for none. Raises Refused, Conflict.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    known, number = _known(session, project_id)
    named = replace(
        wanted,
        stage1_cap_yen=default_cap(wanted.pattern, wanted.stage1_cap_yen),
        stage1_result=wanted.stage1_result.strip(),
        stage2_decision=known.stage2_decision,
        stage2_reason=known.stage2_reason,
        stage2_decided_on=known.stage2_decided_on,
    )
    blockers = list_first_stage_blockers(project, standing, known)
    blockers += list_first_blockers(known, named, jst_today(now))
    if named.pattern is StagePattern.NONE:
        named = Stages()
    _check(blockers, number, seen_number)
    return _enter(session, actor, now, project, number, named, "record_first_stage")


def decide_second_stage(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    decision: StageDecision,
    reason: str,
    decided_on: date | None,
    seen_number: int,
) -> StageEntry:
    """The lead's manager goes on, or not, on the recorded result; or takes the decision back.

    seen_number as for `record_first_stage`. Raises Refused, Conflict.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    known, number = _known(session, project_id)
    blockers = list_second_stage_blockers(project, standing, known)
    blockers += list_decision_blockers(known, decision, reason, decided_on, jst_today(now))
    _check(blockers, number, seen_number)
    is_open = decision is StageDecision.OPEN
    decided = replace(
        known,
        stage2_decision=decision,
        stage2_reason=reason.strip(),
        stage2_decided_on=None if is_open else decided_on,
    )
    return _enter(session, actor, now, project, number, decided, "decide_second_stage")


def _known(session: Session, project_id: int) -> tuple[Stages, int]:
    """What counts now, and the number of the entry that says so; 0 for none."""
    entries = list_stage_entries(session, project_id)
    return (entries[0].stages, entries[0].number) if entries else (Stages(), 0)


def _check(blockers: list[Blocker], number: int, seen_number: int) -> None:
    """Who saw an older entry is told so first: the rest may be because of it."""
    if number != seen_number:
        raise Conflict(_SAVED_FIRST)
    if blockers:
        raise Refused(blockers)


def _enter(
    session: Session,
    actor: Actor,
    now: datetime,
    project: Project,
    number: int,
    stages: Stages,
    action: str,
) -> StageEntry:
    values = _columns(stages)
    entry = StageEntry(
        project_id=project.id, number=number + 1, entered_at=now, entered_by=actor.label, **values
    )
    session.add(entry)
    changes = {
        name: secret(value) if name in _FOR_MEMBERS else value
        for name, value in values.items()
        if value not in (None, "")
    }
    leave_trace(session, actor=actor, now=now, project=project, action=action, changes=changes)
    return entry


def _columns(stages: Stages) -> dict[str, Any]:
    codes = {"pattern": stages.pattern.value, "stage2_decision": stages.stage2_decision.value}
    return asdict(stages) | codes


def copy_stages(session: Session, actor: Actor, now: datetime, source: int, target: int) -> None:
    """A lot divided off goes by the stages of what it is a part of."""
    known, number = _known(session, source)
    if not number:
        return
    values = _columns(known)
    session.add(
        StageEntry(project_id=target, number=1, entered_at=now, entered_by=actor.label, **values)
    )
    session.flush()
