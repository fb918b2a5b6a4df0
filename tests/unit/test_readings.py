"""How words sound, and the words of an index by spelling and by sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.readings import kana_of_romaji, reading_of
from catalog.search.vocabulary import Vocabulary, is_one_change

WORDS = Vocabulary(
    ["文書", "管理", "議事", "録", "電子", "申請", "図書", "館", "防災", "台帳"],
    ["文書 管理", "議事 録", "電子 申請", "図書 館", "館 管理"],
)


@pytest.mark.parametrize(
    ("word", "reading"),
    [
        ("文書管理", "ブンショカンリ"),
        ("ぶんしょかんり", "ブンショカンリ"),
        ("ﾌﾞﾝｼｮｶﾝﾘ", "ブンショカンリ"),
        ("bunshokanri", "ブンショカンリ"),
        ("bunsyokanri", "ブンショカンリ"),
        ("jūmin", ""),
        ("zyuumin", "ジュウミン"),
        ("shinbun", "シンブン"),
        ("shimbun", "シンブン"),
        ("kekka", "ケッカ"),
        ("matchi", "マッチ"),
        ("cloud", ""),
        ("サーバー", "サバ"),
        ("つづき", "ツズキ"),
        ("！", ""),
    ],
)
def test_words_sound_as_they_are_read(word: str, reading: str) -> None:
    assert reading_of(word) == reading


def test_what_is_no_japanese_word_in_latin_letters_has_no_kana() -> None:
    assert kana_of_romaji("lgwan") is None
    assert kana_of_romaji("kr") is None


@pytest.mark.parametrize(
    ("reading", "word"),
    [
        ("ブンショ", ("文書",)),
        ("ブンショカンリ", ("文書", "管理")),
        ("トショカン", ("図書", "館")),
        ("トショカンカンリ", ("図書", "館", "管理")),
    ],
)
def test_a_reading_finds_words_of_units_that_stand_together(
    reading: str, word: tuple[str, ...]
) -> None:
    assert word in WORDS.sounding_like(reading)


def test_units_that_never_stand_together_are_no_word() -> None:
    assert WORDS.sounding_like("デンシカンリ") == []


def test_latin_letters_may_leave_long_vowels_out() -> None:
    assert WORDS.sounding_like(reading_of("bosai")) == []
    assert ("防災",) in WORDS.sounding_shortly(reading_of("bosai"))


@pytest.mark.parametrize("typed", ["議事碌", "議録", "議事議録", "議録事", "義事録"])
def test_one_wrong_missing_extra_or_swapped_character_is_forgiven(typed: str) -> None:
    assert ("議事", "録") in WORDS.spelt_nearly(typed)


def test_one_wrong_sound_is_forgiven() -> None:
    assert ("電子", "申請") in WORDS.sounding_nearly("デンシンセイ")


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("ぶん書", ("文書",)),
        ("議じ", ("議事",)),
        ("電子しんせい", ("電子", "申請")),
        ("でんし申請", ("電子", "申請")),
    ],
)
def test_a_word_partly_in_kana_is_read_and_spelt_at_once(typed: str, word: tuple[str, ...]) -> None:
    assert word in WORDS.written_partly(typed)


@pytest.mark.parametrize("typed", ["ぶん管", "ぶんしょ", "文書", "ぶん書かん", "しょ書"])
def test_what_is_partly_in_kana_has_to_sound_like_the_word(typed: str) -> None:
    assert WORDS.written_partly(typed) == []


def test_longer_words_begin_with_a_short_one() -> None:
    assert set(WORDS.beginning("文書")) == {("文書", "管理")}
    assert WORDS.beginning("書") == []


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_change_is_what_a_plain_search_over_all_changes_says(a: str, b: str) -> None:
    changed = {
        a[:i] + new + a[j:]
        for i in range(len(a) + 1)
        for j in (i, i + 1)
        for new in ("", "a", "b", "c")
    } | {a[:i] + a[i + 1] + a[i] + a[i + 2 :] for i in range(len(a) - 1)}
    assert is_one_change(a, b) == (b in changed and a != b)


@given(st.text("abcd文書管理", min_size=2, max_size=5), st.data())
def test_every_word_one_change_away_is_found(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    typed = word[:place] + data.draw(st.sampled_from("ax録")) + word[place + 1 :]
    found = Vocabulary([word, "無関係"], []).spelt_nearly(typed)
    assert ((word,) in found) == (typed != word)
