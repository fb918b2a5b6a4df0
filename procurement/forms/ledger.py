"""Forms of the ledger."""

from decimal import Decimal

from wtforms import HiddenField, SelectField, TextAreaField

from catalog.pricing import Kind
from foundation.forms import (
    DayField,
    LineField,
    MoyaiForm,
    PercentField,
    WholeNumberField,
    YenField,
    required,
    required_value,
)
from procurement.domain.ledger import MAX_INVOICE_YEN
from procurement.services.contracts import Approval
from procurement.services.ledger_upkeep import MAX_QUANTITY


class VendorInvoiceForm(MoyaiForm):
    """An invoice of the vendor, for the month of the page."""

    seen_number = HiddenField()
    category = SelectField(
        "費目", choices=[(each.value, each.label) for each in Kind], default=Kind.RECURRING.value
    )
    net_yen = YenField("請求額（税抜）", [required_value()], minimum=1, maximum=MAX_INVOICE_YEN)
    tax_percent = PercentField("消費税率", [required_value()], default=Decimal(10))
    vendor_number = LineField("事業者の請求番号")
    invoiced_on = DayField("請求日", [required_value()])
    due_on = DayField("団体の納付期限", [required_value()])


class PaymentForm(MoyaiForm):
    """The payment of a vendor's invoice."""

    paid_on = DayField("支払った日", [required_value()])
    approval_number = LineField("支出の決裁番号")


class TakeBackForm(MoyaiForm):
    """Taking back an entry, with the reason."""

    reason = LineField("取り消す理由", [required()])


class MoneyForm(MoyaiForm):
    """Money of one payer's invoice: in, or what was over, back."""

    seen_yen = HiddenField()
    kind = SelectField("種類", choices=[("receipt", "収納"), ("refund", "還付（過納の返金）")])
    amount_yen = YenField("金額", [required_value()], minimum=1, maximum=MAX_INVOICE_YEN)
    received_on = DayField("収納・還付した日", [required_value()])
    note = LineField("備考")


class TransferForm(MoyaiForm):
    """過納 of one invoice onto another open one of the same body."""

    seen_yen = HiddenField()
    to_invoice_id = SelectField("充当先の請求", coerce=int, validate_choice=False)
    amount_yen = YenField("充当する額", [required_value()], minimum=1, maximum=MAX_INVOICE_YEN)
    applied_on = DayField("充当した日", [required_value()])
    note = LineField("備考（決裁番号など）")


class LetterForm(MoyaiForm):
    """A 督促状 about an overdue invoice."""

    seen_number = HiddenField()
    letter_number = LineField("文書番号（任意）")
    pay_by = DayField("指定期限", [required_value()])
    approval_date = DayField("決裁日", [required_value()])
    approval_number = LineField("決裁番号", [required()])

    def approval(self) -> Approval:
        """The approval typed."""
        return Approval(day=self.approval_date.data, number=self.approval_number.data or "")


class UsageForm(MoyaiForm):
    """What a body used in the month of the page."""

    seen_number = HiddenField()
    quantity = WholeNumberField("使った量", [required_value()], maximum=MAX_QUANTITY)


class CloseForm(MoyaiForm):
    """Closing the month of the page."""


class LegalBasisForm(MoyaiForm):
    """On what the collection rests."""

    seen_version = HiddenField()
    legal_basis = TextAreaField("集めて支払う根拠（自団体の記載）", [required()])
