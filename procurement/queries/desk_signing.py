"""Contracts that bodies were asked to record and have not: for their own desk, and the lead's."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from procurement.contract_models import Contract, ContractRefusal, SigningRequest
from procurement.domain.participation import TAKING_PART
from procurement.domain.states import State
from procurement.models import Participation, Project, ProjectRole
from procurement.queries.standing import LEADING_ROLES
from procurement.tender_models import Award


@dataclass(frozen=True, kw_only=True)
class SigningWait:
    """What one project waits for. own: the reader's body is asked; others: how many it leads.

    closes_at: of the reader's own request, else the earliest of the others'.
    """

    project: Project
    own: bool
    others: int
    closes_at: datetime


def list_signing_waits(session: Session, actor: Actor) -> tuple[SigningWait, ...]:
    """By project; requests of an earlier award, and of who has signed or refused, are over.

    One query. As procurement.queries.signing_requests says it of one project.
    """
    led = select(ProjectRole.project_id).where(
        ProjectRole.organization_id == actor.organization_id, ProjectRole.role.in_(LEADING_ROLES)
    )
    rows = session.execute(
        select(Project, SigningRequest.body_code, SigningRequest.closes_at)
        .join(SigningRequest, SigningRequest.project_id == Project.id)
        .join(Participation, _is_of_the_body())
        .where(
            Project.state == State.CONTRACTING.value,
            Participation.status.in_(TAKING_PART),
            func.coalesce(SigningRequest.award_id, 0) == func.coalesce(_newest_award(), 0),
            ~_has_signed(),
            ~_has_refused(),
            or_(SigningRequest.body_code == actor.body_code, Project.id.in_(led)),
        )
        .order_by(Project.id, SigningRequest.closes_at)
    ).all()
    asked: dict[Project, dict[str, datetime]] = {}
    for project, code, closes_at in rows:
        asked.setdefault(project, {})[code] = closes_at
    return tuple(_wait(project, codes, actor.body_code or "") for project, codes in asked.items())


def _wait(project: Project, codes: dict[str, datetime], own: str) -> SigningWait:
    return SigningWait(
        project=project,
        own=own in codes,
        others=len(codes.keys() - {own}),
        closes_at=codes[own] if own in codes else min(codes.values()),
    )


def _is_of_the_body() -> ColumnElement[bool]:
    same_project = Participation.project_id == SigningRequest.project_id
    return same_project & (Participation.body_code == SigningRequest.body_code)


def _newest_award() -> ScalarSelect[int | None]:
    """In 契約 it is the award in force: nobody enters it without one of the present round."""
    newest = select(func.max(Award.id)).where(Award.project_id == Project.id)
    return newest.correlate(Project).scalar_subquery()


def _has_signed() -> ColumnElement[bool]:
    """Of the first term: nobody renews before operation."""
    return (
        select(Contract.id)
        .where(
            Contract.project_id == SigningRequest.project_id,
            Contract.body_code == SigningRequest.body_code,
            Contract.term == 1,
        )
        .exists()
    )


def _has_refused() -> ColumnElement[bool]:
    return (
        select(ContractRefusal.id)
        .where(
            ContractRefusal.project_id == SigningRequest.project_id,
            ContractRefusal.body_code == SigningRequest.body_code,
        )
        .exists()
    )
