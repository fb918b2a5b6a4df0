"""/projects/<id>/costs: alone, together and paid, by body and year, with the data as files."""

from dataclasses import replace
from functools import partial

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public
from accounts.roles import Action, may
from foundation.clock import jst_today
from foundation.errors import NotFound
from foundation.web import attachment, get_session, now
from procurement.dashboard import parts
from procurement.dashboard.figures import DashboardPage
from procurement.dashboard.project_benefits import benefit_figures
from procurement.dashboard.project_contracts import contract_figure
from procurement.dashboard.project_costs import CostsAsked, Extent, ProjectCosts, project_costs
from procurement.dashboard.project_use import use_figure
from procurement.domain.costs import COSTS_ARE_PUBLIC
from procurement.models import Project
from procurement.presenters import cost_sheet as words
from procurement.presenters.funding import grant_terms, stated_programs
from procurement.presenters.paper_files import DOCX_TYPE, XLSX_TYPE
from procurement.presenters.project import project_frame
from procurement.queries.benefits import FundingRow, get_sheet, list_effects, list_funding
from procurement.queries.in_use import InUse, load_in_use
from procurement.queries.ledger import LedgerScope
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.queries.secrets import list_declared
from procurement.services.costs import list_reporting_blockers
from procurement.services.ledger_access import LEDGER_STATES
from procurement.views.blueprint import blueprint
from procurement.views.dashboard import figure_download


@blueprint.get("/projects/<int:project_id>/costs")
@public
def costs(project_id: int) -> ResponseReturnValue:
    """What each body pays alone and together; for members, and for all after contracting."""
    head, project = get_head_and_project(get_session(), current_actor(), project_id)
    shown = _find_costs(head, project, Extent.PAGE)
    funding = list_funding(get_session(), project_id) if shown else ()
    page = _whole_page(head, shown, funding) if shown else None
    downloads = {
        figure.key: url_for("procurement.costs_data", project_id=project_id, key=figure.key)
        for figure in (page.figures if page else ())
    }
    return render_template(
        "procurement/costs.html",
        frame=project_frame(head, "costs", now()),
        page=page,
        effects=page is not None and any(each.key == "effects" for each in page.figures),
        grants=grant_terms(funding),
        programs=stated_programs(funding, project, head.row.body_count),
        leads=head.standing.leads,
        bodies=shown.bodies if shown else (),
        chosen=shown.chosen if shown else "",
        downloads=downloads,
        enters=may(current_actor(), Action.ENTER_COSTS_ON_BEHALF),
        reports=not list_reporting_blockers(project, head.standing),
    )


@blueprint.get("/projects/<int:project_id>/costs/data/<key>.zip")
@public
def costs_data(project_id: int, key: str) -> ResponseReturnValue:
    """One figure of the page as files, for whoever may see the page's figures."""
    head, project = get_head_and_project(get_session(), current_actor(), project_id)
    shown = _find_costs(head, project, Extent.FILE)
    if shown is None:
        raise NotFound
    funding = list_funding(get_session(), project_id)
    return figure_download(_whole_page(head, shown, funding), key)


@blueprint.get("/projects/<int:project_id>/costs/sheet")
@public
def cost_sheet(project_id: int) -> ResponseReturnValue:
    """費用対効果シート, for whoever reads the costs."""
    head, sheet = _get_sheet(project_id)
    frame = project_frame(head, "costs", now())
    return render_template(
        "procurement/cost_sheet.html", frame=frame, sheet=sheet, columns=words.COLUMNS
    )


@blueprint.get("/projects/<int:project_id>/costs/sheet.<ending>")
@public
def cost_sheet_file(project_id: int, ending: str) -> ResponseReturnValue:
    """The same as a Word file or a workbook."""
    kinds = {"docx": (words.sheet_docx, DOCX_TYPE), "xlsx": (words.sheet_xlsx, XLSX_TYPE)}
    if ending not in kinds:
        raise NotFound(ending)
    make, mime = kinds[ending]
    _, sheet = _get_sheet(project_id)
    return attachment(make(sheet), mime, f"cost-effect-{project_id}.{ending}")


def _get_sheet(project_id: int) -> tuple[ProjectHead, words.CostSheet]:
    session = get_session()
    head, project = get_head_and_project(session, current_actor(), project_id)
    shown = _find_costs(head, project, Extent.PAGE)
    if shown is None:
        raise NotFound("cost sheet")
    effects, written = list_effects(session, project_id), get_sheet(session, project_id)
    return head, words.cost_sheet(head, written, shown.years, effects, now())


def _whole_page(
    head: ProjectHead, shown: ProjectCosts, funding: tuple[FundingRow, ...]
) -> DashboardPage:
    """The costs with what stands beside them."""
    session = get_session()
    # Before the introduction only its parties and the lead read what a contract costs (§8).
    public = head.state in COSTS_ARE_PUBLIC
    contracts = contract_figure(session, head.id, shown) if public else None
    more = benefit_figures(session, head.id, shown, funding)
    use = use_figure(head.main_unit, shown, _ledger_scope(head))
    beside = tuple(each for each in (contracts, use) if each)
    return replace(shown.page, figures=(*shown.page.figures, *beside, *more))


def _find_use(head: ProjectHead) -> InUse | None:
    """Who uses what, once bodies can have begun; member quantities are for members."""
    if head.state not in LEDGER_STATES or not head.standing.is_member:
        return None
    return load_in_use(get_session(), head.id, head.main_unit, _ledger_scope(head))


def _find_costs(head: ProjectHead, project: Project, extent: Extent) -> ProjectCosts | None:
    if not head.standing.is_member and head.state not in COSTS_ARE_PUBLIC:
        return None
    session, standing = get_session(), head.standing
    # What was declared in confidence is for the page alone: no file has it (domain §8).
    on_page = extent is Extent.PAGE
    asked = CostsAsked(
        project_id=head.id,
        title=head.row.title,
        fictional=head.fictional,
        as_of=parts.FICTIONAL_AS_OF if head.fictional else jst_today(now()).isoformat(),
        scope=_ledger_scope(head),
        declared=partial(list_declared, session, standing, head.id) if on_page else dict,
        chosen=request.args.get("body") or standing.actor.body_code or "",
        policy_scope=project.system_type.policy_scope,
        bodies=head.row.body_count,
        use=_find_use(head),
        extent=extent,
    )
    return project_costs(session, asked)


def _ledger_scope(head: ProjectHead) -> LedgerScope | None:
    """Of the ledger, lead and auditors read all, a member its own, nobody else anything."""
    standing = head.standing
    if head.state not in LEDGER_STATES or not standing.is_member:
        return None
    everything = standing.leads or not standing.takes_part
    return LedgerScope(everything=everything, body_code=standing.actor.body_code or "")
