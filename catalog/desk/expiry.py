"""The day's look at certificates that run out, and at facts that nobody has looked at for long.

Their vendors are told once for each date, and once for each fact and year.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Membership
from accounts.notices import tell_organization, tell_user
from accounts.roles import Role
from catalog.criteria import criteria_by_key
from catalog.desk.contents import find_section_of
from catalog.desk.findings import EXPIRES_SOON
from catalog.entries import PublicationStatus
from catalog.models import Offering, OfferingVersion, Vendor
from catalog.staleness import StaleFact, list_stale_facts
from foundation.db import Database
from foundation.mail import Notice
from foundation.settings import run_once_a_day

CHECKED_ON = "certificates_checked_on"
STALE_CHECKED_ON = "stale_facts_checked_on"


def tell_of_expiry(database: Database, now: datetime) -> int:
    """Once a day; how many notices were written. Harmless to run again."""

    def tell(session: Session, today: date) -> int:
        return sum(_tell(session, *one, now) for one in list(_running_out(session, today)))

    return run_once_a_day(database, CHECKED_ON, now, tell)


def tell_of_stale_facts(database: Database, now: datetime) -> int:
    """Once a day; how many facts were told of. Harmless to run again."""

    def tell(session: Session, today: date) -> int:
        return sum(
            _tell_of_stale(session, offering, organization_id, fact, now)
            for offering, organization_id, answers in _published(session)
            for fact in list_stale_facts(answers, today)
        )

    return run_once_a_day(database, STALE_CHECKED_ON, now, tell)


def _published(session: Session) -> Iterable[tuple[Offering, int, Mapping[str, Any]]]:
    """(entry, its maker's organisation, answers) of what readers see now."""
    statement = (
        select(Offering, Vendor.organization_id, OfferingVersion.answers)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .join(OfferingVersion, OfferingVersion.offering_id == Offering.id)
        .where(OfferingVersion.number == Offering.current_version)
        .where(Offering.publication_status == PublicationStatus.PUBLISHED.value)
        .order_by(Offering.id)
    )
    return [(offering, owner, answers) for offering, owner, answers in session.execute(statement)]


def _running_out(session: Session, today: date) -> Iterator[tuple[Offering, int, str, str]]:
    """(entry, its maker's organisation, scheme, date) of what readers see now."""
    labels = criteria_by_key()["certificates"].choice_labels
    until = (today + EXPIRES_SOON).isoformat()
    for offering, organization_id, answers in _published(session):
        for key, row in (answers.get("certificates") or {}).items():
            if "" < row.get("valid_to", "") <= until:
                yield offering, organization_id, labels.get(key, key), row["valid_to"]


def _tell(
    session: Session,
    offering: Offering,
    organization_id: int,
    scheme: str,
    ends: str,
    now: datetime,
) -> bool:
    title = f"「{offering.name}」の{scheme}の有効期限は{ends}です"
    statement = select(Notice.id).where(
        Notice.organization_id == organization_id, Notice.title == title
    )
    if session.scalar(statement) is not None:
        return False
    tell_organization(
        session,
        organization_id,
        title=title,
        body=f"{title}。更新したら、掲載の「認証の番号・範囲・有効期限」を直して提出してください。",
        url=f"/desk/vendor/offerings/{offering.id}/security",
        now=now,
    )
    return True


def _tell_of_stale(
    session: Session, offering: Offering, organization_id: int, fact: StaleFact, now: datetime
) -> bool:
    """Whether the vendor's managers were told now: once a fact, day and year."""
    url = f"/desk/vendor/offerings/{offering.id}/{find_section_of(fact.criterion)}"
    said = f"の{fact.label}は{fact.checked_on}に確かめたままで、{fact.years}年以上経っています"
    # The name may change; the entry and the fact are the same.
    told = select(Notice.id).where(Notice.url == url, Notice.title.endswith(said, autoescape=True))
    if session.scalar(told.limit(1)) is not None:
        return False
    question = criteria_by_key()[fact.criterion].label
    managers = select(Membership.user_id).where(
        Membership.organization_id == organization_id, Membership.role == Role.VENDOR_MANAGER.value
    )
    title = f"「{offering.name}」{said}"
    body = (
        f"{title}。今も同じか確かめて、掲載の「{question}」の日付を直して提出してください。"
        "それまで、掲載のページに印が付きます。掲載は止まりません。"
    )
    people = session.scalars(managers.distinct()).all()
    for user_id in people:
        tell_user(session, user_id, title=title, body=body, url=url, now=now)
    return bool(people)
