"""The form of an item of the policy table."""

from wtforms import HiddenField, RadioField, SelectField, TextAreaField

from catalog.policy import KEYWORD_SEPARATOR, Outcome
from catalog.policy_editing import ITEM_KINDS, ItemEdit, ItemKey
from catalog.queries.policy import PolicyRow
from foundation.forms import (
    DayField,
    LineField,
    MoyaiForm,
    QuotedField,
    WholeNumberField,
    required,
    required_value,
)


class PolicyItemForm(MoyaiForm):
    """Words by which an item is found, what was decided, when it holds, where it stands.

    What a document says is kept as it says it: a save that changes nothing must not make every
    class that names the item look changed.
    """

    name = QuotedField("名称", [required()], description="資料に書かれているとおりに入力します。")
    group = QuotedField("グループ")
    ministries = QuotedField(
        "制度所管府省庁", description="進捗を報告できるのは、ここに名前のある府省庁です。"
    )
    agreed_on = DayField("合意日", description="資料に記載がなければ空欄にします。")
    decided_by = QuotedField("決定した会議")
    keywords = TextAreaField(
        "見つけるための語", description="1行に1つ。名称は書かなくても使われます。"
    )
    outcome = SelectField(
        "結果", choices=[("", "記載なし"), *((each.value, each.label) for each in Outcome)]
    )
    note = TextAreaField("注")
    valid_from = DayField("適用の始まり", description="空欄は、はじめから。例：2026-04-01")
    valid_to = DayField("適用の終わり", description="その日まで。空欄は、期限なし。")
    source_doc = QuotedField("出典の資料", [required()])
    source_lines = LineField("出典の行", description="例：S3:654")
    source_as_of = LineField("資料の時点", description="例：2026-06-13")
    seen_version = HiddenField()

    @property
    def edit(self) -> ItemEdit:
        """What was typed."""
        lines = (self.keywords.data or "").splitlines()
        return ItemEdit(
            name=self.name.data or "",
            group=self.group.data or "",
            ministries=self.ministries.data or "",
            agreed_on=self.agreed_on.data,
            decided_by=self.decided_by.data or "",
            keywords=tuple(dict.fromkeys(line.strip() for line in lines if line.strip())),
            outcome=self.outcome.data or "",
            note="\n".join((self.note.data or "").splitlines()).strip(),
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
            source_doc=self.source_doc.data or "",
            source_lines=self.source_lines.data or "",
            source_as_of=self.source_as_of.data or "",
        )


class NewPolicyItemForm(PolicyItemForm):
    """What a new item is known by, and all an item has."""

    kind = RadioField(
        "区分",
        choices=[(each.value, each.label) for each in ITEM_KINDS],
        validators=[required("区分を選んでください。")],
    )
    decision_fy = WholeNumberField(
        "決定の年度", description="西暦の4桁。標準20業務では使いません。例：2026"
    )
    cycle_label = QuotedField("決定の回", description="資料にあれば。例：第2クール")
    item_no = WholeNumberField("番号", [required_value()], minimum=1)

    @property
    def key(self) -> ItemKey:
        """What was typed of it."""
        return ItemKey(
            kind=self.kind.data or "",
            decision_fy=self.decision_fy.data or 0,
            cycle_label=self.cycle_label.data or "",
            item_no=self.item_no.data or 0,
        )


_SAME = (
    "name",
    "group",
    "ministries",
    "agreed_on",
    "decided_by",
    "outcome",
    "note",
    "valid_from",
    "valid_to",
    "source_doc",
    "source_lines",
    "source_as_of",
)


def item_form(row: PolicyRow) -> PolicyItemForm:
    """The form as posted, else with what is stored."""
    return PolicyItemForm(data=_stored(row))


def stored_item_form(row: PolicyRow) -> PolicyItemForm:
    """The form with what is stored, whatever was posted."""
    return PolicyItemForm(formdata=None, data=_stored(row))


def _stored(row: PolicyRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in _SAME} | {
        "keywords": row.keywords.replace(KEYWORD_SEPARATOR, "\n"),
        "seen_version": str(row.row_version),
    }


def new_item_form(year: int, number: int) -> NewPolicyItemForm:
    """The form as posted, else with the newest decision and its first free number."""
    return NewPolicyItemForm(
        data={"kind": ITEM_KINDS[0].value, "decision_fy": year or None, "item_no": number}
    )
