"""How many municipalities of a prefecture take part in a project (F30)."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from procurement.domain.participation import TAKING_PART
from procurement.models import Participation, Project


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Municipalities that take part, of all in the prefecture today."""

    joined: int
    municipalities: int


def find_coverage(session: Session, project: Project) -> Coverage | None:
    """None for a project without a prefecture. One query."""
    if project.prefecture_code is None:
        return None
    takes_part = (
        select(Participation.id)
        .where(
            Participation.project_id == project.id,
            Participation.body_code == LocalBody.code,
            Participation.status.in_(TAKING_PART),
        )
        .exists()
    )
    joined, every = session.execute(
        select(func.count().filter(takes_part), func.count()).where(
            LocalBody.prefecture_code == project.prefecture_code,
            LocalBody.kind != "prefecture",
            LocalBody.valid_to.is_(None),
        )
    ).one()
    return Coverage(joined=joined, municipalities=every)
