"""The one declaration of what entries are asked, and how answers are read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.answer_tables import in_order
from catalog.answers import (
    NOT_STATED,
    answer_lines,
    answer_text,
    facet_values,
    format_answer,
    list_answer_blockers,
    list_answer_faults,
    parse_answer,
    stated,
)
from catalog.conformance import ConformanceStatus, spec_titles
from catalog.criteria import (
    CRITERIA,
    CRITERIA_VERSION,
    MOST_REQUIRED,
    PUBLIC_ONLY,
    criteria_by_key,
    schema_sha256,
    visible_criteria,
)
from catalog.criterion import AnswerType, Carry, Column, Criterion, Disclosure, Group, Review
from foundation.text import EARLIEST_DAY, LATEST_DAY

COMPLETE = {
    "purposes": ["staff_work"],
    "delivery_model": "saas",
    "lgwan_endpoint": "no",
    "hosting": "other_cloud",
    "data_location": "domestic",
    "certifications": ["none"],
    "customization_policy": "none",
    "export_formats": ["csv"],
    "exit_support": "included",
    "exit_notice_months": 3,
    "deletion_proof": "yes",
    "other_cloud": "data_only",
}


CHOSEN = (AnswerType.CHOICE, AnswerType.CHOICES, AnswerType.TABLE)
FUNCTIONS = {"search": {"state": "supported"}, "mobile": {"state": "planned", "when": "令和9年4月"}}


def criterion(key: str) -> Criterion:
    return criteria_by_key()[key]


def test_keys_and_columns_are_unique_and_only_choices_have_choices() -> None:
    assert len({c.key for c in CRITERIA}) == len({c.csv_column for c in CRITERIA}) == len(CRITERIA)
    for one in CRITERIA:
        assert bool(one.choices) == (one.type in CHOSEN), one.key
        assert bool(one.columns) == (one.type is AnswerType.TABLE), one.key
        assert len(one.choice_labels) == len(one.choices)
        assert one.help


def test_lgwan_is_four_questions() -> None:
    keys = {c.key for c in CRITERIA if c.group is Group.NETWORK}
    assert keys == {"lgwan_endpoint", "lgwan_asp_registration", "lgwan_connection", "sign_in"}


def test_security_details_are_for_government() -> None:
    hidden = set(CRITERIA) - set(visible_criteria(PUBLIC_ONLY))
    assert {c.key for c in hidden} == {
        "security_measures",
        "incident_contact",
        "protected_information",
        "protected_reasons",
    }
    assert all(c.disclosure is Disclosure.GOVERNMENT for c in hidden)


def test_not_stated_is_never_no() -> None:
    endpoint = criterion("lgwan_endpoint")
    assert answer_text(endpoint, None) == NOT_STATED
    assert answer_text(endpoint, "no") == "なし"
    assert answer_text(criterion("introduction_records"), 0) == "0団体"
    assert stated({"lgwan_endpoint": "no", "trial": None, "sign_in": []}, CRITERIA) == {
        "lgwan_endpoint": "no"
    }


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("lgwan_endpoint", " あり ", "yes"),
        ("certifications", "ｉｓｍａｐ｜ISO/IEC 27001", ["ismap", "iso27001"]),
        ("certifications", "登録なし", ["none"]),
        ("introduction_records", "１，２００団体", 1200),
        ("introduction_records", "0", 0),
        ("sla_availability", "９９．９５％", "99.95"),
        ("service_started_on", "令和６年４月１日", "2024-04-01"),
        ("functions", "全文検索＝対応｜スマートフォンでの利用=対応予定;令和9年4月", FUNCTIONS),
        (
            "certificates",
            "ISMAP=C22-0001;全体;;2027/3/31",
            {"ismap": {"number": "C22-0001", "scope": "全体", "valid_to": "2027-03-31"}},
        ),
        ("hosting", "", None),
        ("hosting", "　", None),
    ],
)
def test_answers_are_read_as_offices_type_them(key: str, typed: str, value: object) -> None:
    assert parse_answer(criterion(key), typed) == value


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("hosting", "雲の上"),
        ("certifications", "ISMAP、ISO"),
        ("introduction_records", "-1"),
        ("introduction_records", "多数"),
        ("service_started_on", "2024-02-30"),
        ("functions", "全文検索"),
        ("functions", "時空の移動=対応"),
        ("functions", "全文検索=たぶん"),
        ("functions", "全文検索=対応|全文検索=非対応"),
        ("functions", "全文検索=対応;;いつか"),
        ("sla_availability", "100.1"),
        ("sla_availability", "nan"),
        ("sla_availability", "ほぼ100"),
    ],
)
def test_what_cannot_be_read_is_refused_not_guessed(key: str, typed: str) -> None:
    with pytest.raises(ValueError, match=r"[ぁ-ん]"):
        parse_answer(criterion(key), typed)


def test_a_complete_set_has_no_blockers_and_each_missing_one_is_named() -> None:
    assert list_answer_blockers(COMPLETE) == []
    for key in COMPLETE:
        rest = {name: value for name, value in COMPLETE.items() if name != key}
        assert [blocker.field for blocker in list_answer_blockers(rest)] == [key]


def test_none_excludes_the_others_and_unknown_keys_are_named() -> None:
    mixed = COMPLETE | {"certifications": ["none", "ismap"], "colour": "red"}
    assert {blocker.field for blocker in list_answer_blockers(mixed)} == {
        "certifications",
        "colour",
    }


@given(st.data())
def test_what_is_written_to_a_file_is_read_back(data: st.DataObject) -> None:
    for one in CRITERIA:
        value = data.draw(_values(one))
        assert parse_answer(one, format_answer(one, value)) == value


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"search": {"state": "planned"}}, "「対応予定の時期」を入力"),
        ({"search": {"when": "令和9年"}}, "「対応」を入力"),
        ({"search": {"state": "maybe"}}, "選択肢「maybe」"),
        ({"search": {"state": "planned", "when": "a;b"}}, "「|」と「;」"),
        ({"moon": {"state": "supported"}}, "「moon」という行"),
        ({"search": {"colour": "red"}}, "「colour」という列"),
        (["search"], "表の形"),
    ],
)
def test_a_table_that_cannot_stand_is_refused_with_row_and_column(table: object, said: str) -> None:
    [blocker] = list_answer_faults({"functions": table})
    assert said in blocker.message
    assert blocker.field == "functions"


def test_a_table_in_words_and_as_facet_values() -> None:
    functions = criterion("functions")
    table = FUNCTIONS | {"print": {"state": "option"}, "bulk_import": {"state": "unsupported"}}
    assert answer_lines(functions, table)[:2] == [
        "全文検索：対応",
        "スマートフォンでの利用：対応予定（令和9年4月）",
    ]
    assert facet_values(functions, table) == ("search", "print")
    held = {"iso27001": {"number": "IS 1", "valid_to": "2027-03-31"}}
    assert answer_text(criterion("certificates"), held) == (
        "ISO/IEC 27001：登録番号 IS 1、有効期限 2027-03-31"
    )
    shown = {"evidence_url": "https://a.example/list?no=1", "checked_on": "2026-11-01"}
    assert answer_text(criterion("certificates"), {"iso27001": held["iso27001"] | shown}) == (
        "ISO/IEC 27001：登録番号 IS 1、有効期限 2027-03-31、"
        "確認できるページ https://a.example/list?no=1、確認した日 2026-11-01"
    )


def test_publishing_asks_few_answers_and_every_question_says_what_becomes_of_it() -> None:
    asked = sum(len(one.choices) if one.columns else 1 for one in CRITERIA if one.required)
    assert asked <= MOST_REQUIRED
    waiting = {one.key for one in CRITERIA if one.review is Review.BEFORE}
    assert {"data_location", "certifications", "certificates"} <= waiting
    again = {one.key for one in CRITERIA if one.carry is Carry.ASK}
    assert {"introduction_records", "certificates"} <= again
    assert {one.since for one in CRITERIA} == set(range(1, CRITERIA_VERSION + 1))


def test_the_schema_hash_follows_the_declaration() -> None:
    assert schema_sha256() == schema_sha256()
    assert schema_sha256(CRITERIA[1:]) != schema_sha256()


def _conformances() -> st.SearchStrategy[object]:
    words = st.sampled_from(["", "2025年3月", "第2版"])
    return st.fixed_dictionaries(
        {
            "spec": st.sampled_from(list(spec_titles())),
            "version": words,
            "status": st.sampled_from([status.value for status in ConformanceStatus]),
            "verified_by": words,
            "gaps": st.lists(st.sampled_from(["多言語の画面", "名寄せ", "端末の消去"]), max_size=2),
        }
    )


_DAYS = st.dates(EARLIEST_DAY, LATEST_DAY).map(lambda day: day.isoformat())


def _rows(columns: tuple[Column, ...]) -> st.SearchStrategy[dict[str, str]]:
    first, *others = columns
    return st.fixed_dictionaries(
        {first.key: _cells(first)}, optional={column.key: _cells(column) for column in others}
    )


def _cells(column: Column) -> st.SearchStrategy[str]:
    if column.type is AnswerType.CHOICE:
        return st.sampled_from([choice.key for choice in column.choices])
    return _DAYS if column.type is AnswerType.DAY else st.sampled_from(["令和9年4月", "A-1=B"])


def _values(one: Criterion) -> st.SearchStrategy[object]:
    keys = [choice.key for choice in one.choices]
    if one.type is AnswerType.CHOICE:
        return st.sampled_from(keys)
    if one.type is AnswerType.CHOICES:
        chosen = st.sets(st.sampled_from(keys), min_size=1)
        return chosen.map(lambda some: [key for key in keys if key in some])
    if one.type is AnswerType.CONFORMANCE:
        return st.lists(_conformances(), min_size=1, max_size=3)
    if one.type is AnswerType.DAY:
        return _DAYS
    if one.type is AnswerType.TABLE:
        return st.dictionaries(st.sampled_from(keys), _rows(one.columns), min_size=1).map(
            lambda table: in_order(one, table)
        )
    if one.type is AnswerType.WHOLE:
        return st.integers(0, 10**9)
    if one.type is AnswerType.PERCENT:
        return st.integers(0, 10_000).map(lambda n: format(Decimal(n) / 100, "f"))
    return st.sampled_from(["国内の2か所で保管します。", "1 文\n2 文"])
