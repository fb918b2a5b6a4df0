"""An answer to a request for information made comparable (F12): the same years, units, tax."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from catalog.pricing import Kind, Period, Plan, Unit
from foundation.labels import LabelledEnum
from foundation.money import with_tax
from procurement.domain.pricing import Buyer, PlanCosts

DEFAULT_YEARS = 5
_TIMES = {Period.MONTH: 12, Period.YEAR: 1}
_COUNTED = (Kind.INITIAL, Kind.RECURRING)


class CoverageItem(LabelledEnum):
    """What a price may or may not contain, and what is often forgotten."""

    MIGRATION = "migration", "移行"
    TRAINING = "training", "研修"
    EXIT = "exit", "契約終了時の作業"
    DATA_EXPORT = "data_export", "データの書き出し"


class Coverage(LabelledEnum):
    """How an item is covered. Nothing said is not a no."""

    UNSTATED = "unstated", "記載なし"
    INCLUDED = "included", "料金に含む"
    SEPARATE = "separate", "別料金"
    NOT_OFFERED = "not_offered", "提供しない"


@dataclass(frozen=True, kw_only=True)
class NormalQuote:
    """A plan for this group over the years, options left out. Yen are tax-excluded unless named.

    by_year: the first year carries what is billed once. per_resident, per_unit: of one running
    year; None where there is nothing to divide by. missing: items not known to be included.
    """

    initial_yen: int
    annual_yen: int
    by_year: tuple[int, ...]
    total_yen: int
    total_taxed_yen: int
    per_body_yen: int
    per_resident: Decimal | None
    per_unit: Decimal | None
    missing: tuple[tuple[CoverageItem, Coverage], ...]


def list_units_missing(plan: Plan, buyers: Sequence[Buyer]) -> tuple[Unit, ...]:
    """Units the plan counts and some body has no quantity of: it cannot be priced so."""
    costs = PlanCosts(plan=plan)
    needed = {unit for buyer in buyers for unit in costs.units_needed(buyer)}
    known = {unit: all(buyer.quantities.of(unit) for buyer in buyers) for unit in needed}
    skipped = (Unit.FLAT, Unit.BODY)
    return tuple(u for u in Unit if u in needed and u not in skipped and not known[u])


def normalise(
    plan: Plan,
    buyers: Sequence[Buyer],
    coverage: Mapping[CoverageItem, Coverage],
    *,
    unit: Unit,
    years: int = DEFAULT_YEARS,
) -> NormalQuote:
    """The plan for these buyers together. Raises ValueError for no buyers or no years."""
    if not buyers or years < 1:
        raise ValueError("nobody to price for")
    once, annual = _by_rate(plan, buyers)
    rates = once.keys() | annual.keys()
    years_net = [
        {rate: annual.get(rate, 0) + (once.get(rate, 0) if year == 0 else 0) for rate in rates}
        for year in range(years)
    ]
    by_year = tuple(sum(net.values()) for net in years_net)
    annual_yen = sum(annual.values())
    residents = sum(buyer.quantities.resident for buyer in buyers)
    return NormalQuote(
        initial_yen=sum(once.values()),
        annual_yen=annual_yen,
        by_year=by_year,
        total_yen=sum(by_year),
        total_taxed_yen=sum(with_tax(yen, rate) for net in years_net for rate, yen in net.items()),
        per_body_yen=sum(by_year) // len(buyers),
        per_resident=_each(annual_yen, residents),
        per_unit=_each(annual_yen, sum(buyer.quantities.of(unit) for buyer in buyers)),
        missing=tuple(
            (item, how)
            for item in CoverageItem
            if (how := coverage.get(item, Coverage.UNSTATED)) is not Coverage.INCLUDED
        ),
    )


def _by_rate(plan: Plan, buyers: Sequence[Buyer]) -> tuple[dict[Decimal, int], dict[Decimal, int]]:
    """What is billed once, and in a full year, per tax rate."""
    costs = PlanCosts(plan=plan)
    once: dict[Decimal, int] = {}
    annual: dict[Decimal, int] = {}
    for kind in _COUNTED:
        for period in costs.periods_of(kind):
            target = once if period is Period.ONCE else annual
            for rate, yen in costs.cost_of(buyers, kind, period).net_yen.items():
                target[rate] = target.get(rate, 0) + yen * _TIMES.get(period, 1)
    return once, annual


def _each(yen: int, count: int) -> Decimal | None:
    """Yen per one, to a tenth, half up."""
    if not count:
        return None
    tenths = Decimal(yen * 10) / Decimal(count)
    return tenths.to_integral_value(rounding=ROUND_HALF_UP) / 10


def per_resident(yen: int, residents: int) -> Fraction:
    """The exact measure quotes and past cases are compared by."""
    return Fraction(yen, residents)
