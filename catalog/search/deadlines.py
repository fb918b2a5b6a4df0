"""The facet `deadline`: what is left until an entry closes, at the moment of asking."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from catalog.search.bands import DEADLINES
from catalog.search.bits import Bits, has_documents, pack

FACET = "deadline"


class Deadlines:
    """The entries that close at some moment, by that moment."""

    def __init__(self, closes_at: NDArray[np.int64]) -> None:
        """closes_at: per document in seconds, 0 for none."""
        closing = np.flatnonzero(closes_at)
        order = np.argsort(closes_at[closing], kind="stable")
        self._documents = closing[order]
        self._moments = closes_at[self._documents]
        self._count = len(closes_at)

    def any_of(self, values: Sequence[str], now: datetime) -> Bits:
        """Documents that fall under any of the values at this moment."""
        spans = self._spans(now)
        found = [self._documents[start:end] for value, start, end in spans if value in values]
        return pack(np.concatenate([*found, self._documents[:0]]), self._count)

    def counts(self, among: Bits, visible: Bits, now: datetime) -> dict[str, int]:
        """Value → how many among these documents; only values that visible documents have."""
        if not len(self._documents):
            return {}
        seen = has_documents(visible, self._documents)
        found = seen & has_documents(among, self._documents)
        return {
            value: int(found[start:end].sum())
            for value, start, end in self._spans(now)
            if seen[start:end].any()
        }

    def _spans(self, now: datetime) -> list[tuple[str, int, int]]:
        """Value → from which to which of the moments, in order, it reaches."""
        moment = int(now.timestamp())
        spans = []
        for value, lower, upper, _ in DEADLINES:
            start, end = 0, len(self._moments)
            if lower is not None:
                start = int(self._moments.searchsorted(moment + lower))
            if upper is not None:
                end = int(self._moments.searchsorted(moment + upper, side="right"))
            spans.append((value, start, end))
        return spans
