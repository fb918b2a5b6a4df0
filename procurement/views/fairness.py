"""/projects/<id>/fairness: who gains, who would rather leave. Advice to members, never a rule."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public
from foundation.errors import NotFound
from foundation.web import attachment, get_session, now, page_number
from procurement.domain.fairness_report import fairness_csv
from procurement.presenters import fairness as words
from procurement.presenters.fairness_contracts import contract_rows, contract_words
from procurement.presenters.project import project_frame
from procurement.queries.fairness_contracts import list_fairness_contracts
from procurement.queries.fairness_page import FairnessPage, Wanted, get_fairness_page
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.views.blueprint import blueprint


@blueprint.get("/projects/<int:project_id>/fairness")
@public
def fairness(project_id: int) -> ResponseReturnValue:
    """For members the whole view; others learn that it is for members."""
    head, page = _load(project_id)
    own = head.standing.actor.body_code or ""
    view = leaving = None
    if page.chosen and page.fairness:
        view = words.fairness_view(page.chosen, page.fairness, at=page_number(), own=own)
    if page.leaving and page.leaver:
        leaving = words.leaving_rows(page.leaving, page.leaver.code, page_number("others"))
    contracts = list_fairness_contracts(get_session(), head)
    return render_template(
        "procurement/fairness.html",
        frame=project_frame(head, "fairness", now()),
        page=page,
        view=view,
        leaving=leaving,
        leaving_words=words.leaving_words(page.leaving, page.leaver.code, page.leaver.name)
        if page.leaving and page.leaver
        else "",
        declared_table=words.declared_table(page.declared) if page.declared else None,
        declared_words=words.declared_words(page.declared) if page.declared else "",
        contracts=contract_rows(contracts, page_number("contracts"), own),
        contract_words=contract_words(contracts),
    )


@blueprint.get("/projects/<int:project_id>/fairness.csv")
@public
def fairness_data(project_id: int) -> ResponseReturnValue:
    """Every body in one file, for members only. Nothing anybody declared is in it."""
    _, page = _load(project_id)
    if page.fairness is None:
        raise NotFound("fairness")
    content = "\ufeff" + fairness_csv(page.fairness)
    return attachment(content, "text/csv", f"fairness-{project_id}.csv")


def _load(project_id: int) -> tuple[ProjectHead, FairnessPage]:
    session = get_session()
    head, project = get_head_and_project(session, current_actor(), project_id)
    wanted = Wanted(
        key=request.args.get("basis", ""),
        leaver=request.args.get("leaver", ""),
        declared="declared" in request.args,
    )
    page = get_fairness_page(session, project, head.standing, wanted)
    return head, page
