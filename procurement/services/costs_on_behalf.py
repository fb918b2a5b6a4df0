"""A coordinator enters costs for a body of its prefecture, marked so; the body corrects (F17)."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may_for_body
from foundation.audit import secret
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.costs import COSTS_ARE_PUBLIC
from procurement.domain.participation import TAKING_PART
from procurement.domain.states import BEFORE_NOTICE
from procurement.models import Participation, Project
from procurement.queries.own_costs import list_own_rows
from procurement.services.access import find_participation, lock_project
from procurement.services.costs import MAX_COST_YEN, REPORTING, YearCosts, put_year_costs
from procurement.services.invitations import organization_of_body
from procurement.services.ledger_access import SAVED_FIRST
from procurement.services.traces import Told, leave_trace

PRESENT_COST = "present_cost"


def enter_costs_on_behalf(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    wanted: YearCosts,
    seen_sha256: str,
) -> None:
    """A year's budget or settlement of a body; never over what the body said itself.

    Raises NotFound for a body of another prefecture or without a part, Refused, Conflict.
    """
    project, _ = _open_for(session, actor, project_id, body_code)
    blockers = list_entering_blockers(project)
    own = [
        row
        for row in list_own_rows(session, project_id, body_code)
        if (row.fiscal_year, row.basis) == (wanted.fiscal_year, wanted.basis.value)
        and not row.entered_on_behalf_by
    ]
    if own:
        message = "この年度の額は、団体が自分で記録しています。直せるのはその団体だけです。"
        blockers.append(Blocker(code="own_word", message=message, field="fiscal_year"))
    if blockers:
        raise Refused(blockers)
    said = put_year_costs(session, actor, now, project, body_code, wanted, seen_sha256)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="enter_costs_on_behalf",
        changes=said,
        told=[_told(session, project, body_code, actor, "予算・決算")],
    )


def list_entering_blockers(project: Project) -> list[Blocker]:
    """Budgets and settlements begin with the introduction, whoever enters them."""
    if project.state in COSTS_ARE_PUBLIC:
        return []
    message = "予算・決算は、導入の段階から記録します。"
    return [Blocker(code="wrong_state", message=message)]


def list_present_cost_blockers(project: Project, row: Participation | None) -> list[Blocker]:
    """What a body pays now is part of the estimate: until the notice."""
    blockers = []
    if project.state not in BEFORE_NOTICE:
        message = "今の費用は試算に使うため、公告の前まで記録できます。"
        blockers.append(Blocker(code="wrong_state", message=message))
    if row is None or row.status not in TAKING_PART:
        message = "今の費用は、参加している団体について記録します。"
        blockers.append(Blocker(code="not_joined", message=message))
    return blockers


def set_present_cost(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    annual_yen: int | None,
    seen_version: int,
) -> None:
    """What a body pays now by itself, a year: by its own people, or on behalf, marked so.

    On behalf never over what the body said itself. Raises NotFound, Refused, Conflict.
    """
    project, row = _open_present(session, actor, project_id, body_code)
    blockers = list_present_cost_blockers(project, row)
    by_itself = actor.body_code == body_code
    said_itself = row.declared_standalone_yen is not None and not row.declared_on_behalf_by
    if said_itself and not by_itself:
        message = "今の費用は、団体が自分で記録しています。直せるのはその団体だけです。"
        blockers.append(Blocker(code="own_word", message=message, field="annual_yen"))
    if annual_yen is None and not by_itself:
        message = "1年の額を入力してください。"
        blockers.append(Blocker(code="nothing", message=message, field="annual_yen"))
    if annual_yen is not None and not 0 <= annual_yen <= MAX_COST_YEN:
        message = f"金額は0円から{MAX_COST_YEN:,}円までです。"
        blockers.append(Blocker(code="amount", message=message, field="annual_yen"))
    if blockers:
        raise Refused(blockers)
    if row.row_version != seen_version:
        raise Conflict(SAVED_FIRST)
    row.declared_standalone_yen = annual_yen
    row.declared_standalone_source = PRESENT_COST if annual_yen is not None else ""
    row.declared_on_behalf_by = "" if by_itself else actor.label
    row.updated_at = now
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="set_present_cost",
        changes={"body_code": body_code, "annual_yen": secret(annual_yen)},
        told=[] if by_itself else [_told(session, project, body_code, actor, "今の費用")],
    )


def enters_for(actor: Actor, body_code: str) -> bool:
    """Whether the actor is the coordinator of this body's prefecture."""
    return may_for_body(actor, Action.ENTER_COSTS_ON_BEHALF, body_code)


def _open_for(
    session: Session, actor: Actor, project_id: int, body_code: str
) -> tuple[Project, Participation]:
    project, _ = lock_project(session, actor, project_id)
    row = find_participation(session, project_id, body_code)
    if row is None or row.status not in REPORTING or not enters_for(actor, body_code):
        raise NotFound("costs")
    return project, row


def _open_present(
    session: Session, actor: Actor, project_id: int, body_code: str
) -> tuple[Project, Participation]:
    if actor.body_code != body_code:
        return _open_for(session, actor, project_id, body_code)
    project, _ = lock_project(session, actor, project_id)
    row = find_participation(session, project_id, body_code)
    if row is None or not may_for_body(actor, Action.PREPARE_JOIN, body_code):
        raise NotFound("costs")
    return project, row


def _told(session: Session, project: Project, body_code: str, actor: Actor, what: str) -> Told:
    return Told(
        organization_id=organization_of_body(session, body_code).id,
        title=f"「{project.title}」の{what}が代理で入力されました",
        text=f"{actor.label}が入力しました。内容を確かめ、違うときは自団体で直してください。",
        path=f"/projects/{project.id}/costs/own",
    )
