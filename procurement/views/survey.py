"""/projects/<id>/survey: the lead asks, each body answers in the product."""

import csv
import io
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action, Actor, may_for_body
from foundation.clock import jst_moment
from foundation.errors import Conflict, NotFound, Refused
from foundation.forms import add_blockers
from foundation.text import find_number, harmless_cell
from foundation.web import attachment, get_session, now, transaction
from procurement.domain.survey import Question
from procurement.forms.survey import (
    ConfirmSheetForm,
    OpenSurveyForm,
    QuestionForm,
    SheetForm,
    sheet_class,
    sheet_values,
)
from procurement.presenters.amounts import unit_suffix
from procurement.presenters.project import project_frame
from procurement.presenters.survey import (
    answer_text,
    asked_view,
    list_tallies,
    progress_text,
)
from procurement.queries.figures import get_local_body
from procurement.queries.project_page import get_head_and_project
from procurement.queries.survey import (
    OwnResponse,
    find_survey,
    get_own_response,
    list_asked,
    list_asked_codes,
    list_names,
    list_questions,
)
from procurement.services import surveys
from procurement.views.blueprint import blueprint
from procurement.views.leading import require_lead


@blueprint.get("/projects/<int:project_id>/survey")
@requires(Action.STATE_INTEREST)
def survey(project_id: int) -> ResponseReturnValue:
    """The lead's draft or results; a body's sheet."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/survey/questions")
@requires(Action.EDIT_PROJECT)
def add_question(project_id: int) -> ResponseReturnValue:
    """One more question."""
    form = QuestionForm()
    if not form.validate():
        return _page(project_id, question_form=form), 422
    try:
        with transaction() as session:
            surveys.add_question(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                text=form.text.data or "",
                kind=form.kind.data,
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(project_id, question_form=form), 409
    flash("質問を加えました。", "success")
    return redirect(url_for("procurement.survey", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/survey/questions/<int:question_id>/remove")
@requires(Action.EDIT_PROJECT)
def remove_question(project_id: int, question_id: int) -> ResponseReturnValue:
    """Take a question out of the draft."""
    with transaction() as session:
        surveys.remove_question(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            question_id=question_id,
        )
    flash("質問を外しました。", "success")
    return redirect(url_for("procurement.survey", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/survey/open")
@requires(Action.EDIT_PROJECT)
def open_survey(project_id: int) -> ResponseReturnValue:
    """Fix the questions and ask."""
    form = OpenSurveyForm()
    if not form.validate():
        return _page(project_id, open_form=form), 422
    try:
        with transaction() as session:
            surveys.open_survey(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                closes_at=jst_moment(form.closes_on.data),
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(project_id, open_form=form), 409
    flash("調査を始め、対象の団体に知らせました。", "success")
    return redirect(url_for("procurement.survey", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/survey/remind")
@requires(Action.EDIT_PROJECT)
def remind_survey(project_id: int) -> ResponseReturnValue:
    """Ask the silent ones again."""
    with transaction() as session:
        count = surveys.remind_silent(
            session, actor=current_actor(), now=now(), project_id=project_id
        )
    flash(f"{count}団体に督促しました。", "success")
    return redirect(url_for("procurement.survey", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/survey/answer")
@requires(Action.STATE_INTEREST)
def answer_survey(project_id: int) -> ResponseReturnValue:
    """Keep a body's sheet; by its coordinator it waits for the body."""
    session, actor = get_session(), current_actor()
    _, project = get_head_and_project(session, actor, project_id)
    questions = list_questions(session, project_id)
    form = sheet_class(questions, unit_suffix(project.main_unit))()
    if not form.validate():
        return _page(project_id, sheet=form), 422
    try:
        with transaction() as own:
            surveys.answer_survey(
                own,
                actor=actor,
                now=now(),
                project_id=project_id,
                body_code=form.body_code.data or "",
                answers=form.answers(),
                seen_version=find_number(form.seen_version.data) or 0,
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(project_id, sheet=form), 409
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        stored = get_own_response(get_session(), project_id, form.body_code.data or "")
        form.seen_version.data = str(stored.row_version)
        return _page(project_id, sheet=form), 409
    flash("回答を保存しました。", "success")
    return redirect(url_for("procurement.survey", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/survey/confirm")
@requires(Action.STATE_INTEREST)
def confirm_answers(project_id: int) -> ResponseReturnValue:
    """The body makes its coordinator's answers its own."""
    form = ConfirmSheetForm()
    if form.validate():
        with transaction() as session:
            surveys.confirm_answers(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                seen_version=find_number(form.seen_version.data) or 0,
            )
        flash("回答を確認しました。", "success")
    return redirect(url_for("procurement.survey", project_id=project_id))


@blueprint.get("/projects/<int:project_id>/survey.csv")
@requires(Action.EDIT_PROJECT)
def survey_csv(project_id: int) -> ResponseReturnValue:
    """The answers in long form, one line per body and question: for the lead."""
    session = get_session()
    head, project = get_head_and_project(session, current_actor(), project_id)
    require_lead(head)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["団体コード", "団体名", "架空", "状態", "質問", "回答の形", "回答"])
    questions = list_questions(session, project_id)
    for row in list_asked(session, project_id, list_asked_codes(session, project_id)):
        view = asked_view(row, questions, project.main_unit)
        for question, text in zip(questions, view.answers, strict=True):
            cells = [view.code, view.name, "架空" if view.fictional else "", view.status]
            cells += [question.text, question.kind.label, text]
            writer.writerow([harmless_cell(cell) for cell in cells])
    return attachment("\ufeff" + file.getvalue(), "text/csv", "survey.csv")


def _page(
    project_id: int,
    *,
    question_form: QuestionForm | None = None,
    open_form: OpenSurveyForm | None = None,
    sheet: SheetForm | None = None,
) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    stored = find_survey(session, project_id)
    questions = list_questions(session, project_id)
    codes = list_asked_codes(session, project_id)
    chosen = _body_for(actor, codes, sheet)
    if not (head.standing.leads or chosen or _may_represent(actor, codes)):
        raise NotFound("survey")
    rows = list_asked(session, project_id, codes) if head.standing.leads else ()
    given = {row.body_code for row in rows if row.status == "given"}
    unit = project.main_unit
    own = get_own_response(session, project_id, chosen)
    if sheet is None and chosen:
        sheet = _stored_sheet(questions, own, unit_suffix(unit), chosen)
    return render_template(
        "procurement/survey.html",
        frame=project_frame(head, "survey", moment),
        leads=head.standing.leads,
        opened=stored is not None and stored.opened_at is not None,
        stored=stored,
        closes_at=project.survey_closes_at,
        questions=questions,
        question_form=question_form or QuestionForm(formdata=None),
        open_form=open_form or OpenSurveyForm(formdata=None),
        drafting_blockers=surveys.list_drafting_blockers(project, stored, head.standing),
        reminding_blockers=surveys.list_reminding_blockers(project, stored, head.standing, moment),
        answering_blockers=surveys.list_answering_blockers(project, stored, moment),
        asked=[asked_view(row, questions, unit) for row in rows],
        tallies=list_tallies(questions, rows, unit),
        progress=progress_text(rows),
        sheet=sheet if chosen else None,
        chosen_name=get_local_body(session, chosen).name if chosen else "",
        is_own=chosen == actor.body_code,
        own=own,
        own_answers=[(q.text, answer_text(q, own.answers, unit)) for q in questions],
        confirm_form=ConfirmSheetForm(formdata=None, data={"seen_version": own.row_version}),
        represented=list_names(
            session, [code for code in codes if code not in given and _represents(actor, code)]
        ),
    )


def _stored_sheet(
    questions: Sequence[Question], own: OwnResponse, unit: str, body_code: str
) -> SheetForm:
    """The sheet with what the body answered so far."""
    values = sheet_values(questions, own.answers)
    sheet = sheet_class(questions, unit)(formdata=None, data=values)
    sheet.body_code.data, sheet.seen_version.data = body_code, str(own.row_version)
    return sheet


def _body_for(actor: Actor, codes: tuple[str, ...], sheet: SheetForm | None) -> str:
    """The body whose sheet is on the page: the one posted, the one asked for, or the own."""
    asked_for = sheet.body_code.data if sheet is not None else request.args.get("body", "")
    wanted = asked_for or actor.body_code or ""
    return wanted if wanted in codes and may_for_body(actor, Action.STATE_INTEREST, wanted) else ""


def _may_represent(actor: Actor, codes: tuple[str, ...]) -> bool:
    return any(_represents(actor, code) for code in codes)


def _represents(actor: Actor, code: str) -> bool:
    return code != actor.body_code and may_for_body(actor, Action.STATE_INTEREST, code)
