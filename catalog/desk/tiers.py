"""Tiers as people type them, each with its first and last quantity; gaps and overlaps named.

A plan stores only where a tier begins; what is typed as its end is checked and then dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from foundation.errors import Blocker
from foundation.money import number


@dataclass(frozen=True, kw_only=True)
class TypedTier:
    """A row of the editor. place: its row, for the message; None = left empty."""

    place: int
    from_qty: int | None
    to_qty: int | None
    unit_price: Decimal | None

    @property
    def is_empty(self) -> bool:
        return self.from_qty is None and self.to_qty is None and self.unit_price is None


def list_tier_blockers(typed: Sequence[TypedTier]) -> list[Blocker]:
    """What is missing, leaves a gap or overlaps; `field` is 「行:欄」 of the row it is about."""
    tiers = [tier for tier in typed if not tier.is_empty]
    if not tiers:
        return [_at(0, "unit_price", "単価を入力してください。")]
    faults = [
        fault for number_, tier in enumerate(tiers, 1) for fault in _row_faults(number_, tier)
    ]
    if faults:
        return faults
    last = tiers[-1]
    if last.to_qty is not None:
        missing = f"{number(last.to_qty + 1)}からの単価がありません"
        message = f"最後の第{len(tiers)}段階は「まで」を空欄にしてください（{missing}）。"
        faults.append(_at(last.place, "to_qty", message))
    for index, (before, after) in enumerate(pairwise(tiers), 2):
        faults += _border_faults(index, before, after)
    return faults


def stored_tiers(typed: Sequence[TypedTier]) -> dict[str, Any]:
    """What a component keeps: a single price, or where each tier begins."""
    tiers = [tier for tier in typed if not tier.is_empty]
    if len(tiers) == 1 and (tiers[0].from_qty or 1) == 1:
        return {"unit_price": str(tiers[0].unit_price), "tiers": []}
    return {
        "unit_price": "0",
        "tiers": [
            {"from_qty": tier.from_qty or 1, "unit_price": str(tier.unit_price)} for tier in tiers
        ],
    }


def _row_faults(index: int, tier: TypedTier) -> list[Blocker]:
    faults = []
    if tier.unit_price is None:
        faults.append(_at(tier.place, "unit_price", f"第{index}段階の単価を入力してください。"))
    if tier.from_qty is None and index > 1:
        message = f"第{index}段階が、いくつから始まるかを入力してください。"
        faults.append(_at(tier.place, "from_qty", message))
    if tier.to_qty is not None and tier.to_qty < (tier.from_qty or 1):
        message = f"第{index}段階の「まで」が「から」より小さくなっています。"
        faults.append(_at(tier.place, "to_qty", message))
    return faults


def _border_faults(index: int, before: TypedTier, after: TypedTier) -> list[Blocker]:
    """Where two tiers meet; an end left empty is read as 「次の段階の前まで」."""
    begins = after.from_qty or 1
    if before.to_qty is None or begins == before.to_qty + 1:
        return []
    if begins > before.to_qty + 1:
        gap = f"{number(before.to_qty + 1)}から{number(begins - 1)}までの単価がありません"
        message = f"第{index - 1}段階と第{index}段階の間に隙間があります（{gap}）。"
        return [_at(after.place, "from_qty", message)]
    message = (
        f"第{index}段階（{number(begins)}から）が"
        f"第{index - 1}段階（{number(before.to_qty)}まで）と重なっています。"
    )
    return [_at(after.place, "from_qty", message)]


def _at(place: int, field: str, message: str) -> Blocker:
    return Blocker(code="tier", message=message, field=f"{place}:{field}")
