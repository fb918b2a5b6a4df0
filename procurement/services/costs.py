"""What a body reports of its own costs in a project: budgets, settlements, a goal (F17, F18)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may
from foundation.clock import fiscal_year_label, fiscal_year_of, jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.cost_models import CostGoal
from procurement.domain.costs import COSTS_ARE_PUBLIC, ENTERED, CostBasis, CostCategory
from procurement.domain.participation import TAKING_PART, ParticipationStatus
from procurement.models import CostRow, Project
from procurement.queries.own_costs import list_own_rows, sha256_of_rows
from procurement.queries.standing import Standing
from procurement.services.access import lock_project
from procurement.services.ledger_access import SAVED_FIRST
from procurement.services.traces import leave_trace

FIRST_YEAR = 2018  # the base year of the state's goal for local bodies
MAX_COST_YEN = 100_000_000_000
MAX_SOURCE = 200
# Who left still has the settlements of the years before.
REPORTING = (*TAKING_PART, ParticipationStatus.LEFT)


@dataclass(frozen=True, kw_only=True)
class YearCosts:
    """What a body says of one fiscal year on one basis; None: nothing of that category."""

    fiscal_year: int
    basis: CostBasis
    amounts: Mapping[CostCategory, int | None]
    source: str


def list_reporting_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """A body's own people report its costs, from the introduction on."""
    blockers = []
    if project.state not in COSTS_ARE_PUBLIC:
        message = "予算・決算は、導入の段階から記録します。"
        blockers.append(Blocker(code="wrong_state", message=message))
    if not reports(standing) or not may(standing.actor, Action.EDIT_PROJECT):
        message = "予算・決算を記録できるのは、参加団体の担当者が自団体の分だけです。"
        blockers.append(Blocker(code="not_own", message=message))
    return blockers


def reports(standing: Standing) -> bool:
    """Whether the actor's body has, or had, a part in the costs."""
    return standing.actor.body_code is not None and standing.participation in REPORTING


def list_year_blockers(fiscal_year: int, basis: str, today: date) -> list[Blocker]:
    """Which years there can be a figure of: a settlement of a year that is over."""
    this_year = fiscal_year_of(today)
    if not FIRST_YEAR <= fiscal_year <= this_year + 1:
        message = f"年度は{FIRST_YEAR}年度から{this_year + 1}年度までです。"
        return [Blocker(code="year", message=message, field="fiscal_year")]
    if basis == CostBasis.SETTLEMENT and fiscal_year >= this_year:
        message = f"決算は年度が終わってから記録します（{fiscal_year_label(this_year)}は途中）。"
        return [Blocker(code="year_not_over", message=message, field="fiscal_year")]
    return []


def record_costs(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    wanted: YearCosts,
    seen_sha256: str,
) -> None:
    """Put a year's figures of one basis in the place of what was there. Raises Refused, Conflict.

    A category left empty has no row: not reported is not 0.
    """
    project, code = _open(session, actor, project_id)
    said = put_year_costs(session, actor, now, project, code, wanted, seen_sha256)
    _trace(session, actor, now, project, "record_costs", said)


def put_year_costs(
    session: Session,
    actor: Actor,
    now: datetime,
    project: Project,
    code: str,
    wanted: YearCosts,
    seen_sha256: str,
) -> dict[str, object]:
    """Write the figures of the body; what the audit chain keeps of it. Raises Refused, Conflict."""
    rows = list_own_rows(session, project.id, code)
    there = {r.category: r for r in rows if _is_of(r, wanted)}
    blockers = list_year_blockers(wanted.fiscal_year, wanted.basis, jst_today(now))
    blockers += _list_amount_blockers(wanted, bool(there))
    if blockers:
        raise Refused(blockers)
    if sha256_of_rows(rows) != seen_sha256:
        raise Conflict(SAVED_FIRST)
    for category, amount in wanted.amounts.items():
        row = there.get(category.value)
        if amount is None and row is not None:
            session.delete(row)
        elif amount is not None:
            row = row or make_row(project, code, wanted.fiscal_year, wanted.basis, category)
            write_amount(session, row, amount, wanted.source, actor, now)
    said = {each.value: amount for each, amount in wanted.amounts.items() if amount is not None}
    changes = {"body_code": code, "fiscal_year": wanted.fiscal_year, "basis": wanted.basis.value}
    return changes | said


def _is_of(row: CostRow, wanted: YearCosts) -> bool:
    return (row.fiscal_year, row.basis) == (wanted.fiscal_year, wanted.basis.value)


def _list_amount_blockers(wanted: YearCosts, changes_something: bool) -> list[Blocker]:
    blockers = []
    if wanted.basis not in ENTERED:
        blockers.append(Blocker(code="basis", message="区分を選んでください。", field="basis"))
    given = [amount for amount in wanted.amounts.values() if amount is not None]
    if not given and not changes_something:
        message = "金額を1つ以上入力してください。"
        blockers.append(Blocker(code="nothing", message=message, field="operating"))
    if any(not 0 <= amount <= MAX_COST_YEN for amount in given):
        message = f"金額は0円から{MAX_COST_YEN:,}円までです。"
        blockers.append(Blocker(code="amount", message=message, field="operating"))
    if len(wanted.source) > MAX_SOURCE:
        message = f"{MAX_SOURCE}文字以内で入力してください。"
        blockers.append(Blocker(code="source", message=message, field="source"))
    return blockers


def make_row(
    project: Project, body_code: str, fiscal_year: int, basis: CostBasis, category: CostCategory
) -> CostRow:
    """A new row of the body, still without an amount."""
    return CostRow(
        project_id=project.id,
        body_code=body_code,
        system_type_code=project.system_type_code,
        fiscal_year=fiscal_year,
        category=category.value,
        basis=basis.value,
        tax_included=True,
        fictional=project.fictional,
    )


def write_amount(
    session: Session, row: CostRow, amount_yen: int, source: str, actor: Actor, now: datetime
) -> None:
    """The figure with who entered it, where it changes; a body's own word ends a mark of others."""
    behalf = "" if actor.body_code == row.body_code else actor.label
    said = (row.amount_yen, row.source, row.entered_on_behalf_by)
    if said == (amount_yen, source, behalf):
        return
    row.amount_yen, row.source, row.entered_on_behalf_by = amount_yen, source, behalf
    row.updated_at, row.updated_by = now, actor.label
    session.add(row)


def set_cost_goal(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    target_yen: int | None,
    note: str,
    seen_version: int,
) -> None:
    """The body's own goal for a year's 運用等経費; None takes it back. Raises Refused, Conflict."""
    project, code = _open(session, actor, project_id)
    row = session.get(CostGoal, (project_id, code), populate_existing=True)
    if (row.row_version if row else 0) != seen_version:
        raise Conflict(SAVED_FIRST)
    if target_yen is not None and not 0 <= target_yen <= MAX_COST_YEN:
        message = f"金額は0円から{MAX_COST_YEN:,}円までです。"
        raise Refused([Blocker(code="amount", message=message, field="target_yen")])
    if target_yen is None:
        if row is None:
            message = "目標の額を入力してください。"
            raise Refused([Blocker(code="nothing", message=message, field="target_yen")])
        session.delete(row)
    else:
        row = row or CostGoal(project_id=project_id, body_code=code)
        row.target_yen, row.note = target_yen, note
        row.updated_at, row.updated_by = now, actor.label
        session.add(row)
    changes = {"body_code": code, "target_yen": target_yen}
    _trace(session, actor, now, project, "set_cost_goal", changes)


def _open(session: Session, actor: Actor, project_id: int) -> tuple[Project, str]:
    """The project, locked, and the actor's body. Raises NotFound for who has no costs in it."""
    project, standing = lock_project(session, actor, project_id)
    if not reports(standing) or actor.body_code is None:
        raise NotFound("costs")
    blockers = list_reporting_blockers(project, standing)
    if blockers:
        raise Refused(blockers)
    return project, actor.body_code


def _trace(
    session: Session,
    actor: Actor,
    now: datetime,
    project: Project,
    action: str,
    changes: Mapping[str, object],
) -> None:
    leave_trace(session, actor=actor, now=now, project=project, action=action, changes=changes)
