"""The forms of putting projects together and of splitting a body off."""

from wtforms import SelectField, TextAreaField

from foundation.forms import DayField, LineField, MoyaiForm, required, required_value


class MergeForm(MoyaiForm):
    """Whose bodies are asked for, and why."""

    other_project_id = SelectField("統合する相手の案件", coerce=str, validate_choice=False)
    reason = TextAreaField("統合する理由", [required()])


class SplitForm(MoyaiForm):
    """What the body's own project is called, and why it goes."""

    title = LineField("新しい案件名", [required()])
    reason = TextAreaField(
        "分かれる理由", [required()], description="自団体と今の幹事団体だけが読めます"
    )
    approval_date = DayField("決裁日", [required_value()])
    approval_number = LineField("決裁番号", [required()])
