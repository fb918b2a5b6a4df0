"""What a survey can ask, and what its answers add up to. An answer not given is not a no."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from foundation.labels import LabelledEnum

MAX_QUESTIONS = 30
MAX_QUESTION = 200

Answer = str | int


class AnswerKind(LabelledEnum):
    """How a question is answered; fixed with the question, before anybody answers."""

    REQUIREMENT = "requirement", "必須・希望・不要"
    QUANTITY = "quantity", "案件の主な数量"
    YES_NO = "yes_no", "はい・いいえ"
    NUMBER = "number", "整数"
    YEN = "yen", "金額（円）"
    MONTH = "month", "年月"
    TEXT = "text", "文章"


class Wish(LabelledEnum):
    """How much a body wants a requirement."""

    MUST = "must", "必須"
    WANTED = "wanted", "希望"
    NOT_NEEDED = "not_needed", "不要"


class YesNo(LabelledEnum):
    YES = "yes", "はい"
    NO = "no", "いいえ"


CHOICES: Mapping[AnswerKind, tuple[LabelledEnum, ...]] = {
    AnswerKind.REQUIREMENT: tuple(Wish),
    AnswerKind.YES_NO: tuple(YesNo),
}
NUMERIC = (AnswerKind.QUANTITY, AnswerKind.NUMBER, AnswerKind.YEN)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question in its place."""

    id: int
    text: str
    kind: AnswerKind


@dataclass(frozen=True, kw_only=True)
class Tally:
    """One question over all bodies asked. counts: by label, in the order of the choices.

    total: Σ of a numeric kind. unanswered: bodies that said nothing to it.
    """

    question: Question
    answered: int
    unanswered: int
    counts: Mapping[str, int]
    total: int | None


def tally(question: Question, answers: Iterable[Mapping[str, Answer]], asked: int) -> Tally:
    """What the answers to one question add up to. answers: question id → answer, per body."""
    given = [each[str(question.id)] for each in answers if str(question.id) in each]
    return Tally(
        question=question,
        answered=len(given),
        unanswered=asked - len(given),
        counts={
            choice.label: sum(1 for answer in given if answer == choice.value)
            for choice in CHOICES.get(question.kind, ())
        },
        total=sum(int(answer) for answer in given) if question.kind in NUMERIC else None,
    )


def is_answer(kind: AnswerKind, answer: Answer) -> bool:
    """Whether a question of that kind can be answered so."""
    if kind in CHOICES:
        return answer in {choice.value for choice in CHOICES[kind]}
    if kind in NUMERIC:
        return isinstance(answer, int) and 0 <= answer < 10**15
    return isinstance(answer, str) and 0 < len(answer) <= 1000
