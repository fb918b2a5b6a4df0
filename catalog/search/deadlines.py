"""The facet `deadline`: what is left until an entry closes, at the moment of asking."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from catalog.search.bands import DEADLINES

FACET = "deadline"


def deadline_flags(
    closes_at: NDArray[np.int64], values: Sequence[str], now: datetime
) -> NDArray[np.bool_]:
    """Which of these deadlines (seconds, 0 = none) fall under any of the values."""
    left = closes_at - int(now.timestamp())
    flags = np.zeros(len(closes_at), np.bool_)
    for value, lower, upper, _ in DEADLINES:
        if value in values:
            inside = np.ones(len(closes_at), np.bool_)
            if lower is not None:
                inside &= left >= lower
            if upper is not None:
                inside &= left <= upper
            flags |= inside
    flags &= closes_at != 0
    return flags
