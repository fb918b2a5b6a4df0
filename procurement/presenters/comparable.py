"""Past cases beside a quote, in words."""

from fractions import Fraction

from procurement.domain.quotes import per_resident
from procurement.queries.comparable_cases import Comparison


def yen_each(amount: Fraction | None) -> str:
    """「12.3円」: a year for one resident, rounded half up to a tenth."""
    if amount is None:
        return "—"
    tenths = int(amount * 10 + Fraction(1, 2))
    return f"{tenths // 10:,}.{tenths % 10}円"


def quartile_words(comparison: Comparison | None, annual_yen: int | None) -> tuple[str, ...]:
    """First quartile, median, third quartile, this quote; () where nothing can be said."""
    if comparison is None or comparison.scrutiny is None or annual_yen is None:
        return ()
    said = comparison.scrutiny
    own = per_resident(annual_yen, comparison.residents)
    return tuple(yen_each(each) for each in (said.first, said.median, said.third, own))
