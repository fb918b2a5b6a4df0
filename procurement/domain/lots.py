"""Lots (区分): one purchase divided into projects, each with its own tender, award and shares.

A lot is a project of its own, so that whatever a project can do a lot can, and a lot that finds
no vendor (不調) does not stop the others (domain §4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from foundation.errors import Blocker
from foundation.labels import LabelledEnum
from procurement.domain.reshaping import BEFORE_AGREEMENT
from procurement.domain.states import BEFORE_NOTICE, State

MAX_LOTS = 20
MAX_LOT_NAME = 40


# A lot in one of these has its notice out, or has come by it.
_ANNOUNCED = frozenset(State) - BEFORE_NOTICE - {State.CANCELLED}


def is_announced(state: State) -> bool:
    """Whether a lot's notice is out. Back at an earlier state (不調) it may be announced anew."""
    return state in _ANNOUNCED


class Division(LabelledEnum):
    """What the purchase is divided by."""

    SYSTEM_PART = "system_part", "システムの部分"
    REGION = "region", "地域"


@dataclass(frozen=True, kw_only=True)
class DivisionDraft:
    """A lot to be added. own_name, divided_by: of the project itself, asked the first time only."""

    name: str
    own_name: str = ""
    divided_by: Division | None = None


def list_division_blockers(state: State, lots: int) -> list[Blocker]:
    """Why no lot can be added now: nobody may have agreed to a share of the whole yet."""
    blockers = []
    if state not in BEFORE_AGREEMENT:
        message = "区分に分けられるのは、負担合意より前の段階です。"
        blockers.append(Blocker(code="after_agreement", message=message))
    if lots >= MAX_LOTS:
        message = f"区分は{MAX_LOTS}までです。"
        blockers.append(Blocker(code="too_many", message=message))
    return blockers


def list_draft_blockers(draft: DivisionDraft, names: Sequence[str]) -> list[Blocker]:
    """What is wrong with the new lot, by field. names: of the lots there are, none yet: empty."""
    first = not names
    own = draft.own_name if first else ""
    checks = [
        (
            "name",
            0 < len(draft.name) <= MAX_LOT_NAME,
            f"{MAX_LOT_NAME}文字以内で入力してください。",
        ),
        ("name", draft.name not in (*names, own), "ほかの区分と違う名前にしてください。"),
        (
            "own_name",
            not first or 0 < len(own) <= MAX_LOT_NAME,
            f"この案件が受け持つ部分を{MAX_LOT_NAME}文字以内で入力してください。",
        ),
        ("divided_by", not first or draft.divided_by is not None, "分け方を選んでください。"),
    ]
    return [
        Blocker(code=f"lot_{field}", message=message, field=field)
        for field, holds, message in checks
        if not holds
    ]


@dataclass(frozen=True, kw_only=True)
class LotShares:
    """What one lot costs its bodies, as far as a reader may know it.

    shares_yen: body → its share over the term, tax-included; None: not for this reader, or not
    fixed yet (fixed says which).
    """

    number: int
    shares_yen: Mapping[str, int] | None
    fixed: bool = True


@dataclass(frozen=True, kw_only=True)
class BodyTotal:
    """A body over the lots, in their order. None: no share there. total_yen None: not known."""

    code: str
    amounts: tuple[int | None, ...] = field(default_factory=tuple)
    total_yen: int | None = None


def total_by_body(lots: Sequence[LotShares], own_code: str) -> tuple[BodyTotal, ...]:
    """Every body with a share, by code.

    A total is said only where every lot's shares are known to the reader; of the reader's own
    body always, for it reads each lot it has a share in.
    """
    whole = all(lot.shares_yen is not None or not lot.fixed for lot in lots)
    codes = sorted({code for lot in lots for code in lot.shares_yen or {}})
    totals = []
    for code in codes:
        amounts = tuple((lot.shares_yen or {}).get(code) for lot in lots)
        known = whole or code == own_code
        total = sum(amount or 0 for amount in amounts) if known else None
        totals.append(BodyTotal(code=code, amounts=amounts, total_yen=total))
    return tuple(totals)
