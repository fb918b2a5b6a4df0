"""Forms of the vendor's desk and the review queue. Questions become fields by their declaration.

A draft may leave anything open: a question that must be answered before publication is marked
so and yet saved empty.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget, TextArea

from catalog.answer_tables import in_order, parse_cell
from catalog.answers import format_answer, is_unstated, list_answer_faults, parse_answer
from catalog.conformance_form import (
    ADDED,
    addition_fields,
    list_addition_faults,
    read_addition,
)
from catalog.criterion import AnswerType, Column, Criterion
from catalog.entry_files import MOST_TITLE, FileDisclosure, FileUse
from foundation.errors import Blocker
from foundation.forms import (
    DayField,
    LineField,
    MoyaiForm,
    ReadField,
    add_blockers,
    required,
    required_value,
)

NOT_ANSWERED = "記載しない"
MOST_REPLY = 2_000
SEEN = "seen_sha256"


class AnswerField(ReadField):
    """One line, read as import files are read: full-width digits, era years, units."""

    def __init__(self, criterion: Criterion, **kwargs: Any) -> None:
        super().__init__(criterion.label, description=criterion.help, **kwargs)
        self.criterion = criterion

    def read(self, text: str) -> Any:
        return parse_answer(self.criterion, text)

    def write(self, value: Any) -> str:
        return format_answer(self.criterion, value)


class LongAnswerField(AnswerField):
    """Several lines."""

    widget: Any = TextArea()


class CellField(ReadField):
    """A cell of an answer given as a table."""

    def __init__(self, column: Column, label: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.column = column

    def read(self, text: str) -> Any:
        return parse_cell(self.column, text)


def _choice(criterion: Criterion) -> Any:
    words = [(choice.key, choice.label) for choice in criterion.choices]
    nothing = [] if criterion.required else [("", NOT_ANSWERED)]
    return RadioField(
        criterion.label,
        choices=[*words, *nothing],
        description=criterion.help,
        validate_choice=False,
    )


def _choices(criterion: Criterion) -> Any:
    return SelectMultipleField(
        criterion.label,
        choices=[(choice.key, choice.label) for choice in criterion.choices],
        description=criterion.help,
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )


_FIELDS: Mapping[AnswerType, Callable[[Criterion], Any]] = {
    AnswerType.CHOICE: _choice,
    AnswerType.CHOICES: _choices,
    AnswerType.TEXT: AnswerField,
    AnswerType.LONG_TEXT: LongAnswerField,
    AnswerType.WHOLE: AnswerField,
    AnswerType.PERCENT: AnswerField,
    AnswerType.DAY: AnswerField,
    AnswerType.CONFORMANCE: LongAnswerField,
}


class SectionForm(MoyaiForm):
    """A page of questions. seen_sha256: the hash of the answers the page was shown with."""

    criteria: Sequence[Criterion] = ()
    seen_sha256 = HiddenField()

    def cell(self, criterion: Criterion, row: str, column: str) -> Any:
        """The field of one cell of a table."""
        return self[cell_name(criterion, row, column)]

    def additions(self, criterion: Criterion) -> list[Any]:
        """Fields that add to an answer of several lines what is chosen from a list."""
        asks = criterion.type is AnswerType.CONFORMANCE
        return [self[name] for name in ADDED] if asks else []

    def read_answers(self) -> dict[str, Any]:
        """Criterion key → what was answered; questions left open are not in it."""
        read = {criterion.key: self._read(criterion) for criterion in self.criteria}
        return {key: value for key, value in read.items() if not is_unstated(value)}

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether every answer given can stand; the reasons are beside their fields."""
        good = super().validate(extra_validators)
        faults = self._list_faults() if good else []
        self.refuse(faults)
        return good and not faults

    def refuse(self, blockers: Sequence[Blocker]) -> None:
        """Put each reason beside the question, or the row of a table, that it is about."""
        tables = {c.key: c for c in self.criteria if c.type is AnswerType.TABLE}
        for blocker in blockers:
            table = tables.get(blocker.field or "")
            field = _row_named(table, blocker.message) if table else blocker.field
            add_blockers(self, [Blocker(code=blocker.code, message=blocker.message, field=field)])

    def _list_faults(self) -> list[Blocker]:
        incomplete = [
            fault
            for criterion in self.criteria
            if (added := self._added(criterion))
            for fault in list_addition_faults(added)
        ]
        return incomplete or list_answer_faults(self.read_answers())

    def _added(self, criterion: Criterion) -> dict[str, str]:
        return {field.name: field.data or "" for field in self.additions(criterion)}

    def _read(self, criterion: Criterion) -> Any:
        if criterion.type is AnswerType.CONFORMANCE:
            typed = self[criterion.key].data or ()
            return [*typed, *read_addition(self._added(criterion))] or None
        if criterion.type is AnswerType.TABLE:
            rows = {
                choice.key: {
                    c.key: self.cell(criterion, choice.key, c.key).data for c in criterion.columns
                }
                for choice in criterion.choices
            }
            return in_order(criterion, rows)
        data = self[criterion.key].data
        if criterion.type is AnswerType.CHOICES:
            chosen = list(data or ())
            known = [choice.key for choice in criterion.choices]
            return sorted(set(chosen), key=lambda key: known.index(key) if key in known else -1)
        return data or None if criterion.type is AnswerType.CHOICE else data


def section_form(
    criteria: Sequence[Criterion], answers: Mapping[str, Any], sha256: str
) -> SectionForm:
    """The form of these questions, showing these answers until something was sent."""
    fields: dict[str, Any] = {"criteria": criteria}
    data: dict[str, Any] = {SEEN: sha256}
    for criterion in criteria:
        value = answers.get(criterion.key)
        if criterion.type is AnswerType.TABLE:
            fields |= _cells(criterion)
            data |= _cell_data(criterion, value or {})
        else:
            fields[criterion.key] = _FIELDS[criterion.type](criterion)
            data[criterion.key] = value if value is not None else _nothing(criterion)
        if criterion.type is AnswerType.CONFORMANCE:
            fields |= addition_fields()
    form: SectionForm = type("AnswersForm", (SectionForm,), fields)(data=data)
    for criterion in criteria:
        if criterion.required and criterion.key in form:
            form[criterion.key].flags.required = True
    return form


def _nothing(criterion: Criterion) -> Any:
    return {AnswerType.CHOICE: "", AnswerType.CHOICES: []}.get(criterion.type)


def _row_named(criterion: Criterion, message: str) -> str:
    row = next((c.key for c in criterion.choices if f"「{c.label}」：" in message), None)
    return cell_name(criterion, row or criterion.choices[0].key, criterion.columns[0].key)


def cell_name(criterion: Criterion, row: str, column: str) -> str:
    """The name of the field of one cell."""
    return f"{criterion.key}-{row}-{column}"


def _cells(criterion: Criterion) -> dict[str, Any]:
    return {
        cell_name(criterion, choice.key, column.key): _cell(choice.label, column)
        for choice in criterion.choices
        for column in criterion.columns
    }


def _cell(row_label: str, column: Column) -> Any:
    label = f"{row_label}：{column.label}"
    if column.type is AnswerType.CHOICE:
        words = [("", NOT_ANSWERED), *((choice.key, choice.label) for choice in column.choices)]
        return SelectField(label, choices=words, validate_choice=False)
    return CellField(column, label=label)


def _cell_data(criterion: Criterion, table: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        cell_name(criterion, row, column): value
        for row, cells in table.items()
        for column, value in cells.items()
    }


class BasicForm(MoyaiForm):
    """What the entry is called and which kind of system it is."""

    name = LineField("名称", [required()], description="製品・サービスの名称です。")
    summary = TextAreaField(
        "概要", [required()], description="何ができるかを、調達する職員に分かる言葉で書きます。"
    )
    system_type_code = SelectField(
        "システム種別",
        description="国の方針との関係（標準20業務など）は種別で決まります。",
        validate_choice=False,
    )
    seen_sha256 = HiddenField()

    @property
    def part(self) -> dict[str, Any]:
        """The part of a content this page edits."""
        return {
            "name": self.name.data or "",
            "summary": (self.summary.data or "").strip(),
            "system_type_code": self.system_type_code.data or "",
        }


class SeenForm(MoyaiForm):
    """A button that acts on exactly what was shown."""

    seen_sha256 = HiddenField()


class FileForm(MoyaiForm):
    """A file to be given with an entry. It is read, not trusted: see foundation.uploads."""

    title = LineField(
        "件名",
        [required(), Length(max=MOST_TITLE, message=f"{MOST_TITLE}文字以内で入力してください。")],
        description="例：標準プランの料金表（2027年度）",
    )
    use = SelectField(
        "用途",
        choices=[("", "選んでください"), *((use.value, use.label) for use in FileUse)],
        validators=[required("用途を選んでください。")],
    )
    disclosure = RadioField(
        "公開の範囲",
        choices=[(each.value, each.label) for each in FileDisclosure],
        validators=[required("公開の範囲を選んでください。")],
        description="公開でないファイルは、検索にも出ず、受け取った人が記録されます。",
    )
    file = FileField("ファイル", [FileRequired("ファイルを選んでください。")])


class SubmitForm(SeenForm):
    """Handing in."""

    seen_version = HiddenField()
    change_note = LineField(
        "変更の内容",
        [Length(max=200, message="200文字以内で入力してください。")],
        description="版の履歴に載ります。",
    )


class ReviewForm(SeenForm):
    """What the operator answers. seen_number: the maker's, as it was shown."""

    seen_number = HiddenField()
    reply = TextAreaField(
        "事業者への返信",
        [Length(max=MOST_REPLY, message=f"{MOST_REPLY:,}文字以内で入力してください。")],
        description="差し戻すときは必ず理由を書きます。事業者に受信箱とメールで届きます。",
    )


class CaseReviewForm(ReviewForm):
    """The same of a case: a lead body reads it."""

    reply = TextAreaField(
        "幹事団体への返信",
        [Length(max=MOST_REPLY, message=f"{MOST_REPLY:,}文字以内で入力してください。")],
        description="差し戻すときは必ず理由を書きます。幹事団体に受信箱とメールで届きます。",
    )


class ReasonForm(MoyaiForm):
    """An action that needs a reason."""

    reason = LineField(
        "理由",
        [required(), Length(max=200, message="200文字以内で入力してください。")],
    )


class MarkForm(MoyaiForm):
    """A recommended mark: only with its issuer, reason, date and source."""

    issuer = LineField(
        "推奨した者", [required()], description="団体・会議などの名称を、出典のとおりに書きます。"
    )
    reason = LineField("推奨の理由", [required()], description="出典に書かれた理由です。")
    marked_on = DayField("推奨した日", [required_value()])
    source = LineField("出典", [required()], description="文書の名称と箇所です。")
    url = LineField("出典のアドレス", description="記載がなければ空欄にします。")


class SellerForm(SeenForm):
    """The terms of each seller, and another seller of the same product."""

    seller_number = LineField(
        "販売する事業者を加える（法人番号）",
        description="登録済みの事業者の13桁の法人番号です。加えないときは空欄にします。",
    )

    def conditions_of(self, seller_id: int) -> str:
        """The terms typed for that seller."""
        return (self[f"conditions-{seller_id}"].data or "").strip()


def seller_form(
    offers: Sequence[Mapping[str, Any]], names: Mapping[int, str], sha256: str
) -> SellerForm:
    """A text per seller."""
    fields = {
        f"conditions-{offer['seller_id']}": TextAreaField(
            f"{names.get(offer['seller_id'], '')}の契約の条件",
            description="契約できる期間、支払いの時期、団体の側の準備などです。",
        )
        for offer in offers
    }
    data = {f"conditions-{o['seller_id']}": o["contract_conditions"] for o in offers}
    form: SellerForm = type("OffersForm", (SellerForm,), fields)(data=data | {SEEN: sha256})
    for name, stored in data.items():
        # A seller that came after the page was opened was not asked about: its terms stand.
        if not form[name].raw_data:
            form[name].data = stored
    return form
