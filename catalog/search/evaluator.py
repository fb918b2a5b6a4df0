"""NumPy evaluation of one query over one generation of the index: matches, counts, order.

Everything is exact: the total, each facet's counts (as if its own facet were not chosen),
and the order, ties included.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from catalog.chance import chance, tie_month
from catalog.search.bands import DEADLINES
from catalog.search.deadlines import FACET as DEADLINE
from catalog.search.deadlines import deadline_flags
from catalog.search.documents import Viewer
from catalog.search.nearness import Near, nearness
from catalog.search.snapshot import (
    Bits,
    Snapshot,
    TermPostings,
    count_bits,
    documents_of,
    field_names,
    pack_flags,
)


class Sort(StrEnum):
    """The orders a reader can ask for."""

    RELEVANCE = "relevance"
    UPDATED = "updated"
    CLOSING_SOON = "closing_soon"
    JOINING_BODIES = "joining_bodies"
    NEAREST = "nearest"


# An atom is a term of the text fields or, with a space inside, a pair of neighbouring units.
# All atoms of an alternative must match; a group matches by any of its alternatives.
Alternative = tuple[str, ...]
Group = tuple[Alternative, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is looked for. A document matches when every group of `required` does and nothing of
    `excluded`; without a required group everything visible does.

    ranking: terms that only rank. pairs: neighbouring units, rank too. exact: a whole title.
    weights: what an atom counts beside the others; 1 where nothing is said.
    """

    required: tuple[Group, ...] = ()
    excluded: tuple[Alternative, ...] = ()
    ranking: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    exact: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def atoms(self) -> tuple[str, ...]:
        """Every atom that can make a document match, each once."""
        return tuple(
            dict.fromkeys(
                atom for group in self.required for alternative in group for atom in alternative
            )
        )

    @property
    def everything(self) -> set[str]:
        """Every atom that is looked up at all."""
        excluded = (atom for alternative in self.excluded for atom in alternative)
        return {*self.atoms, *excluded, *self.ranking, *self.pairs}


def is_pair(atom: str) -> bool:
    """Whether the atom stands for two neighbouring units."""
    return " " in atom


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
    near: Near | None = None,
) -> Evaluation:
    """Total, the documents from `offset` on, and counts. `now` decides deadlines and ties.

    near: what NEAREST is near to; without it that order is by relevance.
    """
    found = _matching(snapshot, plan, viewer)
    masks = {name: _mask(snapshot, viewer, name, values, now) for name, values in filters.items()}
    matched = found
    for mask in masks.values():
        matched = matched & mask
    counts = {
        name: snapshot.counts(viewer, name, _without(found, masks, name, matched))
        for name in snapshot.facet_names(viewer)
    }
    counts |= _deadline_counts(snapshot, viewer, _without(found, masks, DEADLINE, matched), now)
    numbers = documents_of(matched, snapshot.count)
    scores = _scores(snapshot, plan, viewer)[numbers]
    order = _order(snapshot, numbers, scores, (sort, near), now, offset + limit)[offset:]
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
    snapshot: Snapshot,
    plan: Plan,
    viewer: Viewer,
    filters: Mapping[str, Sequence[str]],
    now: datetime,
) -> int:
    """How many documents match, without listing them."""
    found = _matching(snapshot, plan, viewer)
    for name, values in filters.items():
        found = found & _mask(snapshot, viewer, name, values, now)
    return count_bits(found)


def _mask(
    snapshot: Snapshot, viewer: Viewer, facet: str, values: Sequence[str], now: datetime
) -> Bits:
    """Documents with any of the facet's values. A deadline's value depends on the time."""
    if facet != DEADLINE:
        return snapshot.any_of(viewer, facet, values)
    return pack_flags(deadline_flags(snapshot.numbers["closes_at"], values, now))


def _deadline_counts(
    snapshot: Snapshot, viewer: Viewer, among: Bits, now: datetime
) -> dict[str, dict[str, int]]:
    """As the counts of any facet: every value the viewer can meet, at this moment."""
    masks = {value: _mask(snapshot, viewer, DEADLINE, (value,), now) for value, *_ in DEADLINES}
    visible = snapshot.visible(viewer)
    counts = {v: count_bits(mask & among) for v, mask in masks.items() if (mask & visible).any()}
    return {DEADLINE: counts} if counts else {}


def _without(found: Bits, masks: Mapping[str, Bits], name: str, matched: Bits) -> Bits:
    """The matches as they would be if nothing were chosen in this facet."""
    if name not in masks:
        return matched
    for other, mask in masks.items():
        if other != name:
            found = found & mask
    return found


def _matching(snapshot: Snapshot, plan: Plan, viewer: Viewer) -> Bits:
    snapshot.expect(viewer, plan.everything)
    found = snapshot.visible(viewer)
    for group in plan.required:
        found = found & _any_bits(snapshot, viewer, group)
    if plan.excluded:
        found = found & ~_any_bits(snapshot, viewer, plan.excluded)
    return found


def _any_bits(snapshot: Snapshot, viewer: Viewer, alternatives: Iterable[Alternative]) -> Bits:
    """Documents in which all atoms of any alternative stand."""
    bits = [_all_bits(snapshot, viewer, alternative) for alternative in alternatives]
    return reduce(np.bitwise_or, bits)


def _all_bits(snapshot: Snapshot, viewer: Viewer, alternative: Alternative) -> Bits:
    bits = [_postings(snapshot, viewer, atom).bits for atom in alternative]
    return reduce(np.bitwise_and, bits)


def _postings(snapshot: Snapshot, viewer: Viewer, atom: str) -> TermPostings:
    return snapshot.pair(viewer, atom) if is_pair(atom) else snapshot.text(viewer, atom)


def _scores(snapshot: Snapshot, plan: Plan, viewer: Viewer) -> NDArray[np.float64]:
    scores = np.zeros(snapshot.count, np.float64)
    for atom in dict.fromkeys((*plan.atoms, *plan.ranking, *plan.pairs)):
        terms = _postings(snapshot, viewer, atom)
        scores[terms.documents] += terms.impacts * plan.weights.get(atom, 1.0)
    if plan.exact:
        exact = snapshot.exact(viewer, plan.exact)
        scores[exact.documents] += exact.impacts
    # Equal to the eye is equal: what remains is decided by the month's tie-break.
    return np.round(scores, 3)


def _matched_fields(
    snapshot: Snapshot, plan: Plan, viewer: Viewer, numbers: NDArray[np.int64]
) -> list[tuple[str, ...]]:
    masks = np.zeros(len(numbers), np.int64)
    for term in _single_terms(plan):
        masks |= snapshot.text(viewer, term).fields_of(numbers)
    return [field_names(viewer, mask) for mask in masks.tolist()]


def _single_terms(plan: Plan) -> set[str]:
    """The words of a plan one by one: of a pair, which has no field of its own, both."""
    return {term for atom in (*plan.atoms, *plan.ranking) for term in atom.split(" ")}


def _order(
    snapshot: Snapshot,
    numbers: NDArray[np.int64],
    scores: NDArray[np.float64],
    wish: tuple[Sort, Near | None],
    now: datetime,
    wanted: int,
) -> NDArray[np.int64]:
    """Places in `numbers`, best first, at least the `wanted` first ones in exact order."""
    ranks = snapshot.tie_ranks(tie_month(now), chance)[numbers]
    first = _first_key(snapshot, numbers, scores, wish, now)
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
    wish: tuple[Sort, Near | None],
    now: datetime,
) -> NDArray[np.float64]:
    """Smallest first; equal keys are ties."""
    sort, near = wish

    def column(name: str) -> NDArray[np.int64]:
        return snapshot.numbers[name][numbers]

    if sort is Sort.UPDATED:
        return -column("updated_at").astype(np.float64)
    if sort is Sort.JOINING_BODIES:
        return -column("joining_bodies").astype(np.float64)
    if sort is Sort.CLOSING_SOON:
        return _closing_key(column("closes_at").astype(np.float64), now)
    if sort is Sort.NEAREST and near:
        return nearness(column("population"), column("peer_group"), near)
    return -scores


def _closing_key(closes: NDArray[np.float64], now: datetime) -> NDArray[np.float64]:
    """Still open by deadline, then what has none, then what has closed, latest first."""
    open_still = closes >= now.timestamp()
    return np.where(open_still, closes, np.where(closes == 0, 1e15, 2e15 - closes))
