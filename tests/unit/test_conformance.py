"""What an entry says of specifications: read as typed, said in words, refused by name."""

import pytest

from catalog.answers import NOT_STATED, answer_text, list_answer_blockers, parse_answer
from catalog.conformance import (
    find_conformance_fault,
    parse_conformance,
    read_stored,
    spec_titles,
)
from catalog.criteria import criteria_by_key
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
    ],
)
def test_what_may_not_be_stored_is_said(value: object, words: str) -> None:
    fault = find_conformance_fault(value)
    assert fault is not None and words in fault
    [blocker] = list_answer_blockers(COMPLETE | {"spec_conformance": value})
    assert blocker.field == "spec_conformance"


def test_every_unknown_title_is_named_at_once():
    known = next(iter(spec_titles().values()))
    typed = f"ない仕様書|1|適合していない\n{known}|1|適合していない\nもう一つ||適合していない"
    with pytest.raises(
        ValueError, match="1行目の仕様書「ない仕様書」、3行目の仕様書「もう一つ」は"
    ):
        parse_conformance(typed)
