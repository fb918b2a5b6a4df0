"""Prices of one component for very many quantities at once: exactly what catalog.pricing says.

`sums` holds one row per measure (a quantity added up over bodies) and one column per set of
bodies. Amounts are tax-excluded whole yen of one billing period. All arithmetic is in whole
numbers; the arrays hold Python integers (dtype object) where 64 bits could overflow.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from catalog.pricing import Component, TierMode, Unit, UnitPart

Amounts = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Cliff:
    """Where reaching a tier makes everything bought before cheaper at once.

    From `threshold` of the tier measure on, the price falls by `yen` per unit of the weight.
    weight_rows: the measure, or the first less the second.
    """

    weight_rows: tuple[int, ...]
    tier_row: int
    threshold: int
    yen: Fraction


class Price(Protocol):
    """A component's price as a function of summed measures."""

    def of(self, sums: Amounts) -> Amounts:
        """Yen per column of sums."""

    def bound(self, totals: Amounts) -> int:
        """A number no intermediate result exceeds, all bodies together. Python integers."""

    @property
    def is_rounded(self) -> bool:
        """Whether flooring to whole yen can change an amount."""

    @property
    def cliffs(self) -> tuple[Cliff, ...]:
        """Its cliffs, leaving rounding, minimum and free units out of account."""


@dataclass(frozen=True, kw_only=True)
class OwnPrice:
    """A price each body has for itself, whoever else takes part. row: Σ of these, in yen."""

    row: int
    is_rounded: bool = False
    cliffs: tuple[Cliff, ...] = ()

    def of(self, sums: Amounts) -> Amounts:
        """The sum itself."""
        amount: Amounts = sums[self.row]
        return amount

    def bound(self, totals: Amounts) -> int:
        """The sum itself."""
        return int(totals[self.row])


@dataclass(frozen=True, kw_only=True)
class OwnPriceByTier:
    """Own quantities at a tier that all bodies reach together.

    rows: Σ of the bodies' prices at each tier; from_qty: where each tier begins.
    """

    rows: tuple[int, ...]
    from_qty: tuple[int, ...]
    tier_row: int
    is_rounded: bool = False

    def of(self, sums: Amounts) -> Amounts:
        """The row of the tier reached; below the first tier its price holds."""
        amount: Amounts = sums[self.rows[0]]
        for row, start in zip(self.rows[1:], self.from_qty[1:], strict=True):
            amount = np.where(sums[self.tier_row] >= start, sums[row], amount)
        return amount

    @property
    def cliffs(self) -> tuple[Cliff, ...]:
        """One at each tier: every body's own price falls."""
        return tuple(
            Cliff(
                weight_rows=rows,
                tier_row=self.tier_row,
                threshold=start,
                yen=Fraction(1),
            )
            for rows, start in zip(pairwise(self.rows), self.from_qty[1:], strict=True)
        )

    def bound(self, totals: Amounts) -> int:
        """The dearest tier for all."""
        return max(int(totals[row]) for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class JointPrice:
    """A component priced on the bodies' quantities together.

    row: the quantity; tier_row: bodies or residents, where those choose the tier.
    """

    component: Component
    row: int
    tier_row: int | None = None

    @property
    def is_rounded(self) -> bool:
        """A price of less than a yen, or a part of a priced unit."""
        return self._unit_parts > 1 or self._price_parts > 1

    def of(self, sums: Amounts) -> Amounts:
        """As catalog.pricing.price_component, column by column."""
        quantity = sums[self.row]
        if self.component.unit is Unit.FLAT:
            quantity = np.minimum(quantity, 1)
        units = quantity
        if self.component.unit_part is UnitPart.WHOLE and self.component.unit_size > 1:
            units = -(-quantity // self.component.unit_size)
        if self.component.mode is TierMode.ALL_UNITS:
            amount = self._all_units(units, sums)
        else:
            amount = self._marginal(units)
        whole = amount // (self._unit_parts * self._price_parts)
        return np.where(quantity > 0, np.maximum(whole, self.component.minimum_yen), 0)

    def bound(self, totals: Amounts) -> int:
        """All units at the dearest price, in the parts the arithmetic counts."""
        dearest = max(price for _, price in self._steps)
        counted = max(int(totals[self.row]), self.component.free_units * self._unit_parts)
        return max(counted * dearest, self.component.minimum_yen)

    @property
    def cliffs(self) -> tuple[Cliff, ...]:
        """One at each tier of a price for all units; a marginal price has none."""
        if self.component.mode is not TierMode.ALL_UNITS or self.component.unit is Unit.FLAT:
            return ()
        size = self.component.unit_size if self.tier_row is None else 1
        return tuple(
            Cliff(
                weight_rows=(self.row,),
                tier_row=self.row if self.tier_row is None else self.tier_row,
                threshold=start * size,
                yen=Fraction(before - price) / self.component.unit_size,
            )
            for (_, before), (start, price) in pairwise(self.component.price_steps)
        )

    @property
    def _unit_parts(self) -> int:
        """How many parts a priced unit is counted in."""
        pro_rata = self.component.unit_part is UnitPart.PRO_RATA
        return self.component.unit_size if pro_rata else 1

    @property
    def _price_parts(self) -> int:
        """How many parts of a yen prices are counted in."""
        return lcm(*(Fraction(price).denominator for _, price in self.component.price_steps))

    @property
    def _steps(self) -> list[tuple[int, int]]:
        """(from_qty, price in parts of a yen)."""
        parts = self._price_parts
        return [(start, int(price * parts)) for start, price in self.component.price_steps]

    def _all_units(self, units: Amounts, sums: Amounts) -> Amounts:
        parts = self._unit_parts
        billed = np.maximum(units - self.component.free_units * parts, 0)
        reached = units if self.tier_row is None else sums[self.tier_row]
        scale = parts if self.tier_row is None else 1
        steps = self._steps
        price = np.full_like(units, steps[0][1])
        for start, step_price in steps[1:]:
            price = np.where(reached >= start * scale, step_price, price)
        amount: Amounts = billed * price
        return amount

    def _marginal(self, units: Amounts) -> Amounts:
        """Each unit at its own tier's price; what is free comes first."""
        parts, steps = self._unit_parts, self._steps
        ends: list[int | None] = [(start - 1) * parts for start, _ in steps[1:]]
        begin = self.component.free_units * parts
        amount = np.zeros_like(units)
        for end, (_, price) in zip([*ends, None], steps, strict=True):
            upto = units if end is None else np.minimum(units, end)
            amount = amount + np.maximum(upto - begin, 0) * price
            begin = begin if end is None else max(begin, end)
        return amount
