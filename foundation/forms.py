"""Forms whose messages are Japanese and whose fields read what a Japanese keyboard types."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, StopValidation
from wtforms.widgets import TextInput

from foundation.errors import Blocker
from foundation.text import (
    normalize,
    parse_date,
    parse_month,
    parse_percent,
    parse_whole_number,
    parse_yen,
    printable,
)

LONGEST_ANSWER = 4000


class MoyaiForm(FlaskForm):
    """Parent of every form: CSRF token, Japanese messages, text that a page can show.

    No answer is longer than LONGEST_ANSWER characters; the fields of `unlimited` may be.
    """

    unlimited: frozenset[str] = frozenset()

    class Meta(FlaskForm.Meta):
        locales = ["ja"]

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was posted, without characters that no page may hold; JSON is no form."""
            posted = None if request.is_json else super().wrap_formdata(form, formdata)
            if posted is None:
                return None
            return MultiDict(
                (name, printable(value) if isinstance(value, str) else value)
                for name, value in posted.items(multi=True)
            )

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether every answer can stand; the reasons are in each field's errors."""
        good = bool(super().validate(extra_validators))
        too_long = [each for each in self if self._is_too_long(each)]
        for each in too_long:
            # One limit is told: the field's own, where it has one.
            own = [error for error in each.errors if "文字以内" in error]
            each.errors = own or [*each.errors, f"{LONGEST_ANSWER:,}文字以内で入力してください。"]
        return good and not too_long

    def _is_too_long(self, field: Field) -> bool:
        text = field.data if isinstance(field, StringField) else None
        return field.name not in self.unlimited and len(text or "") > LONGEST_ANSWER


def required(message: str = "入力してください。") -> DataRequired:
    """An answer is needed; blank space is none."""
    return DataRequired(message=message)


class _ValueRequired(InputRequired):
    """Blank space is no answer: no field reads a value from it."""

    def __call__(self, form: Any, field: Field) -> None:
        if not (field.raw_data and str(field.raw_data[0]).strip()):
            field.errors = []
            raise StopValidation(str(self.message))


def required_value(message: str = "入力してください。") -> InputRequired:
    """An answer is needed, and 0 is one; blank space is none."""
    return _ValueRequired(message=message)


class ReadField(Field):
    """A text input read into a value; what cannot be read is shown again as it was typed."""

    widget: Any = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]) if valuelist else ""
        self.data = None
        if text.strip():
            self.data = self.read(text)

    def read(self, text: str) -> Any:
        """The value typed; ValueError with a Japanese message if it is none."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """The value as a person would type it."""
        return str(value)


class WholeNumberField(ReadField):
    """A whole number between bounds; full-width digits and thousands commas are read.

    minimum, maximum: inclusive; None for no bound.
    """

    def __init__(
        self,
        label: str | None = None,
        validators: Any = None,
        minimum: int | None = 0,
        maximum: int | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "numeric"})
        super().__init__(label, validators, **kwargs)
        self.minimum = minimum
        self.maximum = maximum

    def read(self, text: str) -> int:
        return self._within(parse_whole_number(text))

    def _within(self, value: int) -> int:
        if self.minimum is not None and value < self.minimum:
            raise ValueError(f"{self.minimum:,}以上で入力してください。")
        if self.maximum is not None and value > self.maximum:
            raise ValueError(f"{self.maximum:,}以下で入力してください。")
        return value


class YenField(WholeNumberField):
    """A non-negative amount in whole yen; 「1,200円」 is read too."""

    def read(self, text: str) -> int:
        return self._within(parse_yen(text))


class PercentField(ReadField):
    """A percentage from 0 to 100, decimals allowed."""

    def read(self, text: str) -> Decimal:
        return parse_percent(text)


class DayField(ReadField):
    """A calendar day: 2026-11-20, 2026/11/20, 2026年11月20日 or 令和8年11月20日."""

    def read(self, text: str) -> date:
        return parse_date(text)

    def write(self, value: date) -> str:
        return value.isoformat()


class MonthField(ReadField):
    """A month as its first day: 2027-04, 2027年4月, 令和9年4月, or any day of it."""

    def read(self, text: str) -> date:
        return parse_month(text)

    def write(self, value: date) -> str:
        return f"{value:%Y-%m}"


class LineField(StringField):
    """One line of text, normalised (NFKC, single spaces)."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None:
            self.data = normalize(self.data)


class QuotedField(StringField):
    """One line as its source writes it: brackets, digits and dashes stay what they are."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None:
            self.data = " ".join(self.data.splitlines()).strip()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field in which what was stored meanwhile is not what was typed, in words."""

    label: str
    stored: str
    wanted: str


def list_differences(typed: MoyaiForm, stored: MoyaiForm) -> tuple[Difference, ...]:
    """Where the two forms of one kind show something else, in their order; hidden fields aside."""
    pairs = [(each, stored[each.name]) for each in typed if not isinstance(each, HiddenField)]
    return tuple(
        Difference(label=mine.label.text, stored=_words_in(theirs), wanted=_words_in(mine))
        for mine, theirs in pairs
        if _words_in(mine) != _words_in(theirs)
    )


def _words_in(field: Any) -> str:
    if isinstance(field, SelectField):
        labels = (str(label) for _value, label, chosen, *_ in field.iter_choices() if chosen)
        return next(labels, "")
    return "\n".join(str(field._value()).splitlines()).strip()


def add_blockers(form: FlaskForm, blockers: Iterable[Blocker]) -> None:
    """Put each reason beside the field it names, or at the head of the form."""
    for blocker in blockers:
        field = form._fields.get(blocker.field) if blocker.field else None
        if field is None:
            form.form_errors.append(blocker.message)
        else:
            field.errors = [*field.errors, blocker.message]
