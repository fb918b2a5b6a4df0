"""What waits for the operator, until when, and what others do when the operator says nothing (§4).

An entry, a vendor and a name are published by nobody else (domain §8): the operator is reminded,
then the ministries are told how many are overdue. A case is a public body's own words: its lead
publishes it after the deadline, marked as not reviewed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.notices import tell_organization
from accounts.roles import OrganizationKind
from catalog.case_drafting.models import CaseDraft, CaseReview, CaseSubmission
from catalog.case_drafting.queries import list_case_queue
from catalog.criterion import Review
from catalog.desk.queries import list_queue
from catalog.desk.registration import list_waiting_vendors
from catalog.desk.submissions import QUEUE, Verdict
from catalog.desk.telling import tell_operators
from catalog.desk.vendor_changes import list_renames
from foundation.clock import add_working_days, era_date, jst_today
from foundation.db import Database
from foundation.errors import Blocker
from foundation.mail import Notice
from foundation.settings import run_once_a_day

REMIND_AFTER, DUE_AFTER = 5, 10  # working days since it was handed in
CHECKED_ON = "reviews_checked_on"
OVERDUE = "運営者の審査の期限を過ぎたものがあります"


@dataclass(frozen=True, kw_only=True)
class ReviewWait:
    """One thing that waits. what: 掲載, 事例…, never its content; key: of its kind and row."""

    what: str
    key: str
    since: date

    @property
    def due(self) -> date:
        """The last day of the operator's time."""
        return due_of(self.since)


def due_of(since: date) -> date:
    """Ten working days after it was handed in."""
    return add_working_days(since, DUE_AFTER)


def describe_wait(since: date, today: date) -> str:
    """For the vendor that waits: until when, and what happens then."""
    due = due_of(since)
    if due < today:
        return (
            f"審査の期限の{era_date(due)}を過ぎています。運営者に催促し、府省庁にも知らせました。"
            "公開できるのは運営者だけのため、このままお待ちください。"
        )
    return (
        f"運営者の審査の期限は{era_date(due)}（受け付けから{DUE_AFTER}営業日）です。"
        "過ぎたときは運営者に催促し、府省庁にも知らせます。"
    )


def list_review_waits(session: Session) -> Iterator[ReviewWait]:
    """Everything not public before the operator has looked at it. Four queries."""
    for row in list_queue(session):
        if row.review == Review.BEFORE.value:
            since = jst_today(row.submitted_at)
            yield ReviewWait(what="掲載", key=f"掲載{row.id}", since=since)
    for case in list_case_queue(session):
        since = jst_today(case.submitted_at)
        yield ReviewWait(what="事例", key=f"事例{case.id}", since=since)
    for vendor in list_waiting_vendors(session):
        yield ReviewWait(what="事業者の登録", key=f"事業者{vendor.id}", since=vendor.registered_on)
    for name in list_renames(session):
        since = jst_today(name.requested_at)
        yield ReviewWait(what="名称の変更", key=f"名称{name.id}", since=since)


def tell_of_review_waits(database: Database, now: datetime) -> int:
    """Once a day: operators are reminded twice of each, ministries told once; how many notices."""

    def work(session: Session, today: date) -> int:
        waits = list(list_review_waits(session))
        reminders = {title: wait for wait in waits for title in _list_reminders(wait, today)}
        warnings = {f"{OVERDUE}：{wait.key}": wait for wait in waits if wait.due < today}
        known = _list_told(session, [*reminders, *warnings])
        for title in reminders.keys() - known:
            tell_operators(session, title=title, url=QUEUE, now=now)
        for title in warnings.keys() - known:
            _tell_ministries(session, title, warnings[title], now)
        return len((reminders.keys() | warnings.keys()) - known)

    return run_once_a_day(database, CHECKED_ON, now, work)


def _list_reminders(wait: ReviewWait, today: date) -> list[str]:
    """Titles of what operators are told by then: at half of the time and when it is over."""
    return [
        f"審査をお待ちしています：{wait.key}（提出から{days}営業日を過ぎました）"
        for days in (REMIND_AFTER, DUE_AFTER)
        if add_working_days(wait.since, days) < today
    ]


def _list_told(session: Session, titles: Sequence[str]) -> set[str]:
    """Those that were told before: each is told once. One query."""
    return set(session.scalars(select(Notice.title).where(Notice.title.in_(titles))))


def _tell_ministries(session: Session, title: str, wait: ReviewWait, now: datetime) -> None:
    """Kind and day, never the name: what is not published is nobody else's."""
    body = (
        f"{wait.what}1件の審査が、期限の{era_date(wait.due)}を過ぎても終わっていません。"
        "内容は公開前のため表示できません。運営者の体制を確かめてください。"
    )
    ministry = Organization.kind == OrganizationKind.MINISTRY.value
    for organization_id in session.scalars(select(Organization.id).where(ministry)):
        tell_organization(session, organization_id, title=title, body=body, now=now)


def list_own_publishing_blockers(waiting: CaseSubmission | None, today: date) -> list[Blocker]:
    """Why the lead cannot publish its case without the operator now."""
    if waiting is None:
        return [Blocker(code="not_waiting", message="審査を待つ提出がありません。")]
    due = due_of(jst_today(waiting.submitted_at))
    if today > due:
        return []
    message = f"運営者の審査の期限（{era_date(due)}）が過ぎると、運営者未確認として公開できます。"
    return [Blocker(code="before_deadline", message=message)]


def is_unreviewed(session: Session, case_id: int) -> bool:
    """Whether what readers see of the case was published without the operator. One query."""
    verdict = session.scalar(
        select(CaseReview.verdict)
        .join(CaseSubmission, CaseSubmission.id == CaseReview.submission_id)
        .join(CaseDraft, CaseDraft.id == CaseSubmission.draft_id)
        .where(
            CaseDraft.case_id == case_id,
            CaseReview.verdict.in_((Verdict.APPROVED.value, Verdict.UNREVIEWED.value)),
        )
        .order_by(CaseSubmission.id.desc())
        .limit(1)
    )
    return verdict == Verdict.UNREVIEWED.value
