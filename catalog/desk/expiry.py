"""The day's look at certificates that run out, and at facts that nobody has looked at for long.

Their vendors are told once before each date and once when it is past, and once for each fact
and year.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Membership
from accounts.notices import tell_organization, tell_user
from accounts.roles import Role
from catalog.certificates import Expiry, list_expiries
from catalog.criteria import criteria_by_key
from catalog.desk.contents import find_section_of
from catalog.entries import PublicationStatus
from catalog.models import Offering, OfferingVersion, Vendor
from catalog.staleness import list_stale_facts
from foundation.db import Database
from foundation.mail import Notice
from foundation.settings import due_today, lock_setting, put_setting

CHECKED_ON = "certificates_checked_on"
STALE_CHECKED_ON = "stale_facts_checked_on"
# Notices of one write, and entries of one read: few enough that nobody waits for a second.
TOLD_AT_ONCE = 100
READ_AT_ONCE = 500
ENTRIES = "/desk/vendor/offerings/"


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One thing an entry's vendor is to be told of. said: what follows the entry's name."""

    organization_id: int
    url: str
    name: str
    said: str
    body: str

    @property
    def title(self) -> str:
        return f"「{self.name}」{self.said}"


_Tell = Callable[[Session, Telling, datetime], bool]


def tell_of_expiry(database: Database, now: datetime) -> int:
    """Once a day; how many certificates were told of. Harmless to run again."""
    return tell_each(database, CHECKED_ON, now, list_expiring, tell_vendor)


def tell_of_stale_facts(database: Database, now: datetime) -> int:
    """Once a day; how many facts were told of. Harmless to run again."""
    return tell_each(database, STALE_CHECKED_ON, now, list_stale, _tell_managers)


def tell_each(
    database: Database,
    key: str,
    now: datetime,
    find: Callable[[Session, date], Iterable[Telling]],
    tell: _Tell,
) -> int:
    """Today's notices of that key; how many. Others wait for TOLD_AT_ONCE of them at most."""
    today = due_today(database, key, now)
    if today is None:
        return 0
    with database.read_session() as session:
        due = without_told(session, find(session, today))
    counted = 0
    for start in range(0, len(due), TOLD_AT_ONCE):
        some = due[start : start + TOLD_AT_ONCE]
        with database.transaction() as session:
            # One process at a time, which sees what the one before it told.
            lock_setting(session, key)
            counted += sum(tell(session, each, now) for each in without_told(session, some))
    with database.transaction() as session:
        put_setting(session, key, today.isoformat())
    return counted


def without_told(session: Session, due: Iterable[Telling]) -> list[Telling]:
    """Those nobody was told of yet. One query: no index leads to what a notice says."""
    wanted = list(due)
    urls = Notice.url.startswith(ENTRIES)
    if len(wanted) <= TOLD_AT_ONCE:
        urls = Notice.url.in_({each.url for each in wanted})
    told: dict[str, list[str]] = defaultdict(list)
    for url, title in session.execute(select(Notice.url, Notice.title).where(urls)):
        told[url].append(title)
    # The name may change; the entry and the fact are the same.
    return [
        each
        for each in wanted
        if not any(title.endswith(f"」{each.said}") for title in told[each.url])
    ]


def published_entries(session: Session) -> Iterator[tuple[int, str, int, Mapping[str, Any]]]:
    """(entry, its name, its maker's organisation, answers) of what readers see now."""
    statement = (
        select(Offering.id, Offering.name, Vendor.organization_id, OfferingVersion.answers)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .join(OfferingVersion, OfferingVersion.offering_id == Offering.id)
        .where(OfferingVersion.number == Offering.current_version)
        .where(Offering.publication_status == PublicationStatus.PUBLISHED.value)
        .order_by(Offering.id)
        .execution_options(yield_per=READ_AT_ONCE)
    )
    yield from session.execute(statement)


def list_expiring(session: Session, today: date) -> Iterator[Telling]:
    """The certificates that run out soon, or have: each told of before its day and after it."""
    for number, name, organization_id, answers in published_entries(session):
        for one in list_expiries(answers, today):
            said = _expiry_words(one)
            yield Telling(
                organization_id=organization_id,
                url=f"{ENTRIES}{number}/security",
                name=name,
                said=said,
                body=f"「{name}」{said}。{_EXPIRED if one.expired else _EXPIRING}",
            )


def _expiry_words(expiry: Expiry) -> str:
    if expiry.expired:
        return f"の{expiry.label}の有効期限（{expiry.ends}）が過ぎました"
    return f"の{expiry.label}の有効期限は{expiry.ends}です"


_EXPIRING = "更新したら、掲載の「認証の番号・範囲・有効期限」を直して提出してください。"
_EXPIRED = (
    "掲載のページと比較の表に「有効期限切れ」の印が付いています。掲載は止まりません。"
    "更新したときは「認証の番号・範囲・有効期限」を直し、"
    "更新しないときは「認証・登録」から外して、提出してください。"
)


def list_stale(session: Session, today: date) -> Iterator[Telling]:
    """The facts that nobody has looked at for long: one for each fact, day and year."""
    for number, name, organization_id, answers in published_entries(session):
        for fact in list_stale_facts(answers, today):
            years = f"{fact.years}年以上経っています"
            said = f"の{fact.label}は{fact.checked_on}に確かめたままで、{years}"
            question = criteria_by_key()[fact.criterion].label
            yield Telling(
                organization_id=organization_id,
                url=f"{ENTRIES}{number}/{find_section_of(fact.criterion)}",
                name=name,
                said=said,
                body=(
                    f"「{name}」{said}。"
                    f"今も同じか確かめて、掲載の「{question}」の日付を直して提出してください。"
                    "それまで、掲載のページに印が付きます。掲載は止まりません。"
                ),
            )


def tell_vendor(session: Session, telling: Telling, now: datetime) -> bool:
    tell_organization(
        session,
        telling.organization_id,
        title=telling.title,
        body=telling.body,
        url=telling.url,
        now=now,
    )
    return True


def _tell_managers(session: Session, telling: Telling, now: datetime) -> bool:
    """Whether there was anybody to tell."""
    managers = select(Membership.user_id).where(
        Membership.organization_id == telling.organization_id,
        Membership.role == Role.VENDOR_MANAGER.value,
    )
    people = session.scalars(managers.distinct()).all()
    for user_id in people:
        tell_user(
            session, user_id, title=telling.title, body=telling.body, url=telling.url, now=now
        )
    return bool(people)
