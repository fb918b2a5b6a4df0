"""Whether any sharing exists that no set of bodies would leave: is the core empty? (domain §3).

The linear program is solved exactly, in whole numbers and fractions. Its answer is a set of
groups with weights, each body counted once in all: where these groups would pay less than
everybody together (Bondareva, Shapley), no sharing can satisfy all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from procurement.domain.coalition_game import CoalitionGame
from procurement.domain.coalitions import best_found
from procurement.domain.price_arrays import Amounts
from procurement.domain.shapley import subset_sums

_MOST_PIVOTS = 2_000
# A sum of yen in 64-bit floating point is exact to far less than this.
_FLOAT_YEN = 0.01


@dataclass(frozen=True, kw_only=True)
class WeightedGroup:
    """A set of bodies and the part of its purchase that counts, between 0 and 1."""

    codes: tuple[str, ...]
    weight: Fraction
    alone_yen: int


@dataclass(frozen=True, kw_only=True)
class CoreFinding:
    """Whether a sharing exists that no set would leave. None: the search did not find out.

    missing_yen: what the groups would pay less than everybody together; 0 where none is missing.
    groups: the proof where the core is empty. sharing: one that holds where there is one, in
    the order of the game's codes.
    """

    is_empty: bool | None
    missing_yen: Fraction
    groups: tuple[WeightedGroup, ...] = ()
    sharing: tuple[Fraction, ...] = ()


def find_core(
    game: CoalitionGame, costs: Amounts, joint_yen: int, *, rounding_yen: int = 0
) -> CoreFinding:
    """Solve the linear program over all sets but the whole.

    costs: c(S) of all 2^n sets. An excess of at most rounding_yen is no finding.
    """
    wanted = joint_yen - rounding_yen
    program = _Program(size=game.size, costs=costs)
    while program.worth() >= wanted and program.improve():
        pass
    missing = max(joint_yen - program.worth(), Fraction(0))
    if program.worth() >= wanted:
        return _held(program, joint_yen, missing)
    groups = tuple(
        WeightedGroup(
            codes=tuple(game.codes[i] for i in range(game.size) if group >> i & 1),
            weight=weight,
            alone_yen=int(costs[group]),
        )
        for group, weight in sorted(program.weights().items())
    )
    return CoreFinding(is_empty=True, missing_yen=missing, groups=groups)


def _held(program: "_Program", joint_yen: int, missing: Fraction) -> CoreFinding:
    """The program's prices, lowered alike where they would collect too much."""
    if not program.finished:
        return CoreFinding(is_empty=None, missing_yen=missing)
    prices = program.prices()
    too_much = (sum(prices, Fraction(0)) - joint_yen) / program.size
    sharing = tuple(price - too_much for price in prices)
    return CoreFinding(is_empty=False, missing_yen=missing, sharing=sharing)


def search_empty_core(
    game: CoalitionGame, alone_yen: Sequence[int], *, rounding_yen: int = 0
) -> CoreFinding:
    """For many bodies: one group together and the others alone, if that beats the whole.

    alone_yen: the figures counted for single bodies. Finding nothing proves nothing.
    """
    alone = np.array(alone_yen, dtype=game.measures.dtype)
    best = best_found(game, alone)
    if best is None:
        return CoreFinding(is_empty=None, missing_yen=Fraction(0))
    joined = WeightedGroup(codes=best.codes, weight=Fraction(1), alone_yen=best.alone_yen)
    everybody_alone = int(alone.sum())
    cheapest = everybody_alone - max(best.gain_yen, 0)
    missing = game.joint() - cheapest
    if missing <= rounding_yen:
        return CoreFinding(is_empty=None, missing_yen=Fraction(0))
    apart = set(game.codes) - (set(best.codes) if best.gain_yen > 0 else set())
    singles = tuple(
        WeightedGroup(codes=(code,), weight=Fraction(1), alone_yen=int(figure))
        for code, figure in zip(game.codes, alone, strict=True)
        if code in apart
    )
    groups = (joined, *singles) if best.gain_yen > 0 else singles
    return CoreFinding(is_empty=True, missing_yen=Fraction(missing), groups=groups)


class _Program:
    """The cheapest groups, weighted so that each body counts once: a revised simplex.

    Columns are sets of bodies as bits, priced by looking at all of them. The lexicographic
    rule keeps it from turning in circles.
    """

    def __init__(self, *, size: int, costs: Amounts) -> None:
        self.size = size
        self.costs = costs
        self.basis = [1 << body for body in range(size)]
        self.inverse = [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]
        self.levels = [Fraction(1)] * size
        self.finished = False
        self._pivots = 0

    def worth(self) -> Fraction:
        """What the weighted groups of the basis pay: the most a core sharing could collect."""
        pairs = zip(self.basis, self.levels, strict=True)
        return sum((level * int(self.costs[group]) for group, level in pairs), Fraction(0))

    def weights(self) -> dict[int, Fraction]:
        """The groups that count."""
        pairs = zip(self.basis, self.levels, strict=True)
        return {group: level for group, level in pairs if level}

    def improve(self) -> bool:
        """One step towards the cheapest; False where there is none."""
        prices = self.prices()
        sums = subset_sums(np.array([[float(price) for price in prices]]))[0]
        reduced = self.costs[1:-1].astype(float) - sums[1:-1]
        self.finished = not reduced.size or bool(reduced.min() > -_FLOAT_YEN)
        if self.finished or self._pivots >= _MOST_PIVOTS:
            return False
        self._pivots += 1
        self._enter(int(np.argmin(reduced)) + 1)
        return True

    def prices(self) -> list[Fraction]:
        """What each body pays in the program's sharing."""
        yen = [int(self.costs[group]) for group in self.basis]
        return [
            sum((yen[row] * self.inverse[row][body] for row in range(self.size)), Fraction(0))
            for body in range(self.size)
        ]

    def _enter(self, group: int) -> None:
        bodies = [body for body in range(self.size) if group >> body & 1]
        step = [sum((row[body] for body in bodies), Fraction(0)) for row in self.inverse]
        leaving = min(
            (row for row in range(self.size) if step[row] > 0),
            key=lambda row: [value / step[row] for value in (self.levels[row], *self.inverse[row])],
        )
        pivot = step[leaving]
        self.inverse[leaving] = [value / pivot for value in self.inverse[leaving]]
        self.levels[leaving] /= pivot
        for row in range(self.size):
            if row != leaving and step[row]:
                factor = step[row]
                self.inverse[row] = [
                    value - factor * taken
                    for value, taken in zip(self.inverse[row], self.inverse[leaving], strict=True)
                ]
                self.levels[row] -= factor * self.levels[leaving]
        self.basis[leaving] = group
