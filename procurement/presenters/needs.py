"""Needs in words: what was said, who else says it, and what joining would save."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from foundation.clock import fiscal_year_label
from foundation.filters import jst_date, number, yen
from procurement.domain.estimates import NO_PRODUCT_CHOSEN
from procurement.domain.joint_saving import JointSaving
from procurement.domain.needs import (
    SMALLEST_SHOWN,
    CoarseDemand,
    Demand,
    MustHave,
    month_day,
)
from procurement.domain.partners import PartnerGroup
from procurement.presenters.amounts import range_text, unit_suffix
from procurement.queries.needs import NeedRow, OwnNeedRow

FEWER = f"{SMALLEST_SHOWN}団体未満"


@dataclass(frozen=True, kw_only=True)
class DemandView:
    """One line of the table of demand."""

    category: str
    name: str
    fictional: bool
    bodies: str
    population: str
    quantity: str
    ends: str
    own: bool = False


def demand_view(
    demand: Demand | CoarseDemand, names: Mapping[str, str], own: Iterable[str] = ()
) -> DemandView:
    """A demand in words; what stands for too few bodies says only that. own: types said already."""
    hidden = "—"
    bodies, people, quantity = demand.bodies, demand.population, demand.quantity
    return DemandView(
        category=demand.system_type_code,
        name=names[demand.system_type_code],
        fictional=demand.fictional,
        bodies=FEWER if bodies is None else f"{number(bodies)}団体",
        population=hidden if people is None else f"{number(people)}人",
        quantity=hidden if not quantity else f"{number(quantity)}{unit_suffix(demand.unit)}",
        ends=ends_text(demand.ends) or hidden,
        own=demand.system_type_code in own,
    )


def ends_text(ends: Mapping[int, int]) -> str:
    """「令和8年度（2026年度）3件、…」 for fiscal year → contracts."""
    return "、".join(f"{fiscal_year_label(year)} {number(count)}件" for year, count in ends.items())


def month_text(day: date) -> str:
    """「2027年4月」."""
    return f"{day.year}年{day.month}月"


def must_haves_text(must_haves: Iterable[MustHave]) -> str:
    """In the order of the form; 「なし」 for none."""
    named = set(must_haves)
    return "、".join(each.label for each in MustHave if each in named) or "なし"


def quantity_text(need: NeedRow) -> str:
    """「300アカウント」."""
    if need.quantity is None:
        return "記載なし"
    return f"{number(need.quantity)}{unit_suffix(need.unit)}"


def public_facts(need: NeedRow) -> list[tuple[str, str]]:
    """What other public bodies read too."""
    return [
        ("いつから必要か", month_text(need.wanted_from)),
        ("今の契約の終わり", jst_date(need.contract_ends_on)),
        ("主な数量", quantity_text(need)),
        ("利用するネットワーク", need.network.label),
        ("欠かせない条件", must_haves_text(need.must_haves)),
    ]


def secret_facts(row: OwnNeedRow) -> list[tuple[str, str]]:
    """What only the body and its prefecture's coordinator read."""
    return [
        ("今の年額（税込）", yen(row.annual_cost_yen)),
        ("進められない理由", row.obstacles),
    ]


@dataclass(frozen=True, kw_only=True)
class SavingView:
    """A saving by published plans. A saving below 0 is shown as it is."""

    alone: str
    joint: str
    saving: str
    note: str


def saving_view(saving: JointSaving | None, bodies: int) -> SavingView | None:
    """The range in words with its basis; None where no plan can be priced."""
    if saving is None:
        return None
    left_out = bodies - saving.bodies
    rest = f"数量の記載がない{left_out}団体は入れていません。" if left_out else ""
    return SavingView(
        alone=range_text(saving.alone),
        joint=range_text(saving.joint),
        saving=range_text(saving.saving),
        note=f"試算の前提：掲載中の料金プラン{saving.plans}件の運用費（年額・税込）を、"
        f"{saving.bodies}団体の数量で計算した幅です。{NO_PRODUCT_CHOSEN}。{rest}"
        "差額はプランごとに単独の合計から共同の額を引いた幅で、マイナスは高くなることを示します。",
    )


@dataclass(frozen=True, kw_only=True)
class OwnGroupView:
    """A group one need lies in."""

    scope: str
    bodies: int
    others: str
    start: str
    saving: SavingView | None


def own_group_view(
    group: PartnerGroup, saving: JointSaving | None, rows: Sequence[NeedRow], own: str
) -> OwnGroupView:
    """The group as the body itself sees it. rows: needs of the system type; own: its code."""
    names = {row.body_code: row.body_name for row in rows}
    others = [names[code] for code in group.codes if code != own]
    shown = "、".join(others[:10])
    more = f" ほか{len(others) - 10}団体" if len(others) > 10 else ""
    return OwnGroupView(
        scope=group.scope.label,
        bodies=group.bodies,
        others=shown + more,
        start=month_text(month_day(group.last_ready)),
        saving=saving_view(saving, group.bodies),
    )


@dataclass(frozen=True, kw_only=True)
class OtherNeed:
    """Another body with the same need, in the words of a table."""

    name: str
    code: str
    fictional: bool
    wanted_from: str
    ends_on: str
    quantity: str
    network: str
    must_haves: str
    fits: bool


def other_needs(
    rows: Iterable[NeedRow], own: NeedRow, groups: Iterable[PartnerGroup]
) -> list[OtherNeed]:
    """The other bodies, those of the own prefecture first, then by code."""
    fitting = {code for group in groups for code in group.codes}
    others = [row for row in rows if row.body_code != own.body_code]
    others.sort(key=lambda row: (row.body_code[:2] != own.body_code[:2], row.body_code))
    return [
        OtherNeed(
            name=_full_name(row, own),
            code=row.body_code,
            fictional=row.fictional,
            wanted_from=month_text(row.wanted_from),
            ends_on=jst_date(row.contract_ends_on),
            quantity=quantity_text(row),
            network=row.network.label,
            must_haves=must_haves_text(row.must_haves),
            fits=row.body_code in fitting,
        )
        for row in others
    ]


def _full_name(row: NeedRow, own: NeedRow) -> str:
    """25 names repeat between prefectures: another one's is said with its prefecture."""
    if row.body_code[:2] == own.body_code[:2] or row.body_name == row.prefecture_name:
        return row.body_name
    return row.prefecture_name + row.body_name
