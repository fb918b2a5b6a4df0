"""NumPy evaluation of one query over one generation of the index: matches, counts, order.

Everything is exact: the total, each facet's counts (as if its own facet were not chosen),
and the order, ties included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from catalog.chance import chance, tie_month
from catalog.search.documents import Viewer
from catalog.search.snapshot import (
    Bits,
    Snapshot,
    TermPostings,
    count_bits,
    documents_of,
    field_names,
)


class Sort(StrEnum):
    """The orders a reader can ask for."""

    RELEVANCE = "relevance"
    UPDATED = "updated"
    CLOSING_SOON = "closing_soon"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is looked for.

    required: groups that must all match; a group matches by any of its terms.
    ranking: terms that only rank. pairs: neighbouring nouns, rank too. exact: a whole title.
    """

    required: tuple[tuple[str, ...], ...] = ()
    ranking: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    exact: str = ""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A document of the page. `matched` names the fields in which words were found."""

    number: int
    score: float
    matched: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The answer in document numbers. `counts` holds every value the viewer can meet.

    real_total: how many of the matches are not fictional.
    """

    total: int
    real_total: int
    hits: tuple[Hit, ...]
    counts: dict[str, dict[str, int]]


def evaluate(
    snapshot: Snapshot,
    plan: Plan,
    *,
    viewer: Viewer,
    filters: Mapping[str, Sequence[str]],
    sort: Sort,
    offset: int,
    limit: int,
    now: datetime,
) -> Evaluation:
    """Total, the documents from `offset` on, and counts. `now` decides deadlines and ties."""
    found = _matching(snapshot, plan, viewer)
    masks = {name: snapshot.any_of(viewer, name, values) for name, values in filters.items()}
    matched = found
    for mask in masks.values():
        matched = matched & mask
    counts = {
        name: snapshot.counts(viewer, name, _without(found, masks, name, matched))
        for name in snapshot.facet_names(viewer)
    }
    numbers = documents_of(matched, snapshot.count)
    scores = _scores(snapshot, plan, viewer)[numbers]
    order = _order(snapshot, numbers, scores, sort, now, offset + limit)[offset:]
    shown = numbers[order]
    fields = _matched_fields(snapshot, plan, viewer, shown)
    hits = tuple(
        Hit(number=number, score=score, matched=matched)
        for number, score, matched in zip(
            shown.tolist(), scores[order].tolist(), fields, strict=True
        )
    )
    real = snapshot.any_of(viewer, "fictional", ("real",))
    return Evaluation(
        total=len(numbers), real_total=count_bits(matched & real), hits=hits, counts=counts
    )


def count_matches(
    snapshot: Snapshot, plan: Plan, viewer: Viewer, filters: Mapping[str, Sequence[str]]
) -> int:
    """How many documents match, without listing them."""
    found = _matching(snapshot, plan, viewer)
    for name, values in filters.items():
        found = found & snapshot.any_of(viewer, name, values)
    return count_bits(found)


def _without(found: Bits, masks: Mapping[str, Bits], name: str, matched: Bits) -> Bits:
    """The matches as they would be if nothing were chosen in this facet."""
    if name not in masks:
        return matched
    for other, mask in masks.items():
        if other != name:
            found = found & mask
    return found


def _matching(snapshot: Snapshot, plan: Plan, viewer: Viewer) -> Bits:
    found = snapshot.visible(viewer)
    for group in plan.required:
        bits = [snapshot.text(viewer, term).bits for term in group]
        found = found & np.bitwise_or.reduce(bits) if len(bits) > 1 else found & bits[0]
    return found


def _scores(snapshot: Snapshot, plan: Plan, viewer: Viewer) -> NDArray[np.float64]:
    scores = np.zeros(snapshot.count, np.float64)
    for terms in _scored_terms(snapshot, plan, viewer):
        scores[terms.documents] += terms.impacts
    # Equal to the eye is equal: what remains is decided by the month's tie-break.
    return np.round(scores, 3)


def _scored_terms(snapshot: Snapshot, plan: Plan, viewer: Viewer) -> list[TermPostings]:
    terms = [snapshot.text(viewer, term) for group in plan.required for term in group]
    terms += [snapshot.text(viewer, term) for term in plan.ranking]
    terms += [snapshot.pair(viewer, pair) for pair in plan.pairs]
    if plan.exact:
        terms.append(snapshot.exact(viewer, plan.exact))
    return terms


def _matched_fields(
    snapshot: Snapshot, plan: Plan, viewer: Viewer, numbers: NDArray[np.int64]
) -> list[tuple[str, ...]]:
    masks = np.zeros(len(numbers), np.int64)
    for word in (*(term for group in plan.required for term in group), *plan.ranking):
        masks |= snapshot.text(viewer, word).fields_of(numbers)
    return [field_names(viewer, mask) for mask in masks.tolist()]


def _order(
    snapshot: Snapshot,
    numbers: NDArray[np.int64],
    scores: NDArray[np.float64],
    sort: Sort,
    now: datetime,
    wanted: int,
) -> NDArray[np.int64]:
    """Places in `numbers`, best first, at least the `wanted` first ones in exact order."""
    ranks = snapshot.tie_ranks(tie_month(now), chance)[numbers]
    first = _first_key(snapshot, numbers, scores, sort, now)
    if len(numbers) > 4 * wanted:
        edge = np.partition(first, wanted - 1)[wanted - 1]
        kept = np.flatnonzero(first <= edge)
    else:
        kept = np.arange(len(numbers))
    return kept[np.lexsort((ranks[kept], first[kept]))][:wanted]


def _first_key(
    snapshot: Snapshot,
    numbers: NDArray[np.int64],
    scores: NDArray[np.float64],
    sort: Sort,
    now: datetime,
) -> NDArray[np.float64]:
    """Smallest first; equal keys are ties."""
    if sort is Sort.RELEVANCE:
        return -scores
    if sort is Sort.UPDATED:
        return -snapshot.numbers["updated_at"][numbers].astype(np.float64)
    closes = snapshot.numbers["closes_at"][numbers].astype(np.float64)
    # Still open by deadline, then what has none, then what has closed, latest first.
    open_still = closes >= now.timestamp()
    return np.where(open_still, closes, np.where(closes == 0, 1e15, 2e15 - closes))
