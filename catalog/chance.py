"""The order among equals: by a hash of id and month, the month printed (domain §6).

Nobody gains by a name, payment or age, and whoever doubts it can recompute it.
"""

import hashlib
from datetime import UTC, datetime
from functools import lru_cache

from foundation.clock import to_jst

_HOUR = 3_600  # seconds


def tie_month(now: datetime) -> str:
    """The month that decides, printed beside what it orders: 「2026-11」."""
    return _month_of(int(now.timestamp()) // _HOUR)


@lru_cache(maxsize=4)
def _month_of(hour: int) -> str:
    """A month begins with an hour, in Japan as in UTC."""
    there = to_jst(datetime.fromtimestamp(hour * _HOUR, UTC))
    return f"{there.year:04d}-{there.month:02d}"


@lru_cache(maxsize=200_000)  # of each document once a month, not once a generation
def chance(key: str, month: str) -> bytes:
    """What equals are sorted by. key: kind and id, as 「offering:12」."""
    return hashlib.sha256(f"{key}|{month}".encode()).digest()[:8]
