"""Reasons for protection, answer by answer: which questions ask for one, and what is made of it."""

from dataclasses import replace

import pytest

from catalog.answer_tables import find_table_fault
from catalog.answers import format_answer, parse_answer
from catalog.criteria import CRITERIA, criteria_by_key
from catalog.criterion import AnswerType, Criterion, Disclosure, Group
from catalog.protection import find_reason, list_idle_reasons, list_unreasoned
from catalog.questions.protection import REASONS, WORDS, protectable, protection_reasons

ASKED = criteria_by_key()[REASONS]
GIVEN = {"security_measures": "暗号化", "incident_contact": "1時間以内"}
REASON = {"security_measures": {"kind": "know_how", "reason": "独自の手順"}}


def test_a_reason_is_asked_for_every_answer_that_is_not_for_everybody() -> None:
    hidden = {c.key for c in CRITERIA if c.disclosure is not Disclosure.PUBLIC}
    assert {row.key for row in ASKED.choices} == hidden - {REASONS, WORDS}
    assert {row.key for row in ASKED.choices} >= {"security_measures", "incident_contact"}
    assert ASKED.disclosure is Disclosure.GOVERNMENT


def test_a_further_protected_question_brings_its_row() -> None:
    added = Criterion(
        key="secret_recipe",
        label="秘伝",
        help="行政機関だけに表示します。",
        type=AnswerType.TEXT,
        group=Group.TERMS,
        disclosure=Disclosure.GOVERNMENT,
    )
    assert protection_reasons([*CRITERIA, added]).choice_labels["secret_recipe"] == "秘伝"
    open_one = replace(added, disclosure=Disclosure.PUBLIC)
    assert open_one not in protectable([*CRITERIA, open_one])


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"kind": "know_how", "reason": "独自の手順"}, ""),
        ({"kind": "know_how"}, "「理由」を入力"),
        ({"reason": "独自の手順"}, "「理由の区分」を入力"),
        ({"kind": "whim", "reason": "独自の手順"}, "選択肢「whim」"),
        ({"kind": "other", "reason": "長" * 201}, "200文字以内"),
    ],
)
def test_a_reason_has_its_kind_and_its_words(row: dict[str, str], fault: str) -> None:
    said = find_table_fault(ASKED, {"security_measures": row})
    assert fault in (said or "")
    assert bool(said) == bool(fault)


def test_no_reason_is_given_for_what_everybody_reads() -> None:
    table = {"lgwan_endpoint": {"kind": "other", "reason": "x"}}
    assert "行はありません" in (find_table_fault(ASKED, table) or "")


def test_reasons_go_out_in_a_file_and_come_back() -> None:
    cell = format_answer(ASKED, REASON)
    assert cell == "安全管理の内容=アイデア・ノウハウ;独自の手順"
    assert parse_answer(ASKED, cell) == REASON


def test_what_has_no_reason_and_what_has_only_one_is_found() -> None:
    assert [one.key for one in list_unreasoned(GIVEN | {REASONS: REASON})] == ["incident_contact"]
    assert list_idle_reasons(GIVEN | {REASONS: REASON}) == []
    assert [one.key for one in list_idle_reasons({REASONS: REASON})] == ["security_measures"]


def test_an_older_entry_that_said_all_in_one_text_is_read_as_it_is() -> None:
    old = GIVEN | {WORDS: "安全管理の内容は開示しないでください"}
    assert find_reason(old, "security_measures") is None
    assert [one.key for one in list_unreasoned(old)] == ["security_measures", "incident_contact"]
    reason = find_reason(old | {REASONS: REASON}, "security_measures")
    assert reason is not None
    assert reason.words == "アイデア・ノウハウ：独自の手順"
