"""Forms of the introduction and of the end."""

from wtforms import HiddenField, SelectField, TextAreaField

from foundation.forms import DayField, LineField, MoyaiForm, required_value
from procurement.domain.introduction import Check, IntroductionStep


class CheckForm(MoyaiForm):
    """One entry of a body's checklist."""

    seen_id = HiddenField()
    step = SelectField(
        "確認の項目", choices=[(each.value, each.label) for each in IntroductionStep]
    )
    done_on = DayField("済んだ日")
    note = LineField("要らない理由", description="済んだ日を入れるときは空けます。")

    def check(self) -> Check:
        """The entry typed; a day leaves no reason."""
        day = self.done_on.data
        return Check(done_on=day, note="" if day else self.note.data or "")


class StartForm(MoyaiForm):
    """A body's first day of use."""

    starts_on = DayField("利用開始日", [required_value()])


class KnowHowForm(MoyaiForm):
    """What others can learn."""

    seen_version = HiddenField()
    know_how = TextAreaField(
        "ノウハウ", description="うまくいったこと、つまずいたこと、次に行う団体への助言"
    )
    no_know_how_reason = LineField("「なし」とする理由")
