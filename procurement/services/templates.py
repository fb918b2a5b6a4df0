"""A template copied into a project: questions while the survey is drafted, and requirements."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.errors import Blocker, Refused
from procurement.domain.requirements import MAX_REQUIREMENTS, Origin
from procurement.domain.survey import MAX_QUESTIONS, AnswerKind
from procurement.domain.templates.shape import ProjectTemplate
from procurement.domain.templates.shelf import find_template
from procurement.models import Project
from procurement.queries.requirements import list_lines
from procurement.queries.standing import Standing
from procurement.queries.survey import list_questions
from procurement.requirement_models import Requirement
from procurement.services.access import lock_led_project
from procurement.services.requirements import list_listing_blockers
from procurement.services.surveys import list_drafting_blockers
from procurement.services.traces import leave_trace
from procurement.survey_models import Survey, SurveyQuestion


@dataclass(frozen=True, kw_only=True)
class Copied:
    """How much of a template was new to the project."""

    questions: int
    requirements: int


def list_template_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why no template can be copied now."""
    return list_listing_blockers(project, standing)


def apply_template(
    session: Session, *, actor: Actor, now: datetime, project_id: int, key: str
) -> Copied:
    """Copy what the project does not have yet. Raises Refused.

    Questions are copied only while the survey is a draft: a survey once opened is fixed.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    template = find_template(key)
    blockers = list_template_blockers(project, standing)
    if template is None:
        message = "ひな形を選び直してください。"
        blockers.append(Blocker(code="no_template", message=message, field="template"))
    if blockers or template is None:
        raise Refused(blockers)
    copied = Copied(
        questions=_copy_questions(session, project, standing, template),
        requirements=_copy_requirements(session, project_id, template, now),
    )
    if not (copied.questions or copied.requirements):
        message = "このひな形の質問と要件は、すべて入っています。"
        raise Refused([Blocker(code="nothing", message=message, field="template")])
    changes = {"template": key, "questions": copied.questions, "requirements": copied.requirements}
    leave_trace(
        session, actor=actor, now=now, project=project, action="apply_template", changes=changes
    )
    return copied


def _copy_questions(
    session: Session, project: Project, standing: Standing, template: ProjectTemplate
) -> int:
    survey = session.get(Survey, project.id)
    if list_drafting_blockers(project, survey, standing):
        return 0
    present = list_questions(session, project.id)
    texts = {question.text for question in present}
    asks_quantity = any(question.kind is AnswerKind.QUANTITY for question in present)
    new = [
        question
        for question in template.questions
        if question.text not in texts
        and not (asks_quantity and question.kind is AnswerKind.QUANTITY)
    ][: MAX_QUESTIONS - len(present)]
    if new and survey is None:
        session.add(Survey(project_id=project.id))
        session.flush()
    for question in new:
        session.add(
            SurveyQuestion(project_id=project.id, text=question.text, kind=question.kind.value)
        )
        session.flush()  # one by one: their numbers are their order
    return len(new)


def _copy_requirements(
    session: Session, project_id: int, template: ProjectTemplate, now: datetime
) -> int:
    present = {row.line.text for row in list_lines(session, project_id)}
    new = [each for each in template.requirements if each.text not in present]
    new = new[: MAX_REQUIREMENTS - len(present)]
    for each in new:
        session.add(
            Requirement(
                project_id=project_id,
                text=each.text,
                detail=each.detail,
                origin=Origin.TEMPLATE.value,
                updated_at=now,
            )
        )
        session.flush()
    return len(new)
