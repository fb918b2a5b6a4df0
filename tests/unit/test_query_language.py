"""Words, alternatives, exclusions and phrases: what is understood, and what is looked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.plan import Plan
from catalog.search.planning import plan_of
from catalog.search.syntax import in_words, parse

UNDERSTOOD = {
    "電子申請 LGWAN": "「電子申請」と「LGWAN」を含む",
    "電子申請 または 電子契約 -紙": "「電子申請」または「電子契約」を含み、「紙」を含まない",
    "A OR B C": "（「A」または「B」）と「C」を含む",
    "A ＯＲ B　または　C": "「A」または「B」または「C」を含む",
    "A｜B | C": "「A」または「B」または「C」を含む",
    "紙またはPDF": "「紙」または「PDF」を含む",
    "文書 －有料 ‐無料 ーデモ": "「文書」を含み、「有料」も「無料」も「デモ」も含まない",
    "-紙": "「紙」を含まない",
    "-紙またはPDF": "「紙」も「PDF」も含まない",
    "LGWAN-ASP e-Tax": "「LGWAN-ASP」と「e-Tax」を含む",
    '"電子 申請"': "「電子 申請」（この並びのまま）を含む",
    "“電子申請” ＂文書＂": "「電子申請」（この並びのまま）と「文書」（この並びのまま）を含む",
    "「電子申請」 『文書』 ｢紙｣": "「電子申請」（この並びのまま）と「文書」（この並びのまま）と"
    "「紙」（この並びのまま）を含む",
    "条例「個人情報」改正": "「条例「個人情報」改正」を含む",
    '-"紙 申請"': "「紙 申請」（この並びのまま）を含まない",
    '"電子申請': "「電子申請」を含む",
    "電子申請」 「": "「電子申請」を含む",
    '"" 文書': "「文書」を含む",
    "または 文書 OR": "「文書」を含む",
    "文書 または -紙 台帳": "「文書」と「台帳」を含み、「紙」を含まない",
    "文書 AND 台帳": "「文書」と「台帳」を含む",
    "😀 ！？ 文書 -": "「文書」を含む",
    "電子申請 or 電子契約 and 紙": "（「電子申請」または「電子契約」）と「紙」を含む",
    "(電子申請 OR 文書管理） クラウド": "（「電子申請」または「文書管理」）と「クラウド」を含む",
    "LINE連携（共通）": "「LINE連携（共通）」を含む",
    "または": "「または」を含む",
    "😀": "「😀」を含む",
    "-": "「-」を含む",
    " 　\t": "",
}


@pytest.mark.parametrize(("text", "words"), UNDERSTOOD.items())
def test_what_was_typed_is_understood_as(text: str, words: str) -> None:
    assert in_words(parse(text)) == words


def test_a_word_of_several_units_is_one_alternative_of_all_of_them() -> None:
    plan = plan_of("電子申請または文書管理 予約")
    assert plan.required == ((("電子", "申請"), ("文書",)), (("予約",),))
    assert "管理" in plan.ranking
    assert {"電子 申請", "文書 管理"} <= set(plan.pairs)


def test_words_of_every_entry_count_where_they_stand_alone_in_an_alternative() -> None:
    assert plan_of("クラウド または 文書").required == ((("クラウド",), ("文書",)),)


def test_a_phrase_asks_for_each_two_neighbouring_units_those_of_every_entry_too() -> None:
    plan = plan_of('"文書管理システム"')
    assert plan.required == ((("文書 管理", "管理 システム"),),)
    assert {"文書", "管理", "システム"} <= set(plan.ranking)
    assert plan_of("「文書」").required == ((("文書",),),)
    assert plan_of('"書かない窓口"').required == ((("書く 窓口",),),)
    # A comma parts units in texts too, so they cannot be asked to touch.
    assert plan_of('"文書、窓口"').required == ((("文書", "窓口"),),)


def test_what_is_excluded_is_what_the_word_finds() -> None:
    assert plan_of('-電子申請 -システム -"電子申請"').excluded == (
        ((("電子",),), (("申請",),)),
        ((("システム",),),),
        ((("電子 申請",),),),
    )
    assert plan_of("-電子申請").required == ()


def test_particles_between_words_ask_for_nothing() -> None:
    assert plan_of("文書 の 台帳").required == ((("文書",),), (("台帳",),))
    assert plan_of("の").required == ((("の",),),)


@given(st.text(max_size=60) | st.text(alphabet='電子 　"「」-－｜|OR または“”😀\0', max_size=40))
def test_any_text_has_a_meaning_and_a_plan_that_asks_for_it(text: str) -> None:
    expression, plan = parse(text), plan_of(text)
    assert bool(in_words(expression)) == bool(text.strip())
    assert all(alternative and all(alternative) for alternative in _alternatives(plan))
    assert not (set(plan.ranking) | set(plan.pairs)) & set(plan.atoms)


def _alternatives(plan: Plan) -> list[tuple[str, ...]]:
    groups = (*plan.required, *(group for exclusion in plan.excluded for group in exclusion))
    return [alternative for group in groups for alternative in group]
