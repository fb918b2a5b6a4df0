"""What an entry says of specifications: read as typed, said in words, refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.answers import NOT_STATED, answer_text, list_answer_blockers, parse_answer
from catalog.conformance import (
    find_conformance_fault,
    format_conformance,
    parse_conformance,
    read_stored,
    spec_titles,
)
from catalog.criteria import criteria_by_key
from foundation.text import normalize
from tests.unit.test_criteria import COMPLETE

CRITERION = criteria_by_key()["spec_conformance"]
TYPED = """防災アプリ・サービスのモデル仕様書｜｜適合（事業者の申告）｜｜多言語の画面；避難所の混雑
education-security-guideline｜２０２５年３月改訂｜verified｜架空県
"""


def test_typed_lines_are_read_by_name_or_key() -> None:
    model, guideline = parse_answer(CRITERION, TYPED)
    assert model == {
        "spec": "disaster-model",
        "version": "",
        "status": "self_declared",
        "verified_by": "",
        "gaps": ["多言語の画面", "避難所の混雑"],
    }
    assert (guideline["version"], guideline["verified_by"]) == ("2025年3月改訂", "架空県")


def test_words_name_document_version_status_verifier_and_gaps() -> None:
    text = answer_text(CRITERION, parse_answer(CRITERION, TYPED))
    assert text == (
        "防災アプリ・サービスのモデル仕様書：（版の記載なし）適合（事業者の申告）、"
        "満たさない点：多言語の画面；避難所の混雑。"
        "教育情報セキュリティポリシーガイドライン：2025年3月改訂に適合（第三者が確認）：架空県"
    )


def test_not_conforming_is_an_answer_and_silence_is_none() -> None:
    typed = parse_answer(CRITERION, "disaster-model||適合していない||多言語の画面")
    assert [one.conforms for one in read_stored(typed)] == [False]
    assert answer_text(CRITERION, []) == NOT_STATED
    assert list_answer_blockers(COMPLETE | {"spec_conformance": typed}) == []


@pytest.mark.parametrize(
    "typed",
    [
        "ない仕様書｜｜適合（事業者の申告）",
        "disaster-model｜｜たぶん適合",
        "disaster-model",
        "a|b|c|d|e|f",
    ],
)
def test_a_line_that_cannot_be_read_is_named(typed: str) -> None:
    with pytest.raises(ValueError, match="2行目"):
        parse_answer(CRITERION, f"disaster-model||self_declared\n{typed}")


ONE = {
    "spec": "disaster-model",
    "version": "",
    "status": "self_declared",
    "verified_by": "",
    "gaps": [],
}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("disaster-model", "組で"),
        ([{"spec": "disaster-model"}], "組で"),
        ([ONE | {"status": "maybe"}], "組で"),
        ([ONE | {"gaps": [1]}], "組で"),
        ([ONE | {"spec": "none"}], "ありません"),
        ([ONE, ONE], "2度"),
        ([ONE | {"status": "verified"}], "確認した者"),
        ([ONE | {"verified_by": "架空県"}], "確認した者"),
        ([ONE | {"gaps": ["長" * 201]}], "200文字"),
        ([ONE | {"version": str(n)} for n in range(21)], "20件"),
        ([ONE | {"version": "1.0|改"}], "「｜」"),
        ([ONE | {"version": "第1版\n第2版"}], "改行"),
        ([ONE | {"status": "verified", "verified_by": "架空県｜架空市"}], "「｜」"),
        ([ONE | {"gaps": ["多言語|音声"]}], "「｜」"),
        ([ONE | {"gaps": ["多言語；音声"]}], "「；」"),
    ],
)
def test_what_may_not_be_stored_is_said(value: object, words: str) -> None:
    fault = find_conformance_fault(value)
    assert fault is not None and words in fault
    [blocker] = list_answer_blockers(COMPLETE | {"spec_conformance": value})
    assert blocker.field == "spec_conformance"


SIGNS = "ab|｜;；\n\u2028あ－"
CELL = st.text(SIGNS, min_size=1, max_size=6).filter(lambda text: text == text.strip())


@given(version=CELL, verified_by=CELL, gaps=st.lists(CELL, max_size=3))
def test_whatever_may_be_stored_is_read_again_from_its_line(
    version: str, verified_by: str, gaps: list[str]
) -> None:
    said = {"version": version, "verified_by": verified_by, "gaps": gaps, "status": "verified"}
    value = [ONE | said]
    if find_conformance_fault(value) is None:
        again = value[0] | {"version": normalize(version)}
        assert parse_conformance(format_conformance(value)) == [again]


def test_every_unknown_title_is_named_at_once():
    known = next(iter(spec_titles().values()))
    typed = f"ない仕様書|1|適合していない\n{known}|1|適合していない\nもう一つ||適合していない"
    with pytest.raises(
        ValueError, match="1行目の仕様書「ない仕様書」、3行目の仕様書「もう一つ」は"
    ):
        parse_conformance(typed)
