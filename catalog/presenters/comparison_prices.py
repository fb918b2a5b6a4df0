"""What the plans of the compared entries cost: alone, in a joint purchase assumed, in one's own.

All amounts are whole yen; the words say whether tax is in them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from catalog.panels import OwnQuantity, PanelItem, PlanKey
from catalog.plan_units import Unit
from catalog.presenters.offerings import quantities_of, units_in
from catalog.queries.comparison import Compared, ComparisonPage
from catalog.queries.offerings import BodySize, PlanRow
from catalog.sizes import PlanEstimate, estimate_plan, estimate_together
from foundation.money import floor_yen, number, yen

_SOURCES = {
    Unit.RESIDENT: "令和2年国勢調査（2020年10月1日）の人口",
    Unit.HOUSEHOLD: "令和2年国勢調査（2020年10月1日）の世帯数",
    Unit.ACCOUNT: "令和6年（2024年、日の記載なし）の一般行政部門の職員数。1人1アカウントとみなす",
}


@dataclass(frozen=True, kw_only=True)
class QuantityLine:
    """A quantity computed with, and where it comes from."""

    label: str
    count: str
    source: str


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """One plan. reason: why there is no amount. per body: together, rounded down to the yen."""

    offering_name: str
    fictional: bool
    offering_id: int
    seller_name: str
    plan_name: str
    once: str
    annual: str
    annual_taxed: str
    together_once: str
    together_annual: str
    together_less: str
    reason: str
    price_basis: str
    own_projects: tuple[PanelItem, ...]


@dataclass(frozen=True, kw_only=True)
class Prices:
    """The part of the page about money. bodies: how many buy together, by assumption."""

    units: tuple[Unit, ...]
    body_name: str
    quantities: tuple[QuantityLine, ...]
    bodies: int | None
    lines: tuple[PlanLine, ...]
    own_projects: bool


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What is computed with. typed: None while the reader has sent nothing.

    bodies: how many buy together, None for alone only.
    """

    typed: Mapping[Unit, int] | None = None
    bodies: int | None = None


def units_of_page(page: ComparisonPage) -> tuple[Unit, ...]:
    """The units the compared plans need, in the order of Unit."""
    return units_in([offer for _, content in page.found for offer in content.offers])


def default_quantities(page: ComparisonPage, said: Mapping[Unit, OwnQuantity]) -> dict[Unit, int]:
    """What the form starts from: what the reader's body has said, else its published facts."""
    return quantities_of(page.body) | {unit: own.count for unit, own in said.items()}


def present_prices(
    page: ComparisonPage,
    sizes: Sizes,
    said: Mapping[Unit, OwnQuantity],
    as_basis: Mapping[PlanKey, Sequence[PanelItem]],
) -> Prices:
    """Every plan of every entry, in the order of the columns. said: by the reader's body."""
    own = default_quantities(page, said)
    known = dict(own if sizes.typed is None else sizes.typed)
    units = units_of_page(page)
    lines = tuple(line for one in page.found for line in _lines(one, known, sizes.bodies, as_basis))
    return Prices(
        units=units,
        body_name=page.body.name if page.body and sizes.typed is None else "",
        quantities=tuple(_quantity_lines(units, known, own, _sources(page.body, said))),
        bodies=sizes.bodies,
        lines=lines,
        own_projects=any(line.own_projects for line in lines),
    )


def _lines(
    compared: Compared,
    known: Mapping[Unit, int],
    bodies: int | None,
    as_basis: Mapping[PlanKey, Sequence[PanelItem]],
) -> Iterable[PlanLine]:
    row, content = compared
    for offer in content.offers:
        for plan in offer.plans:
            key = PlanKey(offering_id=row.id, seller_id=offer.seller_id, plan_name=plan.name)
            alone = estimate_plan(plan.plan, known)
            once, annual, less = _together(plan, known, bodies, alone)
            yield PlanLine(
                offering_name=content.name,
                fictional=row.fictional,
                offering_id=row.id,
                seller_name=offer.seller_name,
                plan_name=plan.name,
                once=_yen(alone.once_yen),
                annual=_yen(alone.annual_yen),
                annual_taxed=_yen(alone.annual_taxed_yen),
                together_once=once,
                together_annual=annual,
                together_less=less,
                reason=_reason(alone),
                price_basis=plan.price_basis,
                own_projects=tuple(as_basis.get(key, ())),
            )


def _together(
    plan: PlanRow, known: Mapping[Unit, int], bodies: int | None, alone: PlanEstimate
) -> tuple[str, str, str]:
    """Once, per year, and how much less per year than alone: for each of so many bodies."""
    if bodies is None or alone.once_yen is None or alone.annual_yen is None:
        return "", "", ""
    total = estimate_together(plan.plan, known, bodies=bodies)
    once = floor_yen(Fraction(total.once_yen or 0, bodies))
    annual = floor_yen(Fraction(total.annual_yen or 0, bodies))
    return yen(once), yen(annual), yen(alone.annual_yen - annual)


def _reason(estimate: PlanEstimate) -> str:
    needed = "、".join(unit.label for unit in estimate.missing)
    return f"{needed}の数量が必要です" if needed else ""


def _yen(amount: int | None) -> str:
    return "" if amount is None else yen(amount)


def _quantity_lines(
    units: Iterable[Unit],
    known: Mapping[Unit, int],
    own: Mapping[Unit, int],
    sources: Mapping[Unit, str],
) -> Iterable[QuantityLine]:
    for unit in units:
        count = known.get(unit)
        if count is None:
            yield QuantityLine(
                label=unit.label, count="未入力", source="このページの欄に入力できます"
            )
        else:
            source = sources[unit] if own.get(unit) == count else "入力した数"
            yield QuantityLine(label=unit.label, count=number(count), source=source)


def _sources(body: BodySize | None, said: Mapping[Unit, OwnQuantity]) -> dict[Unit, str]:
    """Where each quantity of the body comes from, and of when it is."""
    name = body.name if body else ""
    published = {unit: f"{name}。{source}" for unit, source in _SOURCES.items()}
    if body and body.fictional:
        published = {
            unit: f"{name}の架空の値（{source}に当たるもの）" for unit, source in _SOURCES.items()
        }
    return published | {unit: own.source for unit, own in said.items()}
