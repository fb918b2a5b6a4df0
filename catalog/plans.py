"""Price plans as data, and what makes one valid (domain §2).

A component that breaks a rule cannot be constructed: Refused names component and tier.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

from catalog.plan_units import (
    Kind,
    Period,
    QuantityBasis,
    Tier,
    TierBy,
    TierMode,
    Unit,
    UnitPart,
)
from foundation.errors import Blocker, Refused, refuse
from foundation.labels import LabelledEnum
from foundation.text import read_decimal, read_whole_number

MAX_PRICE_PLACES = 4
DEFAULT_TAX_RATE = Decimal(10)


@dataclass(frozen=True, kw_only=True)
class Component:
    """One line of a price plan. Construction refuses what domain §2 does not allow."""

    key: str
    name: str
    kind: Kind
    unit: Unit
    period: Period
    unit_price: Decimal = Decimal(0)
    unit_size: int = 1
    unit_part: UnitPart = UnitPart.WHOLE
    tiers: tuple[Tier, ...] = ()
    tier_by: TierBy = TierBy.UNIT
    mode: TierMode = TierMode.MARGINAL
    quantity_basis: QuantityBasis = QuantityBasis.OWN
    minimum_yen: int = 0
    included: int = 0
    tax_rate: Decimal = DEFAULT_TAX_RATE

    def __post_init__(self) -> None:
        blockers = list_component_blockers(self)
        if blockers:
            raise Refused(blockers)

    @cached_property
    def price_steps(self) -> tuple[tuple[int, int | Fraction], ...]:
        """(from_qty, exact price) of each tier that costs something, or of the single price."""
        tiers = self.tiers or (Tier(from_qty=1, unit_price=self.unit_price),)
        priced = tiers[1:] if _opens_free(tiers) else tiers
        return tuple((tier.from_qty, _exact(tier.unit_price)) for tier in priced)

    @cached_property
    def free_units(self) -> int:
        """The priced units at no charge: `included`, or an opening tier at price 0."""
        return self.tiers[1].from_qty - 1 if _opens_free(self.tiers) else self.included

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Component":
        """Read the stored JSON; prices are strings. Raises Refused with Japanese reasons."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise refuse("plan_field", f"料金プランの項目「{'、'.join(unknown)}」はありません。")
        values = dict(data)
        for name, kind in _ENUM_FIELDS.items():
            if name in values:
                values[name] = _enum(kind, values[name], name)
        for name in ("unit_price", "tax_rate"):
            if name in values:
                values[name] = _decimal(values[name], name)
        values["tiers"] = tuple(
            Tier(
                from_qty=read_whole_number(t["from_qty"]),
                unit_price=_decimal(t["unit_price"], "unit_price"),
            )
            for t in values.get("tiers", ())
        )
        missing = [name for name in _REQUIRED if name not in values]
        if missing:
            raise refuse("plan_field", f"料金プランの項目「{'、'.join(missing)}」が必要です。")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """The JSON stored in the database: enums by value, Decimals as strings."""
        data: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in _ENUM_FIELDS:
            data[name] = data[name].value
        for name in ("unit_price", "tax_rate"):
            data[name] = str(data[name])
        data["tiers"] = [
            {"from_qty": t.from_qty, "unit_price": str(t.unit_price)} for t in self.tiers
        ]
        return data


_ENUM_FIELDS: dict[str, type[LabelledEnum]] = {
    "kind": Kind,
    "unit": Unit,
    "period": Period,
    "unit_part": UnitPart,
    "tier_by": TierBy,
    "mode": TierMode,
    "quantity_basis": QuantityBasis,
}
_REQUIRED = ("key", "name", "kind", "unit", "period")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A price plan: its components in the order the seller lists them."""

    name: str
    components: tuple[Component, ...]

    def __post_init__(self) -> None:
        keys = [component.key for component in self.components]
        doubled = sorted({key for key in keys if keys.count(key) > 1})
        if doubled:
            raise refuse("plan_key", f"構成要素の記号「{'、'.join(doubled)}」が重複しています。")
        if not keys:
            raise refuse("plan_empty", "料金プランには構成要素が1つ以上必要です。")

    @property
    def options(self) -> tuple[Component, ...]:
        """The components a body chooses for itself."""
        return tuple(c for c in self.components if c.kind is Kind.OPTION)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Plan":
        """Read the stored JSON. Raises Refused naming component and tier."""
        components = tuple(Component.from_dict(item) for item in data.get("components", ()))
        return cls(name=str(data.get("name", "")), components=components)

    def to_dict(self) -> dict[str, Any]:
        """The JSON stored in the database."""
        return {"name": self.name, "components": [c.to_dict() for c in self.components]}


def list_component_blockers(component: Component) -> list[Blocker]:
    """Every reason why this component is no valid price, naming component and tier."""
    checks = (
        _number_faults,
        _period_faults,
        _tier_order_faults,
        _tier_price_faults,
        _tier_by_faults,
    )
    name = component.name or component.key
    return [
        Blocker(code=code, message=f"「{name}」：{message}")
        for check in checks
        for code, message in check(component)
    ]


_Faults = list[tuple[str, str]]


def _number_faults(component: Component) -> _Faults:
    faults = []
    if component.unit_size < 1:
        faults.append(("unit_size", "課金単位の大きさは1以上にしてください。"))
    if component.minimum_yen < 0:
        faults.append(("minimum", "最低料金は0円以上にしてください。"))
    if component.included < 0:
        faults.append(("included", "無料で含まれる数量は0以上にしてください。"))
    if not 0 <= component.tax_rate <= 100:
        faults.append(("tax_rate", "税率は0から100までの百分率にしてください。"))
    if component.included and _opens_free(component.tiers):
        faults.append(("included", "無料の数量と0円の第1段階は、どちらか一方にしてください。"))
    prices = [("単価", component.unit_price)]
    prices += [(f"第{i}段階の単価", t.unit_price) for i, t in enumerate(component.tiers, 1)]
    for label, price in prices:
        if price < 0:
            faults.append(("unit_price", f"{label}は0円以上にしてください。"))
        if _places(price) > MAX_PRICE_PLACES:
            faults.append(
                (
                    "unit_price",
                    f"{label}は小数第{MAX_PRICE_PLACES}位までにしてください。",
                )
            )
    return faults


def _period_faults(component: Component) -> _Faults:
    if component.kind is Kind.INITIAL and component.period is not Period.ONCE:
        return [("period", "初期費用の課金周期は一時にしてください。")]
    if component.kind is Kind.RECURRING and component.period is Period.ONCE:
        return [("period", "運用費の課金周期は月額か年額にしてください。")]
    return []


def _tier_order_faults(component: Component) -> _Faults:
    tiers = component.tiers
    if not tiers:
        return []
    faults = []
    first = tiers[0].from_qty
    if first not in (0, 1):
        message = f"第1段階は1から始めてください（1から{first - 1}までの単価がありません）。"
        faults.append(("tier_gap", message))
    for index, (before, after) in enumerate(pairwise(tiers), 2):
        if after.from_qty <= max(before.from_qty, 1):
            message = (
                f"第{index}段階（{after.from_qty}から）が"
                f"第{index - 1}段階（{before.from_qty}から）と重なっています。"
            )
            faults.append(("tier_overlap", message))
    return faults


def _tier_price_faults(component: Component) -> _Faults:
    tiers = component.tiers
    faults = []
    for index, (before, after) in enumerate(pairwise(tiers), 2):
        included_opening = index == 2 and _opens_free(tiers)
        if after.unit_price > before.unit_price and not included_opening:
            message = (
                f"第{index}段階（{after.from_qty}から）の単価{after.unit_price}円が"
                f"第{index - 1}段階の{before.unit_price}円より高くなっています。"
            )
            faults.append(("tier_rising", message))
    return faults


def _tier_by_faults(component: Component) -> _Faults:
    if component.tier_by is TierBy.UNIT or component.mode is TierMode.ALL_UNITS:
        return []
    # A tier reached by another count prices all units: no unit lies "in" such a tier.
    by = component.tier_by.label
    return [
        (
            "tier_by",
            f"段階を{by}で数える場合は、到達した段階の単価を全数量に適用してください。",
        )
    ]


def _opens_free(tiers: tuple[Tier, ...]) -> bool:
    return len(tiers) > 1 and tiers[0].unit_price == 0


def _exact(price: Decimal) -> int | Fraction:
    """A whole price as int: counting in ints is what keeps 1,788 bodies fast."""
    exact = Fraction(price)
    return exact.numerator if exact.denominator == 1 else exact


def _places(price: Decimal) -> int:
    exponent = price.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _decimal(value: Any, name: str) -> Decimal:
    try:
        return read_decimal(value)
    except ValueError:
        raise refuse("plan_number", f"「{name}」の値「{value}」は数として読めません。") from None


def _enum(kind: type[LabelledEnum], value: Any, name: str) -> LabelledEnum:
    try:
        return kind(value)
    except ValueError:
        choices = "、".join(member.value for member in kind)
        message = f"「{name}」の値「{value}」は使えません（{choices}）。"
        raise refuse("plan_choice", message) from None
