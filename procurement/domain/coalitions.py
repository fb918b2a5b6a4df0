"""Which bodies would gain most by buying without the others (domain §3, Fairness view).

Up to 20 bodies every set is looked at. Above that the best set found by searching: sets of
bodies that pay much for what they add, then improved one body at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from procurement.domain.coalition_game import CoalitionGame
from procurement.domain.price_arrays import Amounts
from procurement.domain.shapley import SEED, subset_sums

_MOST_STEPS = 400
_RANDOM_ORDERS = 24
_STARTS_IMPROVED = 4


@dataclass(frozen=True, kw_only=True)
class Coalition:
    """A set of bodies and what it pays: in the sharing, and on its own. Yen over the term."""

    codes: tuple[str, ...]
    share_yen: int
    alone_yen: int

    @cached_property
    def members(self) -> frozenset[str]:
        """The codes, to look one up."""
        return frozenset(self.codes)

    @property
    def gain_yen(self) -> int:
        """What it would save by buying on its own; negative where it would pay more."""
        return self.share_yen - self.alone_yen


def best_of_all(game: CoalitionGame, shares: Amounts, costs: Amounts) -> Coalition | None:
    """The set that gains most, or loses least, of all that leave somebody out; None for one body.

    shares: one number per body; costs: c(S) of all sets. Among equals the first is taken.
    """
    if game.size < 2:
        return None
    gains = subset_sums(shares[np.newaxis, :])[0][1:-1] - costs[1:-1]
    found = int(np.argmax(gains)) + 1
    members = [bool(found >> body & 1) for body in range(game.size)]
    return make_coalition(game, shares, np.array(members))


def best_found(game: CoalitionGame, shares: Amounts, *, seed: int = SEED) -> Coalition | None:
    """The best set a search finds: there may be a better one. Deterministic."""
    if game.size < 2:
        return None
    starts = sorted(_starts(game, shares, seed), key=lambda start: -start[0])
    best: tuple[float, Amounts] | None = None
    for _, members in starts[:_STARTS_IMPROVED]:
        improved = _improved(game, shares, members)
        if best is None or improved[0] > best[0]:
            best = improved
    assert best is not None
    return make_coalition(game, shares, best[1])


def make_coalition(game: CoalitionGame, shares: Amounts, members: Amounts) -> Coalition:
    """The coalition of the bodies marked in `members`."""
    sums = game.measures[:, members].sum(axis=1, keepdims=True)
    return Coalition(
        codes=tuple(np.array(game.codes)[members].tolist()),
        share_yen=round(sum(shares[members].tolist())),
        alone_yen=int(game.cost(sums)[0]),
    )


def _starts(game: CoalitionGame, shares: Amounts, seed: int) -> Iterator[tuple[float, Amounts]]:
    """(gain, members): the best beginning of each order, and each body alone or left out."""
    for order in _orders(game, shares, seed):
        gains = np.cumsum(shares[order])[:-1] - game.cost(
            np.cumsum(game.measures[:, order], axis=1)[:, :-1]
        )
        end = int(np.argmax(gains))
        members = np.zeros(game.size, dtype=bool)
        members[order[: end + 1]] = True
        yield float(gains[end]), members
    for gains, alone in (
        (shares - game.alone(), True),
        (shares.sum() - shares - game.without_each(), False),
    ):
        place = int(np.argmax(gains))
        members = np.full(game.size, not alone)
        members[place] = alone
        yield float(gains[place]), members


def _orders(game: CoalitionGame, shares: Amounts, seed: int) -> Iterator[Amounts]:
    """Those first that pay most: per quantity, against buying alone, against what they add."""
    added = game.joint() - game.without_each()
    keys = [shares - game.alone(), shares - added, shares]
    keys += [key / np.maximum(game.alone(), 1) for key in keys[:2]]
    for measure in game.measures:
        known = np.maximum(measure, 1)
        keys += [measure, shares / known, (shares - added) / known]
    for key in keys:
        order = np.argsort(-key.astype(float), kind="stable")
        yield order
        yield order[::-1]
    random = np.random.default_rng(seed)
    for _ in range(_RANDOM_ORDERS):
        yield random.permutation(game.size)


def _improved(game: CoalitionGame, shares: Amounts, members: Amounts) -> tuple[float, Amounts]:
    """Take in or leave out the one body that helps most, until none does."""
    members = members.copy()
    sums = game.measures[:, members].sum(axis=1, keepdims=True)
    gain = float(shares[members].sum() - game.cost(sums)[0])
    for _ in range(_MOST_STEPS):
        sign = np.where(members, -1, 1)
        gains = shares[members].sum() + sign * shares - game.cost(sums + sign * game.measures)
        count = int(members.sum()) + sign
        gains = np.where((count > 0) & (count < game.size), gains.astype(float), -np.inf)
        body = int(np.argmax(gains))
        if gains[body] <= gain:
            break
        gain = float(gains[body])
        sums = sums + sign[body] * game.measures[:, body : body + 1]
        members[body] = not members[body]
    return gain, members
