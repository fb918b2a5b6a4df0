"""予定価格, as far as its reader may know it: sealed until the opening (domain §3, §8)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.models import User
from procurement.domain.evaluation_rule import PriceLimit
from procurement.domain.planned_price import Disclosure, is_public, limit_of
from procurement.domain.states import State
from procurement.models import PlannedPrice, Project
from procurement.queries.standing import Standing
from procurement.queries.tender import find_opening, find_round
from procurement.queries.tender_facts import round_of
from procurement.tender_models import Award


@dataclass(frozen=True, kw_only=True)
class PlannedRow:
    """That there is one, by whom and when. amount_yen: None for who may not read it yet."""

    amount_yen: int | None
    tax_included: bool
    disclosure: Disclosure
    set_by: str
    set_at: datetime
    own: bool


@dataclass(frozen=True, kw_only=True)
class Moment:
    """How far the round is: when its opening was asked for, done, and the vendor was named."""

    asked_at: datetime | None = None
    opened_at: datetime | None = None
    named_at: datetime | None = None

    def is_after(self, set_at: datetime) -> bool:
        """Whether prices were known after this planned price was set, not one before it."""
        return any(at is not None and at >= set_at for at in (self.opened_at, self.named_at))

    def is_decided(self, set_at: datetime) -> bool:
        """Whether the vendor was named after this planned price was set."""
        return self.named_at is not None and self.named_at >= set_at


def find_limit(session: Session, project_id: int) -> PriceLimit | None:
    """For the evaluation alone. One query."""
    row = session.get(PlannedPrice, project_id)
    return limit_of(row.amount_yen, tax_included=row.tax_included) if row else None


def get_moment(session: Session, project: Project) -> Moment:
    """Of the present round. Three queries."""
    opening = find_opening(session, project.id, find_round(session, project.id))
    return Moment(
        asked_at=opening.first_at if opening else None,
        opened_at=opening.opened_at if opening else None,
        named_at=_find_named_at(session, project.id),
    )


def _find_named_at(session: Session, project_id: int) -> datetime | None:
    return session.scalar(
        select(func.max(Award.decided_at)).where(
            Award.project_id == project_id, Award.round == round_of(project_id)
        )
    )


def find_planned_price(
    session: Session, project: Project, standing: Standing, moment: Moment
) -> PlannedRow | None:
    """For the lead's people. Before the opening only who set it reads the amount. One query."""
    row = session.execute(
        select(PlannedPrice, User.name)
        .join(User, User.id == PlannedPrice.set_by_user_id)
        .where(PlannedPrice.project_id == project.id)
    ).first()
    if row is None or not standing.leads:
        return None
    stored, name = row
    own = stored.set_by_user_id == standing.actor.user_id
    disclosure = Disclosure(stored.disclosure)
    decided = moment.is_decided(stored.set_at)
    public = is_public(disclosure, State(project.state), decided=decided)
    reads = own or moment.is_after(stored.set_at) or public
    return PlannedRow(
        amount_yen=stored.amount_yen if reads else None,
        tax_included=stored.tax_included,
        disclosure=disclosure,
        set_by=name,
        set_at=stored.set_at,
        own=own,
    )


def find_public_planned(session: Session, project: Project) -> PriceLimit | None:
    """The planned price once everybody may read it. Two queries, where there is one."""
    row = session.get(PlannedPrice, project.id)
    if row is None or row.disclosure == Disclosure.NEVER:
        return None
    named_at = _find_named_at(session, project.id)
    decided = Moment(named_at=named_at).is_decided(row.set_at)
    if not is_public(Disclosure(row.disclosure), State(project.state), decided=decided):
        return None
    return limit_of(row.amount_yen, tax_included=row.tax_included)
