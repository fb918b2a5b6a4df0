"""For a coordinator: which bodies of its prefecture have costs in a project, and what is there."""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from foundation.errors import NotFound
from procurement.domain.participation import TAKING_PART, ParticipationStatus
from procurement.models import CostRow, Participation
from procurement.queries.own_costs import OwnLine, get_own_costs

_REPORTING = (*TAKING_PART, ParticipationStatus.LEFT)


@dataclass(frozen=True, kw_only=True)
class BodyToEnter:
    """A body of the prefecture in the project. rows: amounts reported, by whomever."""

    code: str
    name: str
    rows: int
    on_behalf: int
    has_present_cost: bool
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class CostsOfBody:
    """One body's page for the coordinator.

    present_is_own: the body has said itself what it pays now; the figure is not for others.
    """

    code: str
    name: str
    lines: tuple[OwnLine, ...]
    seen_sha256: str
    has_present_cost: bool
    present_is_own: bool
    present_version: int
    participation: Participation


def list_bodies_to_enter(
    session: Session, project_id: int, prefecture_code: str
) -> tuple[BodyToEnter, ...]:
    """The prefecture's bodies with a part in the costs, by code. One query."""
    behalf = func.sum(case((CostRow.entered_on_behalf_by != "", 1), else_=0))
    rows = session.execute(
        select(
            LocalBody.code,
            LocalBody.name,
            LocalBody.fictional,
            Participation.declared_standalone_yen.is_not(None),
            func.count(CostRow.id),
            behalf,
        )
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .outerjoin(
            CostRow,
            (CostRow.project_id == Participation.project_id)
            & (CostRow.body_code == Participation.body_code),
        )
        .where(
            Participation.project_id == project_id,
            Participation.status.in_(_REPORTING),
            LocalBody.prefecture_code == prefecture_code,
        )
        .group_by(
            LocalBody.code,
            LocalBody.name,
            LocalBody.fictional,
            Participation.declared_standalone_yen,
        )
        .order_by(LocalBody.code)
    )
    return tuple(
        BodyToEnter(
            code=code,
            name=name,
            rows=count,
            on_behalf=int(entered or 0),
            has_present_cost=bool(present),
            fictional=fictional,
        )
        for code, name, fictional, present, count, entered in rows
    )


def get_costs_of_body(session: Session, project_id: int, body_code: str) -> CostsOfBody:
    """What is there of the body, without the figure it declared. Raises NotFound. Five queries."""
    row = session.execute(
        select(Participation, LocalBody.name)
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .where(Participation.project_id == project_id, Participation.body_code == body_code)
        .where(Participation.status.in_(_REPORTING))
    ).one_or_none()
    if row is None:
        raise NotFound("costs")
    own = get_own_costs(session, project_id, body_code)
    there = own.present.annual_yen is not None
    return CostsOfBody(
        code=body_code,
        name=row[1],
        lines=own.lines,
        seen_sha256=own.seen_sha256,
        has_present_cost=there,
        present_is_own=there and not own.present.on_behalf_by,
        present_version=own.present.row_version,
        participation=row[0],
    )
