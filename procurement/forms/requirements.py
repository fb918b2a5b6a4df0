"""The forms of requirements: a line of the list, a body's column, fixing, correcting."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, TextAreaField

from foundation.forms import MoyaiForm, YenField, required
from foundation.text import find_number
from procurement.domain.requirements import UNANSWERED, Clause, Line, Settled
from procurement.domain.survey import Wish
from procurement.forms.typed import TypedLineField
from procurement.services.requirements import RequirementFields


class RequirementForm(MoyaiForm):
    """One line of the common list."""

    seen_version = HiddenField()
    text = TypedLineField("要件", [required()], description="1つの文に1つの要件を書きます。")
    detail = TextAreaField("説明（任意）", description="仕様書に、要件の下に載ります。")
    settled = SelectField("扱い", choices=[(each.value, each.label) for each in Settled])
    customization = BooleanField("改修（カスタマイズ）を伴う")
    customization_yen = YenField(
        "改修の費用（税抜・1回）", description="見積でわかっているときだけ。空欄は「未見積」です。"
    )
    customization_reason = TypedLineField(
        "業務を変えずに改修する理由",
        description="仕事の進め方を変えて済む場合は、改修しない方が費用も乗り換えも楽になります。",
    )

    def fields(self) -> RequirementFields:
        """What the lead wants, as the service takes it."""
        return RequirementFields(
            text=self.text.data or "",
            detail=(self.detail.data or "").strip().replace("\r\n", "\n"),
            settled=self.settled.data,
            customization=bool(self.customization.data),
            customization_yen=self.customization_yen.data,
            customization_reason=self.customization_reason.data or "",
        )


def requirement_values(line: Line, row_version: int) -> dict[str, Any]:
    """A stored line as the form shows it."""
    return {
        "seen_version": str(row_version),
        "text": line.text,
        "detail": line.detail,
        "settled": line.settled.value,
        "customization": line.customization,
        "customization_yen": line.customization_yen,
        "customization_reason": line.customization_reason,
    }


class ColumnForm(MoyaiForm):
    """Parent of every body's column."""

    seen_version = HiddenField()

    def wishes(self) -> dict[int, str]:
        """Requirement id → wish, '' where unanswered."""
        return {
            int(field.name[1:]): field.data or ""
            for field in self
            if field.name[0] == "r" and field.name[1:].isdecimal()
        }


def column_class(lines: Sequence[Line]) -> type[ColumnForm]:
    """A form with one choice per line."""
    choices = [("", UNANSWERED), *((wish.value, wish.label) for wish in Wish)]
    made = {
        f"r{line.id}": SelectField(line.text, choices=choices, description=line.detail)
        for line in lines
    }
    return type("RequirementColumnForm", (ColumnForm,), made)


def column_values(wishes: Mapping[int, Wish], row_version: int) -> dict[str, Any]:
    """A body's wishes as its form shows them."""
    return {"seen_version": str(row_version)} | {
        f"r{key}": wish.value for key, wish in wishes.items()
    }


class FixSpecificationForm(MoyaiForm):
    """The settled lines as the next version."""

    note = TypedLineField("版の説明（任意）")


class CorrectionForm(MoyaiForm):
    """A correction after the notice."""

    requirement_id = SelectField("訂正する要件")
    text = TextAreaField("訂正の内容", [required()])
    reason = TypedLineField("訂正の理由", [required()])

    @property
    def chosen(self) -> int | None:
        """The clause's requirement, None for the whole."""
        return find_number(self.requirement_id.data)


def with_clauses(form: CorrectionForm, clauses: Sequence[Clause]) -> CorrectionForm:
    """The form with the clauses there are."""
    form.requirement_id.choices = [
        ("", "仕様書の全体"),
        *((str(each.requirement_id), f"{each.number}. {each.text}") for each in clauses),
    ]
    return form
