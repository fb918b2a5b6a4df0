"""The 300 queries that every engine is asked: six kinds, fifty of each, in a fixed mixture.

Only of words that the smallest corpus has: where nothing or little is found our search goes on
to look for other spellings, which no other engine does. That is measured apart (missed_texts).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random

from bench.corpus import FACETS, YEARS, make_corpus, vocabulary
from catalog.search.bands import BANDS
from catalog.search.evaluator import Sort
from catalog.search.query import RESULTS_PER_PAGE

EACH = 50
_FEWEST = 6  # texts of the smallest corpus that have the words
KINDS = ("one word", "two words", "word + 2 filters", "counts", "sorted", "page 10")
_WORDS = (
    "職員", "申請", "窓口", "帳票", "住民", "議事録", "録音", "予約", "様式", "検索", "LGWAN",
    "紙", "集計", "通知", "研修", "移行", "データ連携", "認証", "端末", "要約", "個人情報", "地図",
    "証明書", "督促", "滞納", "保育", "予算", "決裁", "電子契約", "押印", "避難所", "備蓄", "図書",
    "貸出", "介護", "健診", "水道", "検針", "台帳", "道路", "固定資産", "給与", "人事", "勤怠",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Question:
    """One query. page: from 1; the facets counted are always the same four."""

    kind: str
    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    page: int = 1

    @property
    def offset(self) -> int:
        return (self.page - 1) * RESULTS_PER_PAGE


def make_questions() -> list[Question]:
    """All of them, mixed."""
    random = Random(7)
    questions = [_make(random, kind) for kind in KINDS for _ in range(EACH)]
    random.shuffle(questions)
    return questions


def _make(random: Random, kind: str) -> Question:
    word = _word(random)
    if kind == "two words":
        return Question(kind=kind, text=_two_words(random))
    if kind == "word + 2 filters":
        return Question(kind=kind, text=word, filters=_filters(random, 2))
    if kind == "counts":
        return Question(kind=kind, filters=_filters(random, 1))
    if kind == "sorted":
        return Question(kind=kind, text=word, sort=Sort.UPDATED)
    return Question(kind=kind, text=word, page=10 if kind == "page 10" else 1)


def _word(random: Random) -> str:
    """What an officer types: a word of the trade, or a system type, the usual ones more often."""
    words, types = _found_words(), _found_types()
    if random.random() < 0.5:
        return random.choice(words)
    return random.choices(tuple(types.values()), [_texts_with(name) for name in types.values()])[0]


def _two_words(random: Random) -> str:
    """Two that go together: a system type, and what its descriptions speak of."""
    types = _found_types()
    code = random.choice(tuple(types))
    spoken = [word for word in _found_words() if _texts_with(types[code], word) >= _FEWEST]
    return f"{types[code]} {random.choice(spoken)}" if spoken else types[code]


def missed_texts() -> tuple[str, ...]:
    """Texts that find nothing as typed: slips, readings, bodies nobody writes of, sentences."""
    bodies = [name for name, _ in vocabulary().bodies[::97]]
    slips = ("議事碌作成", "ぶんしょかんり", "施設予薬", "bunsho kanri", "電子景約", "こていしさん")
    sentences = ("職員が紙の帳票を減らしたい宇宙船", "窓口で使える議事録と督促状の地図")
    return (*slips, *sentences, *bodies)


@cache
def _texts() -> tuple[str, ...]:
    """The smallest corpus as a visitor may read it."""
    return tuple(
        f"{document.title} {document.category} {document.body}" for document in make_corpus(500)
    )


@cache
def _texts_with(*words: str) -> int:
    return sum(all(word in text for word in words) for text in _texts())


@cache
def _found_words() -> tuple[str, ...]:
    return tuple(word for word in _WORDS if _texts_with(word) >= _FEWEST)


@cache
def _found_types() -> dict[str, str]:
    types = {code: name for code, (name, _) in vocabulary().types.items()}
    return {code: name for code, name in types.items() if _texts_with(name) >= _FEWEST}


def _filters(random: Random, count: int) -> dict[str, tuple[str, ...]]:
    values = {
        "category": tuple(vocabulary().types),
        "prefecture": tuple(f"{number:02}" for number in range(1, 48)),
        "price_band": tuple(value for value, *_ in BANDS["price_band"]),
        "fiscal_year": YEARS,
    }
    return {name: (random.choice(values[name]),) for name in random.sample(FACETS, count)}
