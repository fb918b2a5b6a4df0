"""/projects/<id>/requirements: bodies × requirements; the lead's list, each body's own column."""

import csv
import io

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.text import find_number, harmless_cell
from foundation.web import get_session, now, page_number, transaction
from procurement.domain.survey import Wish
from procurement.forms.requirements import (
    ColumnForm,
    RequirementForm,
    column_class,
    column_values,
    requirement_values,
)
from procurement.presenters.project import project_frame
from procurement.presenters.requirements import line_views, summary_rows, wish_text
from procurement.queries.project_page import get_head_and_project
from procurement.queries.requirements import (
    LineRow,
    MatrixPage,
    find_own_version,
    get_matrix,
    list_columns,
    list_lines,
)
from procurement.services import requirements as service
from procurement.views.blueprint import blueprint
from procurement.views.leading import require_lead
from procurement.views.saving import attempt

COUNTS = [*((wish.label, "num") for wish in Wish), ("未回答", "num")]


@blueprint.get("/projects/<int:project_id>/requirements")
@requires(Action.READ_MEMBER_FIGURES)
def requirements(project_id: int) -> ResponseReturnValue:
    """The matrix as far as the reader may see it."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/requirements")
@requires(Action.EDIT_PROJECT)
def add_requirement(project_id: int) -> ResponseReturnValue:
    """One more line."""
    form = RequirementForm()

    def save(session: Session) -> None:
        service.add_requirement(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            wanted=form.fields(),
        )

    refused = attempt(form, save)
    if refused:
        return _page(project_id, adding=form), refused
    flash("要件を加えました。", "success")
    return redirect(url_for("procurement.requirements", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/requirements/survey")
@requires(Action.EDIT_PROJECT)
def adopt_survey(project_id: int) -> ResponseReturnValue:
    """The survey's questions as lines, its answers as they are."""
    with transaction() as session:
        count = service.adopt_survey(
            session, actor=current_actor(), now=now(), project_id=project_id
        )
    flash(f"意向調査の質問{count}件を要件にしました。回答は入力し直さずに数えています。", "success")
    return redirect(url_for("procurement.requirements", project_id=project_id))


@blueprint.get("/projects/<int:project_id>/requirements/<int:requirement_id>")
@requires(Action.EDIT_PROJECT)
def requirement(project_id: int, requirement_id: int) -> ResponseReturnValue:
    """One line with its form, for the lead."""
    return _line_page(project_id, requirement_id)


@blueprint.post("/projects/<int:project_id>/requirements/<int:requirement_id>")
@requires(Action.EDIT_PROJECT)
def change_requirement(project_id: int, requirement_id: int) -> ResponseReturnValue:
    """Settle, price, reword."""
    form = RequirementForm()

    def save(session: Session) -> None:
        service.change_requirement(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            requirement_id=requirement_id,
            wanted=form.fields(),
            seen_version=find_number(form.seen_version.data) or 0,
        )

    refused = attempt(form, save)
    if refused:
        if form.form_errors:
            stored = _line(project_id, requirement_id)
            form.seen_version.data = str(stored.row_version)
        return _line_page(project_id, requirement_id, form), refused
    flash("要件を保存しました。", "success")
    return redirect(url_for("procurement.requirements", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/requirements/<int:requirement_id>/remove")
@requires(Action.EDIT_PROJECT)
def remove_requirement(project_id: int, requirement_id: int) -> ResponseReturnValue:
    """Take it out of the list."""
    with transaction() as session:
        service.remove_requirement(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            requirement_id=requirement_id,
            seen_version=find_number(request.form.get("seen_version")) or 0,
        )
    flash("要件を一覧から外しました。", "success")
    return redirect(url_for("procurement.requirements", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/requirements/own")
@requires(Action.STATE_INTEREST)
def answer_requirements(project_id: int) -> ResponseReturnValue:
    """The reader's own column, and no other."""
    session = get_session()
    get_head_and_project(session, current_actor(), project_id)
    form = column_class([row.line for row in list_lines(session, project_id)])()

    def save(own: Session) -> None:
        service.answer_column(
            own,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            wishes=form.wishes(),
            seen_version=find_number(form.seen_version.data) or 0,
        )

    refused = attempt(form, save)
    if refused:
        if form.form_errors:
            code = current_actor().body_code or ""
            form.seen_version.data = str(find_own_version(get_session(), project_id, code))
        return _page(project_id, column=form), refused
    flash("自団体の回答を保存しました。", "success")
    return redirect(url_for("procurement.requirements", project_id=project_id))


@blueprint.get("/projects/<int:project_id>/requirements.csv")
@requires(Action.EDIT_PROJECT)
def requirements_csv(project_id: int) -> ResponseReturnValue:
    """In long form, one line per body and requirement: for the lead."""
    session = get_session()
    head, _ = get_head_and_project(session, current_actor(), project_id)
    require_lead(head)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["団体コード", "団体名", "架空", "要件番号", "要件", "扱い", "回答"])
    lines = list_lines(session, project_id)
    for column in list_columns(session, project_id, lines):
        for row in lines:
            cells = [column.body_code, column.body_name, "架空" if column.fictional else ""]
            cells += [str(row.line.id), row.line.text, row.line.settled.label]
            cells.append(wish_text(column, row.line.id))
            writer.writerow([harmless_cell(cell) for cell in cells])
    headers = {"Content-Disposition": 'attachment; filename="requirements.csv"'}
    return Response("\ufeff" + file.getvalue(), mimetype="text/csv", headers=headers)


def _page(
    project_id: int, adding: RequirementForm | None = None, column: ColumnForm | None = None
) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    standing = head.standing
    if not (standing.is_member or standing.knows_as_body):
        raise NotFound("requirements")
    page = get_matrix(session, project_id, standing, page_number())
    return render_template(
        "procurement/requirements.html",
        frame=project_frame(head, "requirements", moment),
        page=page,
        lines=line_views(page),
        counts=COUNTS,
        summary=summary_rows(page),
        leads=standing.leads,
        adding=adding or RequirementForm(formdata=None),
        listing_blockers=service.list_listing_blockers(project, standing),
        answering_blockers=service.list_answering_blockers(project),
        column=column or _stored_column(page),
    )


def _stored_column(page: MatrixPage) -> ColumnForm | None:
    if page.own is None or not page.lines:
        return None
    made = column_class([row.line for row in page.lines])
    return made(formdata=None, data=column_values(page.own.wishes, page.own_version))


def _line(project_id: int, requirement_id: int) -> LineRow:
    rows = list_lines(get_session(), project_id)
    found = next((row for row in rows if row.line.id == requirement_id), None)
    if found is None:
        raise NotFound("requirement")
    return found


def _line_page(project_id: int, requirement_id: int, form: RequirementForm | None = None) -> str:
    head, project = get_head_and_project(get_session(), current_actor(), project_id)
    require_lead(head)
    row = _line(project_id, requirement_id)
    values = requirement_values(row.line, row.row_version)
    return render_template(
        "procurement/requirement.html",
        frame=project_frame(head, "requirements", now()),
        row=row,
        form=form or RequirementForm(formdata=None, data=values),
        blockers=service.list_listing_blockers(project, head.standing),
    )
