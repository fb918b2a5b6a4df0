"""Where a price stands among those of its kind and size: a question to ask, never a verdict."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from foundation.labels import LabelledEnum

FEWEST_COMPARED = 5
FENCE = Fraction(3, 2)  # Tukey's: quartiles ± 1.5 × their distance (F12)
# From so many residents together (inclusive): what is compared is of the same band.
SIZE_BANDS = (0, 50_000, 200_000, 1_000_000)


class Place(LabelledEnum):
    """What the comparison says."""

    TOO_FEW = "too_few", "比較件数不足"
    WITHIN = "within", "四分位の範囲の目安の中"
    HIGH = "high", "高い方に離れている"
    LOW = "low", "低い方に離れている"


@dataclass(frozen=True, kw_only=True)
class Scrutiny:
    """count: of those compared with. The three figures are None under FEWEST_COMPARED."""

    place: Place
    count: int
    first: Fraction | None = None
    median: Fraction | None = None
    third: Fraction | None = None

    @property
    def asks(self) -> bool:
        """Whether there is something to ask the vendor."""
        return self.place in (Place.HIGH, Place.LOW)


def scrutinise(value: Fraction, others: Sequence[Fraction]) -> Scrutiny:
    """value among the others; under five nothing is said and nothing flagged.

    Quartiles lie between neighbours by position (the inclusive method); a value on the fence
    is still within.
    """
    if len(others) < FEWEST_COMPARED:
        return Scrutiny(place=Place.TOO_FEW, count=len(others))
    first, median, third = statistics.quantiles(sorted(others), n=4, method="inclusive")
    reach = FENCE * (third - first)
    place = Place.WITHIN
    if value > third + reach:
        place = Place.HIGH
    elif value < first - reach:
        place = Place.LOW
    return Scrutiny(place=place, count=len(others), first=first, median=median, third=third)


def size_band(residents: int) -> int:
    """The number of the band, from 0."""
    return max(n for n, start in enumerate(SIZE_BANDS) if residents >= start)


def band_label(band: int) -> str:
    """「5万人以上20万人未満」."""
    start = SIZE_BANDS[band]
    end = SIZE_BANDS[band + 1] if band + 1 < len(SIZE_BANDS) else None
    low = f"{start // 10_000}万人以上" if start else ""
    return low + (f"{end // 10_000}万人未満" if end else "")
