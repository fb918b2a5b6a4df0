"""Words that mean the same, widening a query at the time it is asked.

The repository's table and the operator's groups are used alike and in every direction: each
word of a group finds the others. Documents are never changed, so a new group works at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from pathlib import Path

from catalog.search.analyzer import Token, cut, pair
from catalog.search.characters import fold
from catalog.search.plan import Alternative
from foundation.tables import read_table

TABLE = Path(__file__).parents[1] / "data" / "synonyms.csv"
# A synonym counts a little less than the word that was typed.
SYNONYM_WEIGHT = 0.7
# Its single units say in which field it stands, and no more: each may be rarer than what was typed.
UNIT_WEIGHT = 0.3
_MOST_TOGETHER = 4  # words of one with spaces inside


@dataclass(frozen=True, kw_only=True)
class Run:
    """Neighbouring units of a query that have synonyms: tokens [start, end)."""

    start: int
    end: int
    alternatives: tuple[Alternative, ...]
    ranking: Mapping[str, None]  # the single words of the alternatives
    weights: Mapping[str, float]  # of what the alternatives look for


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A word by its units."""

    units: tuple[str, ...]
    atoms: Alternative
    telling: tuple[str, ...]  # units that rank what is found; none where there are many
    is_telling: bool  # has a unit that says more than what every entry says


_Others = dict[tuple[str, ...], dict[tuple[str, ...], _Entry]]


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A word that has synonyms, with what they come to: worked out once for all queries."""

    entries: tuple[_Entry, ...]
    alternatives: tuple[Alternative, ...]
    ranking: Mapping[str, None]
    weights: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Synonyms:
    """Groups of words of the same meaning, found by the units of any of them.

    lengths: of the words that begin with that unit, in units, longest first. apart: words written
    with a space inside, folded. inflected: words whose units are not how they are said.
    """

    others: Mapping[tuple[str, ...], _Known] = field(default_factory=dict)
    lengths: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    inflected: frozenset[str] = frozenset()

    def runs(self, tokens: Sequence[Token]) -> list[Run]:
        """The parts of a query that have synonyms, longest first, without overlaps."""
        found: list[Run] = []
        terms = tuple([token.term for token in tokens])
        start = 0
        while start < len(tokens):
            run = self._find_run(tokens, terms, start)
            if run:
                found.append(run)
            start = run.end if run else start + 1
        return found

    def joins(self, words: Sequence[Sequence[Token]]) -> bool:
        """Whether a word with synonyms may begin in one of a query's words and end in another."""
        terms = tuple([token.term for word in words for token in word])
        start = border = 0
        for word in words[:-1]:
            border += len(word)
            for place in range(start, border):
                for length in self.lengths.get(terms[place], ()):
                    if place + length > border and terms[place : place + length] in self.others:
                        return True
            start = border
        return False

    def words_together(self, words: Sequence[str]) -> Iterator[str]:
        """The words of a query as they are asked for: OpenID Connect is one, typed as two."""
        place = 0
        while place < len(words):
            ends = range(min(len(words), place + _MOST_TOGETHER), place + 1, -1)
            joined = (" ".join(words[place:end]) for end in ends)
            found = next((word for word in joined if _folded(word) in self.apart), words[place])
            yield found
            place += len(found.split())

    def _find_run(self, tokens: Sequence[Token], terms: tuple[str, ...], start: int) -> Run | None:
        for length in self.lengths.get(terms[start], ()):
            end = start + length
            known = self.others.get(terms[start:end]) if end <= len(terms) else None
            if known and any(token.required for token in tokens[start:end]):
                return Run(
                    start=start,
                    end=end,
                    alternatives=known.alternatives,
                    ranking=known.ranking,
                    weights=known.weights,
                )
        return None


def make_synonyms(
    groups: Iterable[Sequence[str]], values: Iterable[tuple[str, str]] = ()
) -> Synonyms:
    """Synonyms of these groups; a word of two groups has the words of both.

    values: words of facet values with the atom that stands for the value in a plan.
    """
    others: _Others = {}
    groups, values = list(groups), list(values)
    for group in groups:
        entries = [entry for word in group if (entry := _entry_of(word))]
        for entry in entries:
            own = others.setdefault(entry.units, {})
            own.update({e.units: e for e in entries if e.units != entry.units})
    _add_values(others, values)
    words = (*chain.from_iterable(groups), *(word for word, _ in values))
    lengths: dict[str, set[int]] = {}
    for units, own in others.items():
        if own:
            lengths.setdefault(units[0], set()).add(len(units))
    return Synonyms(
        others={units: _known(tuple(own.values())) for units, own in others.items() if own},
        lengths={first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()},
        apart=frozenset(_folded(word) for word in words if len(word.split()) > 1),
        inflected=frozenset(word for word in words if _is_inflected(word)),
    )


def _known(entries: tuple[_Entry, ...]) -> _Known:
    alternatives = tuple(dict.fromkeys(entry.atoms for entry in entries))
    ranking = dict.fromkeys(term for entry in entries for term in entry.telling)
    atoms = (atom for found in alternatives for atom in found)
    return _Known(
        entries=entries,
        alternatives=alternatives,
        ranking=ranking,
        weights=dict.fromkeys(ranking, UNIT_WEIGHT) | dict.fromkeys(atoms, SYNONYM_WEIGHT),
    )


def _add_values(others: _Others, values: Iterable[tuple[str, str]]) -> None:
    """Let the word of a value, and the synonyms it has by now, find the value."""
    found = [(tuple(token.term for token in cut(word)), atom) for word, atom in values]
    reached = [(each, atom) for own, atom in found for each in (own, *others.get(own, ()))]
    for units, atom in reached:
        entry = _Entry(units=(atom,), atoms=(atom,), telling=(), is_telling=False)
        others.setdefault(units, {})[entry.units] = entry


def _is_inflected(word: str) -> bool:
    """書かない窓口 is 書く and 窓口: by the sound of these nobody would find it."""
    return not all(token.noun for token in cut(word))


def _folded(word: str) -> str:
    return " ".join(fold(word).casefold().split())


def atoms_of(tokens: Sequence[Token]) -> Alternative:
    """What must match for these units to stand side by side."""
    atoms: list[str] = []
    for place, token in enumerate(tokens):
        joined = place > 0 and token.follows
        next_joins = place + 1 < len(tokens) and tokens[place + 1].follows
        if joined:
            atoms.append(pair(tokens[place - 1], token))
        elif not next_joins:
            atoms.append(token.term)
    return tuple(dict.fromkeys(atoms))


@lru_cache(maxsize=1)
def list_table_groups() -> tuple[tuple[str, ...], ...]:
    """The groups of catalog/data/synonyms.csv (columns group, term); none without the file."""
    if not TABLE.exists():
        return ()
    groups: dict[str, list[str]] = {}
    for row in read_table(TABLE, ("group", "term")):
        groups.setdefault(row.cells["group"], []).append(row.cells["term"])
    return tuple(tuple(words) for words in groups.values())


def _entry_of(word: str) -> _Entry | None:
    tokens = cut(word)
    if not tokens:
        return None
    telling = tuple(token.term for token in tokens if token.required)
    return _Entry(
        units=tuple(token.term for token in tokens),
        atoms=atoms_of(tokens),
        telling=telling if len(tokens) <= 2 else (),
        is_telling=bool(telling),
    )
