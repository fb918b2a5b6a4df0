"""Cliffs taken out of sampling: what reaching a tier saves, averaged over all places at once.

In one random order a cliff falls to the one body that reaches the tier, so a small body would
have to be drawn very often. Here each body is put into every place of the others' order: the
expected value is the same, the error far smaller. What is left of the game is sampled as usual.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from procurement.domain.coalition_game import CoalitionGame
from procurement.domain.price_arrays import Amounts


@dataclass(frozen=True, kw_only=True)
class BodyCliff:
    """A cliff with each body's weight and tier measure. yen: over the term, per weight."""

    weights: Amounts
    steps: Amounts
    threshold: int
    yen: float


def list_cliffs(game: CoalitionGame) -> list[BodyCliff]:
    """The cliffs all bodies together reach, each different one once; none beyond 64 bits."""
    if game.measures.dtype == object:
        return []
    worth: dict[tuple[tuple[int, ...], int, int], Fraction] = {}
    for bill in game.bills:
        for price in bill.prices:
            for cliff in price.cliffs:
                key = (cliff.weight_rows, cliff.tier_row, cliff.threshold)
                worth[key] = worth.get(key, Fraction(0)) + cliff.yen * bill.times
    found = []
    for (rows, tier_row, threshold), yen in worth.items():
        weights = game.measures[rows[0]]
        if len(rows) > 1:
            weights = weights - game.measures[rows[1]]
        steps = game.measures[tier_row]
        if int(steps.sum()) >= threshold:
            found.append(
                BodyCliff(weights=weights, steps=steps, threshold=threshold, yen=float(yen))
            )
    return found


def savings_along(cliff: BodyCliff, weights: Amounts, steps: Amounts) -> Amounts:
    """What the cliff saves a set. weights, steps: added up over the set, in any shape."""
    saved: Amounts = np.where(steps >= cliff.threshold, weights * cliff.yen, 0.0)
    return saved


def savings_by_body(cliff: BodyCliff, orders: Amounts) -> Amounts:
    """What each body adds to the cliff's saving, over all places in the others' order.

    orders: a row per order. The result has a column per body.
    """
    reached = _prefix_sums(cliff.steps, orders)
    saved = _prefix_sums(cliff.weights, orders)
    summed = np.concatenate([np.zeros((len(orders), 1)), np.cumsum(saved, axis=1)], axis=1)
    own, weight = cliff.steps[orders], cliff.weights[orders]
    bodies = orders.shape[1]
    place = np.arange(bodies)[np.newaxis, :]
    first = _first_at_least(reached, np.full((len(orders), 1), cliff.threshold))
    with_own = _first_at_least(reached, cliff.threshold - own)
    past_own = _first_at_least(reached, cliff.threshold + own)
    after = np.maximum(first, place + 2)
    # Places before its own: the others' sums are the order's; behind it, less its own part.
    before = np.minimum(first, place + 1)
    at_tier = np.maximum(place + 1 - with_own, 0) + np.maximum(bodies + 1 - after, 0)
    crossing = _between(summed, with_own, before) + _between(summed, after, past_own)
    crossing = crossing - weight * np.maximum(past_own - after, 0)
    added = (weight * at_tier + crossing) * (cliff.yen / bodies)
    by_body: Amounts = np.empty_like(added)
    np.put_along_axis(by_body, orders, added, axis=1)
    return by_body


def _prefix_sums(values: Amounts, orders: Amounts) -> Amounts:
    """Sums before the first, after the first … after the last body of each order."""
    start = np.zeros((len(orders), 1), dtype=values.dtype)
    return np.concatenate([start, np.cumsum(values[orders], axis=1)], axis=1)


def _first_at_least(sums: Amounts, wanted: Amounts) -> Amounts:
    """The first place of each row whose sum is at least the wanted one; past the end: none."""
    rows, places = sums.shape
    # One long sorted list: every row lies above the one before it.
    lift = int(sums.max()) * 2 + abs(int(wanted.max())) + 2
    lifts = np.arange(rows)[:, np.newaxis] * lift
    bounded = np.clip(wanted, 0, lift - 1)
    found = np.searchsorted((sums + lifts).ravel(), (bounded + lifts).ravel(), side="left")
    return np.asarray(found.reshape(wanted.shape) - np.arange(rows)[:, np.newaxis] * places)


def _between(summed: Amounts, start: Amounts, end: Amounts) -> Amounts:
    """Σ of the prefix sums from start up to before end; 0 where end is not beyond start."""
    start = np.broadcast_to(start, np.broadcast_shapes(start.shape, end.shape))
    end = np.maximum(end, start)
    total: Amounts = np.take_along_axis(summed, end, axis=1) - np.take_along_axis(
        summed, start, axis=1
    )
    return total
