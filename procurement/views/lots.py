"""/projects/<id>/lots: the lots of a purchase, what each body pays in all, and one more lot."""

from functools import partial

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.domain.lots import list_division_blockers
from procurement.domain.states import State
from procurement.forms.lots import LotForm, make_lot_form
from procurement.presenters.project import project_frame
from procurement.queries.lots import get_lots_page, list_lots
from procurement.queries.project_page import get_head_and_project
from procurement.services import lots as service
from procurement.services.access import list_leading_blockers
from procurement.views.blueprint import blueprint
from procurement.views.leading import require_lead
from procurement.views.saving import save_form


@blueprint.get("/projects/<int:project_id>/lots")
@public
def lots(project_id: int) -> ResponseReturnValue:
    """For everybody once it is divided; before that for the lead, who may divide it."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/lots")
@requires(Action.EDIT_PROJECT)
def add_lot(project_id: int) -> ResponseReturnValue:
    """One more lot, as a project of its own."""
    head, _ = get_head_and_project(get_session(), current_actor(), project_id)
    require_lead(head)
    names = tuple(lot.name for lot in list_lots(get_session(), project_id))
    form = make_lot_form(names, typed=True)

    def save(session: Session) -> None:
        service.add_lot(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            draft=form.draft(),
            seen_count=find_number(form.seen_count.data) or 0,
        )

    return save_form(
        form,
        save,
        partial(_page, project_id, form),
        address=url_for("procurement.lots", project_id=project_id),
        done="区分を加え、団体に参加の案内を送りました。",
    )


def _page(project_id: int, typed: LotForm | None = None, *, refresh: bool = False) -> str:
    session, actor = get_session(), current_actor()
    session.expire_all()
    head, project = get_head_and_project(session, actor, project_id)
    page = get_lots_page(session, project, actor)
    leads = head.standing.leads
    if not page.lots and not leads:
        raise NotFound("lots")
    form = typed or make_lot_form(page.names, typed=False)
    if refresh:
        form.seen_count.data = str(page.count)
    blockers = list_leading_blockers(head.standing, Action.EDIT_PROJECT)
    blockers += list_division_blockers(State(project.state), page.count)
    return render_template(
        "procurement/lots.html",
        frame=project_frame(head, "lots", now()),
        page=page,
        form=form if leads else None,
        blockers=blockers,
    )
