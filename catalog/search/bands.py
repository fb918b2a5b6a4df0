"""All cut points one can narrow by: the one table of them, in words a reader sees.

The values are used in addresses, so a band keeps its value when its words change.
"""

from bisect import bisect_right
from datetime import timedelta

# (value, from this number on, label); the last row has no upper end.
_POPULATION = (
    ("p0", 0, "5千人未満"),
    ("p5k", 5_000, "5千人以上1万人未満"),
    ("p10k", 10_000, "1万人以上3万人未満"),
    ("p30k", 30_000, "3万人以上5万人未満"),
    ("p50k", 50_000, "5万人以上10万人未満"),
    ("p100k", 100_000, "10万人以上20万人未満"),
    ("p200k", 200_000, "20万人以上50万人未満"),
    ("p500k", 500_000, "50万人以上"),
)
_PRICE = (
    ("y0", 0, "50万円未満"),
    ("y500k", 500_000, "50万円以上100万円未満"),
    ("y1m", 1_000_000, "100万円以上300万円未満"),
    ("y3m", 3_000_000, "300万円以上1,000万円未満"),
    ("y10m", 10_000_000, "1,000万円以上3,000万円未満"),
    ("y30m", 30_000_000, "3,000万円以上1億円未満"),
    ("y100m", 100_000_000, "1億円以上"),
)
BANDS = {"population_band": _POPULATION, "price_band": _PRICE}

# What is left until the deadline, at the moment of asking: from the first to the second
# inclusive, in whole seconds; None is without end. An entry without a deadline has no value.
CLOSING_SOON = timedelta(days=30)
_SOON = int(CLOSING_SOON.total_seconds())
DEADLINES: tuple[tuple[str, int | None, int | None, str], ...] = (
    ("soon", 0, _SOON, f"締切が近い（{CLOSING_SOON.days}日以内）"),
    ("later", _SOON + 1, None, f"締切が{CLOSING_SOON.days}日より先"),
    ("past", None, -1, "締切を過ぎた"),
)


def band_of(facet: str, number: int | None) -> tuple[str, ...]:
    """The band a number falls in, as facet values: none when the number is not known."""
    if number is None or number < 0:
        return ()
    bands = BANDS[facet]
    index = bisect_right([lower for _, lower, _ in bands], number) - 1
    return (bands[index][0],)


def band_labels(facet: str) -> dict[str, str]:
    """Band → words, in order."""
    return {value: label for value, _, label in BANDS[facet]}
