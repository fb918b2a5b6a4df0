"""Setting and withdrawing recommended marks (F02): the operator's, by what an issuer says.

A mark is a fact beside an entry, no part of what its vendor says, and moves nothing in any order.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Actor
from catalog.checks import list_address_faults
from catalog.entries import PublicationStatus
from catalog.mark_models import MarkWithdrawal, RecommendedMark
from catalog.models import Offering
from foundation.clock import jst_today
from foundation.errors import Blocker, NotFound, Refused, refuse

MOST_WORDS = 200
_LABELS = {"issuer": "推奨した者", "reason": "推奨の理由", "source": "出典"}


@dataclass(frozen=True, kw_only=True)
class MarkEntry:
    """What is said. marked_on: the issuer's own date; url: '' for none."""

    issuer: str
    reason: str
    marked_on: date | None
    source: str
    url: str = ""


def set_mark(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, entry: MarkEntry
) -> int:
    """The id of the new mark. Raises NotFound for an entry nobody may read, Refused."""
    offering = session.get(Offering, offering_id, with_for_update=True)
    if offering is None or offering.publication_status != PublicationStatus.PUBLISHED.value:
        raise NotFound(f"offering {offering_id}")
    blockers = list_mark_blockers(entry, jst_today(now))
    if blockers:
        raise Refused(blockers)
    if _has_mark_of(session, offering_id, entry.issuer.strip()):
        message = "この者の推奨は登録済みです。改めるときは、先に取り下げてください。"
        raise refuse("issuer_known", message, "issuer")
    mark = RecommendedMark(
        offering_id=offering_id,
        issuer=entry.issuer.strip(),
        reason=entry.reason.strip(),
        marked_on=entry.marked_on,
        source=entry.source.strip(),
        url=entry.url.strip(),
        set_at=now,
        set_by=actor.label,
    )
    session.add(mark)
    session.flush()
    changes = {"mark_id": mark.id, "issuer": mark.issuer, "reason": mark.reason}
    record(session, actor, "set_recommended_mark", "offering", offering_id, changes, now)
    return mark.id


def withdraw_mark(
    session: Session, *, actor: Actor, now: datetime, mark_id: int, reason: str
) -> int:
    """End a mark with a reason; the entry's id. Raises NotFound, Refused."""
    mark = session.get(RecommendedMark, mark_id, with_for_update=True)
    if mark is None:
        raise NotFound(f"mark {mark_id}")
    if not reason.strip() or len(reason) > MOST_WORDS:
        message = f"「理由」を{MOST_WORDS}文字以内で入力してください。"
        raise refuse("reason", message, "reason")
    if session.get(MarkWithdrawal, mark_id) is not None:
        raise refuse("withdrawn", "この推奨の表示は、すでに取り下げられています。", "reason")
    session.add(
        MarkWithdrawal(
            mark_id=mark_id, reason=reason.strip(), withdrawn_at=now, withdrawn_by=actor.label
        )
    )
    session.flush()
    changes = {"mark_id": mark_id, "issuer": mark.issuer, "reason": reason.strip()}
    record(session, actor, "withdraw_recommended_mark", "offering", mark.offering_id, changes, now)
    return mark.offering_id


def list_mark_blockers(entry: MarkEntry, today: date) -> list[Blocker]:
    """Every reason why this is no mark: without issuer, reason, date and source there is none."""
    blockers = []
    for name, label in _LABELS.items():
        text = getattr(entry, name).strip()
        if not text or len(text) > MOST_WORDS:
            message = f"「{label}」を{MOST_WORDS}文字以内で入力してください。"
            blockers.append(Blocker(code="text", message=message, field=name))
    if entry.marked_on is None or entry.marked_on > today:
        message = "「推奨した日」に、今日までの日付を入力してください。"
        blockers.append(Blocker(code="date", message=message, field="marked_on"))
    return blockers + list_address_faults("url", "出典のアドレス", entry.url.strip())


def _has_mark_of(session: Session, offering_id: int, issuer: str) -> bool:
    statement = (
        select(RecommendedMark.id)
        .outerjoin(MarkWithdrawal, MarkWithdrawal.mark_id == RecommendedMark.id)
        .where(RecommendedMark.offering_id == offering_id, RecommendedMark.issuer == issuer)
        .where(MarkWithdrawal.mark_id.is_(None))
    )
    return session.scalar(statement.limit(1)) is not None
