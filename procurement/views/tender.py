"""/projects/<id>/notice and /questions: what the notice says, and what vendors ask."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.forms import MoyaiForm
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.domain.states import BEFORE_NOTICE, State
from procurement.domain.tender import list_asking_blockers
from procurement.forms.tender import (
    AnswerForm,
    ExcuseForm,
    NoticeForm,
    PostponeForm,
    QuestionForm,
    notice_values,
)
from procurement.presenters import tender as words
from procurement.presenters.project import ceiling_table, project_frame
from procurement.queries.planned_price import find_public_planned
from procurement.queries.project_page import get_head_and_project, list_ceilings
from procurement.queries.tender import find_own_vendor, get_notice, list_questions
from procurement.services import notice as notices
from procurement.services import questions
from procurement.views.blueprint import blueprint
from procurement.views.saving import attempt


@blueprint.get("/projects/<int:project_id>/notice")
@public
def notice(project_id: int) -> ResponseReturnValue:
    """What is fixed: for everybody from the notice on, for the lead a form before it."""
    return _notice_page(project_id)


@blueprint.post("/projects/<int:project_id>/notice")
@requires(Action.EDIT_PROJECT)
def save_notice(project_id: int) -> ResponseReturnValue:
    """Keep the draft."""
    head, _ = get_head_and_project(get_session(), current_actor(), project_id)
    form = NoticeForm()

    def save(session: Session) -> None:
        notices.set_notice(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            wanted=form.wanted(head.procurement_method),
            seen_version=find_number(form.seen_version.data) or 0,
        )

    refused = attempt(form, save)
    if refused:
        if refused == 409 and form.form_errors:
            page = get_notice(
                get_session(), get_head_and_project(get_session(), current_actor(), project_id)[1]
            )
            form.seen_version.data = str(page.row_version)
        return _notice_page(project_id, form=form), refused
    flash("公告の内容を保存しました。", "success")
    return redirect(url_for("procurement.notice", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/notice/postpone")
@requires(Action.FIX_SHARE_VERSION)
def postpone(project_id: int) -> ResponseReturnValue:
    """A later closing, with its reason."""
    form = PostponeForm()

    def save(session: Session) -> None:
        notices.postpone_closing(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            closes_at=form.closes_at(),
            reason=form.reason.data or "",
        )

    refused = attempt(form, save)
    if refused:
        return _notice_page(project_id, postponing=form), refused
    flash("提案の締切を延ばし、関係する団体に知らせました。", "success")
    return redirect(url_for("procurement.notice", project_id=project_id))


@blueprint.get("/projects/<int:project_id>/questions")
@public
def question_list(project_id: int) -> ResponseReturnValue:
    """Published questions with their answers; for a vendor the form, for the lead the rest."""
    return _questions_page(project_id)


@blueprint.post("/projects/<int:project_id>/questions")
@requires(Action.ASK_QUESTION)
def ask(project_id: int) -> ResponseReturnValue:
    """Ask privately."""
    form = QuestionForm()

    def save(session: Session) -> None:
        questions.ask(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            text=form.text.data or "",
        )

    refused = attempt(form, save)
    if refused:
        return _questions_page(project_id, asking=form), refused
    flash("質問を受け付けました。回答は、質問者の名前を出さずに公表されます。", "success")
    return redirect(url_for("procurement.question_list", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/questions/<int:question_id>/answer")
@requires(Action.EDIT_PROJECT)
def answer_question(project_id: int, question_id: int) -> ResponseReturnValue:
    """Keep a draft answer."""
    form = AnswerForm(prefix=f"q{question_id}")

    def save(session: Session) -> None:
        questions.answer(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            question_id=question_id,
            text=form.answer.data or "",
            seen_version=find_number(form.seen_version.data) or 0,
        )

    refused = attempt(form, save)
    if refused:
        return _questions_page(project_id, answering=(question_id, form)), refused
    flash("回答の下書きを保存しました。公表するまで、ほかの人には見えません。", "success")
    return redirect(url_for("procurement.question_list", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/questions/publish")
@requires(Action.EDIT_PROJECT)
def publish_answers(project_id: int) -> ResponseReturnValue:
    """All answered so far, to all at once."""
    form = MoyaiForm()

    def save(session: Session) -> None:
        questions.publish_answers(session, actor=current_actor(), now=now(), project_id=project_id)

    refused = attempt(form, save)
    if refused:
        return _questions_page(project_id, publishing=form), refused
    flash("回答を公表しました。", "success")
    return redirect(url_for("procurement.question_list", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/questions/excuse")
@requires(Action.EDIT_PROJECT)
def excuse_unanswered(project_id: int) -> ResponseReturnValue:
    """Why some stay without an answer."""
    form = ExcuseForm()

    def save(session: Session) -> None:
        questions.excuse_unanswered(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            reason=form.unanswered_reason.data or "",
        )

    refused = attempt(form, save)
    if refused:
        return _questions_page(project_id, excusing=form), refused
    flash("回答しない理由を記録しました。", "success")
    return redirect(url_for("procurement.question_list", project_id=project_id))


def _notice_page(
    project_id: int, form: NoticeForm | None = None, postponing: PostponeForm | None = None
) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    page = get_notice(session, project)
    drafting = State(project.state) in BEFORE_NOTICE
    if drafting and not head.standing.leads:
        raise NotFound("notice")
    ceilings = list_ceilings(session, head)
    return render_template(
        "procurement/notice.html",
        frame=project_frame(head, "notice", moment),
        head=head,
        drafting=drafting,
        planned=find_public_planned(session, project),
        leads=head.standing.leads,
        moments=words.moment_rows(page),
        closed=words.closed_day_texts(page) if head.standing.leads else (),
        rule=words.rule_rows(page.rule),
        minimums=words.minimum_texts(page.rule),
        full_score=page.rule.get("full_score"),
        conditional=page.conditional_on_budget,
        ceilings=ceiling_table(ceilings),
        form=form or NoticeForm(formdata=None, data=notice_values(page, project, ceilings)),
        blockers=notices.list_notice_blockers(project, head.standing),
        postponing=postponing or PostponeForm(formdata=None),
        solicits=project.state == State.SOLICITATION.value,
    )


def _questions_page(
    project_id: int,
    asking: QuestionForm | None = None,
    answering: tuple[int, AnswerForm] | None = None,
    publishing: MoyaiForm | None = None,
    excusing: ExcuseForm | None = None,
) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    vendor = find_own_vendor(session, actor)
    page = get_notice(session, project)
    rows = list_questions(session, project_id, head.standing, vendor)
    forms = {
        row.id: AnswerForm(
            formdata=None,
            prefix=f"q{row.id}",
            data={"answer": row.answer, "seen_version": str(row.row_version)},
        )
        for row in rows
        if head.standing.leads and not row.published
    }
    if answering:
        question_id, typed = answering
        stored = next((row for row in rows if row.id == question_id), None)
        if stored and typed.form_errors:
            typed.seen_version.data = str(stored.row_version)
        forms[question_id] = typed
    return render_template(
        "procurement/questions.html",
        frame=project_frame(head, "questions", moment),
        rows=rows,
        moments=words.moment_rows(page),
        clock=words.clock_text(moment),
        vendor=vendor,
        asking=asking or QuestionForm(formdata=None),
        asking_blockers=list_asking_blockers(State(project.state), page.moments, moment),
        leads=head.standing.leads,
        forms=forms,
        publishing=publishing or MoyaiForm(formdata=None),
        excusing=excusing
        or ExcuseForm(formdata=None, data={"unanswered_reason": page.unanswered_reason}),
    )
