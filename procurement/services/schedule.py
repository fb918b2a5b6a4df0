"""What the calendar is made from: a body's own rules, and the lengths a lead wants."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Action, Actor, may
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.schedule import STEPS
from procurement.models import Project
from procurement.queries.standing import Standing
from procurement.schedule_models import BodyRules, ProjectCalendar
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.traces import leave_trace

_SAVED_FIRST = "ほかの担当者が先に保存しました。今の内容を確かめて、もう一度保存してください。"
DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, kw_only=True)
class RuleFields:
    """A body's rules as its people state them. None and '' = not stated."""

    budget_request_month: int | None = None
    budget_request_day: int | None = None
    assembly_months: tuple[int, ...] = ()
    long_term: str = ""
    long_term_limit_months: int | None = None
    property_threshold_yen: int | None = None
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class CalendarFields:
    """A project's own lengths. lengths: step key → length, without those left at the first."""

    lengths: Mapping[str, int] = field(default_factory=dict)
    buys_property: bool = False
    wave_months: int = 6
    shortest_notice: int | None = None


def list_rule_blockers(wanted: RuleFields) -> list[Blocker]:
    """What cannot stand in a body's rules."""
    blockers = []
    month, day = wanted.budget_request_month, wanted.budget_request_day
    if (month is None) != (day is None):
        message = "予算要求の締切は、月と日の両方を入力してください。"
        blockers.append(Blocker(code="half_a_day", message=message, field="budget_request_day"))
    elif month is not None and day is not None and day > DAYS_OF_MONTH[month - 1]:
        message = f"{month}月に{day}日はありません。"
        blockers.append(Blocker(code="no_such_day", message=message, field="budget_request_day"))
    if wanted.long_term == "not_covered" and wanted.long_term_limit_months is not None:
        message = "条例に定めがない場合は、上限月数を空欄にしてください。"
        blockers.append(
            Blocker(code="limit_of_nothing", message=message, field="long_term_limit_months")
        )
    return blockers


def set_body_rules(
    session: Session, *, actor: Actor, now: datetime, wanted: RuleFields, seen_version: int
) -> BodyRules:
    """State the own body's rules. seen_version: 0 where none were stated.

    Raises NotFound for one who acts for no body, Refused for what cannot stand, Conflict when
    a colleague saved since.
    """
    if actor.body_code is None or not may(actor, Action.PREPARE_JOIN):
        raise NotFound("body")
    blockers = list_rule_blockers(wanted)
    if blockers:
        raise Refused(blockers)
    rules = session.get(BodyRules, actor.body_code, with_for_update=True, populate_existing=True)
    if (rules.row_version if rules else 0) != seen_version:
        raise Conflict(
            "ほかの担当者が先に保存しました。今の内容を確かめて、もう一度保存してください。"
        )
    if rules is None:
        rules = BodyRules(body_code=actor.body_code)
        session.add(rules)
    for each in fields(RuleFields):
        value = getattr(wanted, each.name)
        setattr(rules, each.name, list(value) if isinstance(value, tuple) else value)
    rules.updated_at, rules.updated_by = now, actor.label
    session.flush()
    changes = {each.name: getattr(rules, each.name) for each in fields(RuleFields)}
    record(session, actor, "set_body_rules", "local_body", int(actor.body_code), changes, now)
    return rules


def list_calendar_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why the actor cannot change the project's calendar."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if project.state in ("closed", "cancelled"):
        message = "終わった案件の日程は変えられません。"
        blockers.append(Blocker(code="ended", message=message))
    return blockers


def set_project_calendar(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    wanted: CalendarFields,
    seen_version: int,
) -> ProjectCalendar:
    """Keep the lengths the lead wants. Raises as `set_body_rules`."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = list_calendar_blockers(project, standing)
    if blockers:
        raise Refused(blockers)
    calendar = session.get(ProjectCalendar, project_id, populate_existing=True)
    if (calendar.row_version if calendar else 0) != seen_version:
        raise Conflict(
            "ほかの担当者が先に保存しました。今の内容を確かめて、もう一度保存してください。"
        )
    if calendar is None:
        calendar = ProjectCalendar(project_id=project_id)
        session.add(calendar)
    known = {step.key: step.default for step in STEPS}
    calendar.lengths = {k: v for k, v in wanted.lengths.items() if v != known[k]}
    calendar.buys_property = wanted.buys_property
    calendar.wave_months = wanted.wave_months
    calendar.shortest_notice = wanted.shortest_notice
    calendar.updated_at = now
    changes: dict[str, Any] = {
        "lengths": calendar.lengths,
        "buys_property": calendar.buys_property,
        "wave_months": calendar.wave_months,
        "shortest_notice": calendar.shortest_notice,
    }
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="set_project_calendar",
        changes=changes,
    )
    return calendar
