"""A price plan in words: its unit prices and tiers, what they count, on which conditions."""

from decimal import Decimal
from itertools import pairwise

from catalog.plan_units import Tier
from catalog.plans import Component, Plan
from foundation.money import number, yen


def price_text(price: Decimal) -> str:
    """「0.35円」「1,200円」: no more places than the seller gave."""
    whole, _, part = format(price.normalize(), "f").partition(".")
    return yen(int(whole)) if not part else f"{number(int(whole))}.{part}円"


def step_texts(component: Component) -> tuple[str, ...]:
    """The unit price, or each tier with its bounds."""
    tiers = component.tiers
    if not tiers:
        return (price_text(component.unit_price),)
    starts = [max(tier.from_qty, 1) for tier in tiers]
    ends: list[int | None] = [after - 1 for _, after in pairwise(starts)]
    return tuple(
        _step_text(tier, start, end)
        for tier, start, end in zip(tiers, starts, [*ends, None], strict=True)
    )


def unit_text(component: Component) -> str:
    """「10,000文字」: what one priced unit is."""
    size = f"{number(component.unit_size)}" if component.unit_size > 1 else ""
    return f"{size}{component.unit.label}"


def condition_texts(component: Component) -> tuple[str, ...]:
    """How tiers are counted, what is free, what is asked at least."""
    words = []
    if component.tiers:
        words.append(component.mode.label)
        words.append(f"段階は{component.tier_by.label}で数える")
    if component.quantity_basis.value == "joint":
        words.append(component.quantity_basis.label)
    if component.included:
        words.append(f"{number(component.included)}{component.unit.label}まで無料")
    if component.minimum_yen:
        words.append(f"最低 {yen(component.minimum_yen)}")
    if component.unit_size > 1:
        words.append(component.unit_part.label)
    return tuple(words)


def plan_lines(plan: Plan) -> list[str]:
    """Each component on a line: 「利用料（運用費・月額・アカウント）：1〜100：1,000円…」."""
    return [_component_line(component) for component in plan.components]


def _component_line(component: Component) -> str:
    kind = f"{component.kind.label}・{component.period.label}・{unit_text(component)}"
    said = "、".join([*step_texts(component), *condition_texts(component)])
    return f"{component.name}（{kind}）：{said}"


def _step_text(tier: Tier, start: int, end: int | None) -> str:
    bounds = f"{number(start)}〜{number(end)}" if end is not None else f"{number(start)}〜"
    return f"{bounds}：{price_text(tier.unit_price)}"
