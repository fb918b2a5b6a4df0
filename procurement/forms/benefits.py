"""Forms of what stands beside the costs: an effect, a grant, the sheet's own words."""

from collections.abc import Sequence
from decimal import Decimal

from wtforms import BooleanField, HiddenField, SelectField, TextAreaField

from foundation.forms import (
    DayField,
    LineField,
    MoyaiForm,
    ReadField,
    WholeNumberField,
    YenField,
    required,
    required_value,
)
from foundation.text import find_number, parse_decimal
from procurement.domain.effects import EffectUnit, Evidence
from procurement.domain.funding import FundingStatus
from procurement.services.benefits import (
    FIRST_YEAR,
    LAST_YEAR,
    EffectFields,
    FundingFields,
    SheetFields,
)
from procurement.services.costs import MAX_COST_YEN

_TOO_MUCH = 1_000_000_000


class AmountField(ReadField):
    """A number from 0 with at most two decimals, as an effect is counted in."""

    def read(self, text: str) -> Decimal:
        try:
            amount = parse_decimal(text)
        except ValueError:
            amount = Decimal(-1)
        if not 0 <= amount < _TOO_MUCH or round(amount, 2) != amount:
            message = "は、小数2桁までの0以上の数（10億未満）として読めません。"
            raise ValueError(f"「{text}」{message}")
        return amount


def _year(label: str, *, needed: bool = True) -> WholeNumberField:
    return WholeNumberField(
        label,
        [required_value()] if needed else [],
        minimum=FIRST_YEAR,
        maximum=LAST_YEAR,
        description="西暦で入力します。例：2026",
    )


class EffectForm(MoyaiForm):
    """One effect; effect_id names the one that is changed."""

    effect_id = HiddenField()
    seen_version = HiddenField()
    label = LineField("効果", [required()], description="例：議事録の作成時間")
    metric = LineField("指標", [required()], description="例：職員の作業時間")
    unit = SelectField("単位", choices=[(each.value, each.label) for each in EffectUnit])
    before = AmountField("前", [required_value()])
    after = AmountField("後", [required_value()])
    fiscal_year = _year("測った年度")
    evidence = SelectField("根拠", choices=[(each.value, each.label) for each in Evidence])
    technology = LineField("手段", description="例：音声の文字起こし")
    scope = LineField("範囲", description="例：3市の広報担当")
    measured_by = LineField("測った者")
    source = LineField("出典")
    remove = BooleanField("この効果を取り消す")

    def number(self) -> int | None:
        """Of the effect that is changed, None for a new one."""
        return find_number(self.effect_id.data)

    def wanted(self) -> EffectFields:
        """The effect typed."""
        names = ("label", "metric", "technology", "scope", "measured_by", "source")
        return EffectFields(
            unit=self.unit.data,
            before=self.before.data,
            after=self.after.data,
            fiscal_year=self.fiscal_year.data,
            evidence=self.evidence.data,
            **{name: self[name].data or "" for name in names},
        )


class FundingForm(MoyaiForm):
    """One grant; funding_id names the one that is changed."""

    funding_id = HiddenField()
    seen_version = HiddenField()
    program_key = SelectField("支援制度", default="")
    name = LineField(
        "補助金・交付金の名称",
        description="支援制度を選ぶと、空欄のときはその名称になります。一覧にないときは入力します。",
    )
    fiscal_year = _year("年度")
    body_code = SelectField("受ける団体", default="")
    status = SelectField("状況", choices=[(each.value, each.label) for each in FundingStatus])
    amount_yen = YenField("金額", [required_value()], maximum=MAX_COST_YEN)
    rate = LineField("補助の割合", description="交付要綱などのとおりに。例：1/2、定額")
    ceiling_yen = YenField("上限額", maximum=MAX_COST_YEN)
    period = LineField("対象の期間", description="例：令和8年度から令和10年度まで")
    eligible = LineField("対象の経費", description="例：初期費用（機器の購入を除く）")
    source = LineField("出典", description="例：交付決定通知、交付要綱")
    source_on = DayField("出典の日付")
    remove = BooleanField("この補助金等を取り消す")

    def offer_programs(self, programs: Sequence[tuple[str, str]]) -> None:
        """(key, name) of the programs, and none of them."""
        self.program_key.choices = [("", "一覧にない制度"), *programs]

    def offer_bodies(self, bodies: Sequence[tuple[str, str]]) -> None:
        """(code, name) of those that may get it, and the project as a whole."""
        self.body_code.choices = [("", "案件全体"), *bodies]

    def number(self) -> int | None:
        """Of the grant that is changed, None for a new one."""
        return find_number(self.funding_id.data)

    def wanted(self) -> FundingFields:
        """The grant typed."""
        return FundingFields(
            fiscal_year=self.fiscal_year.data,
            body_code=self.body_code.data or None,
            name=self.name.data or "",
            program_key=self.program_key.data or "",
            status=self.status.data,
            amount_yen=self.amount_yen.data,
            ceiling_yen=self.ceiling_yen.data,
            source_on=self.source_on.data,
            **{name: self[name].data or "" for name in ("rate", "period", "eligible", "source")},
        )


class CostSheetForm(MoyaiForm):
    """The written part of the cost-effect sheet."""

    seen_version = HiddenField()
    target = TextAreaField("対象", description="だれの、どの業務か")
    activities = TextAreaField("活動", description="何をしたか")
    outputs = TextAreaField("活動の実績（アウトプット）")
    outcomes = TextAreaField("成果（アウトカム）")
    kpi = LineField("KPI", description="成果を測る指標。例：議事録の作成時間（時間/月）")
    kpi_target = LineField("KPIの目標値")
    kpi_year = _year("KPIの目標年度", needed=False)
    result = TextAreaField("結果")
    improvement = TextAreaField("改善")

    def wanted(self) -> SheetFields:
        """The words typed."""
        texts = ("target", "activities", "outputs", "outcomes", "kpi", "kpi_target")
        return SheetFields(
            kpi_year=self.kpi_year.data,
            result=(self.result.data or "").strip(),
            improvement=(self.improvement.data or "").strip(),
            **{name: (self[name].data or "").strip() for name in texts},
        )
