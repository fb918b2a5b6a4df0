"""How much a body already told the product it needs: in a survey, or as a stated need."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.domain.needs import NeedStatus
from procurement.domain.survey import AnswerKind
from procurement.models import Project
from procurement.need_models import Need
from procurement.survey_models import SurveyQuestion, SurveyResponse


@dataclass(frozen=True, kw_only=True)
class ToldQuantity:
    """In the project's main unit. None: the body did not say."""

    surveyed: int | None
    needed: int | None


def get_told_quantity(session: Session, project: Project, body_code: str) -> ToldQuantity:
    """For the body's own pages only. One query."""
    given = (
        select(SurveyQuestion.id, SurveyResponse.answers)
        .join(SurveyResponse, SurveyResponse.project_id == SurveyQuestion.project_id)
        .where(
            SurveyQuestion.project_id == project.id,
            SurveyQuestion.kind == AnswerKind.QUANTITY,
            SurveyResponse.body_code == body_code,
            SurveyResponse.status == "given",
        )
        .order_by(SurveyQuestion.id)
        .limit(1)
        .subquery()
    )
    needed = (
        select(Need.quantity)
        .where(
            Need.body_code == body_code,
            Need.system_type_code == project.system_type_code,
            Need.status == NeedStatus.STATED,
            Need.unit == project.main_unit,
        )
        .order_by(Need.id)
        .limit(1)
    )
    found = session.execute(
        select(
            select(given.c.id).scalar_subquery().label("question"),
            select(given.c.answers).scalar_subquery().label("answers"),
            needed.scalar_subquery().label("needed"),
        )
    ).one()
    answer = found.answers.get(str(found.question)) if found.answers else None
    surveyed = answer if isinstance(answer, int) and answer > 0 else None
    return ToldQuantity(surveyed=surveyed, needed=found.needed)
