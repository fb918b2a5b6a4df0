"""A survey's answers in words: per body, and added up per question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from foundation.filters import jst, number, yen
from procurement.domain.survey import CHOICES, Answer, AnswerKind, Question, Tally, tally
from procurement.presenters.amounts import unit_suffix
from procurement.presenters.needs import month_text
from procurement.queries.survey import AskedRow

UNANSWERED = "未回答"
_STATUS = {"": UNANSWERED, "requested": "団体の確認待ち", "given": "回答済み"}


@dataclass(frozen=True, kw_only=True)
class AskedView:
    """A line of the lead's table; answers in the order of the questions."""

    code: str
    name: str
    fictional: bool
    status: str
    answered_at: str
    answers: tuple[str, ...]


def answer_text(question: Question, answers: Mapping[str, Answer], unit: str) -> str:
    """One answer in words; 「未回答」 is not 「不要」 and not 「いいえ」."""
    answer = answers.get(str(question.id))
    if answer is None:
        return UNANSWERED
    if question.kind in CHOICES:
        return next((c.label for c in CHOICES[question.kind] if c.value == answer), str(answer))
    if question.kind is AnswerKind.MONTH:
        return month_text(date.fromisoformat(f"{answer}-01"))
    if not isinstance(answer, int):
        return answer
    if question.kind is AnswerKind.YEN:
        return yen(answer)
    suffix = unit_suffix(unit) if question.kind is AnswerKind.QUANTITY else ""
    return number(answer) + suffix


def asked_view(row: AskedRow, questions: Sequence[Question], unit: str) -> AskedView:
    """The line of one body."""
    return AskedView(
        code=row.body_code,
        name=row.body_name,
        fictional=row.fictional,
        status=_STATUS[row.status],
        answered_at=jst(row.answered_at) if row.answered_at else "—",
        answers=tuple(answer_text(question, row.answers, unit) for question in questions),
    )


def list_tallies(
    questions: Sequence[Question], rows: Sequence[AskedRow], unit: str
) -> list[tuple[str, str, str]]:
    """(question, what was answered, how many did not) over the bodies that answered themselves."""
    given = [row.answers for row in rows if row.status == "given"]
    counted = [tally(question, given, len(rows)) for question in questions]
    return [
        (each.question.text, _tally_text(each, unit), f"{number(each.unanswered)}団体")
        for each in counted
    ]


def _tally_text(each: Tally, unit: str) -> str:
    if each.counts:
        return "、".join(f"{label} {number(count)}" for label, count in each.counts.items())
    if each.total is None:
        return f"{number(each.answered)}団体が回答"
    total = (
        yen(each.total)
        if each.question.kind is AnswerKind.YEN
        else number(each.total)
        + (unit_suffix(unit) if each.question.kind is AnswerKind.QUANTITY else "")
    )
    return f"合計 {total}（{number(each.answered)}団体）"


def progress_text(rows: Sequence[AskedRow]) -> str:
    """「12団体のうち7団体が回答済み、2団体が確認待ち」."""
    given = sum(row.status == "given" for row in rows)
    requested = sum(row.status == "requested" for row in rows)
    waiting = f"、{number(requested)}団体が確認待ち" if requested else ""
    return f"{number(len(rows))}団体のうち{number(given)}団体が回答済み{waiting}"
