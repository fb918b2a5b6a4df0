"""NumPy evaluation of one query over one generation of the index: matches, counts, order.

Everything is exact: the total, each facet's counts (as if its own facet were not chosen),
and the order, ties included.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, reduce
from itertools import filterfalse
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.search.bits import Bits, Found, Numbers, count_bits, has_documents, those_of
from catalog.search.deadlines import FACET as DEADLINE
from catalog.search.documents import Viewer
from catalog.search.nearness import Near
from catalog.search.ordering import Sort, first_of, values_of
from catalog.search.schema import fictional_value
from catalog.search.snapshot import Snapshot, field_names
from catalog.search.terms import POINTS, Points, TermPostings
from catalog.search.value_words import is_value

REALITY = "fictional"  # the facet of what is real and what is not
REAL = fictional_value(False)

__all__ = [
    "Alternative",
    "Evaluation",
    "Exclusion",
    "Group",
    "Hit",
    "Plan",
    "Sort",
    "Terms",
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
# What an excluded word finds by itself: all of its groups.
Exclusion = tuple[Group, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is looked for. A document matches when every group of `required` does and no whole
    exclusion; without a required group everything visible does.

    ranking: terms that only rank. pairs: neighbouring units, rank too. exact: a whole title.
    weights: what an atom counts beside the others; 1 where nothing is said.
    first: what matches all of these groups too stands before the rest; none where it is empty.
    """

    required: tuple[Group, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
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

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Those of the atoms that stand for facet values."""
        found = dict.fromkeys(
            [a for group in self.required for alternative in group for a in alternative]
        )
        return tuple([atom for atom in found if is_value(atom)])

    @property
    def everything(self) -> set[str]:
        """Everything that is looked up at all."""
        groups = (group for exclusion in self.excluded for group in exclusion)
        excluded = (atom for group in groups for alternative in group for atom in alternative)
        exact = (self.exact,) if self.exact else ()
        return {*self.atoms, *excluded, *self.ranking, *self.pairs, *exact}


def is_pair(atom: str) -> bool:
    """Whether the atom stands for two neighbouring units."""
    return " " in atom


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

    real_total: how many of the matches are not fictional.
    """

    total: int
    real_total: int
    hits: tuple[Hit, ...]
    counts: dict[str, dict[str, int]]


def evaluate(
    terms: "Terms",
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
    matched = _all_of(found.bits, masks.values())
    numbers = those_of(found.documents, matched) if masks else found.documents
    values = values_of(snapshot, numbers, sort, near, now)
    is_score = values is None
    if values is None:
        values = terms.scores(plan, numbers)
    first, values = first_of(snapshot, numbers, values, now, offset + limit)
    shown = first[offset:]
    counts = snapshot.facets(viewer).counts(matched, numbers)
    counts[DEADLINE] = snapshot.deadlines.counts(matched, snapshot.visible(viewer), now)
    for name in masks:
        among = _all_of(found.bits, (mask for other, mask in masks.items() if other != name))
        counts[name] = _counts_of(snapshot, viewer, name, among, now)
    return Evaluation(
        total=len(numbers),
        real_total=_count_real(snapshot, viewer, matched, masks, counts),
        hits=_hits(terms, plan, shown, values[offset:] if is_score else None),
        counts={name: counted for name, counted in counts.items() if counted},
    )


def count_matches(
    terms: "Terms", plan: Plan, filters: Mapping[str, Sequence[str]], now: datetime
) -> int:
    """How many documents match, without listing them."""
    found = terms.matching(plan)
    if not filters:
        return len(found)
    masks = (
        _mask(terms.snapshot, terms.viewer, name, values, now) for name, values in filters.items()
    )
    return count_bits(_all_of(found.bits, masks))


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


class Terms:
    """What one request has looked up for one reader: each atom and each plan once."""

    def __init__(self, snapshot: Snapshot, viewer: Viewer) -> None:
        self.snapshot = snapshot
        self.viewer = viewer
        self._found: dict[str, TermPostings] = {}
        self._matched: dict[int, tuple[Plan, Found]] = {}  # the plan is held, so its id is its own
        self._parted: tuple[Plan, list[Points]] | None = None

    def get(self, atom: str) -> TermPostings:
        """The postings of a word or a pair."""
        found = self._found.get(atom)
        if found is None:
            found = self._found[atom] = self._read(atom)
        return found

    def _read(self, atom: str) -> TermPostings:
        if is_value(atom):
            return self.snapshot.value(self.viewer, atom)
        read = self.snapshot.pair if is_pair(atom) else self.snapshot.text
        return read(self.viewer, atom)

    def matching(self, plan: Plan) -> Found:
        """Documents that the plan finds. Postings hold visible documents only."""
        matched = self._matched.get(id(plan))
        if matched is None:
            matched = self._matched[id(plan)] = plan, self._find(plan)
        return matched[1]

    def _find(self, plan: Plan) -> Found:
        if self.snapshot.asks_ahead:
            self.snapshot.expect(self.viewer, filterfalse(is_value, plan.everything))
        groups = [self._any(group) for group in plan.required]
        if not groups:
            groups = [self.snapshot.all_found(self.viewer)]
        if len(groups) == 1 and not plan.excluded:
            return groups[0]
        bits = _all_of(groups[0].bits, (group.bits for group in groups[1:]))
        for excluded in plan.excluded:
            bits = bits & ~self._all_groups(excluded)
        return Found(bits, those_of(min(groups, key=len).documents, bits))

    def _all_groups(self, groups: Iterable[Group]) -> Bits:
        return reduce(np.bitwise_and, [self._any(group).bits for group in groups])

    def _any(self, alternatives: Group) -> Found:
        """Documents in which all atoms of any alternative stand."""
        if len(alternatives) == 1 and len(alternatives[0]) == 1:
            return self.get(alternatives[0][0]).found

        def read() -> Found:
            return Found(reduce(np.bitwise_or, map(self._all, alternatives)))

        return self.snapshot.group((self.viewer, alternatives), read)

    def _all(self, alternative: Alternative) -> Bits:
        return reduce(np.bitwise_and, [self.get(atom).found.bits for atom in alternative])

    def scores(self, plan: Plan, numbers: Numbers) -> NDArray[np.int64]:
        """Points of each document, by every atom that it has."""
        scores = np.zeros(len(numbers), np.int64)
        for part in self._parts(plan):
            scores += part.points.take(numbers)
        if plan.first:
            scores += has_documents(self._all_groups(plan.first), numbers) * _BEFORE_THE_REST
        return scores

    def fields(self, plan: Plan, numbers: Numbers) -> NDArray[np.uint8]:
        """Per document, a mask of the fields in which words were found."""
        masks = np.zeros(len(numbers), np.uint8)
        for part in self._parts(plan):
            masks |= part.fields.take(numbers)
        return masks

    def values(self, plan: Plan, numbers: Numbers) -> dict[int, tuple[str, ...]]:
        """The atoms of facet values that the documents have, of those that are looked for."""
        found: dict[int, tuple[str, ...]] = {}
        for atom in plan.values:
            for number in numbers[has_documents(self.get(atom).found.bits, numbers)].tolist():
                found[number] = (*found.get(number, ()), atom)
        return found

    def _parts(self, plan: Plan) -> list[Points]:
        """The points of each word with its synonyms, and of what only ranks; no atom twice."""
        if self._parted is None or self._parted[0] is not plan:
            met: set[str] = set()
            parts = [self._word(plan, group, met) for group in plan.required]
            if plan.ranking or plan.pairs or plan.exact:
                parts.append(self._rest(plan, met))
            self._parted = plan, parts
        return self._parted[1]

    def _word(self, plan: Plan, group: Group, met: set[str]) -> Points:
        found = dict.fromkeys([atom for alternative in group for atom in alternative])
        atoms = tuple([atom for atom in found if atom not in met])
        met.update(atoms)
        weights = tuple([plan.weights.get(atom, 1.0) for atom in atoms])
        return self.snapshot.points(
            (self.viewer, atoms, weights), lambda: self._add_up(atoms, weights, atoms)
        )

    def _rest(self, plan: Plan, met: set[str]) -> Points:
        atoms = tuple(a for a in dict.fromkeys((*plan.ranking, *plan.pairs)) if a not in met)
        weights = tuple(plan.weights.get(atom, 1.0) for atom in atoms)
        return self.snapshot.points(
            (self.viewer, atoms, weights, plan.ranking, plan.exact),
            lambda: self._add_up(atoms, weights, plan.ranking, plan.exact),
        )

    def _add_up(
        self, atoms: Sequence[str], weights: Sequence[float], named: Sequence[str], exact: str = ""
    ) -> Points:
        """named: atoms whose fields are told. A pair has none: both of its words are looked for."""
        points = np.zeros(self.snapshot.count, np.int32)
        for atom, weight in zip(atoms, weights, strict=True):
            terms = self.get(atom)
            points[terms.documents] += _weighed(terms.impacts, weight)
        if exact:
            terms = self.snapshot.exact(self.viewer, exact)
            points[terms.documents] += terms.impacts
        fields = np.zeros(self.snapshot.count, np.uint8)
        for word in {word for atom in named for word in atom.split(" ")}:
            terms = self.get(word)
            fields[terms.documents] |= terms.fields
        return Points(points, fields)


def _weighed(impacts: NDArray[np.int32], weight: float) -> NDArray[np.int32]:
    return impacts if weight == 1.0 else np.rint(impacts * weight).astype(np.int32)


def _hits(
    terms: Terms, plan: Plan, shown: Numbers, scores: NDArray[np.int64] | None
) -> tuple[Hit, ...]:
    if scores is None:
        scores = terms.scores(plan, shown)
    names = [field_names(terms.viewer, mask) for mask in terms.fields(plan, shown).tolist()]
    values = terms.values(plan, shown)
    return tuple(
        Hit(number, score, matched, values.get(number, ()))
        for number, score, matched in zip(
            shown.tolist(), (scores / POINTS).tolist(), names, strict=True
        )
    )
