"""Price plans that follow the price table: equal to it at each band's usual quantity.

A plan is concave, as domain §2 asks: where the table rises faster than before, the plan
keeps the earlier, lower price, so it never costs more than the table (times the factor).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

from catalog.entries import PlanEntry
from catalog.example.prices import BandPrice, band_prices
from catalog.example.tables import list_texts
from catalog.plan_units import Unit

_LGWAN_TYPES = frozenset(
    {"generative_ai", "municipal_chat", "groupware", "document_management", "attendance"}
)
# Tier by tier of a plan for joint use → percent of the single price of that tier.
_JOINT_TIERS = (100, 94, 88, 82, 75, 68)
# Bodies together → percent of the single price.
_JOINT_STEPS = ((1, 100), (5, 92), (10, 85), (20, 78), (40, 72))
_SIZE_PLANS = (
    ("小規模団体プラン", "from_5000"),
    ("標準プラン", "from_50000"),
    ("大規模団体プラン", "from_300000"),
)
ASSUMED_BASIS = "架空の価格（仮定）"
ANCHORED_BASIS = "架空の価格（公表された調達の上限額をもとにした仮定）"


def make_plans(system_type: str, percent: int, random: Random) -> tuple[PlanEntry, ...]:
    """One to three plans; percent: this seller's level, 100 = the table."""
    bands = band_prices(system_type)
    if bands[0].unit is Unit.BODY:
        return tuple(
            _size_plan(system_type, name, band, percent, random) for name, band in _SIZE_PLANS
        )
    plans = [_unit_plan(system_type, bands, percent, random)]
    if random.random() < 0.45:
        plans.append(_joint_plan(system_type, bands, percent, random))
    return tuple(plans)


def _unit_plan(
    system_type: str, bands: Sequence[BandPrice], percent: int, random: Random
) -> PlanEntry:
    base, tiers = _curve(bands, percent)
    parts = [
        _initial(bands[2].initial_yen, percent),
        _monthly_base(base),
        _monthly_units(bands[0].unit, _joined(tiers), basis="own"),
        *_options(system_type, bands[2], random),
    ]
    return _entry(system_type, "標準プラン", parts, random)


def _joint_plan(
    system_type: str, bands: Sequence[BandPrice], percent: int, random: Random
) -> PlanEntry:
    """Tiers reached by all bodies' quantity together; the base fee falls with their number."""
    base, tiers = _curve(bands, percent)
    parts = [
        _initial(bands[2].initial_yen * 8 // 10, percent),
        _by_bodies("base", "基本利用料（参加団体数に応じる）", base),
        _monthly_units(bands[0].unit, _reduced(tiers), basis="joint"),
        *_options(system_type, bands[2], random),
    ]
    return _entry(system_type, "共同利用プラン", parts, random)


def _size_plan(system_type: str, name: str, band: str, percent: int, random: Random) -> PlanEntry:
    price = next(p for p in band_prices(system_type) if p.band == band)
    parts = [
        _initial(price.initial_yen, percent),
        _by_bodies("usage", "利用料（参加団体数に応じる）", _monthly(price.annual_yen, percent)),
        *_options(system_type, price, random),
    ]
    return _entry(system_type, name, parts, random)


def _entry(
    system_type: str, name: str, parts: Sequence[Mapping[str, Any]], random: Random
) -> PlanEntry:
    anchored = any(band.real_anchor for band in band_prices(system_type))
    return PlanEntry(
        name=name,
        definition={"name": name, "components": [part for part in parts if part]},
        not_included=random.choice(list_texts("not_included")),
        price_basis=ANCHORED_BASIS if anchored else ASSUMED_BASIS,
    )


def _curve(bands: Sequence[BandPrice], percent: int) -> tuple[int, list[dict[str, Any]]]:
    """A monthly base and marginal tiers through the table's points, prices never rising."""
    base = _monthly(_base_yen(bands), percent)
    points = [(band.unit_quantity, _monthly(band.annual_yen, percent)) for band in bands]
    tiers: list[dict[str, Any]] = []
    before, paid, price = 0, base, Decimal(10**9)
    for quantity, monthly in points:
        rise = Decimal(monthly - paid) / Decimal(quantity - before)
        price = min(price, max(rise, Decimal("0.01"))).quantize(Decimal("0.01"))
        tiers.append({"from_qty": before + 1, "unit_price": str(price)})
        before, paid = quantity, monthly
    return base, tiers


def _base_yen(bands: Sequence[BandPrice]) -> int:
    """The yearly base: at most 55% of the smallest band, and low enough for falling prices."""
    first, second = bands[0], bands[1]
    rise = (second.annual_yen - first.annual_yen) * first.unit_quantity
    straight = first.annual_yen - rise // (second.unit_quantity - first.unit_quantity)
    return max(0, min(first.annual_yen * 55 // 100, straight))


def _reduced(tiers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The tiers with the reductions of joint use."""
    reduced = []
    for tier, percent in zip(tiers, _JOINT_TIERS, strict=False):
        price = Decimal(tier["unit_price"]) * percent / 100
        reduced.append({**tier, "unit_price": str(price.quantize(Decimal("0.01")))})
    return _joined(reduced)


def _joined(tiers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without tiers whose price equals the one before."""
    return [
        tier
        for place, tier in enumerate(tiers)
        if place == 0 or tier["unit_price"] != tiers[place - 1]["unit_price"]
    ]


def _monthly(annual_yen: int, percent: int) -> int:
    return annual_yen * percent // 1_200


def _initial(amount_yen: int, percent: int) -> dict[str, Any]:
    if not amount_yen:
        return {}
    return {
        "key": "setup",
        "name": "初期設定",
        "kind": "initial",
        "unit": "body",
        "period": "once",
        "unit_price": str(amount_yen * percent // 100_000 * 1_000),
    }


def _monthly_base(amount_yen: int) -> dict[str, Any]:
    if not amount_yen:
        return {}
    return {
        "key": "base",
        "name": "基本利用料",
        "kind": "recurring",
        "unit": "body",
        "period": "month",
        "unit_price": str(amount_yen),
    }


def _monthly_units(unit: Unit, tiers: Sequence[Mapping[str, Any]], basis: str) -> dict[str, Any]:
    return {
        "key": "usage",
        "name": f"利用料（{unit.label}ごと）",
        "kind": "recurring",
        "unit": unit.value,
        "period": "month",
        "tiers": list(tiers),
        "mode": "marginal",
        "quantity_basis": basis,
    }


def _by_bodies(key: str, name: str, single_yen: int) -> dict[str, Any]:
    if not single_yen:
        return {}
    return {
        "key": key,
        "name": name,
        "kind": "recurring",
        "unit": "body",
        "period": "month",
        "tiers": [
            {"from_qty": bodies, "unit_price": str(single_yen * percent // 100)}
            for bodies, percent in _JOINT_STEPS
        ],
        "mode": "all_units",
        "quantity_basis": "joint",
    }


def _options(system_type: str, price: BandPrice, random: Random) -> list[dict[str, Any]]:
    options = []
    if system_type in _LGWAN_TYPES:
        # おうみ 2026: LGWAN接続の上限額 165,000円（税込）
        options.append(_option("lgwan", "LGWAN接続の設定", "once", 150_000))
    if random.random() < 0.6:
        options.append(_option("training", "操作研修（1回）", "once", 80_000))
    if random.random() < 0.3:
        extra = max(3_000, price.annual_yen // 12 // 10 // 1_000 * 1_000)
        options.append(_option("storage", "保存容量の追加", "month", extra))
    return options


def _option(key: str, name: str, period: str, amount_yen: int) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "kind": "option",
        "unit": "body",
        "period": period,
        "unit_price": str(amount_yen),
    }
