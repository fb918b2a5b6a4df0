"""The order among equals: by a hash of id and month, the month printed (domain §6).

Nobody gains by a name, payment or age, and whoever doubts it can recompute it.
"""

import hashlib
from datetime import datetime
from functools import lru_cache

from foundation.clock import to_jst


def tie_month(now: datetime) -> str:
    """The month that decides, printed beside what it orders: 「2026-11」."""
    there = to_jst(now)
    return f"{there.year:04d}-{there.month:02d}"


@lru_cache(maxsize=200_000)  # of each document once a month, not once a generation
def chance(key: str, month: str) -> bytes:
    """What equals are sorted by. key: kind and id, as 「offering:12」."""
    return hashlib.sha256(f"{key}|{month}".encode()).digest()[:8]
