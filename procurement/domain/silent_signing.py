"""A body that agreed to its share and records no contract (domain §4: each wait has a way out).

As with consents: a deadline, two reminders, then the lead records that the body does not sign.
It goes; the next version is about the others, and whoever is above its maximum is asked anew.
"""

from datetime import datetime

from foundation.errors import Blocker
from procurement.domain.consent import REMINDERS_BEFORE_LAPSE
from procurement.domain.states import State

MAX_REASON = 1000


def list_deadline_blockers(
    closes_at: datetime | None, latest: datetime | None, now: datetime
) -> list[Blocker]:
    """Why this deadline cannot be set. latest: of those already asked; it only moves later."""
    if closes_at is None or closes_at <= now:
        message = "契約の期限を、これからの日付で入力してください。"
        return [Blocker(code="closes_on", message=message, field="closes_on")]
    if latest is not None and closes_at < latest:
        message = "知らせた期限より早くはできません。"
        return [Blocker(code="earlier", message=message, field="closes_on")]
    return []


def list_not_signing_blockers(
    state: State,
    *,
    name: str,
    own: bool,
    closes_at: datetime | None,
    reminders_sent: int,
    waits_for: tuple[str, ...],
    others: int,
    now: datetime,
) -> list[Blocker]:
    """Why it cannot be recorded now that the body does not sign.

    own: it is the lead itself. closes_at: of its request, None for none. waits_for: why it could
    not sign yet, if it could not. others: bodies that would be left.
    """
    checks = (
        (
            "wrong_state",
            state is State.CONTRACTING,
            "契約しないものとして記録するのは、「契約」の段階です。",
        ),
        ("own", not own, "幹事団体自身は、契約するか、幹事団体を交代してください。"),
        (
            "waits",
            not waits_for,
            f"{name}はまだ契約を記録できません（{'、'.join(waits_for)}）。先に解消してください。",
        ),
        (
            "not_asked",
            closes_at is not None,
            f"{name}に契約の期限を知らせていません。先に期限を知らせてください。",
        ),
        (
            "before_deadline",
            closes_at is None or now > closes_at,
            f"{name}の契約の期限がまだ過ぎていません。",
        ),
        (
            "reminders",
            reminders_sent >= REMINDERS_BEFORE_LAPSE,
            f"{name}への催促が{reminders_sent}回です（{REMINDERS_BEFORE_LAPSE}回必要）。",
        ),
        (
            "nobody_left",
            others > 0,
            "残る団体がなくなります。案件を中止するか、不調としてやり直してください。",
        ),
    )
    return [Blocker(code=code, message=message) for code, holds, message in checks if not holds]


def list_reason_blockers(reason: str) -> list[Blocker]:
    """Why the reason cannot stand."""
    if 0 < len(reason.strip()) <= MAX_REASON:
        return []
    message = f"理由を{MAX_REASON:,}文字以内で入力してください。"
    return [Blocker(code="reason", message=message, field="reason")]
