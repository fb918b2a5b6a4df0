"""Looking through a contract's text for clauses on who owns the rights (F14).

It shows sentences to read; it judges nothing, blocks nothing and keeps nothing.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from foundation.labels import LabelledEnum

LONGEST_TEXT = 500_000

_RIGHTS = re.compile(r"著作権|著作者人格権|知的財産権|知的財産|特許権")
_PASSING = re.compile(r"譲渡|移転|帰属|譲り渡")
_MORAL = re.compile(r"著作者人格権")
_STAYS = re.compile(
    r"(譲渡|移転|帰属|譲り渡)[^。]{0,6}?(しない|しません|せず|されない|されません|しないものと|"
    r"するものではない|するものではありません)"
    r"|(受注者|乙|受託者|提供者|サービス提供者|権利者)(又は[^。]{0,12})?(に|へ)(留保|帰属)"
)
# The 。 before a closing bracket ends no sentence: 「（第27条の権利を含む。）を譲渡する。」
_ENDS = re.compile(r"(?<=。)(?![）」』)\]])")
# An article's number and heading alone on their line belong to no sentence.
_HEADING = re.compile(
    r"\s*第[0-9０-９一二三四五六七八九十百]+条(の[0-9０-９一二三四五六七八九十]+)?"
    r"\s*([(（][^)）]*[)）])?\s*"
)
# A sentence that names the right this far from its passing is about something else.
_NEAR = 60


class Finding(LabelledEnum):
    """What a sentence seems to say of the rights."""

    PASSES = "passes", "権利が発注者に移るように読める"
    STAYS = "stays", "権利が事業者に残る・移らないように読める"
    MORAL = "moral", "著作者人格権に触れている"


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence found. line: of its beginning, from 1. text: as written, white space joined."""

    line: int
    text: str
    finding: Finding


def scan(text: str) -> tuple[Sentence, ...]:
    """Sentences that name a right near its passing, or moral rights, in their order."""
    return tuple(
        Sentence(line=line, text=sentence, finding=finding)
        for line, sentence in _sentences(text)
        if (finding := _read(sentence)) is not None
    )


def _read(sentence: str) -> Finding | None:
    folded = unicodedata.normalize("NFKC", sentence)
    if _passes_nearby(folded):
        return Finding.STAYS if _STAYS.search(folded) else Finding.PASSES
    return Finding.MORAL if _MORAL.search(folded) else None


def _passes_nearby(text: str) -> bool:
    rights = [match.end() for match in _RIGHTS.finditer(text)]
    passing = [match.start() for match in _PASSING.finditer(text)]
    return any(abs(there - here) <= _NEAR for here in rights for there in passing)


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """(line, sentence) pairs. A sentence goes on over the ends of lines until its 。

    A line that is empty or only a heading ends it too: neither has a 。
    """
    begun, parts = 1, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or _HEADING.fullmatch(line):
            yield from _whole(begun, parts)
            parts = ""
            continue
        for piece in _ENDS.split(line):
            if not parts:
                begun = number
            parts += piece.strip()
            if piece.endswith("。"):
                yield from _whole(begun, parts)
                parts = ""
    yield from _whole(begun, parts)


def _whole(line: int, sentence: str) -> Iterator[tuple[int, str]]:
    if sentence.strip():
        yield line, sentence.strip()
