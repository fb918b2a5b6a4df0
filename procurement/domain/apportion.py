"""Splitting whole yen in exact proportion: integers only, order of input without effect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Exact shares of bodies as whole numbers that sum to `total`.

    units: code → whole number ≥ 0, in the order of codes.
    """

    units: Mapping[str, int]
    total: int

    def ratio(self, code: str) -> Fraction:
        """The exact share of a body, 0 where nobody has any weight."""
        return Fraction(self.units[code], self.total) if self.total else Fraction(0)

    def without(self, codes: frozenset[str]) -> "Weights":
        """The weights of everybody else, in the same proportion to each other."""
        units = {code: unit for code, unit in self.units.items() if code not in codes}
        return Weights(units=units, total=sum(units.values()))


@dataclass(frozen=True, kw_only=True)
class Portion:
    """What one body gets of an amount: the exact share and how it became whole yen."""

    exact_yen: Fraction
    floor_yen: int
    remainder_yen: int

    @property
    def share_yen(self) -> int:
        """The whole-yen share."""
        return self.floor_yen + self.remainder_yen


def weights_from(bases: Mapping[str, Fraction]) -> Weights:
    """Bases brought to whole numbers over one denominator."""
    scale = lcm(*(base.denominator for base in bases.values()))
    units = {
        code: bases[code].numerator * (scale // bases[code].denominator) for code in sorted(bases)
    }
    return Weights(units=units, total=sum(units.values()))


def blend(parts: Sequence[tuple[int, Weights]]) -> Weights:
    """Σ percent × exact share, brought to whole numbers; percents sum to 100."""
    parts = [(percent, weights) for percent, weights in parts if percent]
    scale = lcm(*(weights.total for _, weights in parts))
    units: dict[str, int] = {}
    for percent, weights in parts:
        factor = percent * (scale // weights.total)
        for code, unit in weights.units.items():
            units[code] = units.get(code, 0) + factor * unit
    return Weights(units=units, total=sum(units.values()))


def split_by_largest_remainder(amount_yen: int, weights: Weights) -> dict[str, Portion]:
    """Parts that sum to the amount to the yen; equal remainders favour the smaller code.

    amount_yen ≥ 0. A body without weight never gets a remainder yen.
    """
    if not weights.total:
        return {code: _portion(Fraction(0), 0, 0) for code in weights.units}
    floors, remainders = {}, {}
    for code, unit in weights.units.items():
        floors[code], remainders[code] = divmod(amount_yen * unit, weights.total)
    left_over = amount_yen - sum(floors.values())
    ranked = sorted(remainders, key=lambda code: (-remainders[code], code))
    lucky = frozenset(ranked[:left_over])
    return {
        code: _portion(Fraction(amount_yen * unit, weights.total), floors[code], int(code in lucky))
        for code, unit in weights.units.items()
    }


def split_by_floor(amount_yen: int, weights: Weights, unit_yen: int) -> dict[str, Portion]:
    """Parts cut down to multiples of unit_yen; what is missing to the amount is nobody's yet."""
    portions = {}
    for code, unit in weights.units.items():
        exact = Fraction(amount_yen * unit, weights.total) if weights.total else Fraction(0)
        portions[code] = _portion(exact, int(exact // unit_yen) * unit_yen, 0)
    return portions


def _portion(exact: Fraction, floor: int, remainder: int) -> Portion:
    return Portion(exact_yen=exact, floor_yen=floor, remainder_yen=remainder)


@dataclass(frozen=True, kw_only=True)
class CapResult:
    """Who stands at the cap, and in which proportion the others carry the rest."""

    capped: frozenset[str]
    rest_yen: int
    open_weights: Weights


def apply_cap(amount_yen: int, weights: Weights, caps_yen: Mapping[str, int]) -> CapResult:
    """The excess over each cap goes to the uncapped in proportion, repeated until none is over.

    Raises CapImpossible exactly when the caps together are below the amount.
    """
    missing_yen = amount_yen - sum(caps_yen[code] for code in weights.units)
    if missing_yen > 0:
        raise CapImpossible(missing_yen)
    capped: frozenset[str] = frozenset()
    while True:
        open_weights = _never_weightless(weights.without(capped))
        rest_yen = amount_yen - sum(caps_yen[code] for code in capped)
        over = frozenset(
            code
            for code, unit in open_weights.units.items()
            if rest_yen * unit > caps_yen[code] * open_weights.total
        )
        if not over:
            return CapResult(capped=capped, rest_yen=rest_yen, open_weights=open_weights)
        capped |= over


def _never_weightless(weights: Weights) -> Weights:
    """Bodies left with no weight at all (0% in a table) carry what remains equally."""
    if weights.total or not weights.units:
        return weights
    return Weights(units=dict.fromkeys(weights.units, 1), total=len(weights.units))


class CapImpossible(Exception):
    """No split keeps everybody at or under the cap. missing_yen > 0."""

    def __init__(self, missing_yen: int) -> None:
        self.missing_yen = missing_yen
        super().__init__(f"caps fall short by {missing_yen} yen")
