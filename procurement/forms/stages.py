"""Forms of the two stages: the first with its result, and the decision on the second."""

from wtforms import HiddenField, RadioField, SelectField, TextAreaField

from foundation.forms import DayField, MoyaiForm, YenField
from procurement.domain.two_stages import (
    HIROSHIMA_CAP_YEN,
    MAX_YEN,
    StageDecision,
    StagePattern,
    Stages,
)


class FirstStageForm(MoyaiForm):
    """What the trial may cost, when it is, what it came to and what it showed."""

    seen_number = HiddenField()
    pattern = SelectField("進め方", choices=[(each.value, each.label) for each in StagePattern])
    stage1_cap_yen = YenField(
        "第1段階の上限額（税込）",
        minimum=1,
        maximum=MAX_YEN,
        description=f"広島県の型で空欄のときは、{HIROSHIMA_CAP_YEN:,}円（広島県の活動支援金の上限）。"
        "法令の額ではありません。",
    )
    stage1_starts_on = DayField("検証の最初の日")
    stage1_ends_on = DayField("検証の最後の日")
    stage1_amount_yen = YenField(
        "第1段階にかかった額（税込）", maximum=MAX_YEN, description="わからないうちは空けます。"
    )
    stage1_result = TextAreaField(
        "第1段階の結果", description="何を確かめ、どうだったか。取りやめた場合はその理由。"
    )
    stage1_result_on = DayField("結果をまとめた日")

    def show(self, stages: Stages, number: int) -> None:
        """What is recorded, to be changed; number: of the entry it is from."""
        self.pattern.data = stages.pattern.value
        self.seen_number.data = str(number)
        for name in _TYPED:
            self[name].data = getattr(stages, name)

    def wanted(self) -> Stages:
        """The first stage typed."""
        values = {name: self[name].data for name in _TYPED}
        values["stage1_result"] = values["stage1_result"] or ""
        return Stages(pattern=StagePattern(self.pattern.data), **values)


_TYPED = (
    "stage1_cap_yen",
    "stage1_starts_on",
    "stage1_ends_on",
    "stage1_amount_yen",
    "stage1_result",
    "stage1_result_on",
)


class SecondStageForm(MoyaiForm):
    """Whether the procurement goes on, and why."""

    seen_number = HiddenField()
    stage2_decision = RadioField(
        "第2段階", choices=[(each.value, each.label) for each in StageDecision]
    )
    stage2_decided_on = DayField("決定した日")
    stage2_reason = TextAreaField("決定の理由", description="第1段階の結果のどこを見て決めたか")

    def show(self, stages: Stages, number: int) -> None:
        """What is decided, to be changed; number: of the entry it is from."""
        self.seen_number.data = str(number)
        self.stage2_decision.data = stages.stage2_decision.value
        self.stage2_decided_on.data = stages.stage2_decided_on
        self.stage2_reason.data = stages.stage2_reason
