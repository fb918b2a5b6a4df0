"""How near an entry's municipality is in size to the reader's: the key of `nearest`."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_UNKNOWN_LAST = 1e15
_STEPS = 1_000  # logarithms are told apart to the third digit: 0.1 % of a population


@dataclass(frozen=True, kw_only=True)
class Near:
    """The size one is near to. words: as a reader sees it; peer_group "" when unknown."""

    population: int
    peer_group: str = ""
    words: str = ""


def peer_number(peer_group: str) -> int:
    """A number for a 類似団体 group, so that a column can hold it; 0 for none."""
    if not peer_group:
        return 0
    return 1 + int.from_bytes(hashlib.sha256(peer_group.encode()).digest()[:6])


def nearness(
    populations: NDArray[np.int64], peers: NDArray[np.int64], near: Near
) -> NDArray[np.float64]:
    """Smallest is nearest: the ratio of the populations, then the same group, unknown last."""
    known = populations > 0
    logs = np.log(np.where(known, populations, 1))
    distance = np.round(np.abs(logs - np.log(max(near.population, 1))) * _STEPS)
    own = peer_number(near.peer_group)
    stranger = np.where((peers == own) & (own != 0), 0.0, 1.0)
    return np.where(known, 2 * distance + stranger, _UNKNOWN_LAST)
