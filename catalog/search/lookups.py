"""What one request looks up in a generation of the index: postings, matches, points, fields."""

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import filterfalse
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.search.bits import (
    TRUSTED,
    Bits,
    Found,
    Numbers,
    has_documents,
    pack_flags,
    those_of,
)
from catalog.search.documents import Viewer
from catalog.search.plan import Alternative, Group, Plan
from catalog.search.snapshot import Snapshot
from catalog.search.terms import POINTS, TermPostings
from catalog.search.value_words import is_value

# In points; more than words can add up to.
_BEFORE_THE_REST = 10_000 * POINTS


class _Part(NamedTuple):
    """Atoms whose points go together, what each counts beside the others, and a whole title.

    named: those of the atoms whose fields are told.
    """

    atoms: tuple[str, ...]
    weights: tuple[float, ...]
    named: tuple[str, ...]
    exact: str = ""


class Terms:
    """What one request has looked up for one reader: each atom and each plan once."""

    def __init__(self, snapshot: Snapshot, viewer: Viewer) -> None:
        self.snapshot = snapshot
        self.viewer = viewer
        self._found: dict[str, TermPostings] = {}
        self._matched: dict[int, tuple[Plan, Found]] = {}  # the plan is held, so its id is its own
        self._parted: tuple[Plan, list[_Part]] | None = None
        self._asked = Plan()  # whose atoms are looked up now

    def get(self, atom: str) -> TermPostings:
        """The postings of a word or a pair."""
        found = self._found.get(atom)
        if found is None:
            found = self._found[atom] = self._read(atom)
        return found

    def _read(self, atom: str) -> TermPostings:
        if is_value(atom):
            return self.snapshot.value(self.viewer, atom)
        if not self.snapshot.is_known(self.viewer, atom):
            atoms = filterfalse(is_value, {atom, *self._asked.everything})
            self.snapshot.expect(self.viewer, atoms, self._asked.exact)
        return self.snapshot.term(self.viewer, atom)

    def matching(self, plan: Plan) -> Found:
        """Documents that the plan finds. Postings hold visible documents only."""
        matched = self._matched.get(id(plan))
        if matched is None:
            matched = self._matched[id(plan)] = plan, self._find(plan)
        return matched[1]

    def _find(self, plan: Plan) -> Found:
        self._asked = plan
        groups = [self._any(group) for group in plan.required]
        if not groups:
            groups = [self.snapshot.all_found(self.viewer)]
        if len(groups) == 1 and not plan.excluded:
            return groups[0]
        bits = reduce(np.bitwise_and, [group.bits for group in groups])
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
            flags = np.zeros(self.snapshot.count, np.bool_)
            for (atom,) in filter(_is_single, alternatives):
                flags[self.get(atom).documents] = True
            several = [self._all(each) for each in alternatives if not _is_single(each)]
            return Found(reduce(np.bitwise_or, several, pack_flags(flags)))

        return self.snapshot.group((self.viewer, alternatives), read)

    def _all(self, alternative: Alternative) -> Bits:
        return reduce(np.bitwise_and, [self.get(atom).found.bits for atom in alternative])

    def scores(self, plan: Plan, numbers: Numbers) -> NDArray[np.int32]:
        """Points of each document, by every atom that it has."""
        parts = [self._points(part).take(numbers, mode=TRUSTED) for part in self._parts(plan)]
        scores = reduce(np.add, parts) if parts else np.zeros(len(numbers), np.int32)
        if plan.first:
            scores += has_documents(self._all_groups(plan.first), numbers) * _BEFORE_THE_REST
        return scores

    def fields(self, plan: Plan, numbers: Numbers) -> NDArray[np.uint8]:
        """Per document, a mask of the fields in which words were found."""
        masks = np.zeros(len(numbers), np.uint8)
        for part in self._parts(plan):
            masks |= self._masks(part.named).take(numbers)
        return masks

    def values(self, plan: Plan, numbers: Numbers) -> dict[int, tuple[str, ...]]:
        """The atoms of facet values that the documents have, of those that are looked for."""
        found: dict[int, tuple[str, ...]] = {}
        for atom in plan.values:
            for number in numbers[has_documents(self.get(atom).found.bits, numbers)].tolist():
                found[number] = (*found.get(number, ()), atom)
        return found

    def _parts(self, plan: Plan) -> list[_Part]:
        """Each word with its synonyms, and what only ranks; no atom twice."""
        if self._parted is None or self._parted[0] is not plan:
            met: set[str] = set()
            parts = [_word(plan, group, met) for group in plan.required]
            if plan.ranking or plan.pairs or plan.exact:
                parts.append(_rest(plan, met))
            self._parted = plan, parts
        return self._parted[1]

    def _points(self, part: _Part) -> NDArray[np.int32]:
        """What every document gains by the part, in thousandths."""

        def add_up() -> NDArray[np.int32]:
            found = [(self.get(atom), w) for atom, w in zip(part.atoms, part.weights, strict=True)]
            if part.exact:
                found.append((self.snapshot.exact(self.viewer, part.exact), 1.0))
            return _added(found, self.snapshot.count)

        key = self.viewer, part.atoms, part.weights, part.exact
        return self.snapshot.points(key, add_up)

    def _masks(self, named: tuple[str, ...]) -> NDArray[np.uint8]:
        """Per document the fields that have any of the words, pairs by both of theirs."""

        def gather() -> NDArray[np.uint8]:
            masks = np.zeros(self.snapshot.count, np.uint8)
            words = {word for atom in named if not is_value(atom) for word in atom.split(" ")}
            self.snapshot.expect(self.viewer, words)
            for word in words:
                terms = self.get(word)
                masks[terms.documents] |= terms.fields
            return masks

        return self.snapshot.masks((self.viewer, named), gather)


def _added(found: Sequence[tuple[TermPostings, float]], count: int) -> NDArray[np.int32]:
    """What so many documents gain by terms of these weights."""
    points = np.zeros(count, np.int32)
    if len(found) == 1 and found[0][1] == 1.0:
        points[found[0][0].documents] = found[0][0].impacts
    elif found:
        documents = np.concatenate([terms.documents for terms, _ in found])
        gained = np.concatenate([terms.impacts for terms, _ in found])
        weights = np.array([weight for _, weight in found])
        if (weights != 1.0).any():
            gained = np.rint(gained * weights.repeat([len(t.documents) for t, _ in found]))
        # The sums are of whole numbers far below 2 ** 53: exact, whatever the order.
        points[:] = np.bincount(documents, weights=gained, minlength=count)
    return points


def _is_single(alternative: Alternative) -> bool:
    return len(alternative) == 1


def _word(plan: Plan, group: Group, met: set[str]) -> _Part:
    found = dict.fromkeys([atom for alternative in group for atom in alternative])
    atoms = tuple([atom for atom in found if atom not in met])
    met.update(atoms)
    weights = tuple([plan.weights.get(atom, 1.0) for atom in atoms])
    return _Part(atoms, weights, atoms)


def _rest(plan: Plan, met: set[str]) -> _Part:
    atoms = tuple([a for a in dict.fromkeys((*plan.ranking, *plan.pairs)) if a not in met])
    weights = tuple([plan.weights.get(atom, 1.0) for atom in atoms])
    return _Part(atoms, weights, plan.ranking, plan.exact)
