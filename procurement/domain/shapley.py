"""The Shapley value: what each body adds, averaged over all orders of joining (domain §3).

Exact up to 20 bodies, from all 2^n sets. Above that from seeded random orders, each taken
forwards and backwards, until the largest relative standard error is at most 1%.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial

import numpy as np

from procurement.domain.cliffs import BodyCliff, list_cliffs, savings_along, savings_by_body
from procurement.domain.coalition_game import CoalitionGame
from procurement.domain.price_arrays import Amounts

EXACT_BODIES = 20
RELATIVE_ERROR = 0.01
SEED = 20261121
# Orders come in batches that fit the cache; fewer than these prove no error.
FEWEST_ORDERS = 512
MOST_ORDERS = 262_144
# Orders × bodies × prices that a page may wait for: about a second.
_MOST_VALUES = 14_000_000
_BATCH_VALUES = 120_000
_CHUNK_BODIES = 14
_YEN_PARTS = 10**6  # a sampled value is kept to a millionth of a yen
_EXACT_SUMS = 2**62


@dataclass(frozen=True, kw_only=True)
class ShapleyValues:
    """One value per body, in the order of the game's codes; Σ = c(N) exactly.

    orders: 0 where every set was counted. errors: the standard error of each value, in yen;
    none where exact. relative_error: the largest of them, relative to its value.
    """

    values: tuple[Fraction, ...]
    orders: int = 0
    errors: tuple[float, ...] = ()
    relative_error: float = 0.0

    @property
    def is_exact(self) -> bool:
        """Whether nothing was sampled."""
        return not self.orders


def subset_sums(rows: Amounts) -> Amounts:
    """Each row added up over every subset of its columns; bit i of the index is column i."""
    sums = np.zeros((rows.shape[0], 1), dtype=rows.dtype)
    for column in range(rows.shape[1]):
        sums = np.concatenate([sums, sums + rows[:, column : column + 1]], axis=1)
    return sums


def costs_of_all_sets(game: CoalitionGame) -> Amounts:
    """c(S) of all 2^n sets; bit i of the index says whether the i-th body is in S."""
    low = min(game.size, _CHUNK_BODIES)
    low_sums = subset_sums(game.measures[:, :low])
    high_sums = subset_sums(game.measures[:, low:])
    chunks = [
        game.cost(low_sums + high_sums[:, high : high + 1]) for high in range(high_sums.shape[1])
    ]
    return np.concatenate(chunks)


def shapley_from_costs(costs: Amounts, size: int) -> ShapleyValues:
    """The exact values from c(S) of all sets."""
    if int(abs(costs).max()) * costs.size >= _EXACT_SUMS:
        costs = costs.astype(object)
    others = _sizes_of_sets(size - 1)
    order = np.argsort(others, kind="stable")
    starts = np.searchsorted(others[order], np.arange(size))
    weights = [
        Fraction(factorial(k) * factorial(size - 1 - k), factorial(size)) for k in range(size)
    ]
    values = []
    for body in range(size):
        pairs = costs.reshape(-1, 2, 2**body)
        added = (pairs[:, 1, :] - pairs[:, 0, :]).ravel()
        by_size = np.add.reduceat(added[order], starts)
        values.append(sum((w * int(s) for w, s in zip(weights, by_size, strict=True)), Fraction()))
    return ShapleyValues(values=tuple(values))


def _sizes_of_sets(bodies: int) -> Amounts:
    sizes: Amounts = subset_sums(np.ones((1, bodies), dtype=np.int64))[0]
    return sizes


def sampled_shapley(
    game: CoalitionGame, *, seed: int = SEED, most_orders: int = MOST_ORDERS
) -> ShapleyValues:
    """Values from random orders; the same for the same game and seed.

    An order and its reverse make one sample: their errors largely cancel. Stops at the
    wanted error, or honestly above it after most_orders or the work a reader may wait for.
    """
    random = np.random.default_rng(seed)
    cliffs = list_cliffs(game)
    pairs = max(1, _BATCH_VALUES // game.size // 2)
    work = game.size * (sum(len(bill.prices) for bill in game.bills) + 2 * len(cliffs))
    most = max(FEWEST_ORDERS, min(most_orders, _MOST_VALUES // work))
    sums, squares = np.zeros(game.size), np.zeros(game.size)
    count = 0
    relative = float("inf")
    while 2 * count < FEWEST_ORDERS or (relative > RELATIVE_ERROR and 2 * count < most):
        samples = _sample_pairs(game, cliffs, random, pairs)
        sums += samples.sum(axis=0)
        squares += (samples**2).sum(axis=0)
        count += pairs
        errors = _standard_errors(sums, squares, count)
        relative = _largest_relative(errors, sums / count)
    return ShapleyValues(
        values=_adding_up(sums / count, errors, game.joint()),
        orders=2 * count,
        errors=tuple(errors.tolist()),
        relative_error=relative,
    )


def _adding_up(values: Amounts, errors: Amounts, joint_yen: int) -> tuple[Fraction, ...]:
    """The values moved to their known sum, each by as much as it is unsure."""
    parts = [round(value * _YEN_PARTS) for value in values.tolist()]
    off = joint_yen * _YEN_PARTS - sum(parts)
    unsure = float((errors**2).sum()) or 1.0
    moves = [round(off * error**2 / unsure) for error in errors.tolist()]
    # What rounding leaves goes to the least sure body.
    moves[int(np.argmax(errors))] += off - sum(moves)
    return tuple(Fraction(part + move, _YEN_PARTS) for part, move in zip(parts, moves, strict=True))


def _sample_pairs(
    game: CoalitionGame, cliffs: Sequence[BodyCliff], random: np.random.Generator, pairs: int
) -> Amounts:
    """A row per order: what each body adds, averaged over the order and its reverse."""
    orders = random.permuted(np.tile(np.arange(game.size), (pairs, 1)), axis=1)
    reached = np.cumsum(game.measures[:, orders], axis=2)
    everything = game.totals[:, :, np.newaxis]
    forwards = _costs(game, reached).astype(float)
    # From behind, the set before a body is what the order has after it.
    backwards = _costs(game, everything - reached).astype(float)
    everybody = float(game.joint())
    for cliff in cliffs:
        weights = np.cumsum(cliff.weights[orders], axis=1)
        steps = np.cumsum(cliff.steps[orders], axis=1)
        all_weight, all_steps = cliff.weights.sum(), cliff.steps.sum()
        forwards += savings_along(cliff, weights, steps)
        backwards += savings_along(cliff, all_weight - weights, all_steps - steps)
        everybody += float(savings_along(cliff, all_weight, all_steps))
    full = np.full_like(backwards[:, :1], everybody)
    added = np.diff(forwards, axis=1, prepend=np.zeros_like(full))
    added += np.concatenate([full, backwards[:, :-1]], axis=1) - backwards
    samples = np.empty_like(added)
    np.put_along_axis(samples, orders, added / 2, axis=1)
    for cliff in cliffs:
        samples -= savings_by_body(cliff, orders)
    return samples


def _costs(game: CoalitionGame, reached: Amounts) -> Amounts:
    """c of each prefix. reached: measure × order × place."""
    return game.cost(reached.reshape(reached.shape[0], -1)).reshape(reached.shape[1:])


def _standard_errors(sums: Amounts, squares: Amounts, count: int) -> Amounts:
    """Of the mean of `count` samples."""
    variances = np.maximum(squares / count - (sums / count) ** 2, 0) / max(count - 1, 1)
    errors: Amounts = np.sqrt(variances)
    return errors


def _largest_relative(errors: Amounts, values: Amounts) -> float:
    """The largest error relative to its value; a body that is 0 in every order has none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(errors > 0, errors / np.abs(values), 0.0)
    return float(relative.max())
