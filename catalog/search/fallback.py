"""What to answer when the typed words find nothing or little: sounds alike, or one change away.

Only words that this reader finds are ever proposed: each proposal is counted first with the
reader's own rights. Phrases and excluded words stay as typed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from catalog.search.analyzer import Token, cut
from catalog.search.characters import fold
from catalog.search.plan import Plan
from catalog.search.planning import plan_of, stands_apart
from catalog.search.readings import is_kana, kana_runs, reading_of
from catalog.search.synonyms import Synonyms, atoms_of
from catalog.search.syntax import Word, parse, typed_words
from catalog.search.vocabulary import Spelling, Vocabularies

LITTLE = 2  # results up to which another spelling is proposed
_MORE = 5  # how many times more it must find to be proposed
_MOST_WORDS = 8
_MOST_WINDOWS = 24  # parts of a word looked at: a word wrong all over is not mended
_SHORTEST = 3  # characters in which one may be wrong; of kana and Latin letters one more
_SHORTEST_LETTERS = 5
_SHORTEST_HEARD = 3  # kana that may be a word written by its sound
_LONGEST_HEARD = 16  # characters of a word with such kana; longer ones are sentences
_SHORTEST_READING = 4  # sounds of which one may be wrong

Count = Callable[[Plan], int]


def _is_speech(text: str) -> bool:
    """Whether it is words without a number in them: what may be spelt otherwise."""
    folded = fold(text)
    return any(map(str.isalpha, folded)) and not any(map(str.isdigit, folded))


@dataclass(frozen=True, kw_only=True)
class Rephrasing:
    """The typed text with words replaced by ones that are found.

    replaced: typed word → word. is_needed: the typed text finds nothing, so this one answers.
    """

    text: str
    replaced: Mapping[str, str]
    is_needed: bool


@dataclass(frozen=True, kw_only=True)
class Rephraser:
    """Proposes other words for a text. `count` says how many entries the reader finds."""

    vocabulary: Vocabularies
    synonyms: Synonyms
    count: Count

    def find(self, text: str) -> Rephrasing | None:
        """The text with its missing words replaced, or None where nothing better is known."""
        replaced: dict[str, str] = {}
        is_needed = False
        better = text
        for word in typed_words(parse(text))[:_MOST_WORDS]:
            found = self._count_word(word)
            other = self._find_better(word, found)
            if other:
                replaced[word.text] = other
                better = better.replace(word.text, other, 1)
                is_needed = is_needed or not found
        if not replaced or not self._count_text(better):
            return None
        return Rephrasing(text=better, replaced=replaced, is_needed=is_needed)

    def _find_better(self, word: Word, found: int) -> str | None:
        """A word that finds much more than this one, which finds so many.

        None for a phrase, a number or signs, and for a word of the synonyms: it is no slip for
        図書管理.
        """
        is_known = tuple(token.term for token in cut(word.text)) in self.synonyms.others
        if word.is_phrase or is_known or not _is_speech(word.text):
            return None
        if found <= LITTLE:
            other = self._find_other(word.text)
            is_better = other and self._count_text(other) >= max(1, _MORE * found)
        else:
            apart = never_together(word, self.synonyms, self.count)
            other = self._find_spelling(word.text) if apart else None
            is_better = other is not None
        # 住民 for 住民票 says less than what was typed.
        is_less = found and other and other in fold(word.text).casefold()
        return other if is_better and not is_less else None

    def _count_word(self, word: Word) -> int:
        if sounds_otherwise(word, self.synonyms) and self._is_heard(word.text):
            return 0
        # しょ of ぶんしょ is dropped as an ending: what is left over is another word.
        is_left_over = not _covers(cut(word.text), word.text)
        apart = is_left_over and stands_apart(word, self.synonyms)
        if apart and self.vocabulary.sounding_like(reading_of(word.text)):
            return 0
        return self._count_text(word.text)

    def _is_heard(self, text: str) -> bool:
        """Whether what the text sounds like finds much more than the text as it stands."""
        tokens = cut(text)
        # やいづし is cut into 出る and endings: where that stands says nothing of the word.
        is_cut = len(tokens) > 1 or _covers(tokens, text)
        typed = self.count(Plan(required=((atoms_of(tokens),),))) if is_cut else 0
        heard = (self._count_found(word) for word in self._sounding_like(text))
        return max(heard, default=0) > _MORE * typed

    def _count_text(self, text: str) -> int:
        return self.count(plan_of(text, self.synonyms))

    def _find_other(self, text: str) -> str | None:
        """The whole word otherwise, or the part of it that nobody has."""
        spelling = self._find_spelling(text)
        if spelling:
            return spelling
        for start, end in islice(_windows(text, self._is_unknown), _MOST_WINDOWS):
            spelling = self._find_spelling(text[start:end])
            other = spelling and text[:start] + spelling + text[end:]
            if other and self._count_text(other):
                return other
        return self._best(text, self.vocabulary.beginning(fold(text).casefold()))

    def _is_unknown(self, token: Token) -> bool:
        return not self.count(Plan(required=(((token.term,),),)))

    def _find_spelling(self, text: str) -> str | None:
        for spellings in self._proposals(text):
            best = self._best(text, spellings)
            if best:
                return best
        return None

    def _best(self, text: str, spellings: Iterable[Spelling]) -> str | None:
        """The word most like the text of those that find anything."""
        counted = {_written(word): self._count_found(word) for word in dict.fromkeys(spellings)}
        found = [form for form in counted if counted[form]]
        # 議事 for 議事碌 says less than 議事録, and 播磨町 is nearer to 播摩町 than 浜町.
        # Most of all what is but cut otherwise: TRY-X for TRYX.
        same = fold(text).casefold()
        return min(
            found,
            key=lambda f: (
                f == same or f.replace("-", "") != same,
                f in text,
                -_shared(text, f),
                -counted[f],
                f,
            ),
            default=None,
        )

    def _count_found(self, word: Spelling) -> int:
        """Entries with the word as it stands, or with what the synonyms say for it."""
        found = self.count(Plan(required=((_side_by_side(word),),)))
        if not found and (word in self.synonyms.others or word[0] in self.synonyms.inflected):
            return self._count_text(_written(word))
        return found

    def _proposals(self, text: str) -> Iterator[list[Spelling]]:
        """Likely words, the likeliest kind first; none is the text itself.

        A word in kanji may be a slip of the converter (公務支援) or of the eye (播摩町).
        """
        folded = fold(text).casefold()
        if folded.isascii() or is_kana(folded):
            yield from self._by_sound(folded)
        elif any(end - start > 1 for start, end in kana_runs(folded)):
            yield self._sounding_like(folded)
            yield self.vocabulary.written_partly(folded)
            yield self._spelt_nearly(folded, _SHORTEST)
        else:
            yield [*self._sounding_like(folded), *self._spelt_nearly(folded, _SHORTEST)]

    def _by_sound(self, folded: str) -> Iterator[list[Spelling]]:
        reading = reading_of(folded)
        yield self._sounding_like(folded)
        if reading and folded.isascii():
            yield self.vocabulary.sounding_shortly(reading)
        yield self._spelt_nearly(folded, _SHORTEST + 1)
        # Of what was typed by sound only: 檮原 is not a slip for another name that sounds alike.
        if len(reading) >= _SHORTEST_READING:
            yield self.vocabulary.sounding_nearly(reading)

    def _sounding_like(self, text: str) -> list[Spelling]:
        folded = fold(text).casefold()
        reading = reading_of(folded)
        alike = self.vocabulary.sounding_like(reading) if reading else []
        own = tuple(token.term for token in cut(text))
        return [found for found in alike if "".join(found) != folded and found != own]

    def _spelt_nearly(self, folded: str, shortest: int) -> list[Spelling]:
        near = self.vocabulary.spelt_nearly(folded) if len(folded) >= shortest else []
        return [spelling for spelling in near if _is_slip(folded, "".join(spelling))]


@lru_cache(maxsize=2_048)
def sounds_otherwise(word: Word, synonyms: Synonyms) -> bool:
    """Whether kana was cut into bits that may be none: けっさい of 電子けっさい into けっ and 際.

    What its sound is a word of the index for is taken for that word.
    """
    if word.is_phrase or len(word.text) > _LONGEST_HEARD:
        return False
    kana = [(start, end) for start, end in kana_runs(word.text) if end - start >= _SHORTEST_HEARD]
    if not kana:
        return False
    tokens = cut(word.text)
    return not synonyms.runs(tokens) and any(
        not any(token.start <= start and end <= token.end for token in tokens)
        for start, end in kana
    )


def _covers(tokens: Sequence[Token], text: str) -> bool:
    """Whether nothing of the text was dropped."""
    return sum(token.end - token.start for token in tokens) >= len(text)


def never_together(word: Word, synonyms: Synonyms, count: Count) -> bool:
    """Whether a compound's units touch as typed but nowhere else: 住民表 for 住民票."""
    together = compound_plan(word, synonyms)
    return together is not None and not count(together)


@lru_cache(maxsize=2_048)
def compound_plan(word: Word, synonyms: Synonyms) -> Plan | None:
    """A compound's units side by side; None for a phrase, for one unit and for a known word."""
    tokens = cut(word.text)
    touch = all(before.end == token.start for before, token in pairwise(tokens))
    if word.is_phrase or len(tokens) < 2 or not touch or synonyms.runs(tokens):
        return None
    return Plan(required=((atoms_of(tokens),),))


def _is_slip(text: str, other: str) -> bool:
    """Whether who typed the text can have meant the other word."""
    # SaaS, PaaS and IaaS are three words: of so few letters another one is no slip.
    is_short = text.isascii() and len(text) < _SHORTEST_LETTERS
    is_another = len(text) == len(other) and sorted(text) != sorted(other)
    return not _is_inflected(text, other) and not (is_short and is_another)


def _written(word: Spelling) -> str:
    """The word so that it is cut into the same units: TRY-X, as TRYX is another."""
    text = word[0]
    for before, unit in pairwise(word):
        text += f"-{unit}" if (before[-1] + unit[0]).isascii() else unit
    return text


def _is_inflected(text: str, other: str) -> bool:
    """Whether only the ending differs: 起こし and 起こす are no slip of the pen."""
    return text[:-1] == other[:-1] and not is_kana(text) and is_kana(text[-1] + other[-1])


def _shared(text: str, other: str) -> int:
    """How many characters both have; 0 for what was typed by sound, whose spelling says nothing."""
    folded = fold(text).casefold()
    if folded.isascii() or is_kana(folded):
        return 0
    return len(set(folded) & set(other))


def _side_by_side(spelling: Spelling) -> tuple[str, ...]:
    if len(spelling) == 1:
        return spelling
    return tuple(f"{a} {b}" for a, b in pairwise(spelling))


def _windows(text: str, is_unknown: Callable[[Token], bool]) -> Iterator[tuple[int, int]]:
    """Parts of a word to replace: around units nobody has, and runs of kana."""
    tokens = cut(text)
    for place, token in enumerate(tokens):
        if is_unknown(token):
            for first, last in ((-1, 1), (-1, 0), (0, 1), (0, 0)):
                start, end = max(0, place + first), min(len(tokens) - 1, place + last)
                yield tokens[start].start, tokens[end].end
    yield from ((start, end) for start, end in kana_runs(text) if end - start > 1)
