"""Small facts a body's desk needs beside its projects, asked for together."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Actor
from procurement.desk_models import BodyOffice, StaffPool
from procurement.domain.offices import Office
from procurement.domain.staff_pool import PoolContact
from procurement.queries.offices import office_of
from procurement.queries.staff_pool import contact_of


@dataclass(frozen=True, kw_only=True)
class DeskFacts:
    """prefectures: two-digit code → name. pool: of the actor's prefecture; office: its body's."""

    prefectures: dict[str, str]
    pool: PoolContact | None
    office: Office


def load_desk_facts(session: Session, actor: Actor) -> DeskFacts:
    """One query; made-up bodies read the contact of a made-up prefecture, real ones of theirs."""
    statement = (
        select(
            *(LocalBody.prefecture_code, LocalBody.name, LocalBody.fictional),
            *(StaffPool, BodyOffice),
        )
        .outerjoin(StaffPool, StaffPool.body_code == LocalBody.code)
        .outerjoin(BodyOffice, BodyOffice.body_code == (actor.body_code or ""))
        .where(LocalBody.kind == "prefecture")
        .order_by(LocalBody.prefecture_code)
    )
    names: dict[str, str] = {}
    contact, office = PoolContact(), Office()
    for code, name, fictional, pool, own in session.execute(statement):
        names[code], office = name, office_of(own)
        if (code, fictional) == (actor.prefecture_code, actor.fictional):
            contact = contact_of(pool)
    return DeskFacts(
        prefectures=names,
        pool=None if contact.is_empty else contact,
        office=office,
    )
