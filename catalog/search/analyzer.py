"""One analyzer for documents and queries: text → terms with their place in the original.

Sudachi cuts with split mode C; each word is then cut into its A units, whose normalised
forms are the terms. Particles and symbols are dropped. What every entry says (システム,
管理, …) and pairs of neighbouring nouns only rank; the other words must all be found.
Synonyms and fallbacks work on the words of a query, not here: documents never change
when the table of synonyms does.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from catalog.search.characters import fold, fold_with_offsets

# Changes whenever terms of the same text change: an index of another version is rebuilt.
ANALYZER_VERSION = 2

_LONGEST_QUERY = 64  # characters whose units are kept for a while
_MOST_CHARACTERS = 8_000  # Sudachi refuses inputs over 49,149 bytes
_DROPPED = frozenset({"助詞", "助動詞", "補助記号", "記号", "空白", "接続詞", "感動詞", "連体詞"})
_NOUNS = frozenset({"名詞", "接尾辞", "接頭辞"})
# 「職員が使える庁内の文書」 asks for 庁内 and 文書; that something is used only ranks.
_ONLY_RANK = frozenset({"接頭辞", "代名詞", "動詞", "形容詞", "形状詞", "副詞"})
_BREAKS = frozenset("。、，！？!?；;\n\r")
# Runs without spaces: a word is cut alike wherever it stands.
_CHUNK = re.compile(rf"\S{{1,{_MOST_CHARACTERS}}}")
PLACE_SUFFIXES = frozenset("市町村区")
# Names that end like a body but are the stem of one: 四日市 + 市.
_STEMS = frozenset(
    ("余市", "田村", "玉村", "羽村", "上市", "下市", "大町", "大村", "野々市", "十日町")
) | {"四日市", "廿日市", "五日市", "八日市"}

# They rank but do not have to be found: words that stand in nearly every entry, those that say
# for whom or to what end (every entry is for 職員 or 住民), and those that only ask.
GENERIC_TERMS = frozenset(
    fold(word).casefold()
    for word in (
        *("システム", "クラウド", "管理", "サービス", "ソフト", "ソフトウェア", "ソフトウエア"),
        *("パッケージ", "ツール", "製品", "業務", "支援", "対応", "機能", "提供", "利用", "導入"),
        *(
            "自治体",
            "市町村",
            "職員",
            "住民",
            "庁内",
            "環境",
            "整備",
            "構築",
            "更新",
            "運用",
            "実施",
            "活用",
        ),
        *("仕組み", "方法", "事例", "例", "対象", "必要", "希望", "検討", "場合", "際", "為"),
        *("こと", "物", "時", "度", "何", "全体", "各種", "一緒", "現場", "手間"),
        *("役場", "役所", "全庁", "本市", "本町", "当市", "当町"),
    )
)
_RANKING_SUFFIXES = frozenset("市町村区郡県府都道型用等的化性版系")


class Token(NamedTuple):
    """A term and where the original text says it. `required` is False for words that only rank.

    follows: no sentence, list or line ends between it and the token before.
    """

    term: str
    start: int
    end: int
    required: bool
    noun: bool
    follows: bool = False


# Of a word of the dictionary, as it was written: its units, counted from its beginning.
_WordKey = tuple[int, str]
_MOST_WORDS = 50_000  # kept a thread


class _Tokenizers(threading.local):
    """One tokenizer per thread: Sudachi's are not safe to share, its dictionary is."""

    def __init__(self) -> None:
        from sudachipy import SplitMode

        self.tokenizer = _dictionary().tokenizer(SplitMode.C)
        self.mode_a = SplitMode.A
        self.units: dict[_WordKey, tuple[Token, ...]] = {}


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    from sudachipy import Dictionary

    return Dictionary(dict="core")


@lru_cache(maxsize=1)
def _tokenizers() -> _Tokenizers:
    return _Tokenizers()


def analyze(text: str) -> tuple[Token, ...]:
    """The terms of a text in order. Text of particles and symbols alone is kept as one term."""
    tokens = cut(text)
    whole = "" if tokens else exact_key(text)
    return (Token(whole, 0, len(text), True, False),) if whole else tokens


def cut(text: str) -> tuple[Token, ...]:
    """The terms of a text in order; none for particles and symbols alone."""
    return _cut_query(text) if len(text) <= _LONGEST_QUERY else _cut_text(text)


@lru_cache(maxsize=2_048)  # one search cuts its words several times
def _cut_query(text: str) -> tuple[Token, ...]:
    return _cut_text(text)


def _cut_text(text: str) -> tuple[Token, ...]:
    folded = fold_with_offsets(text)
    tokens: list[Token] = []
    before = 0  # where the token before ended, in the folded text
    for chunk in _CHUNK.finditer(folded.text):
        offset = chunk.start()
        for term, start, stop, required, noun, _ in _units(chunk[0]):
            begin, end = offset + start, offset + stop
            follows = bool(tokens) and (
                before == begin or _BREAKS.isdisjoint(folded.text[before:begin])
            )
            first, last = folded.span(begin, end)
            tokens.append(Token(term, first, last, required, noun, follows))
            before = end
    return tuple(tokens)


def pairs(tokens: Iterable[Token]) -> Iterator[str]:
    """Each two nouns of a query that touch; they only rank."""
    for before, token in pairwise(tokens):
        if before.noun and token.noun and before.end == token.start:
            yield pair(before, token)


def neighbours(tokens: Iterable[Token]) -> Iterator[str]:
    """Each two units with nothing but particles and spaces between: what phrases are found by."""
    return (pair(before, token) for before, token in pairwise(tokens) if token.follows)


def pair(before: Token, token: Token) -> str:
    """The term for two neighbouring units."""
    return f"{before.term} {token.term}"


def is_pair(atom: str) -> bool:
    """Whether the term stands for two neighbouring units."""
    return " " in atom


def read_aloud(text: str) -> str:
    """The text's reading in katakana; what the dictionary cannot read stays as it is."""
    return "".join(word.reading_form() for word in _tokenizers().tokenizer.tokenize(text))


def names_a_person(text: str) -> bool:
    """Whether a family name and a given name stand side by side."""
    kinds = ["-".join(w.part_of_speech()[2:4]) for w in _tokenizers().tokenizer.tokenize(text)]
    return any(pair == ("人名-姓", "人名-名") for pair in pairwise(kinds))


def exact_key(text: str) -> str:
    """Equal for two names a reader would call the same."""
    return "".join(fold(text).casefold().split())


def warm_up() -> None:
    """Load the dictionary now instead of at the first search."""
    analyze("共同調達")


def forget_cuts() -> None:
    """Forget which texts were cut, as in a worker that has just started."""
    _cut_query.cache_clear()
    _cached_units.cache_clear()


def _units(chunk: str) -> tuple[Token, ...]:
    return _cached_units(chunk) if len(chunk) <= 64 else tuple(_cut(chunk))


@lru_cache(maxsize=8_192)
def _cached_units(chunk: str) -> tuple[Token, ...]:
    return tuple(_cut(chunk))


def _cut(chunk: str) -> Iterator[Token]:
    own = _tokenizers()
    for word in own.tokenizer.tokenize(chunk):
        offset = word.begin()
        for unit in _units_of(word, own):
            term, start, end, required, noun, _ = unit
            yield Token(term, offset + start, offset + end, required, noun)


def _units_of(word: Any, own: _Tokenizers) -> tuple[Token, ...]:
    """The word's units, kept where the dictionary has it: texts are made of the same words."""
    if word.is_oov():
        return tuple(_cut_word(word, own))
    key = word.word_id(), word.surface()
    units = own.units.get(key)
    if units is None:
        if len(own.units) >= _MOST_WORDS:
            own.units.clear()
        units = own.units[key] = tuple(_cut_word(word, own))
    return units


def _cut_word(word: Any, own: _Tokenizers) -> Iterator[Token]:
    # Sudachi 0.7: split(A) of a word that does not split is empty, and with
    # add_single=True its items panic on begin().
    units = list(word.split(own.mode_a))
    if not units and _is_uncut_body(word):
        yield from _cut_body(word)
        return
    for unit in units or [word]:
        token = _token_of(unit, word.begin())
        if token:
            yield token


def _is_uncut_body(word: Any) -> bool:
    """檜原村 is cut by the dictionary into 檜原 + 村, 梼原町 is not: they are to be cut alike."""
    surface = word.surface()
    return (
        surface[-1] in PLACE_SUFFIXES
        and len(surface) >= 2
        and word.part_of_speech()[1] == "固有名詞"
        and surface not in _STEMS
    )


def _cut_body(word: Any) -> Iterator[Token]:
    surface, length = word.surface(), word.end() - word.begin()
    yield Token(_finish(surface[:-1]), 0, length - 1, True, True)
    yield Token(surface[-1], length - 1, length, False, True)


def _token_of(unit: Any, offset: int) -> Token | None:
    part, sub = unit.part_of_speech()[:2]
    surface = unit.surface()
    if part in _DROPPED and not (part == "記号" and surface.isalnum()):
        return None
    # The dictionary reads LIU as a person's name (リュー): such letters stay as typed.
    lettered = sub == "固有名詞" and surface.isascii()
    term = _finish(surface if lettered else unit.normalized_form())
    if not term:
        return None
    required = _is_required(term, part, sub)
    return Token(term, unit.begin() - offset, unit.end() - offset, required, part in _NOUNS)


@lru_cache(maxsize=32_768)
def _finish(form: str) -> str:
    """The term of a normalised form: folded again, long vowel at the end of a long word off."""
    term = fold(form).casefold().strip()
    return term[:-1] if len(term) >= 4 and term.endswith("ー") else term


def _is_required(term: str, part: str, sub: str) -> bool:
    if part in _ONLY_RANK or sub == "非自立可能":
        return False
    if part == "接尾辞" and term in _RANKING_SUFFIXES:
        return False
    return term not in GENERIC_TERMS and term not in PLACE_SUFFIXES
