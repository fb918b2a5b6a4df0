"""Forms of the calendar: a body's own rules, and a project's lengths."""

from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from foundation.forms import LineField, MoyaiForm, WholeNumberField, YenField
from procurement.domain.schedule import MONTHS, STEPS
from procurement.schedule_models import BodyRules
from procurement.services.schedule import CalendarFields, RuleFields

LONGEST_LIMIT = 600
LARGEST_THRESHOLD = 100_000_000_000


class BodyRulesForm(MoyaiForm):
    """What the own body's rules say. Every field may stay open: 未入力 is an answer."""

    seen_version = HiddenField()
    budget_request_month = WholeNumberField("予算要求の締切（月）", minimum=1, maximum=12)
    budget_request_day = WholeNumberField("予算要求の締切（日）", minimum=1, maximum=31)
    assembly_months = SelectMultipleField(
        "議会（定例会）の議決がある月",
        choices=[(str(month), f"{month}月") for month in range(1, 13)],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        description="選ばないときは、3月・6月・9月・12月として試算します。",
    )
    long_term = SelectField(
        "長期継続契約の条例に、ソフトウェアの利用が",
        choices=[("", "未入力"), ("covered", "含まれる"), ("not_covered", "含まれない")],
    )
    long_term_limit_months = WholeNumberField(
        "長期継続契約の上限", minimum=1, maximum=LONGEST_LIMIT
    )
    property_threshold_yen = YenField(
        "財産の取得に議決が要る予定価格",
        minimum=1,
        maximum=LARGEST_THRESHOLD,
        description="端末などの買入れに議会の議決が要る額です。条例の額を入力します。",
    )
    source = LineField("根拠（条例・規則の名称）")

    def wanted(self) -> RuleFields:
        """The rules as the service takes them."""
        return RuleFields(
            budget_request_month=self.budget_request_month.data,
            budget_request_day=self.budget_request_day.data,
            assembly_months=tuple(sorted(int(each) for each in self.assembly_months.data or ())),
            long_term=self.long_term.data or "",
            long_term_limit_months=self.long_term_limit_months.data,
            property_threshold_yen=self.property_threshold_yen.data,
            source=self.source.data or "",
        )


def rule_values(rules: BodyRules | None) -> dict[str, Any]:
    """The stored rules as the form shows them."""
    if rules is None:
        return {"seen_version": "0"}
    return {
        "seen_version": str(rules.row_version),
        "budget_request_month": rules.budget_request_month,
        "budget_request_day": rules.budget_request_day,
        "assembly_months": [str(month) for month in rules.assembly_months],
        "long_term": rules.long_term,
        "long_term_limit_months": rules.long_term_limit_months,
        "property_threshold_yen": rules.property_threshold_yen,
        "source": rules.source,
    }


class _Lengths(MoyaiForm):
    """What every project's calendar has, beside the lengths of its steps."""

    seen_version = HiddenField()
    buys_property = BooleanField("端末などの財産を買い入れる（仮契約・議決・本契約の工程を加える）")
    wave_months = WholeNumberField("切替えの陣の間隔", minimum=1, maximum=24, default=6)
    shortest_notice = WholeNumberField("公告期間の下限（幹事団体の規則）", minimum=1, maximum=250)

    def wanted(self) -> CalendarFields:
        """The lengths as the service takes them; one left open has the first value."""
        lengths = {step.key: self._fields[step.key].data for step in STEPS}
        return CalendarFields(
            lengths={key: value for key, value in lengths.items() if value is not None},
            buys_property=bool(self.buys_property.data),
            wave_months=self.wave_months.data or 6,
            shortest_notice=self.shortest_notice.data,
        )


def length_unit(key: str) -> str:
    """The unit of a step's length, in words."""
    step = next(each for each in STEPS if each.key == key)
    return "か月" if step.unit == MONTHS else "開庁日"


# One field per step of the table, so that a new step is one entry there.
CalendarForm = type(
    "CalendarForm",
    (_Lengths,),
    {
        step.key: WholeNumberField(
            step.label,
            minimum=1,
            maximum=step.longest,
            description=f"はじめの値は{step.default}{length_unit(step.key)}です。",
        )
        for step in STEPS
    },
)
