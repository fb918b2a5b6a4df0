"""When the lead changes: by its own offer, or because it has been silent too long.

All moves of a project are its lead's. So that no state can be left by one silent party only,
a member may claim the lead after a silence; the lead keeps it by a single word.
"""

from datetime import datetime, timedelta

from foundation.clock import to_jst
from foundation.errors import Blocker
from foundation.labels import LabelledEnum
from procurement.domain.dossier import Dossier
from procurement.domain.lifecycle import deadline_of
from procurement.domain.states import ENDED

SILENCE = timedelta(days=30)  # after the state's deadline, or after it was entered
ANSWER_TIME = timedelta(days=14)
TAKING_TIME = timedelta(days=14)  # for the claimant, after the lead said nothing
REST = timedelta(days=90)  # after the lead said that it goes on


class ChangeKind(LabelledEnum):
    """How a change of the lead begins."""

    OFFER = "offer", "幹事団体からの申し出"
    CLAIM = "claim", "参加団体からの申し出"


def silent_since(dossier: Dossier) -> datetime:
    """Since when something of the lead's is waited for: the deadline, if the state has one."""
    closes = deadline_of(dossier)
    return max(dossier.state_since, closes) if closes else dossier.state_since


def claimable_from(dossier: Dossier, last_kept: datetime | None) -> datetime:
    """From when a member may claim the lead. last_kept: when the lead last said it goes on."""
    earliest = silent_since(dossier) + SILENCE
    return max(earliest, last_kept + REST) if last_kept else earliest


def list_claim_blockers(
    dossier: Dossier, last_kept: datetime | None, now: datetime
) -> list[Blocker]:
    """Why nobody may claim the lead now."""
    if dossier.state in ENDED:
        return [Blocker(code="ended", message="終了・中止した案件の幹事団体は変えられません。")]
    earliest = claimable_from(dossier, last_kept)
    if now >= earliest:
        return []
    day = to_jst(earliest).strftime("%Y-%m-%d")
    message = (
        f"幹事団体の交代を申し出られるのは、案件の動きがないまま{day}になってからです。"
        "それまでは幹事団体に連絡してください。"
    )
    return [Blocker(code="not_silent", message=message)]


def is_waited_for(kind: ChangeKind, closes_at: datetime, now: datetime) -> bool:
    """Whether an unanswered change still holds the place: a silent claimant does so no longer
    than a silent lead."""
    return now <= (closes_at if kind is ChangeKind.OFFER else closes_at + TAKING_TIME)


def list_taking_blockers(kind: ChangeKind, closes_at: datetime, now: datetime) -> list[Blocker]:
    """Why the change cannot be completed now: an offer in time, a claim only after the silence."""
    until = to_jst(closes_at).strftime("%Y-%m-%d %H:%M")
    if kind is ChangeKind.OFFER and now > closes_at:
        message = f"返答期限 {until} を過ぎました。幹事団体にもう一度申し出てもらってください。"
        return [Blocker(code="after_deadline", message=message)]
    if kind is ChangeKind.CLAIM and now <= closes_at:
        message = f"幹事団体の返答を {until} まで待ってください。返答がなければ引き継げます。"
        return [Blocker(code="waiting", message=message)]
    if not is_waited_for(kind, closes_at, now):
        message = "引き継げる期間が過ぎました。必要なときは、もう一度申し出てください。"
        return [Blocker(code="after_deadline", message=message)]
    return []
