"""A project's survey: its questions, who is asked, and what each may read of the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Organization
from procurement.domain.participation import KEPT_BETWEEN_BODY_AND_LEAD
from procurement.domain.survey import Answer, AnswerKind, Question
from procurement.models import Participation, ProjectRole
from procurement.survey_models import Survey, SurveyQuestion, SurveyResponse

ASKED_ROLES = ("invited", "participant")


@dataclass(frozen=True, kw_only=True)
class AskedRow:
    """A body that is asked. answers: question id → answer; empty for a silent one.

    status: '' for no answer, requested (not confirmed), given.
    """

    body_code: str
    body_name: str
    fictional: bool
    status: str
    answers: Mapping[str, Answer]
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OwnResponse:
    """One body's own sheet. row_version 0: nothing answered yet."""

    answers: Mapping[str, Answer]
    status: str
    entered_by: str
    row_version: int


NO_RESPONSE = OwnResponse(answers={}, status="", entered_by="", row_version=0)


def find_survey(session: Session, project_id: int) -> Survey | None:
    """The survey, drafted or open."""
    return session.get(Survey, project_id)


def list_questions(session: Session, project_id: int) -> tuple[Question, ...]:
    """In the order they were added."""
    found = session.scalars(
        select(SurveyQuestion)
        .where(SurveyQuestion.project_id == project_id)
        .order_by(SurveyQuestion.id)
    )
    return tuple(Question(id=q.id, text=q.text, kind=AnswerKind(q.kind)) for q in found)


def list_asked_codes(session: Session, project_id: int) -> tuple[str, ...]:
    """The bodies asked in, and those with a place of their own that did not go their way."""
    by_role = session.scalars(
        select(Organization.body_code)
        .join(ProjectRole, ProjectRole.organization_id == Organization.id)
        .where(
            ProjectRole.project_id == project_id,
            ProjectRole.role.in_(ASKED_ROLES),
            Organization.body_code.is_not(None),
        )
    )
    places = session.execute(
        select(Participation.body_code, Participation.status).where(
            Participation.project_id == project_id
        )
    ).all()
    gone = {code for code, status in places if status in KEPT_BETWEEN_BODY_AND_LEAD}
    codes = {code for code in by_role if code} | {code for code, _ in places}
    return tuple(sorted(codes - gone))


def list_asked(session: Session, project_id: int, codes: Sequence[str]) -> tuple[AskedRow, ...]:
    """Every body asked with its answers, by code: for the lead only. Two queries.

    codes: of the bodies asked (list_asked_codes).
    """
    responses = {
        row.body_code: row
        for row in session.scalars(
            select(SurveyResponse).where(SurveyResponse.project_id == project_id)
        )
    }
    bodies = session.scalars(
        select(LocalBody).where(LocalBody.code.in_(codes)).order_by(LocalBody.code)
    )
    rows = []
    for body in bodies:
        response = responses.get(body.code)
        rows.append(
            AskedRow(
                body_code=body.code,
                body_name=body.name,
                fictional=body.fictional,
                status=response.status if response else "",
                answers=response.answers if response else {},
                answered_at=response.answered_at if response else None,
            )
        )
    return tuple(rows)


def list_names(session: Session, codes: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(code, name) of these bodies, by code. No query for none."""
    if not codes:
        return ()
    found = session.execute(
        select(LocalBody.code, LocalBody.name)
        .where(LocalBody.code.in_(codes))
        .order_by(LocalBody.code)
    )
    return tuple((code, name) for code, name in found)


def get_own_response(session: Session, project_id: int, body_code: str) -> OwnResponse:
    """The sheet of one body, for those who may speak for it."""
    row = session.scalar(
        select(SurveyResponse).where(
            SurveyResponse.project_id == project_id, SurveyResponse.body_code == body_code
        )
    )
    if row is None:
        return NO_RESPONSE
    return OwnResponse(
        answers=row.answers,
        status=row.status,
        entered_by=row.entered_by,
        row_version=row.row_version,
    )
