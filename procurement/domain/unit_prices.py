"""Unit-price contracts (単価契約): the award as a table of prices, invoices from what was used.

An amount is unit price × quantity, floored to whole yen once for each item (domain §2).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from catalog.pricing import Kind
from foundation.errors import Blocker
from foundation.text import normalize, parse_decimal

MAX_ITEMS = 50
MAX_QUANTITY = 1_000_000_000
MAX_UNIT_PRICE = Decimal(10_000_000_000)
_KINDS = {
    "初期": Kind.INITIAL,
    "運用": Kind.RECURRING,
    "オプション": Kind.OPTION,
}
_SHAPE = (
    "品目、単位、費目（初期・運用・オプション）、単価、予定数量の5つを"
    "「、」かタブで区切ってください。"
)


@dataclass(frozen=True, kw_only=True)
class UnitPrice:
    """One line. unit_price: yen, tax-excluded. expected_quantity: over the whole term."""

    number: int
    item: str
    unit: str
    category: Kind
    unit_price: Decimal
    expected_quantity: int

    @property
    def expected_yen(self) -> int:
        """What the expected quantity would cost, tax-excluded."""
        return self.amount_yen(self.expected_quantity)

    def amount_yen(self, quantity: int) -> int:
        """What a quantity costs, tax-excluded; of nothing, nothing."""
        return int((self.unit_price * quantity).to_integral_value(rounding=ROUND_FLOOR))

    @property
    def price_text(self) -> str:
        """「12.5」, without zeros at the end."""
        return price_words(self.unit_price)

    @property
    def usage_unit(self) -> str:
        """Under which unit the use of this item is recorded."""
        return f"item-{self.number}"


def price_words(price: Decimal) -> str:
    """「12.5」, without zeros at the end."""
    return f"{price.normalize():,f}"


@dataclass(frozen=True, kw_only=True)
class ChangedPrice:
    """A line's price from a month on. number: of the change, from 1; later months, higher ones."""

    number: int
    line_number: int
    valid_from: date
    unit_price: Decimal
    reason: str


def prices_of(
    lines: Sequence[UnitPrice], changes: Iterable[ChangedPrice], period: date
) -> tuple[UnitPrice, ...]:
    """The table as it holds in a month; older months keep their prices."""
    newest = {
        each.line_number: each.unit_price
        for each in sorted(changes, key=lambda each: each.number)
        if each.valid_from <= period
    }
    return tuple(
        replace(line, unit_price=newest.get(line.number, line.unit_price)) for line in lines
    )


def read_changes(text: str, lines: Sequence[UnitPrice]) -> tuple[dict[int, Decimal], list[Blocker]]:
    """Line → its new price, one item a line; and what cannot be read, by line."""
    numbers = {line.item: line.number for line in lines}
    found: dict[int, Decimal] = {}
    blockers = []
    typed = [line for line in text.splitlines() if line.strip()]
    for number, line in enumerate(typed, start=1):
        cells = [normalize(cell) for cell in re.split(r"[\t、]", line)]
        item = numbers.get(cells[0])
        price = read_price(cells[1]) if len(cells) == 2 else None
        if item is None or item in found or price is None:
            message = f"{number}行目：単価表の品目と新しい単価を、品目ごとに1回書いてください。"
            blockers.append(Blocker(code="price_line", message=message, field="lines"))
        else:
            found[item] = price
    if not typed:
        message = "変わる品目と新しい単価を入力してください。"
        blockers.append(Blocker(code="price_lines", message=message, field="lines"))
    return found, blockers


def expected_total(lines: Sequence[UnitPrice]) -> int:
    """What the award comes to by the expected quantities, tax-excluded."""
    return sum(line.expected_yen for line in lines)


def used_total(lines: Sequence[UnitPrice], used: Mapping[int, int], category: Kind) -> int:
    """A month's amount of a category, tax-excluded. used: number of the item → quantity."""
    return sum(
        line.amount_yen(used.get(line.number, 0)) for line in lines if line.category is category
    )


def read_table(text: str) -> tuple[tuple[UnitPrice, ...], list[Blocker]]:
    """One item a line, as typed or pasted from a sheet; and what cannot be read, by line."""
    lines, blockers = [], []
    typed = [line for line in text.splitlines() if line.strip()]
    for number, line in enumerate(typed, start=1):
        read = _read_line(number, line)
        if isinstance(read, str):
            message = f"{number}行目：{read}"
            blockers.append(Blocker(code="unit_price_line", message=message, field="lines"))
        else:
            lines.append(read)
    if not 1 <= len(typed) <= MAX_ITEMS:
        message = f"品目を1行に一つ、{MAX_ITEMS}行までで入力してください。"
        blockers.append(Blocker(code="unit_price_lines", message=message, field="lines"))
    names = [line.item for line in lines]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        message = f"品目「{name}」が2回あります。"
        blockers.append(Blocker(code="unit_price_twice", message=message, field="lines"))
    return tuple(lines), blockers


def _read_line(number: int, text: str) -> UnitPrice | str:
    """The line, or why it is none."""
    cells = [normalize(cell) for cell in re.split(r"[\t、]", text)]
    if len(cells) != 5 or not cells[0] or not 1 <= len(cells[1]) <= 20 or cells[2] not in _KINDS:
        return _SHAPE
    price = read_price(cells[3])
    quantity = cells[4].replace(",", "")
    if price is None:
        return "単価は0より大きい数で、小数は4桁までにしてください。"
    if not re.fullmatch(r"[0-9]{1,10}", quantity) or not 1 <= int(quantity) <= MAX_QUANTITY:
        return "予定数量は1以上の整数にしてください。"
    return UnitPrice(
        number=number,
        item=cells[0],
        unit=cells[1],
        category=_KINDS[cells[2]],
        unit_price=price,
        expected_quantity=int(quantity),
    )


def read_price(text: str) -> Decimal | None:
    """A unit price with at most four places, above 0; None for anything else."""
    try:
        price = parse_decimal(text.removesuffix("円"))
    except ValueError:
        return None
    return price if 0 < price <= MAX_UNIT_PRICE and round(price, 4) == price else None


def list_total_blockers(lines: Sequence[UnitPrice], awarded_yen: int) -> list[Blocker]:
    """The table must come to the awarded price, to the yen."""
    total = expected_total(lines)
    if total == awarded_yen:
        return []
    message = (
        f"単価×予定数量の合計（{total:,}円）が、決定した額（{awarded_yen:,}円、税抜）と違います。"
    )
    return [Blocker(code="unit_price_total", message=message, field="lines")]


def list_invoice_blockers(
    lines: Sequence[UnitPrice], used: Mapping[int, int], category: Kind, net_yen: int
) -> list[Blocker]:
    """An invoice of a unit-price contract is what was used, priced; nothing else.

    used: only items whose use is recorded, be it 0. Categories without an item are free.
    """
    priced = [line for line in lines if line.category is category]
    missing = "、".join(line.item for line in priced if line.number not in used)
    if missing:
        message = f"先に、この月に使った量を記録してください：{missing}"
        return [Blocker(code="no_usage", message=message, field="net_yen")]
    total = used_total(priced, used, category)
    if not priced or total == net_yen:
        return []
    message = f"使った量×単価の合計（税抜{total:,}円）と違います。"
    return [Blocker(code="unlike_usage", message=message, field="net_yen")]
