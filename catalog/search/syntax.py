"""The query language: typed text → words, phrases, alternatives and exclusions. Pure.

Words are all asked for. 「または」, 又は, もしくは, OR or ｜ between two words asks for either;
a dash before a word excludes it; quotation marks around words keep them together. Corner
brackets do the same where a word begins, as titles are quoted so; inside a word they are
ordinary punctuation. A mark without its partner, an operator with nothing to join and
words of symbols alone mean nothing: whatever a person types is answered.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

_DOUBLE = '"＂“”„‟〝〞〟″'
_QUOTATION_MARKS = _DOUBLE + "「」『』｢｣"
# The long vowel mark is what a Japanese keyboard gives for a dash; no word begins with it.
_MINUS = "-－−‐‑‒–—﹣ーｰ"
_OPENING, _CLOSING = tuple("(（"), tuple(")）")
_OR_WORDS = "または|又は|もしくは|若しくは"
_OR_BETWEEN = frozenset({"OR", "ＯＲ", *_OR_WORDS.split("|")})
_AND_BETWEEN = frozenset({"AND", "ＡＮＤ"})
_PIECE = re.compile(
    rf"""\s*(?:
      (?P<bar>[|｜]+)
    | (?P<minus>[{re.escape(_MINUS)}]+(?=[^\s|｜]))?
      (?: [{_DOUBLE}](?P<double>[^{_DOUBLE}]+)[{_DOUBLE}]
        | 「(?P<corner>[^「」]+)」 | 『(?P<white>[^『』]+)』 | ｢(?P<half>[^｢｣]+)｣
        | (?P<word>[^\s|｜]+) ) )""",
    re.VERBOSE,
)
_INNER_OR = re.compile(rf"(?<=.)(?:{_OR_WORDS})(?=.)")


class _Mark(StrEnum):
    """What joins two words."""

    OR = "or"


class Word(NamedTuple):
    """A word as typed; a phrase's units must stand side by side."""

    text: str
    is_phrase: bool = False


# Words of which one must be found.
Choice = tuple[Word, ...]


@dataclass(frozen=True, kw_only=True)
class Expression:
    """What was understood: one word of every choice, and none of the excluded ones."""

    choices: tuple[Choice, ...] = ()
    excluded: tuple[Word, ...] = ()


@lru_cache(maxsize=1_024)  # one search asks several times
def parse(text: str) -> Expression:
    """The text's meaning. A text without any word is looked for as it stands."""
    choices: list[Choice] = []
    excluded: list[Word] = []
    joins = False  # an operator stands between the last word and the next
    for piece in _pieces(text):
        if isinstance(piece, _Mark):
            joins = bool(choices)
        elif piece.excludes:
            excluded += piece.words
            joins = False
        elif joins:
            choices[-1] += piece.words
            joins = False
        else:
            choices.append(piece.words)
    if not (choices or excluded) and text.strip():
        choices = [(Word(text=text.strip()),)]
    return Expression(choices=tuple(choices), excluded=tuple(excluded))


def in_words(expression: Expression) -> str:
    """What was understood, as a sentence begins: 「A」または「B」を含み、「C」を含まない."""
    choices = [_choice_in_words(choice) for choice in expression.choices]
    if len(choices) > 1:
        choices = [
            f"（{words}）" if len(choice) > 1 else words
            for choice, words in zip(expression.choices, choices, strict=True)
        ]
    included = "と".join(choices)
    if not expression.excluded:
        return f"{included}を含む" if included else ""
    excluded = "も".join(_quoted(word) for word in expression.excluded)
    excluded += "も含まない" if len(expression.excluded) > 1 else "を含まない"
    return f"{included}を含み、{excluded}" if included else excluded


def without(expression: Expression, texts: Collection[str]) -> Expression:
    """The expression without the plain words of these texts; it keeps a word in any case."""
    unneeded = {(Word(text=text),) for text in texts}
    kept = tuple(choice for choice in expression.choices if choice not in unneeded)
    return replace(expression, choices=kept or expression.choices)


def joined(sentence: str) -> str:
    """The beginning made of `in_words` so that more can follow: …を含み、 or …を含まず、."""
    for ending, joint in (("を含む", "を含み、"), ("含まない", "含まず、")):
        if sentence.endswith(ending):
            return sentence.removesuffix(ending) + joint
    return sentence


def typed_words(expression: Expression) -> tuple[Word, ...]:
    """Every word that may be found, in the order typed."""
    return tuple(word for choice in expression.choices for word in choice)


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """A word as typed with its marks; 「AまたはB」 without spaces is two words."""

    words: tuple[Word, ...]
    excludes: bool


def _pieces(text: str) -> Iterator[_Piece | _Mark]:
    for match in _PIECE.finditer(text):
        word = match["word"]
        if match["bar"] or (word and word.upper() in _OR_BETWEEN and not match["minus"]):
            yield _Mark.OR
            continue
        if word and word.upper() in _AND_BETWEEN:
            continue
        words = plain_words(word) if word else _phrase(match)
        if words:
            yield _Piece(words=words, excludes=bool(match["minus"]))


def _phrase(match: re.Match[str]) -> tuple[Word, ...]:
    text = match["double"] or match["corner"] or match["white"] or match["half"]
    return (Word(text=text.strip(), is_phrase=True),) if _says_something(text) else ()


@lru_cache(maxsize=2_048)
def plain_words(text: str) -> tuple[Word, ...]:
    """A word that may be several: 「AまたはB」 without spaces."""
    parts = (_unbracketed(part.strip(_QUOTATION_MARKS)) for part in _INNER_OR.split(text))
    return tuple(Word(text=part) for part in parts if _says_something(part))


def _unbracketed(text: str) -> str:
    """The word without a bracket that has no partner in it: （A または B） groups nothing."""
    opened = sum(map(text.count, _OPENING))
    closed = sum(map(text.count, _CLOSING))
    if opened > closed and text[:1] in _OPENING:
        return text[1:]
    return text[:-1] if closed > opened and text[-1:] in _CLOSING else text


def _says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _choice_in_words(choice: Choice) -> str:
    return "または".join(_quoted(word) for word in choice)


def _quoted(word: Word) -> str:
    return f"「{word.text}」{'（この並びのまま）' if word.is_phrase else ''}"
