"""Effects (F20): what takes less since, in a unit of its own; units are never added together."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from foundation.labels import LabelledEnum


class EffectUnit(LabelledEnum):
    """What before and after are counted in."""

    MIN_PER_DAY = "min_per_day", "分/日"
    MIN_PER_CASE = "min_per_case", "分/件"
    H_PER_MONTH = "h_per_month", "時間/月"
    H_PER_YEAR = "h_per_year", "時間/年"
    DAYS = "days", "日間（所要期間）"

    @property
    def adds_up(self) -> bool:
        """Whether figures of several projects make a sum: not per case, not as durations."""
        return self not in (EffectUnit.MIN_PER_CASE, EffectUnit.DAYS)


class Evidence(LabelledEnum):
    """How well it is known."""

    MEASURED = "measured", "実測"
    SELF_DECLARED = "self_declared", "自己申告"
    ESTIMATE = "estimate", "見込み"


@dataclass(frozen=True, kw_only=True)
class Change:
    """Before and after in one unit, at most two decimals."""

    unit: EffectUnit
    before: Decimal
    after: Decimal

    @property
    def saved(self) -> Decimal:
        """Negative where it takes more than before."""
        return self.before - self.after

    @property
    def text(self) -> str:
        """「52.4 → 18.1 時間/月（−34.3, −65.5 %）」."""
        change = _signed(-self.saved)
        rate = self._rate()
        inside = change if rate is None else f"{change}, {_signed(rate)} %"
        return f"{plain(self.before)} → {plain(self.after)} {self.unit.label}（{inside}）"

    def _rate(self) -> Decimal | None:
        if not self.before:
            return None
        exact = (self.after - self.before) * 100 / self.before
        return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def saved_by_unit(changes: Iterable[Change]) -> dict[EffectUnit, Decimal]:
    """The sum of each unit by itself, in the order of the units."""
    found: dict[EffectUnit, Decimal] = {}
    for change in changes:
        found[change.unit] = found.get(change.unit, Decimal(0)) + change.saved
    return {unit: found[unit] for unit in EffectUnit if unit in found}


def plain(value: Decimal) -> str:
    """Without needless noughts: 52.40 → 「52.4」, 1200.00 → 「1,200」."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")


def _signed(value: Decimal) -> str:
    if not value:
        return "±0"
    return plain(value) if value < 0 else f"+{plain(value)}"
