"""The form of an item of the policy table."""

from wtforms import HiddenField, SelectField, TextAreaField

from catalog.policy import KEYWORD_SEPARATOR, Outcome
from catalog.policy_editing import ItemEdit
from catalog.queries.policy import PolicyRow
from foundation.forms import DayField, LineField, MoyaiForm, required


class PolicyItemForm(MoyaiForm):
    """Words by which an item is found, what was decided, when it holds, where it stands."""

    keywords = TextAreaField(
        "見つけるための語", description="1行に1つ。名称は書かなくても使われます。"
    )
    outcome = SelectField(
        "結果", choices=[("", "記載なし"), *((each.value, each.label) for each in Outcome)]
    )
    note = TextAreaField("注")
    valid_from = DayField("適用の始まり", description="空欄は、はじめから。例：2026-04-01")
    valid_to = DayField("適用の終わり", description="その日まで。空欄は、期限なし。")
    source_doc = LineField("出典の資料", [required()])
    source_lines = LineField("出典の行", description="例：S3:654")
    source_as_of = LineField("資料の時点", description="例：2026-06-13")
    seen_version = HiddenField()

    @property
    def edit(self) -> ItemEdit:
        """What was typed."""
        lines = (self.keywords.data or "").splitlines()
        return ItemEdit(
            keywords=tuple(dict.fromkeys(line.strip() for line in lines if line.strip())),
            outcome=self.outcome.data or "",
            note=(self.note.data or "").strip(),
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
            source_doc=self.source_doc.data or "",
            source_lines=self.source_lines.data or "",
            source_as_of=self.source_as_of.data or "",
        )


def item_form(row: PolicyRow) -> PolicyItemForm:
    """The form as posted, else with what is stored."""
    same = ("outcome", "note", "valid_from", "valid_to", "source_doc", "source_lines")
    return PolicyItemForm(
        data={name: getattr(row, name) for name in same}
        | {
            "source_as_of": row.source_as_of,
            "keywords": row.keywords.replace(KEYWORD_SEPARATOR, "\n"),
            "seen_version": str(row.row_version),
        }
    )
