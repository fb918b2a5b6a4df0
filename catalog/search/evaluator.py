"""NumPy evaluation of one query over one generation of the index: matches, counts, order.

Everything is exact: the total, each facet's counts (as if its own facet were not chosen),
and the order, ties included.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.search.bits import Bits, Numbers, count_bits, documents_of, has_documents
from catalog.search.deadlines import FACET as DEADLINE
from catalog.search.documents import Viewer
from catalog.search.nearness import Near
from catalog.search.ordering import Sort, first_of, values_of
from catalog.search.schema import fictional_value
from catalog.search.snapshot import Snapshot, field_names
from catalog.search.terms import POINTS, TermPostings

REALITY = "fictional"  # the facet of what is real and what is not
REAL = fictional_value(False)

__all__ = [
    "Alternative",
    "Evaluation",
    "Group",
    "Hit",
    "Plan",
    "Sort",
    "count_matches",
    "evaluate",
    "is_pair",
]

# In points; more than words can add up to.
_BEFORE_THE_REST = 10_000 * POINTS

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
    first: what matches all of these groups too stands before the rest; none where it is empty.
    """

    required: tuple[Group, ...] = ()
    excluded: tuple[Alternative, ...] = ()
    ranking: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    exact: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    first: tuple[Group, ...] = ()

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
        """Everything that is looked up at all."""
        excluded = (atom for alternative in self.excluded for atom in alternative)
        exact = (self.exact,) if self.exact else ()
        return {*self.atoms, *excluded, *self.ranking, *self.pairs, *exact}


def is_pair(atom: str) -> bool:
    """Whether the atom stands for two neighbouring units."""
    return " " in atom


class Hit(NamedTuple):
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
    terms = _Terms(snapshot, viewer)
    found = terms.matching(plan)
    masks = {name: _mask(snapshot, viewer, name, values, now) for name, values in filters.items()}
    matched = _all_of(found, masks.values())
    numbers = documents_of(matched)
    values = values_of(snapshot, numbers, sort, near, now)
    is_score = values is None
    if values is None:
        values = terms.scores(plan, numbers)
    first, values = first_of(snapshot, numbers, values, now, offset + limit)
    shown = first[offset:]
    counts = snapshot.facets(viewer).counts(matched, numbers)
    counts[DEADLINE] = snapshot.deadlines.counts(matched, snapshot.visible(viewer), now)
    for name in masks:
        among = _all_of(found, (mask for other, mask in masks.items() if other != name))
        counts[name] = _counts_of(snapshot, viewer, name, among, now)
    return Evaluation(
        total=len(numbers),
        real_total=_count_real(snapshot, viewer, matched, masks, counts),
        hits=_hits(terms, plan, shown, values[offset:] if is_score else None),
        counts={name: counted for name, counted in counts.items() if counted},
    )


def count_matches(
    snapshot: Snapshot,
    plan: Plan,
    viewer: Viewer,
    filters: Mapping[str, Sequence[str]],
    now: datetime,
) -> int:
    """How many documents match, without listing them."""
    found = _Terms(snapshot, viewer).matching(plan)
    masks = (_mask(snapshot, viewer, name, values, now) for name, values in filters.items())
    return count_bits(_all_of(found, masks))


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


class _Terms:
    """The postings of one query's atoms, each looked up once."""

    def __init__(self, snapshot: Snapshot, viewer: Viewer) -> None:
        self._snapshot = snapshot
        self.viewer = viewer
        self._found: dict[str, TermPostings] = {}

    def get(self, atom: str) -> TermPostings:
        """The postings of a word or a pair."""
        found = self._found.get(atom)
        if found is None:
            read = self._snapshot.pair if is_pair(atom) else self._snapshot.text
            found = self._found[atom] = read(self.viewer, atom)
        return found

    def matching(self, plan: Plan) -> Bits:
        """Documents that the plan finds. Postings hold visible documents only."""
        if self._snapshot.asks_ahead:
            self._snapshot.expect(self.viewer, plan.everything)
        if plan.required:
            found = reduce(np.bitwise_and, map(self._any, plan.required))
        else:
            found = self._snapshot.visible(self.viewer)
        return found & ~self._any(plan.excluded) if plan.excluded else found

    def _any(self, alternatives: Iterable[Alternative]) -> Bits:
        """Documents in which all atoms of any alternative stand."""
        return reduce(np.bitwise_or, map(self._all, alternatives))

    def _all(self, alternative: Alternative) -> Bits:
        return reduce(np.bitwise_and, [self.get(atom).bits for atom in alternative])

    def scores(self, plan: Plan, numbers: Numbers) -> NDArray[np.int64]:
        """Points of each document, by every atom that it has."""
        scores = np.zeros(len(numbers), np.int64)
        others = None  # what rare atoms give, by document
        for terms, weight in self._scoring(plan):
            if terms.is_dense:
                scores += _weighed(terms.column.take(numbers), weight)
                continue
            if others is None:
                others = np.zeros(self._snapshot.count, np.int64)
            others[terms.documents] += _weighed(terms.impacts, weight)
        if others is not None:
            scores += others.take(numbers)
        if plan.first:
            whole = has_documents(self.matching(Plan(required=plan.first)), numbers)
            scores += whole * _BEFORE_THE_REST
        return scores

    def _scoring(self, plan: Plan) -> Iterator[tuple[TermPostings, float]]:
        for atom in dict.fromkeys((*plan.atoms, *plan.ranking, *plan.pairs)):
            terms = self.get(atom)
            if len(terms.documents):
                yield terms, plan.weights.get(atom, 1.0)
        if plan.exact:
            yield self._snapshot.exact(self.viewer, plan.exact), 1.0

    def fields(self, plan: Plan, numbers: Numbers) -> NDArray[np.uint8]:
        """Per document, a mask of the fields in which words were found.

        A pair has no field of its own: both of its words are looked for.
        """
        masks = np.zeros(len(numbers), np.uint8)
        for term in {term for atom in (*plan.atoms, *plan.ranking) for term in atom.split(" ")}:
            masks |= self.get(term).fields_of(numbers)
        return masks


def _weighed(impacts: NDArray[np.int32], weight: float) -> NDArray[np.int32]:
    return impacts if weight == 1.0 else np.rint(impacts * weight).astype(np.int32)


def _hits(
    terms: _Terms, plan: Plan, shown: Numbers, scores: NDArray[np.int64] | None
) -> tuple[Hit, ...]:
    if scores is None:
        scores = terms.scores(plan, shown)
    masks = terms.fields(plan, shown).tolist()
    return tuple(
        Hit(number=number, score=score / POINTS, matched=field_names(terms.viewer, mask))
        for number, score, mask in zip(shown.tolist(), scores.tolist(), masks, strict=True)
    )
