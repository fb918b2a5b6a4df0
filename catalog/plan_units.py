"""What a price plan counts, in which periods and modes, and the quantities a body uses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from foundation.errors import refuse
from foundation.labels import LabelledEnum
from foundation.text import read_whole_number


class Kind(LabelledEnum):
    """The cost category of a component."""

    INITIAL = "initial", "初期費用"
    RECURRING = "recurring", "運用費"
    OPTION = "option", "オプション"


class Unit(LabelledEnum):
    """What is counted."""

    FLAT = "flat", "一式"
    BODY = "body", "団体"
    RESIDENT = "resident", "住民"
    HOUSEHOLD = "household", "世帯"
    ACCOUNT = "account", "アカウント"
    DEVICE = "device", "端末"
    SCHOOL = "school", "学校"
    METER = "meter", "メーター"
    CASE = "case", "件"
    CHARACTER = "character", "文字"


class UnitPart(LabelledEnum):
    """How a part of a priced unit counts."""

    WHOLE = "whole", "端数は1単位に切上げ"
    PRO_RATA = "pro_rata", "端数は按分"


class TierMode(LabelledEnum):
    MARGINAL = "marginal", "段階ごとの単価"
    ALL_UNITS = "all_units", "到達した段階の単価を全数量に適用"


class TierBy(LabelledEnum):
    """Which quantity chooses the tier."""

    UNIT = "unit", "同じ単位の数量"
    BODY = "body", "参加団体数"
    RESIDENT = "resident", "住民数"


class QuantityBasis(LabelledEnum):
    OWN = "own", "団体ごとの数量"
    JOINT = "joint", "参加団体の合計数量"


class Period(LabelledEnum):
    ONCE = "once", "一時"
    MONTH = "month", "月額"
    YEAR = "year", "年額"


@dataclass(frozen=True, kw_only=True)
class Quantities:
    """How much of each unit one body, or several together, uses."""

    body: int = 1
    resident: int = 0
    household: int = 0
    account: int = 0
    device: int = 0
    school: int = 0
    meter: int = 0
    case: int = 0
    character: int = 0

    def of(self, unit: Unit) -> int:
        """The quantity of the unit; a flat charge counts one as long as there is a body."""
        if unit is Unit.FLAT:
            return 1 if self.body else 0
        count: int = getattr(self, unit.value)
        return count

    def __add__(self, other: "Quantities") -> "Quantities":
        return Quantities(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )

    def times(self, bodies: int) -> "Quantities":
        """The quantities of so many bodies that each use as much."""
        return Quantities(**{f.name: getattr(self, f.name) * bodies for f in fields(self)})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Quantities":
        """Read a JSON object of unit → count; unknown units are refused."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise refuse("quantity_unknown", f"数量の単位「{'、'.join(unknown)}」はありません。")
        counts = {name: read_whole_number(count) for name, count in data.items()}
        negative = [name for name, count in counts.items() if count < 0]
        if negative:
            raise refuse("quantity_negative", f"数量「{negative[0]}」は0以上で入力してください。")
        return cls(**counts)

    def to_dict(self) -> dict[str, int]:
        """The JSON object of unit → count, zeros left out (but the body)."""
        counts = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: count for name, count in counts.items() if count or name == "body"}


NO_QUANTITIES = Quantities(body=0)


def sum_quantities(parts: Iterable[Quantities]) -> Quantities:
    """The quantities of several bodies together."""
    total = NO_QUANTITIES
    for part in parts:
        total += part
    return total


@dataclass(frozen=True, kw_only=True)
class Tier:
    """From the from_qty-th priced unit on (inclusive), a unit costs unit_price yen."""

    from_qty: int
    unit_price: Decimal
