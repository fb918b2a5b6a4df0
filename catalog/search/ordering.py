"""The order of what was found: the chosen order first, then the month's tie-break.

Both are whole numbers and are put into one: the best few of many are found without sorting.
"""

from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from catalog.chance import chance, tie_month
from catalog.search.bits import Numbers
from catalog.search.nearness import Near, nearness
from catalog.search.snapshot import Snapshot

_TIE_BITS = 30  # a thousand million documents
_TIES = (1 << _TIE_BITS) - 1
_MOST = 1 << 33  # no value of an order is greater: seconds until the year 2242


class Sort(StrEnum):
    """The orders a reader can ask for."""

    RELEVANCE = "relevance"
    UPDATED = "updated"
    CLOSING_SOON = "closing_soon"
    JOINING_BODIES = "joining_bodies"
    NEAREST = "nearest"


def first_of(
    snapshot: Snapshot, numbers: Numbers, values: NDArray[np.int64], now: datetime, wanted: int
) -> tuple[Numbers, NDArray[np.int64]]:
    """The documents of the greatest values in order, so many of them, and their values.

    values: per number, from 0 on and below 2³³.
    """
    ranks, documents = snapshot.tie_ranks(tie_month(now), chance)
    keys = (values << _TIE_BITS) + (_TIES - ranks.take(numbers))
    if len(keys) > 2 * wanted:
        keys = np.partition(keys, len(keys) - wanted)[len(keys) - wanted :]
    best = np.sort(keys)[::-1][:wanted]
    return documents.take(_TIES - (best & _TIES)), best >> _TIE_BITS


def values_of(
    snapshot: Snapshot, numbers: Numbers, sort: Sort, near: Near | None, now: datetime
) -> NDArray[np.int64] | None:
    """What the order goes by, per number: greatest first, equal values are ties.

    None where that is the score.
    """
    columns = snapshot.numbers
    if sort is Sort.UPDATED:
        return columns["updated_at"][numbers]
    if sort is Sort.JOINING_BODIES:
        return columns["joining_bodies"][numbers]
    if sort is Sort.CLOSING_SOON:
        return _closing_values(columns["closes_at"][numbers], now)
    if sort is Sort.NEAREST and near:
        distance = nearness(columns["population"][numbers], columns["peer_group"][numbers], near)
        return _MOST - 1 - np.minimum(distance, _MOST - 1).astype(np.int64)
    return None


def _closing_values(closes: NDArray[np.int64], now: datetime) -> NDArray[np.int64]:
    """Still open by deadline, then what has none, then what has closed, latest first."""
    left = closes - int(now.timestamp())
    middle = _MOST // 2
    waiting = np.where(left >= 0, _MOST - 1 - left, np.maximum(middle - 1 + left, 0))
    return np.where(closes == 0, middle, waiting)
