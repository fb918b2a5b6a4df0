"""From notice to opening: who may do what until when, what a receipt proves (§5, §6)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from foundation.clock import to_jst
from foundation.errors import Blocker
from procurement.domain.states import State

MAX_PRICE_YEN = 10**12
LOT_DIGITS = 3
LONGEST_SUMMARY = 4000
LONGEST_QUESTION = 2000
_CLOCK = "%Y年%m月%d日 %H時%M分%S秒"


@dataclass(frozen=True, kw_only=True)
class Moments:
    """The three moments of a notice (UTC); None = not fixed."""

    questions_close_at: datetime | None = None
    answers_due_at: datetime | None = None
    proposals_close_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ProposalContent:
    """What a vendor hands in. price_yen: tax-excluded. lot_digits: for an electronic lot.

    offered: key of a ceiling → the amount of that body and cost kind, tax-excluded.
    """

    price_yen: int
    summary: str
    lot_digits: str
    mandatory_met: bool
    offered: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        parts = {"offered": dict(self.offered)} if self.offered else {}
        return parts | {
            "price_yen": self.price_yen,
            "summary": self.summary,
            "lot_digits": self.lot_digits,
            "mandatory_met": self.mandatory_met,
        }


def list_asking_blockers(state: State, moments: Moments, now: datetime) -> list[Blocker]:
    """Why no question can be asked now. The form closes at its moment and says why."""
    if state is not State.SOLICITATION:
        return [Blocker(code="no_notice", message="質問は公告の期間だけ受け付けます。")]
    closes_at = moments.questions_close_at
    if closes_at is None or now >= closes_at:
        return [Blocker(code="questions_closed", message=_closed("質問", closes_at, now))]
    return []


def list_proposing_blockers(state: State, moments: Moments, now: datetime) -> list[Blocker]:
    """Why no proposal can be handed in, replaced or withdrawn now: late by a second is late."""
    if state is not State.SOLICITATION:
        return [Blocker(code="no_notice", message="提案は公告の期間だけ受け付けます。")]
    closes_at = moments.proposals_close_at
    if closes_at is None or now >= closes_at:
        return [Blocker(code="proposals_closed", message=_closed("提案", closes_at, now))]
    return []


def list_content_blockers(content: ProposalContent) -> list[Blocker]:
    """What cannot stand in a proposal, by field."""
    blockers = []
    if not 1 <= content.price_yen <= MAX_PRICE_YEN:
        message = "金額は1円以上1兆円以下で入力してください。"
        blockers.append(Blocker(code="price", message=message, field="price_yen"))
    if not content.summary.strip():
        message = "提案の要旨を入力してください。"
        blockers.append(Blocker(code="summary", message=message, field="summary"))
    digits = content.lot_digits
    if len(digits) != LOT_DIGITS or not (digits.isascii() and digits.isdigit()):
        message = "くじの番号は、数字3桁で入力してください。例：042"
        blockers.append(Blocker(code="lot", message=message, field="lot_digits"))
    return blockers


def list_opening_blockers(
    state: State,
    moments: Moments,
    now: datetime,
    *,
    first_user_id: int | None,
    user_id: int | None,
    opened: bool,
) -> list[Blocker]:
    """Why this person cannot ask for the opening, or be the second to open."""
    if opened:
        return [Blocker(code="opened", message="すでに開札しました。")]
    if state is not State.SOLICITATION:
        return [Blocker(code="no_notice", message="開札は公告の段階で行います。")]
    closes_at = moments.proposals_close_at
    if closes_at is None or now < closes_at:
        return [Blocker(code="not_closed", message="提出の期限が来るまで開札できません。")]
    if first_user_id is not None and first_user_id == user_id:
        message = "開札は二人で行います。もう一人の方がサインインして開いてください。"
        return [Blocker(code="same_person", message=message)]
    return []


def receipt_sha256(
    *,
    project_id: int,
    round_number: int,
    vendor_id: int,
    number: int,
    received_at: datetime,
    content: Mapping[str, Any],
) -> str:
    """What the receipt proves: this content, from this vendor, at this moment (canonical JSON)."""
    said = {
        "project_id": project_id,
        "round": round_number,
        "vendor_id": vendor_id,
        "number": number,
        "received_at": received_at.isoformat(timespec="microseconds"),
        "content": dict(content),
    }
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _closed(what: str, closes_at: datetime | None, now: datetime) -> str:
    if closes_at is None:
        return f"{what}の期限がまだ決まっていません。"
    return (
        f"{what}の受付は{to_jst(closes_at).strftime(_CLOCK)}に終わりました"
        f"（サーバーの時刻 {to_jst(now).strftime(_CLOCK)}）。"
    )
