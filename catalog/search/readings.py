"""How words are read aloud: katakana of words, of kana and of Latin letters. Pure but for Sudachi.

Readings are compared after folding what two people write differently for one sound.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from catalog.search.analyzer import read_aloud
from catalog.search.characters import fold

_SOUNDS = str.maketrans({"ヂ": "ジ", "ヅ": "ズ", "ヲ": "オ", "ヱ": "エ", "ヰ": "イ", "ー": None})
_LONG_VOWELS = re.compile(
    "(?<=[オコソトノホモヨロゴゾドボポョ])[ウオ]|(?<=[ウクスツヌフムユルグズブプュ])ウ"
)
_VOWELS = "aiueo"
_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
    "g": "ガギグゲゴ",
    "z": "ザジズゼゾ",
    "d": "ダヂヅデド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
# Consonants whose five syllables are the i-row with a small vowel: kya, sha, ja …
_GLIDES = {
    "ky": "キ",
    "sy": "シ",
    "ty": "チ",
    "cy": "チ",
    "ny": "ニ",
    "hy": "ヒ",
    "my": "ミ",
    "ry": "リ",
    "gy": "ギ",
    "zy": "ジ",
    "jy": "ジ",
    "by": "ビ",
    "py": "ピ",
    "dy": "ヂ",
}
# Hepburn and the few syllables outside the rows.
_OTHERS = {
    "shi": "シ", "chi": "チ", "tsu": "ツ", "fu": "フ", "ji": "ジ",
    "sha": "シャ", "shu": "シュ", "sho": "ショ", "she": "シェ",
    "cha": "チャ", "chu": "チュ", "cho": "チョ", "che": "チェ",
    "ja": "ジャ", "ju": "ジュ", "jo": "ジョ", "je": "ジェ",
    "fa": "ファ", "fi": "フィ", "fe": "フェ", "fo": "フォ",
    "ya": "ヤ", "yu": "ユ", "yo": "ヨ", "wa": "ワ", "wo": "ヲ", "wi": "ウィ", "we": "ウェ",
    "va": "ヴァ", "vi": "ヴィ", "ve": "ヴェ", "vo": "ヴォ", "vu": "ヴ",
    "thi": "ティ", "dhi": "ディ", "ti": "チ", "tu": "ツ",
}  # fmt: skip
_SMALL = dict(zip(_VOWELS, ("ャ", "ィ", "ュ", "ェ", "ョ"), strict=True))


def _syllables() -> dict[str, str]:
    rows = {
        consonant + vowel: kana
        for consonant, row in _ROWS.items()
        for vowel, kana in zip(_VOWELS, row, strict=True)
    }
    glides = {
        glide + vowel: kana + _SMALL[vowel] for glide, kana in _GLIDES.items() for vowel in _VOWELS
    }
    return rows | glides | _OTHERS


_SYLLABLES = _syllables()


_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fc]+")


def is_kana(text: str) -> bool:
    """Whether the text is hiragana or katakana alone."""
    return _KANA.fullmatch(text) is not None


def kana_runs(text: str) -> Iterator[tuple[int, int]]:
    """Where hiragana or katakana stand side by side: [start, end)."""
    return (found.span() for found in _KANA.finditer(text))


def kana_of_romaji(text: str) -> str | None:
    """Katakana of Hepburn or Kunrei letters; None for what is no Japanese word so written."""
    letters = text.replace("'", "").replace("mb", "nb").replace("mp", "np").replace("mm", "nm")
    kana: list[str] = []
    place = 0
    while place < len(letters):
        sound, length = _sound_at(letters, place)
        if not length:
            return None
        kana.append(sound)
        place += length
    return "".join(kana)


def _sound_at(letters: str, place: int) -> tuple[str, int]:
    """The sound at a place and how many letters it takes; 0 letters when there is none."""
    for length in (3, 2, 1):
        sound = _SYLLABLES.get(letters[place : place + length])
        if sound and place + length <= len(letters):
            return sound, length
    letter, after = letters[place], letters[place + 1 : place + 2]
    if letter == "n":
        return "ン", 1
    doubled = letter == after or (letter == "t" and after == "c")
    return ("ッ", 1) if doubled and letter.isalpha() and letter.isascii() else ("", 0)


def sounds(kana: str) -> str:
    """Kana as katakana in which equal sounds are equal."""
    katakana = "".join(chr(ord(c) + 0x60) if "\u3041" <= c <= "\u3096" else c for c in kana)
    return katakana.translate(_SOUNDS)


def short_sounds(reading: str) -> str:
    """The sounds without long o and u, which Latin letters leave out: bosai, tokyo."""
    return _LONG_VOWELS.sub("", reading)


@lru_cache(maxsize=131_072)
def reading_of(text: str) -> str:
    """The sounds of a word in any script; '' where nobody knows how it is read."""
    folded = fold(text).casefold()
    if is_kana(folded):
        return sounds(folded)
    if folded.isascii() and folded.isalpha():
        kana = kana_of_romaji(folded)
        return sounds(kana) if kana else ""
    kana = read_aloud(folded)
    return sounds(kana) if is_kana(kana) else ""
