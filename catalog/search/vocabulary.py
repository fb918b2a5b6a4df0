"""The words of the index that one class of reader may meet: by spelling and by sound.

Whatever is looked up here is only a proposal: before it is shown, the caller asks the
index whether this reader finds it, as deleted entries leave words behind for a while.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import groupby

from catalog.search.readings import is_kana, reading_of, short_sounds, sounds

Spelling = tuple[str, ...]  # neighbouring units

_LONGEST_FORM = 16  # characters
_MOST_UNITS = 5
_MOST_PATHS = 200
_MOST_FOUND = 40
_LAST = "\U0010ffff"


class Forms:
    """Words by one of their forms, spelt or sounded, found exactly or within one change."""

    def __init__(self, spellings: Iterable[tuple[str, Spelling]]) -> None:
        self._spellings: dict[str, list[Spelling]] = {}
        for form, spelling in spellings:
            if form and len(form) <= _LONGEST_FORM:
                self._spellings.setdefault(form, []).append(spelling)
        self._forward = sorted(self._spellings)
        self._backward = sorted(form[::-1] for form in self._spellings)

    def equal(self, form: str) -> Sequence[Spelling]:
        """Words of exactly this form."""
        return self._spellings.get(form, ())

    def near(self, form: str) -> list[Spelling]:
        """Words one wrong, missing, extra or swapped character away.

        One change leaves the first or the second half as it is, so only words that begin
        or end like the form are compared.
        """
        half = len(form) // 2
        similar = dict.fromkeys(self._beginning(form[:half]))
        similar.update(dict.fromkeys(self._ending(form[half:])))
        similar.update(dict.fromkeys(s for s in _swaps(form) if s in self._spellings))
        found = (other for other in similar if is_one_change(form, other))
        return [spelling for other in found for spelling in self._spellings[other]][:_MOST_FOUND]

    def around(self, start: str, end: str) -> list[Spelling]:
        """Longer words that begin and end so; one of both may be empty."""
        similar = self._beginning(start) if start else self._ending(end)
        least = len(start) + len(end)
        return [
            spelling
            for form in similar
            if form.startswith(start) and form.endswith(end) and len(form) > least
            for spelling in self._spellings[form]
        ]

    def _beginning(self, start: str) -> Sequence[str]:
        return self._forward[bisect_left(self._forward, start) : self._end(self._forward, start)]

    def _ending(self, end: str) -> Iterator[str]:
        start = end[::-1]
        first, last = bisect_left(self._backward, start), self._end(self._backward, start)
        return (form[::-1] for form in self._backward[first:last])

    @staticmethod
    def _end(forms: list[str], start: str) -> int:
        return bisect_left(forms, start + _LAST)


@dataclass(frozen=True, kw_only=True)
class WordList:
    """Units and pairs of a part of the index. key: the same for the same words."""

    key: Hashable
    read: Callable[[], tuple[Set[str], Set[str]]]


class Vocabularies:
    """The vocabularies of the parts of an index, asked one after the other."""

    def __init__(self, parts: "Sequence[Vocabulary]") -> None:
        self._parts = parts

    def spelt_nearly(self, text: str) -> list[Spelling]:
        """Words one character away from the text."""
        return self._ask(lambda part: part.spelt_nearly(text))

    def sounding_nearly(self, reading: str) -> list[Spelling]:
        """Words one sound away."""
        return self._ask(lambda part: part.sounding_nearly(reading))

    def sounding_like(self, reading: str) -> list[Spelling]:
        """Words of exactly this reading: of one unit, two, or up to five that stand together."""
        return self._ask(lambda part: part.sounding_like(reading))

    def sounding_shortly(self, reading: str) -> list[Spelling]:
        """Words of this reading but for long vowels."""
        return self._ask(lambda part: part.sounding_shortly(reading))

    def written_partly(self, text: str) -> list[Spelling]:
        """Words of which a part is written in kana: 漏水 for ろう水."""
        return self._ask(lambda part: part.written_partly(text))

    def beginning(self, text: str) -> list[Spelling]:
        """Longer words that begin so: 北海道 for 北海."""
        return self._ask(lambda part: part.beginning(text))

    def _ask(self, ask: "Callable[[Vocabulary], list[Spelling]]") -> list[Spelling]:
        return list(dict.fromkeys(found for part in self._parts for found in ask(part)))


class Vocabulary:
    """Units and pairs of neighbouring units that stand in what this reader may find."""

    def __init__(
        self, units: Iterable[str], pairs: Iterable[str], heard: Iterable[str] = ()
    ) -> None:
        """heard: whole words, inflected ones among them, that are known by their sound alone."""
        self._units: list[Spelling] = [(unit,) for unit in units]
        self._pairs: list[Spelling] = [(a, b) for a, _, b in (p.partition(" ") for p in pairs)]
        self._neighbours = frozenset(self._pairs)
        words = [*self._units, *self._pairs]
        self._spelt = Forms(("".join(word), word) for word in words)
        whole = [(reading_of(word), (word,)) for word in heard]
        self._sounded = Forms([*((_reading(word), word) for word in words), *whole])
        self._shortly = Forms((short_sounds(_reading(word)), word) for word in words)

    def spelt_nearly(self, text: str) -> list[Spelling]:
        """Words one character away from the text; TRY-X, two units, for the one of TRYX."""
        apart = [word for word in self._spelt.equal(text) if len(word) > 1]
        return apart + self._spelt.near(text)

    def sounding_nearly(self, reading: str) -> list[Spelling]:
        """Words one sound away."""
        return self._sounded.near(reading)

    def sounding_like(self, reading: str) -> list[Spelling]:
        """Words of exactly this reading: of one unit, two, or up to five that stand together."""
        return self._read(self._sounded, reading)

    def sounding_shortly(self, reading: str) -> list[Spelling]:
        """Words of this reading but for long vowels."""
        return self._read(self._shortly, short_sounds(reading))

    def written_partly(self, text: str) -> list[Spelling]:
        """Words of which a part is written in kana: 漏水 for ろう水."""
        runs = ["".join(run) for _, run in groupby(text, is_kana)]
        if len(runs) != 2:  # what begins and ends in kana begins and ends like anything
            return []
        first, last = runs
        if is_kana(first):
            found = self._spelt.around("", last)
            return [word for word in found if _reading(word).startswith(sounds(first))]
        found = self._spelt.around(first, "")
        return [word for word in found if _reading(word).endswith(sounds(last))]

    def beginning(self, text: str) -> list[Spelling]:
        """Longer words that begin so: 北海道 for 北海."""
        return self._spelt.around(text, "")[:_MOST_FOUND]

    def _read(self, forms: Forms, reading: str) -> list[Spelling]:
        paths: list[tuple[int, Spelling]] = [(0, ())]
        found: list[Spelling] = []
        while paths:
            longer = [step for path in paths for step in self._next(forms, reading, *path)]
            found += [spelling for end, spelling in longer if end == len(reading)]
            paths = [step for step in longer if step[0] < len(reading)][:_MOST_PATHS]
        return found[:_MOST_FOUND]

    def _next(
        self, forms: Forms, reading: str, place: int, path: Spelling
    ) -> Iterator[tuple[int, Spelling]]:
        for end in range(len(reading), place, -1):
            for word in forms.equal(reading[place:end]):
                touches = not path or (path[-1], word[0]) in self._neighbours
                if touches and len(path) + len(word) <= _MOST_UNITS:
                    yield end, path + word


def is_one_change(text: str, other: str) -> bool:
    """Whether one wrong, missing, extra or swapped character makes one text the other."""
    if abs(len(text) - len(other)) > 1 or text == other:
        return False
    start = 0
    while start < min(len(text), len(other)) and text[start] == other[start]:
        start += 1
    rest, others = text[start:], other[start:]
    return (
        rest[1:] == others[1:]
        or rest[1:] == others
        or rest == others[1:]
        or (rest[:2] == others[:2][::-1] and rest[2:] == others[2:])
    )


def _swaps(form: str) -> Iterator[str]:
    for place in range(len(form) - 1):
        yield form[:place] + form[place + 1] + form[place] + form[place + 2 :]


def _reading(word: Spelling) -> str:
    """The sounds of a word. A single kanji sounds differently in a word: 者, and 担当 + 者."""
    if any(len(unit) == 1 for unit in word):
        return reading_of("".join(word))
    readings = [reading_of(unit) for unit in word]
    return "".join(readings) if all(readings) else ""
