"""What a body has said it uses of a kind of system: read by its own people alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may
from catalog.plan_units import Unit
from procurement.models import Participation, Project
from procurement.need_models import Need
from procurement.queries.needs import LIVE

# The published facts of a body say these with source and day.
_PUBLISHED = (Unit.RESIDENT, Unit.HOUSEHOLD, Unit.BODY, Unit.FLAT)


@dataclass(frozen=True, kw_only=True)
class SaidQuantity:
    """A quantity as the body said it. project: the title, '' when it is of a stated need."""

    unit: Unit
    count: int
    project: str
    said_at: datetime


def list_own_quantities(
    session: Session, actor: Actor, system_types: Sequence[str]
) -> tuple[SaidQuantity, ...]:
    """The newest of each unit, for these kinds of systems. Two queries; none for strangers."""
    if not (system_types and actor.body_code and may(actor, Action.PREPARE_JOIN)):
        return ()
    answered = (
        select(
            Project.main_unit.label("unit"),
            Participation.quantities,
            Project.title,
            Participation.updated_at.label("said_at"),
        )
        .join(Project, Project.id == Participation.project_id)
        .where(
            Participation.body_code == actor.body_code,
            Project.system_type_code.in_(system_types),
        )
    )
    newest: dict[Unit, SaidQuantity] = {}
    for unit, quantities, title, said_at in session.execute(answered):
        _keep(newest, unit, (quantities or {}).get(unit), title, said_at)
    needed = select(Need.unit, Need.quantity, Need.updated_at).where(
        Need.body_code == actor.body_code,
        Need.system_type_code.in_(system_types),
        Need.status.in_(LIVE),
    )
    for unit, quantity, said_at in session.execute(needed):
        _keep(newest, unit, quantity, "", said_at)
    return tuple(newest.values())


def _keep(
    newest: dict[Unit, SaidQuantity], unit: str, count: int | None, project: str, said_at: datetime
) -> None:
    if not count or unit not in set(Unit) or Unit(unit) in _PUBLISHED:
        return
    kept = newest.get(Unit(unit))
    if kept is None or said_at > kept.said_at:
        newest[Unit(unit)] = SaidQuantity(
            unit=Unit(unit), count=count, project=project, said_at=said_at
        )
