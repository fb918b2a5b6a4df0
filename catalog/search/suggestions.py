"""What a reader may be about to type: words and names that begin like it.

Neutral by rule: kinds take turns in a fixed order, and inside a kind the hash of name and month
decides, as for equal results (domain §6). Nothing a reader may not find is ever proposed.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from catalog.chance import chance
from catalog.search.characters import fold
from catalog.search.documents import Viewer
from foundation.labels import LabelledEnum
from foundation.text import printable

MOST_SHOWN = 10
_MOST_OF_A_KIND = 3
_LONGEST = 60  # characters of what is typed
_LAST = "\U0010ffff"
_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


class SuggestionKind(LabelledEnum):
    """What a suggestion is, in the order in which kinds take turns."""

    WORD = "word", "用語"
    CATEGORY = "category", "システム種別"
    BODY = "body", "団体"
    VENDOR = "vendor", "事業者"
    OFFERING = "offering", "掲載サービス"
    CASE = "case", "調達事例"
    PROJECT = "project", "共同調達案件"
    SPEC = "spec", "仕様書"
    PROGRAM = "program", "支援制度"


# What may follow words already typed: 「住基 連…」.
_SHORT_KINDS = (SuggestionKind.WORD, SuggestionKind.CATEGORY, SuggestionKind.BODY)


class Suggestion(NamedTuple):
    """Something to search for. reading: in kana, "" when nobody told it.

    A tuple, as there is one of every entry: 50,000 dataclasses take a tenth of a second more.
    """

    text: str
    kind: SuggestionKind
    reading: str = ""
    fictional: bool = False
    viewer: Viewer = Viewer.PUBLIC


@lru_cache(maxsize=200_000)  # of each name once, not once a generation
def fold_start(text: str) -> str:
    """The form in which beginnings are compared: width, case, kana and old characters alike."""
    return fold(printable(text)).casefold().translate(_TO_KATAKANA).strip()


class _Shelf:
    """The suggestions of one kind: sorted forms, each with its suggestion and its chance."""

    def __init__(self, suggestions: Sequence[Suggestion], month: str) -> None:
        self._suggestions = suggestions
        forms = [(fold_start(s.text), place) for place, s in enumerate(suggestions)]
        forms += [(fold_start(s.reading), n) for n, s in enumerate(suggestions) if s.reading]
        forms.sort()
        self._forms = [form for form, _ in forms]
        self._places = np.array([place for _, place in forms], np.int64)
        drawn = (int.from_bytes(chance(f"suggest:{s.text}", month)) for s in suggestions)
        self._chances = np.fromiter(drawn, np.uint64, len(suggestions))

    def begin(self, start: str) -> list[Suggestion]:
        """Those that begin so, in the month's order."""
        first, last = bisect_left(self._forms, start), bisect_left(self._forms, start + _LAST)
        places = self._places[first:last]
        if len(places) > 2 * MOST_SHOWN:  # a name stands twice at most: spelling and reading
            lowest = np.argpartition(self._chances[places], 2 * MOST_SHOWN - 1)
            places = places[lowest[: 2 * MOST_SHOWN]]
        places = np.unique(places)
        order = np.argsort(self._chances[places], kind="stable")[:MOST_SHOWN]
        return [self._suggestions[place] for place in places[order].tolist()]


class SuggestionTable:
    """All suggestions one class of reader may be given."""

    def __init__(self, suggestions: Iterable[Suggestion], viewer: Viewer, month: str) -> None:
        of_kind: dict[SuggestionKind, dict[str, Suggestion]] = {kind: {} for kind in SuggestionKind}
        for suggestion in suggestions:
            if suggestion.viewer is Viewer.PUBLIC or viewer is Viewer.GOVERNMENT:
                # A real bearer of a name stands before a fictional one.
                known = of_kind[suggestion.kind].get(suggestion.text)
                if known is None or known.fictional:
                    of_kind[suggestion.kind][suggestion.text] = suggestion
        self._shelves = {
            kind: _Shelf(tuple(found.values()), month) for kind, found in of_kind.items()
        }

    def suggest(self, text: str) -> tuple[Suggestion, ...]:
        """At most ten texts to search for; none for an empty or a very long text."""
        start = fold_start(text)
        if not start or len(start) > _LONGEST:
            return ()
        found = self._taken_in_turns(start, tuple(SuggestionKind))
        if not found:
            found = self._continued(printable(text))
        return tuple(found)

    def _continued(self, text: str) -> list[Suggestion]:
        """What the last of several words may become, with the words before it."""
        before, space, last = text.replace("\u3000", " ").rstrip().rpartition(" ")
        start = fold_start(last)
        if not space or not start:
            return []
        return [
            Suggestion(text=f"{before} {s.text}", kind=s.kind, fictional=s.fictional)
            for s in self._taken_in_turns(start, _SHORT_KINDS)
        ]

    def _taken_in_turns(self, start: str, kinds: Iterable[SuggestionKind]) -> list[Suggestion]:
        """Up to three of each kind; what room is left goes to the kinds in their order."""
        found = [self._shelves[kind].begin(start) for kind in kinds]
        first = list(chain.from_iterable(some[:_MOST_OF_A_KIND] for some in found))
        rest = chain.from_iterable(some[_MOST_OF_A_KIND:] for some in found)
        chosen: dict[str, Suggestion] = {}
        for suggestion in chain(first, rest):
            if suggestion.text != start and len(chosen) < MOST_SHOWN:
                chosen.setdefault(suggestion.text, suggestion)
        places = {kind: place for place, kind in enumerate(SuggestionKind)}
        return sorted(chosen.values(), key=lambda s: places[s.kind])


class SuggestionBook:
    """Keeps a table a reader class, made again when `key` (the index's state) or month change."""

    def __init__(self) -> None:
        self._tables: dict[Viewer, tuple[Hashable, SuggestionTable]] = {}
        self._lock = threading.Lock()

    def table(
        self, viewer: Viewer, month: str, key: Hashable, load: Callable[[], Iterable[Suggestion]]
    ) -> SuggestionTable:
        """The table of this state."""
        wanted = (month, key)
        with self._lock:
            held = self._tables.get(viewer)
            if held is None or held[0] != wanted:
                held = wanted, SuggestionTable(load(), viewer, month)
                self._tables[viewer] = held
        return held[1]
