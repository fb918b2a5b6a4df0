"""The form of 予定価格."""

from wtforms import HiddenField, RadioField

from foundation.forms import MoyaiForm, YenField, required_value
from procurement.domain.planned_price import MAX_YEN, Disclosure

INCLUDED = "included"


class PlannedPriceForm(MoyaiForm):
    """The amount, on which tax basis, and when it is published."""

    seen_at = HiddenField()
    amount_yen = YenField(
        "予定価格",
        [required_value()],
        minimum=1,
        maximum=MAX_YEN,
        description="総額。開札まで、入力した本人のほかはだれも見られません。",
    )
    tax = RadioField(
        "消費税",
        choices=[(INCLUDED, "税込（提案の額に消費税10%を加えて比べます）"), ("excluded", "税抜")],
        default=INCLUDED,
    )
    disclosure = RadioField(
        "公表",
        choices=[(each.value, each.label) for each in Disclosure],
        default=Disclosure.NEVER.value,
    )
