"""Forms of the selection records."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.form import BaseForm
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from catalog.selection.record_content import (
    MOST_NOTES,
    MOST_PURPOSE,
    MOST_REASON,
    MOST_RESULTS,
    MOST_TITLE,
    Decision,
    DraftResult,
    Outcome,
    reason_field,
)
from catalog.selection.records import Texts
from foundation.errors import Blocker, Refused
from foundation.forms import LineField, MoyaiForm, required
from foundation.text import find_number

LEFT_OUT = "left_out"
_DECISIONS = [
    *((decision.value, f"{decision.label}にする") for decision in Decision),
    (LEFT_OUT, "記録から外す"),
]
_NOT_TICKED = (False, "false", "", "0", "n", "no", "off")
_CONFIRMATION = (
    "条件・候補・除外の理由を確かめました。"
    "確定したあとは、だれも変更も削除もできないことを理解しています。"
)


def _at_most(most: int) -> Length:
    return Length(max=most, message=f"{most:,}文字以内で入力してください。")


class _Checkboxes(SelectMultipleField):
    """Several of the choices, each a checkbox. What is chosen is checked by the view."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: BaseForm) -> None:
        """Nothing: a value that is no choice is refused in words of our own."""


class _TextsForm(MoyaiForm):
    title = LineField("表題", [required(), _at_most(MOST_TITLE)])
    purpose = TextAreaField("目的", [_at_most(MOST_PURPOSE)], render_kw={"rows": 3})

    @property
    def texts(self) -> Texts:
        """What was typed about the record."""
        notes = self["notes"].data if "notes" in self else ""
        return Texts(
            title=self.title.data or "", purpose=self.purpose.data or "", notes=notes or ""
        )


class NewRecordForm(_TextsForm):
    """A title and which of the results are taken into the record."""

    chosen = _Checkboxes(
        "記録に入れる結果",
        description=f"{MOST_RESULTS}件まで選べます。候補にするか除外するかは、次の画面で決めます。",
    )


class DraftForm(_TextsForm):
    """The draft: its texts, and of each result what is decided and why."""

    notes = TextAreaField("備考", [_at_most(MOST_NOTES)], render_kw={"rows": 3})
    seen_version = HiddenField()

    @property
    def seen_number(self) -> int:
        """The version of the draft the form was shown with; 0 when it was tampered with."""
        return find_number(self.seen_version.data) or 0


class LockForm(MoyaiForm):
    """One tick before nothing can be changed any more."""

    confirmed = BooleanField(_CONFIRMATION, false_values=_NOT_TICKED)
    seen_version = HiddenField()

    @property
    def seen_number(self) -> int:
        """The version of the draft that was shown; 0 when it was tampered with."""
        return find_number(self.seen_version.data) or 0


class OutcomeForm(MoyaiForm):
    """What came of the record. choices of `result`: the locked candidates."""

    outcome = RadioField(
        "結論",
        [required("結論を選んでください。")],
        choices=[(outcome.value, outcome.label) for outcome in Outcome],
        validate_choice=False,
    )
    result = SelectField(
        "選んだもの・共同調達のもとにしたもの",
        description="「この中から選んだ」ときは必ず指定します。",
        validate_choice=False,
    )
    note = TextAreaField("理由・補足", [_at_most(MOST_NOTES)], render_kw={"rows": 3})


def new_record_form(results: Sequence[DraftResult]) -> NewRecordForm:
    """The form with a checkbox for each result; few enough are all ticked."""
    form = NewRecordForm()
    form.chosen.choices = [(result.key, _choice_text(result)) for result in results]
    if not form.is_submitted() and len(results) <= MOST_RESULTS:
        form.chosen.data = [result.key for result in results]
    return form


def draft_form(results: Sequence[DraftResult], data: dict[str, Any] | None = None) -> DraftForm:
    """The form with two fields for each result of the draft."""
    fields: dict[str, Any] = {}
    for number, result in enumerate(results, start=1):
        fields[decision_field(result.key)] = RadioField(
            f"{number}番「{result.title}」の扱い",
            choices=_DECISIONS,
            default=result.decision.value,
            validate_choice=False,
        )
        fields[reason_field(result.key)] = TextAreaField(
            f"{number}番を除外する理由",
            [_at_most(MOST_REASON)],
            default=result.reason,
            render_kw={"rows": 2},
        )
    form: DraftForm = type("RecordForm", (DraftForm,), fields)(data=data)
    return form


def typed_results(form: DraftForm, results: Sequence[DraftResult]) -> list[DraftResult]:
    """The results as the form leaves them, those taken out left away.

    Raises Refused where it is not told what becomes of one.
    """
    typed = []
    for result in results:
        decision = form[decision_field(result.key)].data
        if decision == LEFT_OUT:
            continue
        if decision not in {known.value for known in Decision}:
            raise Refused([_unknown(result)])
        excluded = decision == Decision.EXCLUDED.value
        typed.append(
            replace(
                result,
                decision=Decision.EXCLUDED if excluded else Decision.CANDIDATE,
                reason=(form[reason_field(result.key)].data or "") if excluded else "",
            )
        )
    return typed


def _unknown(result: DraftResult) -> Blocker:
    message = f"「{result.title}」を候補にするか、除外するか、外すかを選んでください。"
    return Blocker(code="decision_unknown", message=message, field=decision_field(result.key))


def decision_field(key: str) -> str:
    """The form field of what is decided of a result. key: 「offering:12」."""
    return f"decision_{key.replace(':', '_')}"


def _choice_text(result: DraftResult) -> str:
    mark = "［架空］" if result.fictional else ""
    provider = f"（{result.provider}）" if result.provider else ""
    return f"{mark}{result.kind_label}「{result.title}」{provider}"
