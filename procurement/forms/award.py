"""The form of an award's breakdown: what falls due once, every month, every contract year."""

from typing import Any

from wtforms import HiddenField

from foundation.forms import MoyaiForm, YenField
from procurement.domain.award_costs import Breakdown
from procurement.forms.typed import TypedLineField
from procurement.queries.award_costs import AwardBasis

MOST_YEN = 1_000_000_000_000


class BreakdownForm(MoyaiForm):
    """Tax-excluded yen; they sum to the award, or a reason says why they are less."""

    seen_number = HiddenField()
    initial_yen = YenField(
        "初期費用（一時・税抜）",
        minimum=0,
        maximum=MOST_YEN,
        description="月や年で割り切れない端数もここに含めます。",
    )
    monthly_yen = YenField("月額（税抜）", minimum=0, maximum=MOST_YEN)
    yearly_yen = YenField("年額（契約年ごと・税抜）", minimum=0, maximum=MOST_YEN)
    reason = TypedLineField("合計が決定した額より少ない理由", description="例：交渉による減額。")

    def wanted(self) -> Breakdown:
        """As the service takes it; what is left empty does not fall due."""
        return Breakdown(
            initial_yen=self.initial_yen.data or 0,
            monthly_yen=self.monthly_yen.data or 0,
            yearly_yen=self.yearly_yen.data or 0,
        )


def breakdown_values(award: AwardBasis) -> dict[str, Any]:
    """What falls due as it stands: stored by the lead, or proposed."""
    return {
        "seen_number": award.number,
        "initial_yen": award.breakdown.initial_yen,
        "monthly_yen": award.breakdown.monthly_yen,
        "yearly_yen": award.breakdown.yearly_yen,
        "reason": award.reason,
    }
