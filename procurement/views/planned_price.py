"""/projects/<id>/planned-price: 予定価格 under seal, for the lead's people alone."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.web import get_session, now
from procurement.domain.planned_price import Disclosure
from procurement.forms.planned_price import INCLUDED, PlannedPriceForm
from procurement.presenters.project import project_frame
from procurement.presenters.tender import planned_facts
from procurement.queries.planned_price import find_planned_price, get_moment
from procurement.queries.project_page import get_head_and_project
from procurement.services.planned_price import list_planning_blockers, set_planned_price
from procurement.views.blueprint import blueprint
from procurement.views.saving import save_form


@blueprint.get("/projects/<int:project_id>/planned-price")
@requires(Action.EDIT_PROJECT)
def planned_price(project_id: int) -> ResponseReturnValue:
    """Whether one is set, by whom; the amount for who set it, after the opening for the lead."""
    return _page(project_id, PlannedPriceForm(formdata=None))


@blueprint.post("/projects/<int:project_id>/planned-price")
@requires(Action.FIX_SHARE_VERSION)
def save_planned_price(project_id: int) -> ResponseReturnValue:
    """Set it, or set it anew, before any price is known."""
    form = PlannedPriceForm()

    def save(session: Session) -> None:
        set_planned_price(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            amount_yen=form.amount_yen.data or 0,
            tax_included=form.tax.data == INCLUDED,
            disclosure=Disclosure(form.disclosure.data),
            seen_at=form.seen_at.data or "",
        )

    def show(*, refresh: bool = False) -> str:
        return _page(project_id, form, keep_seen=not refresh)

    return save_form(
        form,
        save,
        show,
        address=url_for("procurement.planned_price", project_id=project_id),
        done="予定価格を封をして保存しました。開札まで、入力した本人のほかはだれも見られません。",
    )


def _page(project_id: int, form: PlannedPriceForm, *, keep_seen: bool = False) -> str:
    session, moment = get_session(), now()
    session.expire_all()
    head, project = get_head_and_project(session, current_actor(), project_id)
    if not head.standing.leads:
        raise NotFound("planned price")
    how_far = get_moment(session, project)
    row = find_planned_price(session, project, head.standing, how_far)
    if not keep_seen:
        form.seen_at.data = row.set_at.isoformat() if row else ""
    return render_template(
        "procurement/planned_price.html",
        frame=project_frame(head, "notice", moment),
        row=row,
        facts=planned_facts(row) if row else (),
        form=form,
        blockers=list_planning_blockers(project, head.standing, how_far),
    )
