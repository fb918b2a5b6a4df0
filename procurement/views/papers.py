"""起案用資料 and 予算要求シート: one printed page each, and the files to go on with."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.text import find_number
from foundation.web import attachment, get_session, now
from procurement.presenters.budget import COLUMNS, BudgetView, budget_view
from procurement.presenters.paper_files import (
    DOCX_TYPE,
    XLSX_TYPE,
    approval_docx,
    budget_docx,
    budget_xlsx,
)
from procurement.presenters.project import project_frame
from procurement.presenters.sheet import SheetView, sheet_view
from procurement.queries.budget_page import get_budget_page
from procurement.queries.contracts import find_newest_award
from procurement.queries.own_page import get_own_page
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.views.blueprint import blueprint


@blueprint.get("/projects/<int:project_id>/sheet")
@requires(Action.PRINT_APPROVAL_SHEET)
def sheet(project_id: int) -> ResponseReturnValue:
    """起案用資料, for the own body only."""
    head, view = _approval(project_id)
    frame = project_frame(head, "sheet", now())
    return render_template("procurement/sheet.html", frame=frame, sheet=view)


@blueprint.get("/projects/<int:project_id>/sheet.docx")
@requires(Action.PRINT_APPROVAL_SHEET)
def sheet_file(project_id: int) -> ResponseReturnValue:
    """The same as a Word file."""
    _, view = _approval(project_id)
    return attachment(approval_docx(view), DOCX_TYPE, f"approval-{project_id}.docx")


@blueprint.get("/projects/<int:project_id>/budget")
@requires(Action.PRINT_APPROVAL_SHEET)
def budget(project_id: int) -> ResponseReturnValue:
    """予算要求シート, for the own body only. ?contract_year= moves what binds later years."""
    head, view = _budget(project_id)
    frame = project_frame(head, "budget", now())
    return render_template("procurement/budget.html", frame=frame, view=view, columns=COLUMNS)


@blueprint.get("/projects/<int:project_id>/budget.<ending>")
@requires(Action.PRINT_APPROVAL_SHEET)
def budget_file(project_id: int, ending: str) -> ResponseReturnValue:
    """The same as a Word file or a workbook."""
    kinds = {"docx": (budget_docx, DOCX_TYPE), "xlsx": (budget_xlsx, XLSX_TYPE)}
    if ending not in kinds:
        abort(404)
    make, mime = kinds[ending]
    _, view = _budget(project_id)
    return attachment(make(view), mime, f"budget-{project_id}.{ending}")


def _approval(project_id: int) -> tuple[ProjectHead, SheetView]:
    session, moment = get_session(), now()
    head, project = get_head_and_project(session, current_actor(), project_id)
    page = get_own_page(session, project, head.standing)
    return head, sheet_view(head, page, moment, find_newest_award(session, project_id))


def _budget(project_id: int) -> tuple[ProjectHead, BudgetView]:
    session, moment = get_session(), now()
    head, project = get_head_and_project(session, current_actor(), project_id)
    page = get_budget_page(session, project, head.standing)
    chosen = find_number(request.args.get("contract_year", ""))
    return head, budget_view(head, page, moment, chosen)
