"""What the lead records beside a project's costs: effects, funding, the sheet's own words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from catalog.funding import list_programs
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.cost_models import ProjectEffect, ProjectFunding, ProjectSheet
from procurement.domain.participation import TAKING_PART, ParticipationStatus
from procurement.domain.states import State
from procurement.models import Project
from procurement.queries.standing import Standing
from procurement.services.access import (
    find_participation,
    list_leading_blockers,
    lock_led_project,
)
from procurement.services.costs import MAX_COST_YEN
from procurement.services.ledger_access import SAVED_FIRST
from procurement.services.traces import leave_trace

MAX_EFFECT = Decimal("999999999.99")
FIRST_YEAR, LAST_YEAR = 2018, 2100
MAX_LINE = 200
Row = TypeVar("Row", ProjectEffect, ProjectFunding)


@dataclass(frozen=True, kw_only=True)
class EffectFields:
    """As the lead says it. before, after: in `unit`, at most two decimals."""

    label: str
    technology: str
    metric: str
    unit: str
    before: Decimal
    after: Decimal
    scope: str
    measured_by: str
    fiscal_year: int
    source: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class FundingFields:
    """body_code None: for the project as a whole. status: planned, decided.

    program_key: of catalog.funding's programs, '' for a grant that is not among them.
    rate, ceiling_yen, period, eligible: its terms by the source of source_on; '', None: not told.
    """

    fiscal_year: int
    body_code: str | None
    name: str
    status: str
    amount_yen: int
    source: str
    program_key: str = ""
    rate: str = ""
    ceiling_yen: int | None = None
    period: str = ""
    eligible: str = ""
    source_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class SheetFields:
    """The written part of the cost-effect sheet."""

    target: str
    activities: str
    outputs: str
    outcomes: str
    kpi: str
    kpi_target: str
    kpi_year: int | None
    result: str
    improvement: str


def list_recording_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Lead and secretariat record it, as long as the project was not cancelled."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if project.state == State.CANCELLED:
        message = "中止した案件には記録できません。"
        blockers.append(Blocker(code="wrong_state", message=message))
    return blockers


def save_effect(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    effect_id: int | None,
    wanted: EffectFields,
    seen_version: int,
) -> ProjectEffect:
    """A new effect, or one changed. Raises Refused, Conflict, NotFound."""
    project = _open(session, actor, project_id)
    blockers = _list_year_blockers(wanted.fiscal_year)
    blockers += _list_length_blockers(asdict(wanted))
    for name, value in (("before", wanted.before), ("after", wanted.after)):
        if not 0 <= value <= MAX_EFFECT:
            message = f"0から{MAX_EFFECT:,}までで入力してください。"
            blockers.append(Blocker(code="amount", message=message, field=name))
    if blockers:
        raise Refused(blockers)
    row = _row(session, ProjectEffect, project_id, effect_id, seen_version)
    _write(session, row, asdict(wanted), actor, now)
    changes = {"effect": row.id, "label": wanted.label, "unit": wanted.unit}
    _trace(session, actor, now, project, "save_effect", changes)
    return row


def save_funding(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    funding_id: int | None,
    wanted: FundingFields,
    seen_version: int,
) -> ProjectFunding:
    """A new grant, or one changed. Raises Refused, Conflict, NotFound.

    A program chosen names the grant, unless it is named more closely.
    """
    project = _open(session, actor, project_id)
    wanted, blockers = _name_grant(wanted)
    blockers += _list_year_blockers(wanted.fiscal_year)
    blockers += _list_length_blockers(asdict(wanted))
    blockers += _list_yen_blockers(wanted)
    if wanted.body_code and not _is_member(session, project_id, wanted.body_code):
        message = "この案件の参加団体を選んでください。"
        blockers.append(Blocker(code="body", message=message, field="body_code"))
    if blockers:
        raise Refused(blockers)
    row = _row(session, ProjectFunding, project_id, funding_id, seen_version)
    _write(session, row, asdict(wanted), actor, now)
    changes = {"funding": row.id, "label": wanted.name, "amount_yen": wanted.amount_yen}
    changes |= {"program": wanted.program_key} if wanted.program_key else {}
    _trace(session, actor, now, project, "save_funding", changes)
    return row


def _list_yen_blockers(wanted: FundingFields) -> list[Blocker]:
    """A ceiling may be that of several grants together: more is shown, not refused."""
    yen = {"amount_yen": ("金額", wanted.amount_yen), "ceiling_yen": ("上限額", wanted.ceiling_yen)}
    return [
        Blocker(code="amount", message=f"{label}は0円から{MAX_COST_YEN:,}円までです。", field=field)
        for field, (label, amount) in yen.items()
        if amount is not None and not 0 <= amount <= MAX_COST_YEN
    ]


def _name_grant(wanted: FundingFields) -> tuple[FundingFields, list[Blocker]]:
    names = {program.key: program.name for program in list_programs()}
    if wanted.program_key and wanted.program_key not in names:
        message = "制度を選び直してください。"
        return wanted, [Blocker(code="program", message=message, field="program_key")]
    named = replace(wanted, name=wanted.name or names.get(wanted.program_key, ""))
    if named.name:
        return named, []
    message = "制度を選ぶか、名称を入力してください。"
    return named, [Blocker(code="name", message=message, field="name")]


def remove_effect(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    effect_id: int,
    seen_version: int,
) -> None:
    """Take an effect off the page. Raises Refused, Conflict, NotFound."""
    project = _open(session, actor, project_id)
    row = _row(session, ProjectEffect, project_id, effect_id, seen_version)
    session.delete(row)
    changes = {"effect": effect_id, "label": row.label}
    _trace(session, actor, now, project, "remove_effect", changes)


def remove_funding(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    funding_id: int,
    seen_version: int,
) -> None:
    """Take a grant off the page. Raises Refused, Conflict, NotFound."""
    project = _open(session, actor, project_id)
    row = _row(session, ProjectFunding, project_id, funding_id, seen_version)
    session.delete(row)
    changes = {"funding": funding_id, "label": row.name}
    _trace(session, actor, now, project, "remove_funding", changes)


def write_cost_sheet(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    wanted: SheetFields,
    seen_version: int,
) -> ProjectSheet:
    """The words of the sheet. Raises Refused, Conflict."""
    project = _open(session, actor, project_id)
    if wanted.kpi_year is not None and (blockers := _list_year_blockers(wanted.kpi_year)):
        raise Refused([Blocker(code="year", message=blockers[0].message, field="kpi_year")])
    row = session.get(ProjectSheet, project_id, populate_existing=True)
    if (row.row_version if row else 0) != seen_version:
        raise Conflict(SAVED_FIRST)
    row = row or ProjectSheet(project_id=project_id)
    _write(session, row, asdict(wanted), actor, now)
    _trace(session, actor, now, project, "write_cost_sheet", {"kpi": wanted.kpi})
    return row


def _open(session: Session, actor: Actor, project_id: int) -> Project:
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = list_recording_blockers(project, standing)
    if blockers:
        raise Refused(blockers)
    return project


def _row(
    session: Session, table: type[Row], project_id: int, number: int | None, seen_version: int
) -> Row:
    """The project's own row as it was seen, or a new one."""
    if number is None:
        return table(project_id=project_id)
    row = session.get(table, number, populate_existing=True)
    if row is None or row.project_id != project_id:
        raise NotFound(table.__tablename__)
    if row.row_version != seen_version:
        raise Conflict(SAVED_FIRST)
    return row


def _write(
    session: Session,
    row: ProjectEffect | ProjectFunding | ProjectSheet,
    values: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at, row.updated_by = now, actor.label
    session.add(row)
    session.flush()


def _is_member(session: Session, project_id: int, body_code: str) -> bool:
    row = find_participation(session, project_id, body_code)
    return row is not None and row.status in (*TAKING_PART, ParticipationStatus.LEFT)


def _list_year_blockers(year: int) -> list[Blocker]:
    if FIRST_YEAR <= year <= LAST_YEAR:
        return []
    message = f"年度は{FIRST_YEAR}年度から{LAST_YEAR}年度までです。"
    return [Blocker(code="year", message=message, field="fiscal_year")]


def _list_length_blockers(values: Mapping[str, Any]) -> list[Blocker]:
    return [
        Blocker(code="too_long", message=f"{MAX_LINE}文字以内で入力してください。", field=name)
        for name, value in values.items()
        if isinstance(value, str) and len(value) > MAX_LINE
    ]


def _trace(
    session: Session,
    actor: Actor,
    now: datetime,
    project: Project,
    action: str,
    changes: Mapping[str, Any],
) -> None:
    leave_trace(session, actor=actor, now=now, project=project, action=action, changes=changes)
