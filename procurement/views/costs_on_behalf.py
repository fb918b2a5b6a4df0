"""/projects/<id>/costs/bodies: a coordinator enters costs for bodies of its prefecture."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.forms import MoyaiForm
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.domain.costs import CostBasis, CostCategory
from procurement.forms.costs import PresentCostForm, YearCostsForm
from procurement.presenters.project import project_frame
from procurement.queries.costs_on_behalf import (
    CostsOfBody,
    get_costs_of_body,
    list_bodies_to_enter,
)
from procurement.queries.project_page import get_head_and_project
from procurement.services import costs_on_behalf as service
from procurement.views.blueprint import blueprint
from procurement.views.own_costs import years_offered
from procurement.views.saving import save_form


@blueprint.get("/projects/<int:project_id>/costs/bodies")
@requires(Action.ENTER_COSTS_ON_BEHALF)
def costs_of_bodies(project_id: int) -> ResponseReturnValue:
    """The bodies of the own prefecture with a part in the costs."""
    actor = current_actor()
    head, _ = get_head_and_project(get_session(), actor, project_id)
    bodies = list_bodies_to_enter(get_session(), project_id, actor.prefecture_code or "")
    return render_template(
        "procurement/costs_of_bodies.html",
        frame=project_frame(head, "costs", now()),
        bodies=bodies,
    )


@blueprint.get("/projects/<int:project_id>/costs/bodies/<body_code>")
@requires(Action.ENTER_COSTS_ON_BEHALF)
def costs_of_body(project_id: int, body_code: str) -> ResponseReturnValue:
    """One body. ?year=&basis= fill in what is there."""
    return _page(project_id, body_code)


@blueprint.post("/projects/<int:project_id>/costs/bodies/<body_code>/amounts")
@requires(Action.ENTER_COSTS_ON_BEHALF)
def enter_costs(project_id: int, body_code: str) -> ResponseReturnValue:
    """One fiscal year on one basis, marked as entered on behalf."""
    form = YearCostsForm(prefix="costs")
    form.offer_years(years_offered())

    def save(session: Session) -> None:
        service.enter_costs_on_behalf(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=body_code,
            wanted=form.wanted(),
            seen_sha256=form.seen_sha256.data or "",
        )

    return _save(project_id, body_code, form, save)


@blueprint.post("/projects/<int:project_id>/costs/bodies/<body_code>/present")
@requires(Action.ENTER_COSTS_ON_BEHALF)
def enter_present_cost(project_id: int, body_code: str) -> ResponseReturnValue:
    """What the body pays now."""
    form = PresentCostForm(prefix="present")

    def save(session: Session) -> None:
        service.set_present_cost(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=body_code,
            annual_yen=form.annual_yen.data,
            seen_version=find_number(form.seen_version.data) or 0,
        )

    return _save(project_id, body_code, form, save)


def _save(project_id: int, body_code: str, form: MoyaiForm, save: Any) -> ResponseReturnValue:
    _require(body_code)

    def show(*, refresh: bool = False) -> str:
        return _page(project_id, body_code, form, refresh=refresh)

    address = url_for("procurement.costs_of_body", project_id=project_id, body_code=body_code)
    return save_form(form, save, show, address=address, done="代理で記録し、団体に知らせました。")


def _require(body_code: str) -> None:
    """Another prefecture's body is the same as none."""
    if not service.enters_for(current_actor(), body_code):
        raise NotFound("costs")


def _page(
    project_id: int, body_code: str, typed: MoyaiForm | None = None, *, refresh: bool = False
) -> str:
    _require(body_code)
    session = get_session()
    session.expire_all()
    head, project = get_head_and_project(session, current_actor(), project_id)
    page = get_costs_of_body(session, project_id, body_code)
    amounts = typed if isinstance(typed, YearCostsForm) else _filled(page)
    if refresh or not isinstance(typed, YearCostsForm):
        amounts.seen_sha256.data = page.seen_sha256
    present = typed if isinstance(typed, PresentCostForm) else _present_form()
    if refresh or not isinstance(typed, PresentCostForm):
        present.seen_version.data = str(page.present_version)
    return render_template(
        "procurement/costs_of_body.html",
        frame=project_frame(head, "costs", now()),
        page=page,
        amounts=amounts,
        present=present,
        categories=[(each.value, each.label) for each in CostCategory],
        bases={each.value: each.label for each in CostBasis},
        blockers=service.list_entering_blockers(project),
        present_blockers=service.list_present_cost_blockers(project, page.participation),
    )


def _present_form() -> PresentCostForm:
    return PresentCostForm(formdata=None, prefix="present")


def _filled(page: CostsOfBody) -> YearCostsForm:
    asked = (request.args.get("year", ""), request.args.get("basis", ""))
    line = next((e for e in page.lines if (str(e.fiscal_year), e.basis) == asked), None)
    data: dict[str, Any] = {
        "fiscal_year": str(years_offered()[2]),
        "basis": CostBasis.SETTLEMENT.value,
    }
    if line is not None and line.on_behalf_by:
        data = {"fiscal_year": asked[0], "basis": asked[1], "source": line.source, **line.amounts}
    form = YearCostsForm(formdata=None, prefix="costs", data=data)
    form.offer_years(years_offered())
    return form
