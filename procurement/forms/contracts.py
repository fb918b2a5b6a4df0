"""Forms of contracts: only the fields that the document at hand has."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import HiddenField, SelectField, TextAreaField

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
from foundation.labels import LabelledEnum
from foundation.text import find_number
from procurement.domain.contract_changes import ChangeDraft, ChangeKind, ExtensionKind
from procurement.domain.contracts import (
    BUYING,
    DISCRETIONARY,
    WITHOUT_AMOUNT,
    ContractKind,
    Guarantee,
    Membership,
)
from procurement.domain.product_change import ProductChange
from procurement.domain.signing import MAX_AMOUNT_YEN, ContractDraft
from procurement.domain.states import ProcurementMethod
from procurement.services.contracts import Approval

_CHECKLIST = ("guarantee", "guarantee_note")
_DIRECT = ("clause", "reason")
_CHOSEN = ("vendor_id", "certification_id")
Choices = Mapping[str, Sequence[tuple[str, str]]]


def _choices(words: type[LabelledEnum]) -> list[tuple[str, str]]:
    return [("", "選んでください"), *((each.value, each.label) for each in words)]


class ContractForm(MoyaiForm):
    """A signed document, as `make_contract_form` cuts it down to its kind."""

    number = LineField("契約番号")
    vendor_id = SelectField("認定する製品の事業者", coerce=str)
    product = LineField("認定する製品の名前")
    certification_id = SelectField("契約する推奨製品", coerce=str)
    signed_on = DayField("契約日", [required_value()])
    vote_on = DayField("議会の議決日")
    membership = SelectField("組合などとの関係", choices=_choices(Membership))
    starts_on = DayField("期間のはじめ")
    ends_on = DayField("期間の終わり")
    amount_yen = YenField("金額（税抜）", minimum=1, maximum=MAX_AMOUNT_YEN)
    tax_percent = PercentField("消費税率", [required_value()], default=Decimal(10))
    signatory = LineField(
        "契約の名義人", description="協議会が契約するとき：名義人となる構成団体の長"
    )
    clause = LineField("随意契約の根拠条項", description="自団体の規則などの条項")
    reason = TextAreaField("随意契約とする理由")
    guarantee = SelectField("契約保証金", choices=_choices(Guarantee))
    guarantee_note = LineField("契約保証金の備考", description="免除のときは、その根拠")
    own_prices = TextAreaField(
        "この契約だけの単価（決定した単価より低いとき）",
        description="1行に1品目：品目、単価（税抜）、理由。書かない品目は決定した単価になります。",
    )
    approval_date = DayField("決裁日", [required_value()])
    approval_number = LineField("決裁番号", [required()])

    def draft(self, kind: ContractKind) -> ContractDraft:
        """What was typed, as the rules read it; fields the kind does not have stay empty."""
        values = self.data
        assert self.signed_on.data is not None
        membership, guarantee = values.get("membership"), values.get("guarantee")
        return ContractDraft(
            kind=kind,
            number=values.get("number") or "",
            signed_on=self.signed_on.data,
            starts_on=values.get("starts_on"),
            ends_on=values.get("ends_on"),
            amount_yen=values.get("amount_yen"),
            tax_percent=values.get("tax_percent") or Decimal(0),
            vote_on=values.get("vote_on"),
            membership=Membership(membership) if membership else None,
            signatory=values.get("signatory") or "",
            clause=values.get("clause") or "",
            reason=(values.get("reason") or "").strip(),
            guarantee=Guarantee(guarantee) if guarantee else None,
            guarantee_note=values.get("guarantee_note") or "",
            own_prices=values.get("own_prices") or "",
            vendor_id=find_number(values.get("vendor_id")),
            product=values.get("product") or "",
            certification_id=find_number(values.get("certification_id")),
        )

    def approval(self) -> Approval:
        """The approval typed."""
        return Approval(day=self.approval_date.data, number=self.approval_number.data or "")


def make_contract_form(
    prefix: str,
    kind: ContractKind,
    method: ProcurementMethod | None,
    *,
    council: bool,
    priced: bool,
    choices: Choices,
    given: dict[str, Any] | None = None,
    made_as: type[ContractForm] = ContractForm,
) -> ContractForm:
    """The form of that kind: posted values, or `given` ones to begin with.

    priced: the award is a table of unit prices. made_as: with more fields than the document's.
    choices: field → what can be chosen; without its choices the field is left out.
    """
    form = (
        made_as(prefix=prefix)
        if given is None
        else made_as(formdata=None, prefix=prefix, data=given | _only_ones(choices))
    )
    for name in _left_out(kind, method, council=council):
        delattr(form, name)
    if not priced or kind not in BUYING:
        del form.own_prices
    for name in _CHOSEN:
        if name in choices:
            form[name].choices = _offered(choices[name])
        else:
            delattr(form, name)
    return form


def _only_ones(choices: Choices) -> dict[str, str]:
    return {name: found[0][0] for name, found in choices.items() if len(found) == 1}


def _offered(found: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return list(found) if len(found) == 1 else [("", "選んでください"), *found]


def _left_out(kind: ContractKind, method: ProcurementMethod | None, *, council: bool) -> list[str]:
    names = [] if kind in BUYING else [*_CHECKLIST]
    if kind not in BUYING or method not in DISCRETIONARY:
        names += _DIRECT
    if kind in WITHOUT_AMOUNT:
        names += ["amount_yen", "tax_percent"]
    if kind is not ContractKind.DELEGATION:
        names.append("vote_on")
    if kind is not ContractKind.CERTIFICATION:
        names.append("product")
    if kind is not ContractKind.CONTRIBUTION:
        names.append("membership")
    return names if council else [*names, "signatory"]


class ProductChangeForm(ContractForm):
    """The contract of another certified product, and how the present one ends."""

    seen_sha256 = HiddenField()
    last_day = DayField(
        "今の契約の最後の日",
        [required_value()],
        description="月末の日。新しい契約は、その翌日に始まります。",
    )
    old_yen = YenField(
        "今の契約の、最後の日までの額（税抜）",
        [required_value()],
        minimum=0,
        maximum=MAX_AMOUNT_YEN,
        description="事業者と取り決めた額。違約金などは契約によります。",
    )
    change_reason = TextAreaField("製品を変える理由", [required()])

    def change(self) -> ProductChange:
        """How the present contract ends, as typed."""
        assert self.last_day.data is not None
        return ProductChange(
            last_day=self.last_day.data,
            old_yen=self.old_yen.data or 0,
            reason=self.change_reason.data or "",
        )


class ChooseForm(MoyaiForm):
    """The vendor of a method without a notice."""

    seen_number = HiddenField()
    vendor_id = SelectField("契約の相手方", coerce=str)
    price_yen = YenField("金額（税抜）", [required_value()], minimum=1, maximum=MAX_AMOUNT_YEN)
    quotes_taken = WholeNumberField(
        "見積を取った数", [required_value()], minimum=1, maximum=1000, default=1
    )
    reason = TextAreaField("選んだ理由", [required()])


def make_choose_form(*, names_amount: bool, given: dict[str, Any] | None = None) -> ChooseForm:
    """Posted values, or `given` ones to begin with. A recommended product has no price field."""
    form = (
        ChooseForm(prefix="choose")
        if given is None
        else ChooseForm(formdata=None, prefix="choose", data=given)
    )
    if not names_amount:
        del form.price_yen
    return form


class QualificationForm(MoyaiForm):
    """入札参加資格 of the vendor with one's own organisation."""

    seen_version = HiddenField()
    number = LineField("登録番号", [required()])
    valid_until = DayField("資格の有効期限", [required_value()])


class RequoteForm(MoyaiForm):
    """A vendor's price for one body."""

    seen_number = HiddenField()
    amount_yen = YenField(
        "再見積の額（税抜）", [required_value()], minimum=1, maximum=MAX_AMOUNT_YEN
    )
    note = LineField("備考")


class RefusalForm(MoyaiForm):
    """A body does not contract."""

    reason = TextAreaField("契約しない理由", [required()])
    approval_date = DayField("決裁日", [required_value()])
    approval_number = LineField("決裁番号", [required()])

    def approval(self) -> Approval:
        """The approval typed."""
        return Approval(day=self.approval_date.data, number=self.approval_number.data or "")


class WithdrawalForm(MoyaiForm):
    """The certification of a product is withdrawn."""

    certification_id = SelectField("認定を取り消す製品", coerce=str)
    ends_on = DayField(
        "取消の日",
        [required_value()],
        description="この日まで契約できます。記録済みの契約は続きます。",
    )
    reason = TextAreaField("取消の理由", [required()])
    approval_date = DayField("決裁日", [required_value()])
    approval_number = LineField("決裁番号", [required()])

    def approval(self) -> Approval:
        """The approval typed."""
        return Approval(day=self.approval_date.data, number=self.approval_number.data or "")


class SigningDeadlineForm(MoyaiForm):
    """Until when bodies are asked to record their contracts."""

    closes_on = DayField(
        "契約の期限", [required_value()], description="その日の17時（日本時間）です。"
    )


class NotSigningForm(MoyaiForm):
    """The lead goes on without a body that signs nothing."""

    seen_version = HiddenField()
    reason = TextAreaField("理由", [required()], description="この団体と幹事団体だけに表示します。")


class ExtensionForm(MoyaiForm):
    """What is contracted beyond the award."""

    seen_number = HiddenField()
    kind = SelectField("種類", choices=[(each.value, each.label) for each in ExtensionKind])
    body_code = LineField("団体コード（6桁）", [required()])
    amount_yen = YenField("金額（税抜）", [required_value()], minimum=1, maximum=MAX_AMOUNT_YEN)
    quantity = WholeNumberField(
        "数量（途中参加のとき）", minimum=1, maximum=10_000_000, description="案件の主な単位で"
    )
    reason = TextAreaField("理由", [required()])
    approval_date = DayField("決裁日", [required_value()])
    approval_number = LineField("決裁番号", [required()])

    def approval(self) -> Approval:
        """The approval typed."""
        return Approval(day=self.approval_date.data, number=self.approval_number.data or "")


class ChangeForm(MoyaiForm):
    """A change of one's own contract, or its end."""

    seen_number = HiddenField()
    kind = SelectField(
        "種類", choices=[(each.value, each.label) for each in (ChangeKind.CHANGE, ChangeKind.END)]
    )
    direction = SelectField("額の変わり方", choices=[("more", "増額"), ("less", "減額")])
    amount_yen = YenField("変わる額（税抜）", minimum=0, maximum=MAX_AMOUNT_YEN)
    ends_on = DayField("新しい期間の終わり・解約日")
    reason = TextAreaField("理由", [required()])
    approval_date = DayField("決裁日", [required_value()])
    approval_number = LineField("決裁番号", [required()])

    def draft(self) -> ChangeDraft:
        """The change typed; a reduction is negative."""
        amount = self.amount_yen.data or 0
        return ChangeDraft(
            kind=ChangeKind(self.kind.data),
            amount_yen=-amount if self.direction.data == "less" else amount,
            ends_on=self.ends_on.data,
            reason=self.reason.data or "",
        )

    def approval(self) -> Approval:
        """The approval typed."""
        return Approval(day=self.approval_date.data, number=self.approval_number.data or "")


def first_values(term_start: date | None, term_end: date | None) -> dict[str, Any]:
    """What a contract form begins with: the project's own term."""
    return {"starts_on": term_start, "ends_on": term_end}
