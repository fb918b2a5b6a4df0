"""/projects/<id>/costs/own: a body reports its budgets and settlements, and sets a goal."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.clock import fiscal_year_of, jst_today
from foundation.errors import NotFound
from foundation.forms import MoyaiForm
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.domain.costs import CostBasis, CostCategory
from procurement.forms.costs import CostGoalForm, PresentCostForm, YearCostsForm
from procurement.models import Project
from procurement.presenters.project import project_frame
from procurement.queries.own_costs import OwnCosts, get_own_costs
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.services import costs as service
from procurement.services.access import find_participation
from procurement.services.costs_on_behalf import list_present_cost_blockers, set_present_cost
from procurement.views.blueprint import blueprint
from procurement.views.saving import save_form


@blueprint.get("/projects/<int:project_id>/costs/own")
@requires(Action.EDIT_PROJECT)
def own_costs(project_id: int) -> ResponseReturnValue:
    """For the people of a body that has, or had, a part in the costs. ?year=&basis= fill in."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/costs/own/amounts")
@requires(Action.EDIT_PROJECT)
def record_costs(project_id: int) -> ResponseReturnValue:
    """One fiscal year on one basis."""
    form = YearCostsForm(prefix="costs")
    form.offer_years(years_offered())

    def save(session: Session) -> None:
        service.record_costs(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            wanted=form.wanted(),
            seen_sha256=form.seen_sha256.data or "",
        )

    return _save(project_id, form, save, "記録しました。")


@blueprint.post("/projects/<int:project_id>/costs/own/goal")
@requires(Action.EDIT_PROJECT)
def set_cost_goal(project_id: int) -> ResponseReturnValue:
    """独自目標."""
    form = CostGoalForm(prefix="goal")

    def save(session: Session) -> None:
        service.set_cost_goal(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            target_yen=form.target_yen.data,
            note=form.note.data or "",
            seen_version=find_number(form.seen_version.data) or 0,
        )

    return _save(project_id, form, save, "目標を記録しました。")


@blueprint.post("/projects/<int:project_id>/costs/own/present")
@requires(Action.PREPARE_JOIN)
def save_present_cost(project_id: int) -> ResponseReturnValue:
    """What the own body pays now; corrects what a coordinator entered."""
    form = PresentCostForm(prefix="present")

    def save(session: Session) -> None:
        set_present_cost(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=current_actor().body_code or "",
            annual_yen=form.annual_yen.data,
            seen_version=find_number(form.seen_version.data) or 0,
        )

    return _save(project_id, form, save, "今の費用を記録しました。")


def _save(project_id: int, form: MoyaiForm, save: Any, done: str) -> ResponseReturnValue:
    _get_own(project_id)

    def show(*, refresh: bool = False) -> str:
        return _page(project_id, form, refresh=refresh)

    address = url_for("procurement.own_costs", project_id=project_id)
    return save_form(form, save, show, address=address, done=done)


def _get_own(project_id: int) -> tuple[ProjectHead, Project]:
    """Raises NotFound for whoever's body has no part in the costs."""
    head, project = get_head_and_project(get_session(), current_actor(), project_id)
    if not service.reports(head.standing):
        raise NotFound("costs")
    return head, project


def years_offered() -> list[int]:
    """Fiscal years a figure can be entered for, the newest first."""
    last = fiscal_year_of(jst_today(now())) + 1
    return list(range(last, service.FIRST_YEAR - 1, -1))


def _page(project_id: int, typed: MoyaiForm | None = None, *, refresh: bool = False) -> str:
    session = get_session()
    session.expire_all()
    head, project = _get_own(project_id)
    own = get_own_costs(session, project_id, head.standing.actor.body_code or "")
    amounts = typed if isinstance(typed, YearCostsForm) else _filled(own)
    goal = typed if isinstance(typed, CostGoalForm) else _goal_form(own)
    if refresh or not isinstance(typed, YearCostsForm):
        amounts.seen_sha256.data = own.seen_sha256
    if refresh:
        goal.seen_version.data = str(own.goal.row_version)
    present = typed if isinstance(typed, PresentCostForm) else _present_form(own)
    if refresh or not isinstance(typed, PresentCostForm):
        present.seen_version.data = str(own.present.row_version)
    row = find_participation(session, project_id, head.standing.actor.body_code or "")
    return render_template(
        "procurement/own_costs.html",
        frame=project_frame(head, "costs", now()),
        own=own,
        categories=[(each.value, each.label) for each in CostCategory],
        bases={each.value: each.label for each in CostBasis},
        amounts=amounts,
        goal=goal,
        present=present,
        present_blockers=list_present_cost_blockers(project, row),
        is_standard=project.system_type.policy_scope == "standard_20",
        blockers=service.list_reporting_blockers(project, head.standing),
    )


def _filled(own: OwnCosts) -> YearCostsForm:
    """The form, with what is there of the year and basis asked for."""
    year, basis = request.args.get("year", ""), request.args.get("basis", "")
    line = next(
        (each for each in own.lines if (str(each.fiscal_year), each.basis) == (year, basis)), None
    )
    data: dict[str, Any] = {
        "fiscal_year": str(years_offered()[2]),
        "basis": CostBasis.SETTLEMENT.value,
    }
    if line is not None:
        data = {"fiscal_year": year, "basis": basis, "source": line.source, **line.amounts}
    form = YearCostsForm(formdata=None, prefix="costs", data=data)
    form.offer_years(years_offered())
    return form


def _present_form(own: OwnCosts) -> PresentCostForm:
    data = {"annual_yen": own.present.annual_yen}
    return PresentCostForm(formdata=None, prefix="present", data=data)


def _goal_form(own: OwnCosts) -> CostGoalForm:
    return CostGoalForm(
        formdata=None,
        prefix="goal",
        data={
            "seen_version": str(own.goal.row_version),
            "target_yen": own.goal.target_yen,
            "note": own.goal.note,
        },
    )
