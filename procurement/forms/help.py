"""The forms of asking for help, routing it on, and answering."""

from wtforms import HiddenField, SelectField, TextAreaField

from foundation.forms import LineField, MoyaiForm, YenField, required
from procurement.domain.help import MAX_YEN, HelpKind


class AskHelpForm(MoyaiForm):
    """A question, or a quote to be looked at."""

    kind = SelectField("種類", choices=[(each.value, each.label) for each in HelpKind])
    to = SelectField("依頼先", coerce=str, validate_choice=False)
    project = HiddenField()
    subject = LineField("件名", [required()])
    text = TextAreaField("内容", [required()])
    initial_yen = YenField(
        "見積の初期費用（税抜）", maximum=MAX_YEN, description="見積の精査のとき"
    )
    annual_yen = YenField("見積の年額（税抜）", maximum=MAX_YEN, description="見積の精査のとき")


class RouteForm(MoyaiForm):
    """To whom it goes on."""

    seen_version = HiddenField()
    to = SelectField("回す先", coerce=str, validate_choice=False)
    note = LineField("申し送り")


class ReplyForm(MoyaiForm):
    """The written reply."""

    seen_version = HiddenField()
    reply = TextAreaField("回答", [required()])


class StepForm(MoyaiForm):
    """Taking it on, or taking it back."""

    seen_version = HiddenField()
