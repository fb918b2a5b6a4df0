"""Forms of unit-price contracts: the award's table, and a body's use of its items."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import HiddenField, TextAreaField

from foundation.forms import (
    DayField,
    LineField,
    MonthField,
    MoyaiForm,
    WholeNumberField,
    required,
    required_value,
)
from procurement.domain.unit_prices import MAX_QUANTITY, UnitPrice
from procurement.services.contracts import Approval


class UnitPricesForm(MoyaiForm):
    """The table, a line for each item."""

    lines = TextAreaField(
        "単価表",
        [required()],
        description="1行に1品目：品目、単位、費目（初期・運用・オプション）、単価（税抜）、予定数量",
    )


class PriceChangeForm(MoyaiForm):
    """Prices that hold from a month on."""

    seen_number = HiddenField()
    valid_from = MonthField("新しい単価の最初の月", [required_value()])
    lines = TextAreaField(
        "変わる品目と新しい単価",
        [required()],
        description="1行に1品目：品目、新しい単価（税抜）。変わらない品目は書きません。",
    )
    reason = LineField("変更の根拠", [required()], description="変更契約の番号など")


class ContractPriceForm(PriceChangeForm):
    """Prices of one contract that change alone."""

    reason = LineField("変更の理由", [required()], description="変更契約の番号など")
    approval_date = DayField("決裁日", [required_value()])
    approval_number = LineField("決裁番号", [required()])

    def approval(self) -> Approval:
        """The approval typed."""
        return Approval(day=self.approval_date.data, number=self.approval_number.data or "")


class ItemUsageForm(MoyaiForm):
    """What a body used of each item; `make_item_usage_form` adds a field for each."""

    seen_number = HiddenField()

    def quantities(self) -> dict[int, int]:
        """Number of the item → quantity typed."""
        return {
            int(name.removeprefix("item")): field.data
            for name, field in self._fields.items()
            if name.startswith("item")
        }


def make_item_usage_form(
    lines: Sequence[UnitPrice], given: Mapping[str, Any] | None = None
) -> ItemUsageForm:
    """Posted values, or `given` ones to begin with."""
    fields = {
        f"item{line.number}": WholeNumberField(
            f"{line.item}（{line.unit}）", [required_value()], maximum=MAX_QUANTITY
        )
        for line in lines
    }
    kind = type("ItemUsageFormOfTable", (ItemUsageForm,), fields)
    form: ItemUsageForm = (
        kind(prefix="items") if given is None else kind(formdata=None, prefix="items", data=given)
    )
    return form
