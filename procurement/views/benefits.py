"""/projects/<id>/costs/entries: what the lead records beside the costs."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.library.queries import list_programs
from foundation.errors import NotFound
from foundation.forms import MoyaiForm
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.domain.funding import FundingStatus
from procurement.forms.benefits import CostSheetForm, EffectForm, FundingForm
from procurement.models import Project
from procurement.presenters.funding import funded_programs, program_choices
from procurement.presenters.project import project_frame
from procurement.queries.benefits import (
    find_case_draft,
    get_sheet,
    list_bearing_bodies,
    list_effects,
    list_funding,
)
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.services import benefits as service
from procurement.views.blueprint import blueprint
from procurement.views.saving import save_form

_BASE = "/projects/<int:project_id>/costs/entries"


@blueprint.get(_BASE)
@requires(Action.EDIT_PROJECT)
def cost_entries(project_id: int) -> ResponseReturnValue:
    """For lead and secretariat. ?effect= and ?funding= fill in what is to be changed."""
    return _page(project_id)


@blueprint.post(f"{_BASE}/effects")
@requires(Action.EDIT_PROJECT)
def save_effect(project_id: int) -> ResponseReturnValue:
    """An effect, new or changed."""
    form = EffectForm(prefix="effect")

    def save(session: Session) -> None:
        number, seen = form.number(), find_number(form.seen_version.data) or 0
        given = _given(project_id) | {"effect_id": number, "seen_version": seen}
        if form.remove.data and number is not None:
            service.remove_effect(session, **given)
        else:
            service.save_effect(session, **given, wanted=form.wanted())

    return _save(project_id, form, save, "効果を記録しました。")


@blueprint.post(f"{_BASE}/funding")
@requires(Action.EDIT_PROJECT)
def save_funding(project_id: int) -> ResponseReturnValue:
    """A grant, new or changed."""
    head, _ = _get_led(project_id)
    form = FundingForm(prefix="funding")
    form.offer_bodies(_bodies(head))
    form.offer_programs(program_choices(list_programs(get_session())))

    def save(session: Session) -> None:
        number, seen = form.number(), find_number(form.seen_version.data) or 0
        given = _given(project_id) | {"funding_id": number, "seen_version": seen}
        if form.remove.data and number is not None:
            service.remove_funding(session, **given)
        else:
            service.save_funding(session, **given, wanted=form.wanted())

    return _save(project_id, form, save, "補助金等を記録しました。")


@blueprint.post(f"{_BASE}/sheet")
@requires(Action.EDIT_PROJECT)
def write_cost_sheet(project_id: int) -> ResponseReturnValue:
    """The words of the cost-effect sheet."""
    form = CostSheetForm(prefix="sheet")

    def save(session: Session) -> None:
        service.write_cost_sheet(
            session,
            **_given(project_id),
            wanted=form.wanted(),
            seen_version=find_number(form.seen_version.data) or 0,
        )

    return _save(project_id, form, save, "費用対効果シートを記録しました。")


def _given(project_id: int) -> dict[str, Any]:
    return {"actor": current_actor(), "now": now(), "project_id": project_id}


def _save(
    project_id: int, form: MoyaiForm, save: Callable[[Session], None], done: str
) -> ResponseReturnValue:
    _get_led(project_id)
    address = url_for("procurement.cost_entries", project_id=project_id)
    return save_form(form, save, partial(_page, project_id, form), address=address, done=done)


def _get_led(project_id: int) -> tuple[ProjectHead, Project]:
    """Raises NotFound for everybody but lead and secretariat."""
    head, project = get_head_and_project(get_session(), current_actor(), project_id)
    if not head.standing.leads:
        raise NotFound("cost entries")
    return head, project


def _bodies(head: ProjectHead) -> list[tuple[str, str]]:
    return list(list_bearing_bodies(get_session(), head.id))


def _page(project_id: int, typed: MoyaiForm | None = None, *, refresh: bool = False) -> str:
    session = get_session()
    session.expire_all()
    head, project = _get_led(project_id)
    programs = list_programs(session)
    effects, funding = list_effects(session, project_id), list_funding(session, project_id)
    sheet = get_sheet(session, project_id)
    forms = {
        "effect": _form(EffectForm, "effect", effects, typed, refresh),
        "funding_form": _form(FundingForm, "funding", funding, typed, refresh),
    }
    if not isinstance(typed, FundingForm):
        forms["funding_form"].offer_bodies(_bodies(head))
        forms["funding_form"].offer_programs(program_choices(programs))
    words = (
        typed
        if isinstance(typed, CostSheetForm)
        else CostSheetForm(formdata=None, prefix="sheet", obj=sheet)
    )
    if refresh or not isinstance(typed, CostSheetForm):
        words.seen_version.data = str(sheet.row_version)
    return render_template(
        "procurement/cost_entries.html",
        frame=project_frame(head, "costs", now()),
        effects=effects,
        funding=funding,
        programs=funded_programs(funding, programs, project, len(_bodies(head))),
        statuses={each.value: each.label for each in FundingStatus},
        words=words,
        blockers=service.list_recording_blockers(project, head.standing),
        case_draft=_case_draft(project),
        **forms,
    )


def _case_draft(project: Project) -> int | None:
    """The case drafted from the project, for the people of the body that leads it."""
    if current_actor().organization_id != project.lead_organization_id:
        return None
    return find_case_draft(get_session(), project.id)


def _form(kind: Any, name: str, rows: Any, typed: MoyaiForm | None, refresh: bool) -> Any:
    """The form as typed, or of the row asked for, or empty."""
    number = find_number(request.args.get(name))
    if isinstance(typed, kind):
        number = find_number(typed[f"{name}_id"].data)
    row = next((each for each in rows if each.id == number), None)
    seen = str(row.row_version) if row else ""
    if isinstance(typed, kind):
        if refresh:
            typed["seen_version"].data = seen
        return typed
    data = {key: value for key, value in asdict(row).items() if value is not None} if row else {}
    form = kind(formdata=None, prefix=name, data=data)
    form[f"{name}_id"].data = str(row.id) if row else ""
    form["seen_version"].data = seen
    return form
