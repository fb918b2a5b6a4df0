"""The form of a need: seven answers beside the system type, which the address names."""

from typing import Any

from wtforms import (
    HiddenField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from foundation.forms import (
    DayField,
    MonthField,
    MoyaiForm,
    WholeNumberField,
    YenField,
    required,
    required_value,
)
from procurement.domain.needs import MustHave, Network
from procurement.forms.typed import TypedLineField
from procurement.queries.needs import OwnNeedRow
from procurement.services.joining import MAX_QUANTITY
from procurement.services.needs import NeedAnswers

ONLY_WE_READ = "自団体と、自分の都道府県の取りまとめ担当だけが見られます。"


class TickField(SelectMultipleField):
    """Boxes to tick, any number of them."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NeedForm(MoyaiForm):
    """What a body needs. seen_version: 0 for a need not stated yet."""

    seen_version = HiddenField()
    wanted_from = MonthField(
        "いつから必要か",
        [required_value()],
        description="年月で入力します。例：2027-04、令和9年4月",
    )
    contract_ends_on = DayField(
        "今の契約の終わり", description="今のシステムの契約が終わる日です。なければ空欄にします。"
    )
    annual_cost_yen = YenField("今の年額（税込）", description=ONLY_WE_READ)
    quantity = WholeNumberField("主な数量", minimum=1, maximum=MAX_QUANTITY)
    network = SelectField(
        "利用するネットワーク",
        choices=[(each.value, each.label) for each in Network],
        default=Network.ANY.value,
    )
    must_haves = TickField(
        "欠かせない条件", choices=[(each.value, each.label) for each in MustHave]
    )
    obstacles = TextAreaField("進められない理由", description=ONLY_WE_READ)

    def answers(self) -> NeedAnswers:
        """What was said, as the services take it."""
        return NeedAnswers(
            wanted_from=self.wanted_from.data,
            contract_ends_on=self.contract_ends_on.data,
            annual_cost_yen=self.annual_cost_yen.data,
            quantity=self.quantity.data,
            network=self.network.data or "",
            must_haves=tuple(self.must_haves.data or ()),
            obstacles=(self.obstacles.data or "").strip().replace("\r\n", "\n"),
        )


class NeedOnBehalfForm(NeedForm):
    """As NeedForm, by a coordinator: for which body is asked too."""

    body_code = SelectField("団体", [required("団体を選んでください。")])


class ConfirmNeedForm(MoyaiForm):
    """The body saw what its coordinator entered."""

    seen_version = HiddenField()


class GroupForm(MoyaiForm):
    """One group of the partner finder, to be made a draft project."""

    unlimited = frozenset({"bodies"})

    category = HiddenField()
    bodies = HiddenField()
    policy_reason = TypedLineField("国の方針を確認したうえで進める理由")


def need_values(row: OwnNeedRow) -> dict[str, Any]:
    """The stored need as the form shows it."""
    need = row.need
    return {
        "seen_version": row.row_version,
        "wanted_from": need.wanted_from,
        "contract_ends_on": need.contract_ends_on,
        "annual_cost_yen": row.annual_cost_yen,
        "quantity": need.quantity,
        "network": need.network.value,
        "must_haves": [each.value for each in need.must_haves],
        "obstacles": row.obstacles,
    }
