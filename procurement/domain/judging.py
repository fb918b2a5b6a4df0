"""Judges and their sheets: who is heard, when scores are complete, what an award rests on."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from foundation.errors import Blocker
from foundation.text import parse_decimal
from procurement.domain.evaluation import Evaluation, Proposal, evaluate
from procurement.domain.evaluation_rule import EvaluationRule


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A judge of this round. scores: vendor id → criterion key → points as text."""

    user_id: int
    name: str
    declared_at: datetime | None = None
    absent_reason: str = ""
    submitted_at: datetime | None = None
    scores: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def is_absent(self) -> bool:
        return bool(self.absent_reason)

    @property
    def is_in(self) -> bool:
        """Handed in, and not taken out afterwards."""
        return self.submitted_at is not None and not self.is_absent


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An opened proposal as the evaluation needs it. vendor_id as text is its name there."""

    vendor_id: int
    price_yen: int
    mandatory_met: bool
    lot_digits: str
    offered: Mapping[str, int] = field(default_factory=dict)


def waiting_for(seats: Sequence[Seat]) -> tuple[Seat, ...]:
    """Judges who are present and have not handed in."""
    return tuple(seat for seat in seats if not seat.is_absent and seat.submitted_at is None)


def is_still_to_score(rule: EvaluationRule | None, seats: Sequence[Seat], user_id: int) -> bool:
    """Whether this person judges here and has yet to hand in: no price is for them till then.

    Price points follow from the prices; the others are to be given without knowing these (§5).
    """
    scores = rule is not None and bool(rule.criteria)
    return scores and any(seat.user_id == user_id for seat in waiting_for(seats))


def scores_are_complete(rule: EvaluationRule, seats: Sequence[Seat], quorum: int) -> bool:
    """Every present judge is in, and as many as the declared quorum. A bid needs no judge."""
    if not rule.criteria:
        return True
    return not waiting_for(seats) and sum(seat.is_in for seat in seats) >= quorum


def read_scores(
    rule: EvaluationRule, vendors: Sequence[int], given: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, dict[str, str]], list[Blocker]]:
    """The points as they are kept, and every field that is no points, by `score-VENDOR-N`."""
    kept: dict[str, dict[str, str]] = {}
    blockers = []
    for vendor_id in vendors:
        row = kept.setdefault(str(vendor_id), {})
        for place, criterion in enumerate(rule.criteria):
            text = given.get(str(vendor_id), {}).get(criterion.key, "")
            points = _points(text)
            if points is None or not 0 <= points <= criterion.max_points:
                message = (
                    f"0から{criterion.max_points}までの点数を、小数2桁までで入力してください。"
                )
                name = f"score-{vendor_id}-{place}"
                blockers.append(Blocker(code="points", message=message, field=name))
                continue
            row[criterion.key] = str(points)
    return kept, blockers


def _points(text: str) -> Decimal | None:
    try:
        points = parse_decimal(text)
    except ValueError:
        return None
    exponent = points.as_tuple().exponent
    return points if isinstance(exponent, int) and exponent >= -2 else None


def make_sheet(rule: EvaluationRule, seats: Sequence[Seat], opened: Sequence[Opened]) -> Evaluation:
    """The evaluation of what was opened, by order of receipt. Raises Refused as `evaluate`."""
    heard = [seat for seat in seats if seat.is_in]
    return evaluate(rule, [_proposal(each, heard) for each in opened])


def _proposal(each: Opened, heard: Sequence[Seat]) -> Proposal:
    name = str(each.vendor_id)
    return Proposal(
        bidder=name,
        price_yen=each.price_yen,
        mandatory_met=each.mandatory_met,
        lot_number=int(each.lot_digits),
        offered=each.offered,
        scores={
            str(seat.user_id): {key: Decimal(p) for key, p in seat.scores.get(name, {}).items()}
            for seat in heard
        },
    )


def sheet_sha256(sheet: Mapping[str, Any]) -> str:
    """The hash of a sheet in canonical JSON, by which the award names what it rests on."""
    text = json.dumps(sheet, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def next_in_rank(sheet: Mapping[str, Any], number: int) -> str:
    """The bidder (vendor id as text) an award of that number goes to; '' when there is none."""
    ranked = [each["bidder"] for each in sheet["proposals"] if each["rank"] == number]
    return ranked[0] if len(ranked) == 1 else ""
