"""What only a body itself and, where domain §8 says so, the lead may read.

Every function takes the standing and gives nothing to anybody else. Nothing of this module
may reach an export, the API, the search index, a mail or a log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from accounts.roles import Action, Role, may
from procurement.domain.sharing_members import DeclaredStandalone, StandaloneSource
from procurement.models import InternalCeiling, Participation
from procurement.queries.standing import Standing


@dataclass(frozen=True, kw_only=True)
class OwnCeiling:
    """A body's own limit per fiscal year, tax-included."""

    amount_yen: int
    shown_to_secretariat: bool

    @property
    def mark(self) -> str:
        """What whoever changes it has seen; '' stands for none."""
        return f"{self.amount_yen} {self.shown_to_secretariat:d}"


def list_declared(
    session: Session, standing: Standing, project_id: int
) -> dict[str, DeclaredStandalone]:
    """Body → declared stand-alone figure: all for the lead and an auditor, else one's own."""
    if not may(standing.actor, Action.READ_DECLARED_STANDALONE):
        return {}
    condition = and_(
        Participation.project_id == project_id, Participation.declared_standalone_yen.is_not(None)
    )
    if not (standing.leads or Role.AUDITOR in standing.actor.roles):
        if standing.actor.body_code is None:
            return {}
        condition = and_(condition, Participation.body_code == standing.actor.body_code)
    rows = session.execute(
        select(
            Participation.body_code,
            Participation.declared_standalone_yen,
            Participation.declared_standalone_source,
        ).where(condition)
    )
    return _declared_by_code(rows)


def find_own_ceiling(session: Session, standing: Standing, project_id: int) -> OwnCeiling | None:
    """The limit of the reader's own body. Never anybody else's."""
    code = standing.actor.body_code
    if code is None or not may(standing.actor, Action.PREPARE_JOIN):
        return None
    row = session.execute(
        select(InternalCeiling.amount_yen, InternalCeiling.shown_to_secretariat)
        .join(Participation, Participation.id == InternalCeiling.participation_id)
        .where(Participation.project_id == project_id, Participation.body_code == code)
    ).first()
    if row is None:
        return None
    return OwnCeiling(amount_yen=row.amount_yen, shown_to_secretariat=row.shown_to_secretariat)


def list_ceilings_shown(session: Session, standing: Standing, project_id: int) -> dict[str, int]:
    """Body → limit, for the lead's secretariat, of those that ticked it. Not for auditors."""
    if not standing.leads or not may(standing.actor, Action.EDIT_PROJECT):
        return {}
    rows = session.execute(
        select(Participation.body_code, InternalCeiling.amount_yen)
        .join(Participation, Participation.id == InternalCeiling.participation_id)
        .where(
            Participation.project_id == project_id,
            InternalCeiling.shown_to_secretariat.is_(True),
        )
    )
    return {code: amount_yen for code, amount_yen in rows}


def load_declared_for_the_cap(session: Session, project_id: int) -> dict[str, DeclaredStandalone]:
    """All declared figures, to compute a cap at stand-alone with: never to be shown as they are."""
    rows = session.execute(
        select(
            Participation.body_code,
            Participation.declared_standalone_yen,
            Participation.declared_standalone_source,
        ).where(
            Participation.project_id == project_id,
            Participation.declared_standalone_yen.is_not(None),
        )
    )
    return _declared_by_code(rows)


def _declared_by_code(rows: Iterable[Any]) -> dict[str, DeclaredStandalone]:
    return {
        code: DeclaredStandalone(
            source=StandaloneSource(source or StandaloneSource.PRESENT_COST), annual_yen=annual_yen
        )
        for code, annual_yen, source in rows
        if annual_yen is not None
    }
