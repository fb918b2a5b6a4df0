"""The lead fixes questions, opens the survey, reminds; each body answers for itself."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Action, Actor, may_for_body
from foundation.clock import jst_today, to_jst
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse
from procurement.domain.survey import MAX_QUESTION, MAX_QUESTIONS, Answer, AnswerKind, is_answer
from procurement.models import Project
from procurement.queries.standing import Standing
from procurement.queries.survey import list_asked_codes, list_questions
from procurement.requirement_models import Requirement
from procurement.services.access import (
    get_body,
    list_leading_blockers,
    lock_led_project,
    lock_project,
)
from procurement.services.invitations import INVITING_STATES, organization_of_body
from procurement.services.traces import Told, leave_trace
from procurement.survey_models import Survey, SurveyQuestion, SurveyResponse


def list_drafting_blockers(
    project: Project, survey: Survey | None, standing: Standing
) -> list[Blocker]:
    """Why the questions cannot be changed: they are fixed before anybody answers."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if project.state not in INVITING_STATES:
        message = "意向調査と参加団体募集の間だけ、調査を行えます。"
        blockers.append(Blocker(code="not_asking", message=message))
    if survey is not None and survey.opened_at is not None:
        message = "調査を始めた後は、質問を変えられません。"
        blockers.append(Blocker(code="opened", message=message))
    return blockers


def add_question(
    session: Session, *, actor: Actor, now: datetime, project_id: int, text: str, kind: str
) -> SurveyQuestion:
    """One more question at the end of the draft."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    survey = session.get(Survey, project_id)
    blockers = list_drafting_blockers(project, survey, standing)
    blockers += _question_blockers(session, project_id, text, kind)
    if blockers:
        raise Refused(blockers)
    if survey is None:
        session.add(Survey(project_id=project_id))
        session.flush()
    question = SurveyQuestion(project_id=project_id, text=text, kind=kind)
    session.add(question)
    session.flush()
    changes = {"question": text, "kind_of_answer": kind}
    leave_trace(
        session, actor=actor, now=now, project=project, action="add_question", changes=changes
    )
    return question


def remove_question(
    session: Session, *, actor: Actor, now: datetime, project_id: int, question_id: int
) -> None:
    """Take a question out of the draft."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = list_drafting_blockers(project, session.get(Survey, project_id), standing)
    question = session.get(SurveyQuestion, question_id)
    if question is None or question.project_id != project_id:
        blockers.append(Blocker(code="no_question", message="その質問はありません。"))
    if blockers or question is None:
        raise Refused(blockers)
    session.execute(
        update(Requirement)
        .where(Requirement.survey_question_id == question_id)
        .values(survey_question_id=None)
    )
    session.delete(question)
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="remove_question",
        changes={"question": question.text},
    )


def open_survey(
    session: Session, *, actor: Actor, now: datetime, project_id: int, closes_at: datetime
) -> Survey:
    """Fix the questions and ask every invited body until the deadline."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    survey = session.get(Survey, project_id)
    blockers = list_drafting_blockers(project, survey, standing)
    if not list_questions(session, project_id):
        blockers.append(Blocker(code="no_question", message="質問を1つ以上入れてください。"))
    if closes_at <= now:
        message = "回答期限には、これからの日を入れてください。"
        blockers.append(Blocker(code="closes_on", message=message, field="closes_on"))
    if blockers or survey is None:
        raise Refused(blockers)
    survey.opened_at = now
    project.survey_closes_at = closes_at
    project.updated_at = now
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="open_survey",
        changes={"survey_closes_at": closes_at},
        told=[_ask(session, project, code) for code in list_asked_codes(session, project_id)],
    )
    return survey


def list_answering_blockers(
    project: Project, survey: Survey | None, now: datetime
) -> list[Blocker]:
    """Why nobody can answer now."""
    if survey is None or survey.opened_at is None:
        return [Blocker(code="not_open", message="調査はまだ始まっていません。")]
    if project.state not in INVITING_STATES:
        return [Blocker(code="not_asking", message="調査は終わっています。")]
    closes = project.survey_closes_at
    if closes is not None and now > closes:
        message = f"回答期限 {to_jst(closes):%Y-%m-%d %H:%M} を過ぎたため回答できません。"
        return [Blocker(code="after_deadline", message=message)]
    return []


def answer_survey(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    answers: Mapping[int, Answer],
    seen_version: int,
) -> SurveyResponse:
    """Keep a body's answers; a coordinator's wait for the body. Unanswered questions stay out.

    seen_version: 0 where nothing was answered. Raises Conflict when somebody saved since.
    """
    project, _ = lock_project(session, actor, project_id)
    _require_asked(session, actor, project_id, body_code)
    row = find_response(session, project_id, body_code)
    blockers = list_answering_blockers(project, session.get(Survey, project_id), now)
    blockers += _kind_blockers(session, project_id, answers)
    own = actor.body_code == body_code
    if row is not None and row.status == "given" and not own:
        message = "団体が回答済みです。変更は、その団体に依頼してください。"
        blockers.append(Blocker(code="others_word", message=message))
    if blockers:
        raise Refused(blockers)
    if (row.row_version if row is not None else 0) != seen_version:
        raise Conflict(
            "ほかの担当者が先に回答しました。今の回答を確かめて、もう一度保存してください。"
        )
    row = row or SurveyResponse(project_id=project_id, body_code=body_code)
    row.answers = {str(number): answer for number, answer in sorted(answers.items())}
    row.status = "given" if own else "requested"
    row.entered_by = "" if own else actor.label
    row.answered_by, row.answered_at = actor.label, now
    session.add(row)
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="answer_survey" if own else "request_answer",
        changes={"body_code": body_code, "answered": len(row.answers)},
        told=[] if own else [_confirm(session, project, body_code, actor)],
    )
    return row


def confirm_answers(
    session: Session, *, actor: Actor, now: datetime, project_id: int, seen_version: int
) -> SurveyResponse:
    """The body makes what its coordinator answered its own."""
    project, _ = lock_project(session, actor, project_id)
    body_code = actor.body_code or ""
    _require_asked(session, actor, project_id, body_code)
    row = find_response(session, project_id, body_code)
    blockers = list_answering_blockers(project, session.get(Survey, project_id), now)
    if row is None or row.status != "requested":
        blockers.append(Blocker(code="none", message="確認を待っている回答はありません。"))
    if blockers or row is None:
        raise Refused(blockers)
    if row.row_version != seen_version:
        raise Conflict("回答が変わっています。今の内容を確かめてください。")
    row.status = "given"
    row.answered_by, row.answered_at = actor.label, now
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="confirm_answers",
        changes={"body_code": body_code},
    )
    return row


def list_reminding_blockers(
    project: Project, survey: Survey | None, standing: Standing, now: datetime
) -> list[Blocker]:
    """Why nobody can be reminded now: once a day is enough."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    blockers += list_answering_blockers(project, survey, now)
    last = survey.last_reminded_at if survey is not None else None
    if last is not None and jst_today(last) == jst_today(now):
        blockers.append(Blocker(code="today", message="督促は1日1回までです。"))
    return blockers


def remind_silent(session: Session, *, actor: Actor, now: datetime, project_id: int) -> int:
    """Ask every body that has not answered once more; how many."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    survey = session.get(Survey, project_id)
    blockers = list_reminding_blockers(project, survey, standing, now)
    given = session.scalars(
        select(SurveyResponse.body_code).where(
            SurveyResponse.project_id == project_id, SurveyResponse.status == "given"
        )
    )
    silent = sorted(set(list_asked_codes(session, project_id)) - set(given))
    if not silent:
        blockers.append(Blocker(code="nobody", message="回答していない団体はありません。"))
    if blockers or survey is None:
        raise Refused(blockers)
    survey.reminders_sent += 1
    survey.last_reminded_at = now
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="remind_survey",
        changes={"body_codes": silent},
        told=[_ask(session, project, code) for code in silent],
    )
    return len(silent)


def find_response(session: Session, project_id: int, body_code: str) -> SurveyResponse | None:
    """What the body answered, if anything."""
    found: SurveyResponse | None = session.scalar(
        select(SurveyResponse).where(
            SurveyResponse.project_id == project_id, SurveyResponse.body_code == body_code
        )
    )
    return found


def _question_blockers(session: Session, project_id: int, text: str, kind: str) -> list[Blocker]:
    present = list_questions(session, project_id)
    quantity = AnswerKind.QUANTITY
    checks = [
        ("text", 0 < len(text) <= MAX_QUESTION, f"質問を{MAX_QUESTION}文字以内で入れてください。"),
        ("kind", kind in set(AnswerKind), "回答の形を選び直してください。"),
        ("text", len(present) < MAX_QUESTIONS, f"質問は{MAX_QUESTIONS}問までです。"),
        (
            "kind",
            kind != quantity or all(each.kind is not quantity for each in present),
            "主な数量を聞く質問は1つだけにしてください。",
        ),
    ]
    return [
        Blocker(code=f"field_{name}", message=message, field=name)
        for name, holds, message in checks
        if not holds
    ]


def _kind_blockers(
    session: Session, project_id: int, answers: Mapping[int, Answer]
) -> list[Blocker]:
    kinds = {question.id: question.kind for question in list_questions(session, project_id)}
    return [
        Blocker(code="answer", message="回答を入れ直してください。", field=f"q{number}")
        for number, answer in answers.items()
        if number not in kinds or not is_answer(kinds[number], answer)
    ]


def _require_asked(session: Session, actor: Actor, project_id: int, body_code: str) -> None:
    if not may_for_body(actor, Action.STATE_INTEREST, body_code):
        raise NotFound("local body")
    if body_code not in list_asked_codes(session, project_id):
        raise refuse("not_asked", "この調査の対象ではありません。")


def _ask(session: Session, project: Project, body_code: str) -> Told:
    organization: Organization = organization_of_body(session, body_code)
    closes = project.survey_closes_at
    until = f"{to_jst(closes):%Y-%m-%d %H:%M}（日本時間）までに" if closes else ""
    return Told(
        organization_id=organization.id,
        title=f"「{project.title}」の意向調査への回答のお願い",
        text=f"{until}回答してください。",
        path=f"/projects/{project.id}/survey",
    )


def _confirm(session: Session, project: Project, body_code: str, actor: Actor) -> Told:
    return Told(
        organization_id=organization_of_body(session, body_code).id,
        title=f"「{project.title}」の意向調査が代理で回答されました",
        text=f"{actor.label}が{get_body(session, body_code).name}の回答を入力しました。"
        "内容を確認すると、自団体の回答になります。",
        path=f"/projects/{project.id}/survey",
    )
