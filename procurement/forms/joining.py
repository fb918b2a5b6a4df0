"""The forms of a body: join, decline, leave, consent, own ceiling."""

from wtforms import BooleanField, HiddenField, SelectField, TextAreaField

from foundation.forms import (
    DayField,
    LineField,
    MoyaiForm,
    WholeNumberField,
    YenField,
    required,
    required_value,
)
from procurement.domain.participation import BudgetStatus
from procurement.forms.typed import TypedLineField
from procurement.services.answers import OwnAnswers
from procurement.services.joining import MAX_QUANTITY, JoinAnswers


class PrepareForm(MoyaiForm):
    """What a clerk fills in; the manager decides on the same page (JoinForm).

    body_code is not a field one fills in: it says for whom the page was opened, so that a
    user of two organisations who switched in another window joins for neither by mistake.
    """

    body_code = HiddenField()
    quantity = WholeNumberField("数量", [required_value()], minimum=1, maximum=MAX_QUANTITY)
    starts_on = DayField("利用開始の希望日", description="空欄なら、ほかの団体と同時に始めます。")
    budget_status = SelectField(
        "予算の状況",
        choices=[("", "選んでください"), *((each.value, each.label) for each in BudgetStatus)],
    )
    contact_name = TypedLineField("担当者名")
    standalone_yen = YenField(
        "単独で調達した場合の年額（税込）",
        description="現在の契約額や自団体の見積です。自団体と幹事団体だけが見られます。",
    )
    note = TextAreaField("備考")

    def answers(self) -> JoinAnswers:
        """What the body says, as the services take it."""
        return JoinAnswers(
            quantity=self.quantity.data,
            starts_on=self.starts_on.data,
            budget_status=self.budget_status.data or "",
            contact_name=self.contact_name.data or "",
            standalone_yen=self.standalone_yen.data,
            note=(self.note.data or "").strip(),
        )


class JoinForm(PrepareForm):
    """One page, at most eight fields, no attachment (domain §4)."""

    approval_date = DayField(
        "決裁日", [required_value()], description="例：2026-11-20、令和8年11月20日"
    )
    approval_number = LineField("決裁番号", [required()])


class AnswersForm(MoyaiForm):
    """What a body changes of its answers after joining."""

    seen_version = HiddenField()
    quantity = WholeNumberField("数量", [required_value()], minimum=1, maximum=MAX_QUANTITY)
    budget_status = SelectField(
        "予算の状況",
        choices=[("", "選んでください"), *((each.value, each.label) for each in BudgetStatus)],
    )
    contact_name = TypedLineField("担当者名")
    note = TextAreaField("備考")

    def wanted(self) -> OwnAnswers:
        """What the body says now, as the service takes it."""
        return OwnAnswers(
            quantity=self.quantity.data,
            budget_status=self.budget_status.data or "",
            contact_name=self.contact_name.data or "",
            note=(self.note.data or "").strip().replace("\r\n", "\n"),
        )


class DeclineForm(MoyaiForm):
    """Saying no, with or without a reason."""

    decline_reason = TypedLineField("理由（任意。自団体と幹事団体だけが見られます）")


class LeaveForm(MoyaiForm):
    """Going out again."""

    reason = TypedLineField("離脱の理由（自団体と幹事団体だけが見られます）", [required()])
    approval_date = DayField("決裁日", [required_value()])
    approval_number = LineField("決裁番号", [required()])
    confirmed = BooleanField(
        "ほかの団体の負担が変わることを確かめ、離脱します", [required("確認してください。")]
    )


class CeilingForm(MoyaiForm):
    """自団体上限額; empty takes it away. seen: the mark of the one on the page."""

    seen = HiddenField()
    amount_yen = YenField(
        "自団体上限額（年額・税込）",
        description="ほかの団体・事業者・運営者・監査には見えません。空欄で保存すると消えます。",
    )
    shown_to_secretariat = BooleanField("幹事団体の事務局には見せる")
