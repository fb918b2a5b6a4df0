"""The form in which a person confirms what an entry or a project counts as (F03)."""

from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import Length

from catalog.policy import PolicyScope
from catalog.policy_confirming import MOST_WORDS, ClassAnswer
from catalog.policy_history import Subject
from catalog.queries.policy_classes import ClassPage
from foundation.forms import MoyaiForm, required
from foundation.text import find_number

LENGTH = Length(max=MOST_WORDS, message=f"{MOST_WORDS:,}文字以内で入力してください。")


class ClassForm(MoyaiForm):
    """The class, on what it rests, and why it is not the suggested one."""

    scope = RadioField(
        "確認した区分",
        choices=[(each.value, each.label) for each in PolicyScope],
        validators=[required("区分を選んでください。")],
    )
    basis = TextAreaField(
        "確認の根拠",
        [required("確かめた資料や事実を入力してください。"), LENGTH],
        description="確かめた資料の名前と箇所、制度所管府省庁への照会の結果など。",
    )
    reason = TextAreaField(
        "推定と異なる区分にする理由",
        [LENGTH],
        description="推定のとおりなら空欄にします。",
    )
    seen_number = HiddenField()
    seen_sha256 = HiddenField()

    @property
    def answer(self) -> ClassAnswer:
        """What was typed, and what it was typed beside."""
        return ClassAnswer(
            scope=self.scope.data or "",
            basis=self.basis.data or "",
            reason=self.reason.data or "",
            seen_number=find_number(self.seen_number.data) or 0,
            seen_sha256=self.seen_sha256.data or "",
        )

    def mark_seen(self, page: ClassPage, subject: Subject) -> None:
        """What the page shows is what its form answers."""
        self.seen_number.data = str(page.number)
        self.seen_sha256.data = subject.sha256


def open_class_form(page: ClassPage, subject: Subject) -> ClassForm:
    """The form of an entry as posted; when it is opened, the suggestion is chosen."""
    form = ClassForm(data={"scope": subject.scope})
    if not form.is_submitted():
        form.mark_seen(page, subject)
    return form
