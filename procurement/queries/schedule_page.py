"""Everything a project's calendar is drawn from, as far as the reader may know it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Action, Actor, may_for_body
from foundation.clock import to_jst
from procurement.domain.assemblies import (
    USUAL_ASSEMBLY_MONTHS,
    USUAL_BUDGET_REQUEST,
    BodyCalendar,
)
from procurement.domain.needs import NeedStatus
from procurement.domain.participation import TAKING_PART, BudgetStatus
from procurement.domain.schedule import Plan
from procurement.domain.states import ProcurementMethod, State
from procurement.models import Participation, Project, StateChange
from procurement.need_models import Need
from procurement.queries.standing import HIDDEN_STATE, Standing
from procurement.schedule_models import BodyRules, ProjectCalendar


@dataclass(frozen=True, kw_only=True)
class WaveRow:
    """A body's wave, its own first day of use (None: the project's), its present contract's end.

    annual_cost_yen: what it pays today, only where the reader may know it.
    """

    code: str
    name: str
    wave: int
    starts_on: date | None
    contract_ends_on: date | None = None
    annual_cost_yen: int | None = None


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A state and the day (Japan) it was entered."""

    state: State
    on: date


@dataclass(frozen=True, kw_only=True)
class SchedulePage:
    """plan: None while no first day of use is wished. calendars, waves: for members only."""

    plan: Plan | None
    entered: tuple[Entered, ...]
    calendars: tuple[BodyCalendar, ...]
    waves: tuple[WaveRow, ...]
    term_months: int | None
    wave_months: int
    shortest_notice: int | None
    row_version: int


def get_schedule_page(session: Session, project: Project, standing: Standing) -> SchedulePage:
    """At most four queries. Lengths are the project's own and as public as its deadlines."""
    calendar = session.get(ProjectCalendar, project.id)
    members = _members(session, project) if standing.is_member else []
    calendars = tuple(_calendar(row, body, rules) for row, body, rules, _ in members)
    return SchedulePage(
        plan=_plan(project, calendar, calendars),
        entered=_entered(session, project.id, standing),
        calendars=calendars,
        waves=tuple(
            WaveRow(
                code=body.code,
                name=body.name,
                wave=row.wave,
                starts_on=row.starts_on,
                contract_ends_on=need.contract_ends_on if need else None,
                annual_cost_yen=_own_cost(standing.actor, body, need),
            )
            for row, body, _, need in members
        ),
        term_months=project.term_months,
        wave_months=calendar.wave_months if calendar else 6,
        shortest_notice=calendar.shortest_notice if calendar else None,
        row_version=calendar.row_version if calendar else 0,
    )


def find_body_rules(session: Session, actor: Actor) -> BodyRules | None:
    """What the actor's own body stated."""
    return session.get(BodyRules, actor.body_code) if actor.body_code else None


def _plan(
    project: Project, calendar: ProjectCalendar | None, calendars: tuple[BodyCalendar, ...]
) -> Plan | None:
    if project.term_start is None:
        return None
    return Plan(
        starts_on=project.term_start,
        state=State(project.state),
        state_since=to_jst(project.state_since).date(),
        method=ProcurementMethod(project.procurement_method)
        if project.procurement_method
        else None,
        lengths=dict(calendar.lengths) if calendar else {},
        buys_property=calendar.buys_property if calendar else False,
        calendars=calendars,
    )


def _members(
    session: Session, project: Project
) -> list[tuple[Participation, LocalBody, BodyRules | None, Need | None]]:
    """Bodies taking part, their rules, and what they said they need of this kind of system."""
    same_need = (
        (Need.body_code == Participation.body_code)
        & (Need.system_type_code == project.system_type_code)
        & (Need.status == NeedStatus.STATED)
    )
    statement = (
        select(Participation, LocalBody, BodyRules, Need)
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .outerjoin(BodyRules, BodyRules.body_code == Participation.body_code)
        .outerjoin(Need, same_need)
        .where(Participation.project_id == project.id, Participation.status.in_(TAKING_PART))
        .order_by(Participation.body_code)
    )
    return [(row, body, rules, need) for row, body, rules, need in session.execute(statement)]


def _own_cost(actor: Actor, body: LocalBody, need: Need | None) -> int | None:
    """A present cost is read by the body and its own prefecture's coordinator only."""
    own = may_for_body(actor, Action.STATE_INTEREST, body.code)
    return need.annual_cost_yen if need and own else None


def _calendar(row: Participation, body: LocalBody, rules: BodyRules | None) -> BodyCalendar:
    status = BudgetStatus(row.budget_status) if row.budget_status else None
    if rules is None:
        return BodyCalendar(code=body.code, name=body.name, budget_status=status)
    month, day = rules.budget_request_month, rules.budget_request_day
    return BodyCalendar(
        code=body.code,
        name=body.name,
        stated=True,
        budget_request=(month, day) if month and day else USUAL_BUDGET_REQUEST,
        assembly_months=tuple(rules.assembly_months) or USUAL_ASSEMBLY_MONTHS,
        long_term_covers={"covered": True, "not_covered": False}.get(rules.long_term),
        long_term_limit_months=rules.long_term_limit_months,
        property_threshold_yen=rules.property_threshold_yen,
        budget_status=status,
    )


def _entered(session: Session, project_id: int, standing: Standing) -> tuple[Entered, ...]:
    """When each state was entered last; before `forming` nothing is public."""
    changes = session.execute(
        select(StateChange.to_state, StateChange.at)
        .where(StateChange.project_id == project_id)
        .order_by(StateChange.at, StateChange.id)
    )
    last: dict[str, datetime] = {state: at for state, at in changes}
    return tuple(
        Entered(state=State(state), on=to_jst(at).date())
        for state, at in last.items()
        if standing.is_member or state != HIDDEN_STATE
    )
