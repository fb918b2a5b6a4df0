"""The day's look at certificates that run out: their vendors are told once for each date."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.notices import tell_organization
from catalog.criteria import criteria_by_key
from catalog.desk.findings import EXPIRES_SOON
from catalog.entries import PublicationStatus
from catalog.models import Offering, OfferingVersion, Vendor
from foundation.db import Database
from foundation.mail import Notice
from foundation.settings import run_once_a_day

CHECKED_ON = "certificates_checked_on"


def tell_of_expiry(database: Database, now: datetime) -> int:
    """Once a day; how many notices were written. Harmless to run again."""

    def tell(session: Session, today: date) -> int:
        return sum(_tell(session, *one, now) for one in list(_running_out(session, today)))

    return run_once_a_day(database, CHECKED_ON, now, tell)


def _running_out(session: Session, today: date) -> Iterator[tuple[Offering, int, str, str]]:
    """(entry, its maker's organisation, scheme, date) of what readers see now."""
    statement = (
        select(Offering, Vendor.organization_id, OfferingVersion.answers)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .join(OfferingVersion, OfferingVersion.offering_id == Offering.id)
        .where(OfferingVersion.number == Offering.current_version)
        .where(Offering.publication_status == PublicationStatus.PUBLISHED.value)
        .order_by(Offering.id)
    )
    labels = criteria_by_key()["certificates"].choice_labels
    until = (today + EXPIRES_SOON).isoformat()
    for offering, organization_id, answers in session.execute(statement):
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
