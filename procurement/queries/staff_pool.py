"""The pool's contact of a prefecture, for its coordinator and its municipalities."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Actor
from procurement.desk_models import StaffPool
from procurement.domain.staff_pool import PoolContact


def find_own_pool(session: Session, actor: Actor) -> StaffPool | None:
    """The coordinator's own, to change it. One query."""
    return session.get(StaffPool, actor.body_code or "")


def find_pool_contact(session: Session, actor: Actor) -> PoolContact | None:
    """Of the prefecture the actor's body lies in; made-up bodies read made-up ones. One query."""
    row = session.scalars(
        select(StaffPool)
        .join(LocalBody, LocalBody.code == StaffPool.body_code)
        .where(
            LocalBody.prefecture_code == (actor.prefecture_code or ""),
            LocalBody.fictional.is_(actor.fictional),
        )
        .order_by(LocalBody.code)
        .limit(1)
    ).first()
    contact = contact_of(row)
    return None if contact.is_empty else contact


def contact_of(row: StaffPool | None) -> PoolContact:
    """What a stored row says; empty where there is none."""
    if row is None:
        return PoolContact()
    return PoolContact(office=row.office, phone=row.phone, page_url=row.page_url)
