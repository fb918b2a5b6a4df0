"""The forms of a survey: drafting it, opening it, and the sheet made from its questions."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import HiddenField, SelectField, TextAreaField

from foundation.forms import (
    DayField,
    MonthField,
    MoyaiForm,
    WholeNumberField,
    YenField,
    required,
    required_value,
)
from foundation.text import parse_month
from procurement.domain.survey import CHOICES, Answer, AnswerKind, Question
from procurement.forms.typed import TypedLineField
from procurement.services.joining import MAX_QUANTITY


class QuestionForm(MoyaiForm):
    """One more question."""

    text = TypedLineField("質問", [required()])
    kind = SelectField(
        "回答の形",
        choices=[(each.value, each.label) for each in AnswerKind],
        description="調査を始めた後は変えられません。「必須・希望・不要」は仕様の要件をそろえるために使います。",
    )


class OpenSurveyForm(MoyaiForm):
    """Fixing the questions and asking."""

    closes_on = DayField(
        "回答期限", [required_value()], description="その日の17時（日本時間）に締め切ります。"
    )


class SheetForm(MoyaiForm):
    """Parent of every answer sheet. body_code: for whom the page was opened."""

    body_code = HiddenField()
    seen_version = HiddenField()

    def answers(self) -> dict[int, Answer]:
        """Question id → answer; what was left empty is not in it."""
        given = {
            int(field.name[1:]): _stored(field.data)
            for field in self
            if field.name.startswith("q") and field.data not in (None, "")
        }
        return {number: answer for number, answer in given.items() if answer != ""}


class ConfirmSheetForm(MoyaiForm):
    """The body saw what its coordinator answered."""

    seen_version = HiddenField()


def sheet_class(questions: Sequence[Question], unit: str) -> type[SheetForm]:
    """A form with one field per question. unit: label of the project's main quantity."""
    made = {f"q{question.id}": _field(question, unit) for question in questions}
    return type("QuestionSheetForm", (SheetForm,), made)


def sheet_values(questions: Sequence[Question], answers: Mapping[str, Answer]) -> dict[str, Any]:
    """Stored answers as the sheet shows them."""
    return {
        f"q{question.id}": _shown(question.kind, answers[str(question.id)])
        for question in questions
        if str(question.id) in answers
    }


def _field(question: Question, unit: str) -> Any:
    kind, label = question.kind, question.text
    if kind in CHOICES:
        choices = [("", "未回答"), *((each.value, each.label) for each in CHOICES[kind])]
        return SelectField(label, choices=choices)
    if kind is AnswerKind.QUANTITY:
        text = f"{unit}の数です。参加するときの数量の初めの値になります。"
        return WholeNumberField(label, minimum=1, maximum=MAX_QUANTITY, description=text)
    if kind is AnswerKind.NUMBER:
        return WholeNumberField(label)
    if kind is AnswerKind.YEN:
        return YenField(label, description="円単位で入力します。")
    if kind is AnswerKind.MONTH:
        return MonthField(label, description="例：2027-04、令和9年4月")
    return TextAreaField(label)


def _stored(value: Any) -> Answer:
    if isinstance(value, date):
        return f"{value:%Y-%m}"
    if isinstance(value, int):
        return value
    return str(value).strip().replace("\r\n", "\n")


def _shown(kind: AnswerKind, answer: Answer) -> Any:
    return parse_month(str(answer)) if kind is AnswerKind.MONTH else answer
