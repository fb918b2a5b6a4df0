"""Answers to the criteria: read from what people type, checked, and put into words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from catalog.answer_tables import (
    affirmed_rows,
    find_table_fault,
    format_table,
    parse_table,
    table_lines,
    table_words,
)
from catalog.conformance import (
    conformance_text,
    find_conformance_fault,
    format_conformance,
    parse_conformance,
    read_stored,
)
from catalog.criteria import CRITERIA, criteria_by_key
from catalog.criterion import AnswerType, Criterion
from foundation.errors import Blocker
from foundation.money import number
from foundation.text import (
    fold_for_match,
    normalize,
    parse_date,
    parse_decimal,
    parse_whole_number,
    read_decimal,
)

NOT_STATED = "記載なし"
LIST_SEPARATOR = "|"
MAX_LONG_TEXT = 5_000
MAX_TEXT = 200
NONE_KEY = "none"

Answers = Mapping[str, Any]


def parse_answer(criterion: Criterion, text: str) -> Any:
    """The stored value of what was typed or stands in a cell; None for an empty one.

    Choices are given by label or key, several of them separated by 「|」.
    Raises ValueError in Japanese for anything that cannot be read.
    """
    if not normalize(text):
        return None
    return _PARSERS[criterion.type](criterion, text)


def format_answer(criterion: Criterion, value: Any) -> str:
    """The value as an import file holds it: labels, plain numbers; '' when not stated."""
    if is_unstated(value):
        return ""
    if criterion.type is AnswerType.CHOICES:
        return LIST_SEPARATOR.join(criterion.choice_labels.get(key, key) for key in value)
    if criterion.type is AnswerType.TABLE:
        return format_table(criterion, value)
    if criterion.type is AnswerType.CHOICE:
        return criterion.choice_labels.get(value, str(value))
    if criterion.type is AnswerType.CONFORMANCE:
        return format_conformance(value)
    return str(value)


def answer_text(criterion: Criterion, value: Any) -> str:
    """The value in words for a reader, its unit included; 「記載なし」 when not stated."""
    ends = "。" if criterion.type is AnswerType.CONFORMANCE else "、"
    return ends.join(answer_lines(criterion, value))


def answer_lines(criterion: Criterion, value: Any) -> list[str]:
    """The value in words, a line for each thing it says: the chosen ones, the answered rows."""
    if is_unstated(value):
        return [NOT_STATED]
    if criterion.type is AnswerType.CHOICES:
        return [criterion.choice_labels.get(key, key) for key in value]
    if criterion.type is AnswerType.TABLE:
        return table_words(criterion, value)
    if criterion.type is AnswerType.CONFORMANCE:
        return [conformance_text([each.to_dict()]) for each in read_stored(value)]
    return [_single_text(criterion, value)]


def facet_values(criterion: Criterion, value: Any) -> tuple[str, ...]:
    """The facet values an answer gives: what it chose, or the rows it affirmed."""
    if is_unstated(value):
        return ()
    if criterion.type is AnswerType.TABLE:
        return tuple(affirmed_rows(criterion, value))
    return tuple(value) if isinstance(value, list) else (value,)


def export_value(criterion: Criterion, value: Any) -> Any:
    """The value as long data holds it: a key, a number, or a sequence of them."""
    if criterion.type is AnswerType.TABLE and not is_unstated(value):
        return table_lines(criterion, value)
    if criterion.type is AnswerType.CONFORMANCE and not is_unstated(value):
        return format_conformance(value).splitlines()
    return value


def _single_text(criterion: Criterion, value: Any) -> str:
    if criterion.type is AnswerType.WHOLE:
        return f"{number(int(value))}{criterion.unit}"
    return format_answer(criterion, value) + criterion.unit


def is_unstated(value: Any) -> bool:
    """Whether nothing was answered. 0 and 「なし」 are answers."""
    return value is None or value in ("", [], {}) or value == ()


def list_answer_blockers(answers: Answers) -> list[Blocker]:
    """Every reason why these answers cannot be published."""
    return [*list_answer_faults(answers), *list_missing_answers(answers)]


def list_missing_answers(answers: Answers) -> list[Blocker]:
    """The questions that must be answered before publication and are not."""
    return [
        Blocker(
            code="answer_missing",
            message=f"「{criterion.label}」は必ず回答してください。",
            field=criterion.key,
        )
        for criterion in CRITERIA
        if criterion.required and is_unstated(answers.get(criterion.key))
    ]


def list_answer_faults(answers: Answers) -> list[Blocker]:
    """What of the answers given cannot stand, in a draft either."""
    known = criteria_by_key()
    blockers = [
        Blocker(code="criterion_unknown", message=f"項目「{key}」はありません。", field=key)
        for key in sorted(set(answers) - set(known))
    ]
    for criterion in CRITERIA:
        value = answers.get(criterion.key)
        reason = _find_fault(criterion, value)
        if reason:
            blockers.append(
                Blocker(
                    code="answer_invalid",
                    message=f"「{criterion.label}」{reason}",
                    field=criterion.key,
                )
            )
    return blockers


def stated(answers: Answers, criteria: Iterable[Criterion]) -> dict[str, Any]:
    """Only the answers to these criteria that were given, in the order of the criteria."""
    return {
        criterion.key: answers[criterion.key]
        for criterion in criteria
        if not is_unstated(answers.get(criterion.key))
    }


def _find_fault(criterion: Criterion, value: Any) -> str | None:
    if is_unstated(value):
        return None
    return _CHECKS[criterion.type](criterion, value)


def _check_choice(criterion: Criterion, value: Any) -> str | None:
    return None if value in criterion.choice_labels else f"に選択肢「{value}」はありません。"


def _check_choices(criterion: Criterion, value: Any) -> str | None:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return "は選択肢の並びにしてください。"
    wrong = [str(item) for item in value if item not in criterion.choice_labels]
    if wrong:
        return f"に選択肢「{'、'.join(wrong)}」はありません。"
    if NONE_KEY in value and len(value) > 1:
        return f"の「{criterion.choice_labels[NONE_KEY]}」は、ほかの選択肢と一緒に選べません。"
    return None


def _check_text(criterion: Criterion, value: Any) -> str | None:
    limit = MAX_TEXT if criterion.type is AnswerType.TEXT else MAX_LONG_TEXT
    if not isinstance(value, str) or len(value) > limit:
        return f"は{limit:,}文字以内で入力してください。"
    return None


def _check_whole(criterion: Criterion, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return "は0以上の整数で入力してください。"
    return None


def _check_percent(criterion: Criterion, value: Any) -> str | None:
    try:
        percent = read_decimal(value)
    except ValueError:
        return "は数で入力してください。"
    return None if 0 <= percent <= 100 else "は0から100までで入力してください。"


def _check_day(criterion: Criterion, value: Any) -> str | None:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return "は日付で入力してください。"
    return None


def _parse_choice(criterion: Criterion, text: str) -> str:
    wanted = fold_for_match(text)
    for choice in criterion.choices:
        if wanted in (fold_for_match(choice.label), choice.key):
            return choice.key
    permitted = "、".join(choice.label for choice in criterion.choices)
    raise ValueError(f"選択肢「{normalize(text)}」はありません（{permitted}）。")


def _parse_choices(criterion: Criterion, text: str) -> list[str]:
    parts = [part for part in normalize(text).split(LIST_SEPARATOR) if part.strip()]
    # In the order written: what is exported comes in again to the letter.
    return list(dict.fromkeys(_parse_choice(criterion, part) for part in parts))


def _parse_whole(criterion: Criterion, text: str) -> int:
    value = parse_whole_number(normalize(text).removesuffix(criterion.unit or "\0"))
    if value < 0:
        raise ValueError("0以上の整数で入力してください。")
    return value


def _parse_percent(criterion: Criterion, text: str) -> str:
    plain = normalize(text).removesuffix("%")
    percent = parse_decimal(plain)
    if not 0 <= percent <= 100:
        raise ValueError("0から100までの数で入力してください。")
    return format(percent, "f")


_PARSERS: dict[AnswerType, Callable[[Criterion, str], Any]] = {
    AnswerType.CHOICE: _parse_choice,
    AnswerType.CHOICES: _parse_choices,
    AnswerType.TEXT: lambda criterion, text: normalize(text),
    AnswerType.LONG_TEXT: lambda criterion, text: text.strip(),
    AnswerType.WHOLE: _parse_whole,
    AnswerType.PERCENT: _parse_percent,
    AnswerType.DAY: lambda criterion, text: parse_date(text).isoformat(),
    AnswerType.TABLE: parse_table,
    AnswerType.CONFORMANCE: lambda criterion, text: parse_conformance(text),
}
_CHECKS: dict[AnswerType, Callable[[Criterion, Any], str | None]] = {
    AnswerType.CHOICE: _check_choice,
    AnswerType.CHOICES: _check_choices,
    AnswerType.TEXT: _check_text,
    AnswerType.LONG_TEXT: _check_text,
    AnswerType.WHOLE: _check_whole,
    AnswerType.PERCENT: _check_percent,
    AnswerType.DAY: _check_day,
    AnswerType.TABLE: find_table_fault,
    AnswerType.CONFORMANCE: lambda criterion, value: find_conformance_fault(value),
}
