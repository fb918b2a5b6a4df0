"""When each entry was confirmed last, and the notices to those who are to renew theirs.

What counts is its first publication, whatever did not come from the vendor's desk (an import says
everything anew), and each yearly renewal that was published. A mere edit confirms nothing else.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, or_, select, union_all
from sqlalchemy.orm import Session

from catalog.desk.expiry import ENTRIES, Telling, published_entries, tell_each, tell_vendor
from catalog.desk.models import OfferingReview, OfferingSubmission
from catalog.desk.submissions import Verdict
from catalog.models import OfferingVersion
from catalog.renewal import RENEWED_ON, Renewal, renewal_of
from foundation.clock import jst_today
from foundation.db import Database

CHECKED_ON = "renewals_checked_on"
_PUBLISHED_AS = func.coalesce(OfferingSubmission.version, OfferingReview.version)


def list_confirmed(
    session: Session, offering_ids: Sequence[int] | None = None
) -> dict[int, datetime]:
    """Entry → when it was confirmed last: of these, or of all ever published. One query."""
    versions, renewals = _whole_versions(), _renewals()
    if offering_ids is not None:
        versions = versions.where(OfferingVersion.offering_id.in_(offering_ids))
        renewals = renewals.where(OfferingSubmission.offering_id.in_(offering_ids))
    confirmed: dict[int, datetime] = {}
    for offering_id, at in session.execute(union_all(versions, renewals)):
        confirmed[offering_id] = max(at, confirmed.get(offering_id, at))
    return confirmed


def find_confirmed_on(session: Session, offering_id: int) -> date | None:
    """The day, in Japan; None for an entry that was never published. One query."""
    at = list_confirmed(session, [offering_id]).get(offering_id)
    return jst_today(at) if at else None


def tell_of_renewals(database: Database, now: datetime) -> int:
    """Once a day; of how many entries was told. Harmless to run again."""
    return tell_each(database, CHECKED_ON, now, list_due, tell_vendor)


def list_due(session: Session, today: date) -> Iterator[Telling]:
    """The public entries to be renewed: each told of once before its day and once after it."""
    confirmed = list_confirmed(session)
    for number, name, organization_id, _answers in published_entries(session):
        day = jst_today(confirmed[number])
        renewal = renewal_of(day, today)
        if renewal is Renewal.CONFIRMED:
            continue
        said = f"{_SAID[renewal]}（最後の確認は{day}）"
        yield Telling(
            organization_id=organization_id,
            url=f"{ENTRIES}{number}",
            name=name,
            said=said,
            body=f"「{name}」{said}。{_TO_DO[renewal]}",
        )


def _whole_versions() -> Select[int, datetime]:
    """Entry, when its last version came that was its first or not of the vendor's desk."""
    of_desk = (
        select(OfferingSubmission.offering_id, _PUBLISHED_AS.label("number"))
        .outerjoin(OfferingReview, OfferingReview.submission_id == OfferingSubmission.id)
        .where(_PUBLISHED_AS.is_not(None))
        .subquery()
    )
    same = (of_desk.c.offering_id == OfferingVersion.offering_id) & (
        of_desk.c.number == OfferingVersion.number
    )
    return (
        select(OfferingVersion.offering_id, func.max(OfferingVersion.published_at))
        .outerjoin(of_desk, same)
        .where(or_(OfferingVersion.number == 1, of_desk.c.number.is_(None)))
        .group_by(OfferingVersion.offering_id)
    )


def _renewals() -> Select[int, datetime]:
    """Entry, when a renewal of it was handed in that was published: the first time it was.

    A draft that is written on after it was handed in begins no further renewal.
    """
    begun = OfferingSubmission.content[RENEWED_ON].as_string()
    return (
        select(OfferingSubmission.offering_id, func.min(OfferingSubmission.submitted_at))
        .outerjoin(OfferingReview, OfferingReview.submission_id == OfferingSubmission.id)
        .where(begun.is_not(None))
        .where(
            or_(
                OfferingSubmission.version.is_not(None),
                OfferingReview.verdict == Verdict.APPROVED.value,
            )
        )
        .group_by(OfferingSubmission.offering_id, begun)
    )


_SAID = {
    Renewal.DUE: "の年次更新の時期です",
    Renewal.OVERDUE: "の年次更新の期限が過ぎました",
}
_TO_DO = {
    Renewal.DUE: (
        "掲載の画面の「年次更新を始める」から、毎年確かめる項目に答えて提出してください。"
        "最後の確認から1年を過ぎると、掲載のページに「要更新確認」の印が付きます。"
    ),
    Renewal.OVERDUE: (
        "掲載のページに「要更新確認」の印が付いています。掲載は止まりません。"
        "掲載の画面の「年次更新を始める」から、毎年確かめる項目に答えて提出してください。"
    ),
}
