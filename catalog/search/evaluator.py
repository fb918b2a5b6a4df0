"""NumPy evaluation of one query over one generation of the index: matches, counts, order.

Everything is exact: the total, each facet's counts (as if its own facet were not chosen),
and the order, ties included.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.search.bits import (
    Bits,
    Found,
    Numbers,
    count_bits,
    those_of,
)
from catalog.search.deadlines import FACET as DEADLINE
from catalog.search.documents import Viewer
from catalog.search.lookups import Terms
from catalog.search.nearness import Near
from catalog.search.ordering import Sort, first_of, values_of
from catalog.search.plan import Plan
from catalog.search.schema import fictional_value
from catalog.search.snapshot import Snapshot, field_names
from catalog.search.terms import POINTS

REALITY = "fictional"  # the facet of what is real and what is not
REAL = fictional_value(False)

__all__ = ["Evaluation", "Hit", "Sort", "count_matches", "evaluate"]


class Hit(NamedTuple):
    """A document of the page. `matched` names the fields in which words were found, `values` the
    atoms of the facet values that it has of those looked for."""

    number: int
    score: float
    matched: tuple[str, ...]
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The answer in document numbers. `counts` holds every value the viewer can meet.

    real_total: how many of the matches are not fictional. numbers: the documents of the page.
    explain: says why each of them is there.
    """

    total: int
    real_total: int
    numbers: tuple[int, ...]
    counts: dict[str, dict[str, int]]
    explain: Callable[[], tuple[Hit, ...]] = field(repr=False, compare=False)

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """The documents of the page with what speaks for them, worked out when it is shown."""
        return self.explain()


def evaluate(
    terms: Terms,
    plan: Plan,
    *,
    filters: Mapping[str, Sequence[str]],
    sort: Sort,
    offset: int,
    limit: int,
    now: datetime,
    near: Near | None = None,
) -> Evaluation:
    """Total, the documents from `offset` on, and counts. `now` decides deadlines and ties.

    near: what NEAREST is near to; without it that order is by relevance.
    """
    snapshot, viewer = terms.snapshot, terms.viewer
    found = terms.matching(plan)
    masks = {name: _mask(snapshot, viewer, name, values, now) for name, values in filters.items()}
    chosen = _chosen(terms, found, masks, filters)
    values: NDArray[np.integer] | None = values_of(snapshot, chosen, sort, near, now)
    if values is None and not plan.is_empty:
        values = terms.scores(plan, chosen.documents)
    shown = first_of(snapshot, chosen, values, now, offset + limit)[offset:]
    counts = snapshot.facets(viewer).counts(chosen)
    counts[DEADLINE] = snapshot.deadlines.counts(chosen.bits, snapshot.visible(viewer), now)
    for name in masks:
        among = _all_of(found.bits, (mask for other, mask in masks.items() if other != name))
        counts[name] = _counts_of(snapshot, viewer, name, among, now)
    return Evaluation(
        total=len(chosen),
        real_total=_count_real(snapshot, viewer, chosen.bits, masks, counts),
        numbers=tuple(shown.tolist()),
        counts={name: counted for name, counted in counts.items() if counted},
        explain=lambda: _hits(terms, plan, shown),
    )


def count_matches(
    terms: Terms, plan: Plan, filters: Mapping[str, Sequence[str]], now: datetime
) -> int:
    """How many documents match, without listing them."""
    found = terms.matching(plan)
    if not filters:
        return len(found)
    masks = (
        _mask(terms.snapshot, terms.viewer, name, values, now) for name, values in filters.items()
    )
    return count_bits(_all_of(found.bits, masks))


def _chosen(
    terms: Terms, found: Found, masks: Mapping[str, Bits], filters: Mapping[str, Sequence[str]]
) -> Found:
    """Those of the found documents that pass every filter."""
    if not masks:
        return found

    def narrow() -> Found:
        bits = _all_of(found.bits, masks.values())
        return Found(bits, those_of(found.documents, bits))

    if found is not terms.snapshot.all_found(terms.viewer) or DEADLINE in masks:
        return narrow()
    # Filters alone are chosen again and again: what passes them is kept like what a word finds.
    key = tuple((name, *values) for name, values in filters.items())
    return terms.snapshot.group((terms.viewer, "filters", key), narrow)


def _all_of(found: Bits, masks: Iterable[Bits]) -> Bits:
    return reduce(np.bitwise_and, masks, found)


def _mask(
    snapshot: Snapshot, viewer: Viewer, facet: str, values: Sequence[str], now: datetime
) -> Bits:
    """Documents with any of the facet's values. A deadline's value depends on the time."""
    if facet == DEADLINE:
        return snapshot.deadlines.any_of(values, now)
    return snapshot.facets(viewer).any_of(facet, values)


def _counts_of(
    snapshot: Snapshot, viewer: Viewer, facet: str, among: Bits, now: datetime
) -> dict[str, int]:
    if facet == DEADLINE:
        return snapshot.deadlines.counts(among, snapshot.visible(viewer), now)
    return snapshot.facets(viewer).counts_of(facet, among)


def _count_real(
    snapshot: Snapshot,
    viewer: Viewer,
    matched: Bits,
    masks: Mapping[str, Bits],
    counts: Mapping[str, Mapping[str, int]],
) -> int:
    if REALITY in masks:  # its counts leave the choice aside
        return count_bits(matched & snapshot.facets(viewer).any_of(REALITY, (REAL,)))
    return counts.get(REALITY, {}).get(REAL, 0)


def _hits(terms: Terms, plan: Plan, shown: Numbers) -> tuple[Hit, ...]:
    scores = terms.scores(plan, shown)
    names = [field_names(terms.viewer, mask) for mask in terms.fields(plan, shown).tolist()]
    values = terms.values(plan, shown)
    return tuple(
        Hit(number, score, matched, values.get(number, ()))
        for number, score, matched in zip(
            shown.tolist(), (scores / POINTS).tolist(), names, strict=True
        )
    )
