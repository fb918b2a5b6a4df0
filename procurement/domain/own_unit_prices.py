"""Unit prices of one contract, at or below the award's; and what a rise above the award's costs.

Contracts under one table never pay more than it says (domain §4: unit prices ≤ the awarded
table); one body may have negotiated less, and then pays less alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from foundation.clock import month_start
from foundation.errors import Blocker
from foundation.text import normalize
from procurement.domain.unit_prices import UnitPrice, price_words, read_price

_FIELD = "own_prices"
_SHAPE = (
    "単価表の品目、単価（税抜）、理由の3つを「、」かタブで区切り、品目ごとに1回書いてください。"
)


@dataclass(frozen=True, kw_only=True)
class OwnPrice:
    """A line's price in one contract. unit_price: yen, tax-excluded."""

    line_number: int
    unit_price: Decimal
    reason: str


def read_own_prices(
    text: str, lines: Sequence[UnitPrice]
) -> tuple[tuple[OwnPrice, ...], list[Blocker]]:
    """One item a line; and what cannot stand, by line. lines: the most each item may cost."""
    known = {line.item: line for line in lines}
    found: dict[int, OwnPrice] = {}
    blockers = []
    typed = [line for line in text.splitlines() if line.strip()]
    for place, written in enumerate(typed, start=1):
        cells = [normalize(cell) for cell in re.split(r"[\t、]", written, maxsplit=2)]
        line = known.get(cells[0])
        price = read_price(cells[1]) if len(cells) == 3 else None
        fault = ""
        if line is None or line.number in found or price is None or not cells[2]:
            fault = _SHAPE
        elif price > line.unit_price:
            fault = (
                f"{line.item}の単価は、決定した単価（{price_words(line.unit_price)}円）までです。"
            )
        else:
            found[line.number] = OwnPrice(
                line_number=line.number, unit_price=price, reason=cells[2]
            )
        if fault:
            code = "own_price_line" if fault is _SHAPE else "over_unit_price"
            blockers.append(Blocker(code=code, message=f"{place}行目：{fault}", field=_FIELD))
    return tuple(found.values()), blockers


def lower_of(one: Sequence[UnitPrice], other: Sequence[UnitPrice]) -> tuple[UnitPrice, ...]:
    """The first table with the lower price of each line."""
    return priced_by(one, {line.number: line.unit_price for line in other})


def priced_by(lines: Sequence[UnitPrice], own: Mapping[int, Decimal]) -> tuple[UnitPrice, ...]:
    """The table of a contract: its own prices where they are lower, never higher.

    own: number of the line → the contract's price.
    """
    return tuple(
        replace(line, unit_price=min(line.unit_price, own.get(line.number, line.unit_price)))
        for line in lines
    )


def amount_of_bodies(
    number: int,
    tables: Mapping[str, Sequence[UnitPrice]],
    used: Mapping[str, Mapping[int, int]],
) -> int:
    """What an item comes to, each body by its own table, floored for each. tables: code → table."""
    return sum(
        line.amount_yen(used[code][number])
        for code, lines in tables.items()
        for line in lines
        if line.number == number
    )


def raised_yen(
    lines: Sequence[UnitPrice], wanted: Mapping[int, Decimal], months: int, term_months: int
) -> int:
    """What prices above the award's add over the months left, tax-excluded, rounded up.

    lines: as awarded. The expected quantities are spread evenly over the term; beyond the term
    nothing else is known, and the whole of them counts.
    """
    left = Fraction(months, term_months) if 0 < months < term_months else Fraction(1)
    above = sum(
        (Fraction(wanted[line.number]) - Fraction(line.unit_price)) * line.expected_quantity
        for line in lines
        if wanted.get(line.number, Decimal(0)) > line.unit_price
    )
    return -int(-above * left // 1)


def list_raise_blockers(raised: int, approved_yen: int) -> list[Blocker]:
    """A price above the award's is an extension of the award, approved first (domain §4)."""
    if raised <= approved_yen:
        return []
    message = (
        f"決定した単価を超えます。残りの期間の予定数量で{raised:,}円（税抜）の増額です。"
        f"先に「途中参加・変更を承認する」で、変更として承認してください"
        f"（承認済み{approved_yen:,}円）。"
    )
    return [Blocker(code="over_unit_price", message=message, field="lines")]


def list_own_change_blockers(
    lines: Sequence[UnitPrice],
    wanted: Mapping[int, Decimal],
    *,
    first: date,
    begins: date | None,
    ends: date | None,
    agreed: Sequence[date],
    closed: date | None,
    booked: bool,
) -> list[Blocker]:
    """Why one contract's prices cannot be these from the month `first` on.

    lines: what all pay in that month. begins, ends: of the contract. agreed: first months of its
    changes so far. closed: the newest closed month. booked: an invoice of the contract stands.
    """
    begun = begins is None or first >= month_start(begins)
    checks = (
        (
            first.day == 1 and begun and (ends is None or first <= ends),
            "契約の期間の中の月を入力してください。",
        ),
        (
            all(each <= first for each in agreed),
            "記録済みの単価の変更より前の月からは変えられません。",
        ),
        (closed is None or first > closed, "締めた月の単価は変えられません。"),
        (not booked, "請求を記録済みの月があります。先にその請求を取り消してください。"),
    )
    blockers = [
        Blocker(code="valid_from", message=message, field="valid_from")
        for holds, message in checks
        if not holds
    ]
    for line in lines:
        if wanted.get(line.number, line.unit_price) > line.unit_price:
            most = price_words(line.unit_price)
            message = f"{line.item}の単価は、その月の全体の単価（{most}円）までです。"
            blockers.append(Blocker(code="over_unit_price", message=message, field="lines"))
    return blockers
