"""Ministries report the progress of the commonization items they are competent for (F03)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization
from accounts.roles import Action, Actor, may
from catalog.checks import MAX_TEXT, list_address_faults
from catalog.models import PolicyItem, PolicyReport
from catalog.policy import PolicyScope
from foundation.clock import jst_today
from foundation.errors import Blocker, NotFound, Refused


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What is reported. as_of: the day it speaks of, not after today."""

    as_of: date
    summary: str
    url: str = ""


def report_progress(
    session: Session, *, actor: Actor, now: datetime, item_id: int, progress: Progress
) -> PolicyReport:
    """Add a report; earlier ones stay. Raises NotFound for an item of others, Refused."""
    item = session.get(PolicyItem, item_id)
    if item is None or not may_report(actor, item.kind, item.ministries):
        raise NotFound(f"policy item {item_id}")
    blockers = _list_faults(progress, jst_today(now))
    if blockers:
        raise Refused(blockers)
    organization = session.get_one(Organization, actor.organization_id)
    report = PolicyReport(
        item_id=item.id,
        organization_id=organization.id,
        organization_name=organization.name,
        as_of=progress.as_of,
        summary=progress.summary.strip(),
        url=progress.url.strip(),
        reported_at=now,
        reported_by=actor.label,
        fictional=organization.fictional,
    )
    session.add(report)
    session.flush()
    changes = {
        "policy_item": item.name,
        "report_id": report.id,
        "as_of": progress.as_of.isoformat(),
    }
    record(session, actor, "report_progress", "policy_item", item.id, changes, now)
    return report


def may_report(actor: Actor, kind: str, ministries: str) -> bool:
    """Whether the item is one of the actor's own ministry (domain §8).

    A made-up ministry of the example plays any of them; its reports are marked 架空.
    """
    if not may(actor, Action.REPORT_PROGRESS) or kind != PolicyScope.COMMONIZATION_TARGET.value:
        return False
    return actor.fictional or (
        bool(actor.organization_name) and actor.organization_name in ministries
    )


def _list_faults(progress: Progress, today: date) -> list[Blocker]:
    faults = list_address_faults("url", "資料のアドレス", progress.url.strip())
    if progress.as_of > today:
        message = "報告の時点は今日までの日付にしてください。"
        faults.append(Blocker(code="future", message=message, field="as_of"))
    if not progress.summary.strip():
        message = "進捗の内容を入力してください。"
        faults.append(Blocker(code="required", message=message, field="summary"))
    elif len(progress.summary) > MAX_TEXT:
        message = f"「進捗の内容」は{MAX_TEXT:,}文字以内で入力してください。"
        faults.append(Blocker(code="too_long", message=message, field="summary"))
    return faults
