"""Which kinds of systems a reader's words name: by the table of kinds and the synonyms.

A kind is named where the units of its name or of one of its keywords stand side by side in the
text, or those of a synonym of these. Where a longer name covers a shorter one, the longer
counts; where the same words are the name of one kind and a keyword of another, the name
counts. Excluded words name nothing. A name right before 「連携」 is what the wanted system is to
be connected with, where the text names another kind.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.search.analyzer import cut
from catalog.search.synonyms import Synonyms
from catalog.search.syntax import parse, typed_words

Units = tuple[str, ...]
_NO_KIND = "other"
_CONNECTED = "連携"


@dataclass(frozen=True, kw_only=True)
class KindOfSystem:
    """A system type as the table has it. keywords: separated by |."""

    code: str
    name: str
    keywords: str


@dataclass(frozen=True, kw_only=True)
class Names:
    """Units → the kinds they name, by name or (where no name has them) by keyword."""

    kinds: Mapping[Units, tuple[str, ...]] = field(default_factory=dict)
    longest: int = 0

    def find(self, text: str) -> tuple[str, ...]:
        """The kinds the text names, in the order of its words."""
        words = " ".join(word.text for word in typed_words(parse(text)))
        units = tuple(token.term for token in cut(words))
        spans = _outermost(self._spans(units))
        wanted = [span for span in spans if units[span[1] : span[1] + 1] != (_CONNECTED,)]
        found: dict[str, None] = {}
        for start, end in wanted or spans:
            found.update(dict.fromkeys(self.kinds[units[start:end]]))
        return tuple(found)

    def _spans(self, units: Units) -> list[tuple[int, int]]:
        return [
            (start, end)
            for start in range(len(units))
            for end in range(start + 1, min(len(units), start + self.longest) + 1)
            if units[start:end] in self.kinds
        ]


def make_names(kinds: Iterable[KindOfSystem], synonyms: Synonyms) -> Names:
    """The names of these kinds and their synonyms."""
    by_name: dict[Units, dict[str, None]] = defaultdict(dict)
    by_keyword: dict[Units, dict[str, None]] = defaultdict(dict)
    for kind in kinds:
        if kind.code == _NO_KIND:
            continue
        _add(by_name, kind.code, [kind.name], synonyms)
        _add(by_keyword, kind.code, kind.keywords.split("|"), synonyms)
    merged = {units: tuple(codes) for units, codes in (by_keyword | by_name).items()}
    return Names(kinds=merged, longest=max(map(len, merged), default=0))


class NameTable:
    """Names kept until the kinds or the synonyms change: cutting them takes a while."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[KindOfSystem, ...], Synonyms, Names] | None = None
        self._lock = threading.Lock()

    def names(self, kinds: Sequence[KindOfSystem], synonyms: Synonyms) -> Names:
        """The names of these kinds with these synonyms."""
        kept = self._kept
        if kept and kept[0] == tuple(kinds) and kept[1] is synonyms:
            return kept[2]
        with self._lock:
            made = make_names(kinds, synonyms)
            self._kept = (tuple(kinds), synonyms, made)
            return made


def _add(
    table: dict[Units, dict[str, None]], code: str, words: Iterable[str], synonyms: Synonyms
) -> None:
    for word in words:
        tokens = cut(word)
        if not any(token.required for token in tokens):
            continue
        units = tuple(token.term for token in tokens)
        table[units][code] = None
        known = synonyms.others.get(units)
        for entry in known.entries if known else ():
            if entry.is_telling:
                table[entry.units][code] = None


def _outermost(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    return [
        span
        for span in spans
        if not any(other != span and other[0] <= span[0] and span[1] <= other[1] for other in spans)
    ]
