"""Whole yen, exactly. No float ever holds money here."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

TaxMode = Literal["floor", "half_up", "ceil"]

_ROUNDING = {"floor": ROUND_FLOOR, "half_up": ROUND_HALF_UP, "ceil": ROUND_CEILING}


def yen(amount: int) -> str:
    """「1,234,000円」; a negative amount is written 「−1,000円」."""
    return f"{number(amount)}円"


def number(value: int) -> str:
    """Thousands separated, with the true minus sign that screen readers say."""
    return f"{value:,}".replace("-", "−")


def floor_yen(amount: Fraction | Decimal | int) -> int:
    """The whole yen at or below the amount."""
    exact = Fraction(amount)
    return exact.numerator // exact.denominator


def with_tax(total_yen: int, rate_percent: Decimal, mode: TaxMode = "floor") -> int:
    """A tax-excluded total with consumption tax, rounded once (domain §2).

    rate_percent: 10 for 10%. mode: the seller's own way of rounding.
    """
    exact = Decimal(total_yen) * (Decimal(100) + rate_percent) / Decimal(100)
    return int(exact.to_integral_value(rounding=_ROUNDING[mode]))
