"""The order of what was found: the chosen order first, then the month's tie-break.

Both are whole numbers and are put into one: the best few of many are found without sorting.
"""

from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from catalog.chance import chance, tie_month
from catalog.search.bits import TRUSTED, Found, Numbers, has_documents
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
    snapshot: Snapshot,
    found: Found,
    values: NDArray[np.integer] | None,
    now: datetime,
    wanted: int,
) -> Numbers:
    """The documents of the greatest values in order, so many of them.

    values: per document, from 0 on and below 2³³; None where all are equal.
    """
    ranks, documents = snapshot.tie_ranks(tie_month(now), chance)
    if values is None:
        return _first_by_ties(found, documents, wanted)
    numbers = found.documents
    if len(values) > 2 * wanted:  # their ties need no look
        least = np.partition(values, len(values) - wanted)[len(values) - wanted]
        kept = np.flatnonzero(values >= least)
        numbers, values = numbers.take(kept), values.take(kept)
    keys = (values.astype(np.int64) << _TIE_BITS) + (_TIES - ranks.take(numbers, mode=TRUSTED))
    best = np.sort(keys)[::-1][:wanted]
    return documents.take(_TIES - (best & _TIES))


def _first_by_ties(found: Found, documents: Numbers, wanted: int) -> Numbers:
    """documents: all of them, as ties are decided. Looked through as far as is needed."""
    wanted = min(wanted, len(found))
    look = 2 * wanted * (len(documents) // max(1, len(found)) + 1)
    while True:
        first = documents[:look]
        first = first[has_documents(found.bits, first)]
        if len(first) >= wanted:
            return first[:wanted]
        look *= 2


def values_of(
    snapshot: Snapshot, found: Found, sort: Sort, near: Near | None, now: datetime
) -> NDArray[np.int64] | None:
    """What the order goes by, per document: greatest first, equal values are ties.

    None where that is the score.
    """

    def column(name: str) -> NDArray[np.int64]:
        return snapshot.numbers[name].take(found.documents, mode=TRUSTED)

    if sort is Sort.UPDATED:
        return column("updated_at")
    if sort is Sort.JOINING_BODIES:
        return column("joining_bodies")
    if sort is Sort.CLOSING_SOON:
        return _closing_values(column("closes_at"), now)
    if sort is Sort.NEAREST and near:
        distance = nearness(column("population"), column("peer_group"), near)
        return _MOST - 1 - np.minimum(distance, _MOST - 1).astype(np.int64)
    return None


def _closing_values(closes: NDArray[np.int64], now: datetime) -> NDArray[np.int64]:
    """Still open by deadline, then what has none, then what has closed, latest first."""
    left = closes - int(now.timestamp())
    middle = _MOST // 2
    waiting = np.where(left >= 0, _MOST - 1 - left, np.maximum(middle - 1 + left, 0))
    return np.where(closes == 0, middle, waiting)
