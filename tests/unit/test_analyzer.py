"""One analyzer for documents and queries: which spellings are one word, and where it stands."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.analyzer import analyze, exact_key, pairs
from catalog.search.characters import fold, fold_with_offsets

BODIES = Path("accounts/data/local_bodies.csv")


def terms(text: str) -> list[str]:
    return [token.term for token in analyze(text)]


def required(text: str) -> list[str]:
    return [token.term for token in analyze(text) if token.required]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("檮原町", "梼原町"),
        ("茅ヶ崎市", "茅ケ崎市"),
        ("鰺ヶ沢町", "鯵ケ沢町"),
        ("塩竈市", "塩釜市"),
        ("龍ケ崎市", "竜ヶ崎市"),
        ("檜原村", "桧原村"),
        ("惠庭市", "恵庭市"),
        ("髙橋システム", "高橋システム"),
        ("𠮷野町", "吉野町"),
        ("葛󠄀城市", "葛城市"),
        ("議事録ＡＩ", "議事録AI"),
        ("ﾃﾞｰﾀ連携", "データ連携"),
        ("サーバー", "サーバ"),
        ("サ－バ", "サーバ"),
        ("ISMAP‐LIU", "ISMAP-LIU"),
        ("ismap", "ISMAP"),
        ("ＧビズＩＤ", "GビズID"),
        ("問合せ", "問い合わせ"),
        ("子ども", "こども"),
        ("見積", "見積もり"),
        ("ベース・レジストリ", "ベースレジストリ"),
        ("Ｗｅｂ", "ウェブ"),
    ],
)
def test_spellings_of_one_word_are_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


def test_words_are_cut_to_their_smallest_units() -> None:
    assert terms("文書管理") == ["文書", "管理"]
    assert terms("電子申請") == ["電子", "申請"]
    assert terms("生成AI") == ["生成", "ai"]


def test_particles_and_symbols_are_dropped() -> None:
    assert terms("住基と、連携できる「電子申請」！") == ["住基", "連携", "出来る", "電子", "申請"]


def test_words_of_every_entry_only_rank() -> None:
    assert required("文書管理システムのクラウド導入") == ["文書"]
    assert required("住基 連携 できる 電子申請") == ["住基", "連携", "電子", "申請"]


def test_what_is_nothing_but_symbols_is_kept_whole() -> None:
    assert terms("★☆") == ["★☆"]
    assert terms("の") == ["の"]
    assert terms("   \n") == []


def test_neighbouring_nouns_are_paired_and_strangers_are_not() -> None:
    assert list(pairs(analyze("電子申請"))) == ["電子 申請"]
    assert list(pairs(analyze("電子 申請"))) == []
    assert list(pairs(analyze("電子の申請"))) == []


def test_every_name_of_a_local_body_is_cut_before_its_kind() -> None:
    with BODIES.open(encoding="utf-8-sig", newline="") as file:
        names = {row["name"] for row in csv.DictReader(file)} - {"北海道"}
    uncut = [name for name in names if terms(name)[-1:] != [name[-1]]]
    # 森町 and the like are family names to the dictionary; they are found by their whole name.
    assert set(uncut) <= {"森町", "東村", "原村", "赤村", "麻績村"}
    assert len(names) > 1700


def test_offsets_point_into_the_text_as_it_was_written() -> None:
    text = "㈱テストの ﾃﾞｰﾀ連携、檮原町"
    found = {token.term: text[token.start : token.end] for token in analyze(text)}
    assert found["データ"] == "ﾃﾞｰﾀ"
    assert found["梼原"] == "檮原"
    assert found["連携"] == "連携"


def test_a_very_long_text_without_spaces_is_cut_in_pieces() -> None:
    tokens = analyze("文書管理" * 20_000)
    assert [token.term for token in tokens[:2]] == ["文書", "管理"]
    assert tokens[-1].end == 80_000


def test_equal_names_have_equal_keys() -> None:
    assert exact_key("架空 文書管理　Ａ") == exact_key("架空文書管理a")
    assert exact_key("文書管理A") != exact_key("文書管理B")


@given(st.text(max_size=60))
def test_any_text_is_analyzed_within_its_bounds_and_alike_each_time(text: str) -> None:
    tokens = analyze(text)
    for token in tokens:
        assert token.term
        assert 0 <= token.start <= token.end <= len(text)
    assert tokens == analyze(text)


@given(st.text(alphabet="文書管理システムー－-ヶﾃﾞａＡ㈱ \n", max_size=30))
def test_folding_with_offsets_gives_the_same_text(text: str) -> None:
    folded = fold_with_offsets(text)
    assert folded.text == fold(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert all(start <= end for start, end in zip(folded.starts, folded.ends, strict=True))
