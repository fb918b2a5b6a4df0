"""Forms of a body's own costs: a year's budget or settlement, and a goal."""

from collections.abc import Sequence

from wtforms import HiddenField, SelectField

from foundation.clock import fiscal_year_label
from foundation.forms import LineField, MoyaiForm, YenField
from procurement.domain.costs import ENTERED, CostBasis, CostCategory
from procurement.services.costs import MAX_COST_YEN, YearCosts

_EMPTY = "空けると「未報告」です。0円のときは0を入れます。"


def _amount(category: CostCategory) -> YenField:
    return YenField(f"{category.label}（税込）", maximum=MAX_COST_YEN)


class YearCostsForm(MoyaiForm):
    """One fiscal year on one basis."""

    seen_sha256 = HiddenField()
    fiscal_year = SelectField("年度")
    basis = SelectField("決算・予算の別", choices=[(each.value, each.label) for each in ENTERED])
    operating = YenField(
        f"{CostCategory.OPERATING.label}（税込）", maximum=MAX_COST_YEN, description=_EMPTY
    )
    build_modification = _amount(CostCategory.BUILD_MODIFICATION)
    build_other = _amount(CostCategory.BUILD_OTHER)
    other = _amount(CostCategory.OTHER)
    source = LineField("出典", description="例：令和8年度一般会計歳入歳出決算書 45ページ")

    def offer_years(self, years: Sequence[int]) -> None:
        """The fiscal years there can be a figure of, the newest first."""
        self.fiscal_year.choices = [(str(year), fiscal_year_label(year)) for year in years]

    def wanted(self) -> YearCosts:
        """The figures typed."""
        return YearCosts(
            fiscal_year=int(self.fiscal_year.data),
            basis=CostBasis(self.basis.data),
            amounts={each: self[each.value].data for each in CostCategory},
            source=self.source.data or "",
        )


class CostGoalForm(MoyaiForm):
    """独自目標 of a body."""

    seen_version = HiddenField()
    target_yen = YenField(
        "1年度の運用等経費の目標（税込）",
        maximum=MAX_COST_YEN,
        description="この額以下にする、という自団体の目標です。空けると取り消します。",
    )
    note = LineField("目標の理由")


class PresentCostForm(MoyaiForm):
    """What a body pays now by itself."""

    seen_version = HiddenField()
    annual_yen = YenField(
        "今の1年の費用（税込）",
        maximum=MAX_COST_YEN,
        description="この案件の対象を、今は単独で使っている費用です。団体と幹事団体だけが見ます。",
    )
