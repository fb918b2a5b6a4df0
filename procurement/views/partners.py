"""/interests/partners: groups that could buy together, and one click to a draft project."""

from collections.abc import Container

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.queries.policy import list_system_types
from foundation.errors import Refused
from foundation.forms import add_blockers
from foundation.paging import existing
from foundation.web import get_session, now, page_number, transaction
from procurement.domain.partners import PartnerScope
from procurement.forms.needs import GroupForm
from procurement.presenters.partners import group_view
from procurement.queries.partners import PAGE_SIZE, PartnerFilter, list_partner_groups
from procurement.services.partners import WantedGroup, open_group_project
from procurement.views.blueprint import blueprint
from procurement.views.needs import TRAIL


@blueprint.get("/interests/partners")
@requires(Action.OPEN_PROJECT)
def partners() -> ResponseReturnValue:
    """The groups, best first; narrowing is by address."""
    return _page(GroupForm(formdata=None))


@blueprint.post("/interests/partners")
@requires(Action.OPEN_PROJECT)
def open_group() -> ResponseReturnValue:
    """Make the draft project and ask the bodies."""
    form = GroupForm()
    if not form.validate():
        return _page(form), 422
    try:
        with transaction() as session:
            project_id = open_group_project(
                session,
                actor=current_actor(),
                now=now(),
                wanted=WantedGroup(
                    system_type_code=form.category.data or "",
                    body_codes=tuple(code for code in (form.bodies.data or "").split(",") if code),
                ),
                policy_reason=form.policy_reason.data or "",
            ).id
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(form), 409
    flash("案件の案を作り、団体に案内しました。内容を確かめて、必要なら変えてください。", "success")
    return redirect(url_for("procurement.project", project_id=project_id))


def _page(form: GroupForm) -> str:
    session = get_session()
    types = list_system_types(session)
    names = {each.code: each.name for each in types}
    narrowed = PartnerFilter(
        category=_known("category", names), scope=_known("scope", set(PartnerScope))
    )
    page = existing(
        list_partner_groups(
            session, current_actor(), narrowed=narrowed, page=page_number(), now=now()
        )
    )
    first = (page.page - 1) * PAGE_SIZE + 1
    return render_template(
        "procurement/partners.html",
        trail=[*TRAIL, ("共同調達の相手さがし", None)],
        page=page,
        groups=[group_view(row, names, place) for place, row in enumerate(page.rows, first)],
        form=form,
        narrowed=narrowed,
        types=types,
        scopes=tuple(PartnerScope),
        needs_reason={each.code for each in types if each.policy_scope != "general"},
    )


def _known(name: str, known: Container[str]) -> str:
    value = request.args.get(name, "")
    return value if value in known else ""
