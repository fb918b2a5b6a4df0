"""Proposed groups with the reasons in words."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from foundation.filters import number, yen
from procurement.domain.needs import Network, month_day
from procurement.domain.partners import REACH_MONTHS, PartnerGroup, PartnerScope
from procurement.presenters.amounts import range_text, unit_suffix
from procurement.presenters.needs import SavingView, month_text, must_haves_text, saving_view
from procurement.queries.need_units import unit_of
from procurement.queries.partners import DeclaredSaving, GroupRow

MAX_NAMES = 12


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """One card of the finder. codes: hidden in the form that makes the draft project."""

    id: str
    title: str
    category: str
    fictional: bool
    scope: str
    reasons: list[str]
    names: str
    saving: SavingView | None
    declared: str
    codes: str
    project_ids: tuple[int, ...]


def group_view(row: GroupRow, type_names: Mapping[str, str], place: int) -> GroupView:
    """The card at that place of the list."""
    group = row.group
    name = type_names[group.system_type_code]
    return GroupView(
        id=f"group-{place}",
        title=f"{name}：{number(group.bodies)}団体",
        category=group.system_type_code,
        fictional=group.fictional,
        scope=group.scope.label,
        reasons=list_reasons(row, name),
        names=_names(row),
        saving=saving_view(row.saving, group.bodies),
        declared=_declared_text(row.declared, group),
        codes=",".join(group.codes),
        project_ids=row.project_ids,
    )


def list_reasons(row: GroupRow, type_name: str) -> list[str]:
    """Why these bodies fit together, one sentence each."""
    group = row.group
    return [
        f"同じシステム種別「{type_name}」を{number(group.bodies)}団体"
        f"（合計人口 {number(group.population)}人）が必要としています。",
        _quantity_reason(row),
        _network_reason(group),
        _must_have_reason(group),
        _time_reason(row),
        _place_reason(row),
    ]


def _quantity_reason(row: GroupRow) -> str:
    said = [need.quantity for need in row.needs if need.quantity is not None]
    if not said:
        return "数量を登録した団体はまだありません。"
    unit = unit_suffix(unit_of(row.group.system_type_code).value)
    return f"数量の合計は{number(sum(said))}{unit}です（{len(said)}団体の登録）。"


def _network_reason(group: PartnerGroup) -> str:
    counted = Counter(need.network for need in group.needs)
    if set(counted) == {Network.ANY}:
        return "利用するネットワークは、全団体がどちらでもよいとしています。"
    parts = "、".join(f"{each.label} {counted[each]}団体" for each in Network if counted[each])
    return f"利用するネットワークは{group.network.label}でそろえられます（{parts}）。"


def _must_have_reason(group: PartnerGroup) -> str:
    if not group.must_haves:
        return "欠かせない条件を挙げた団体はありません。"
    return f"欠かせない条件に食い違いがありません（{must_haves_text(group.must_haves)}）。"


def _time_reason(row: GroupRow) -> str:
    group = row.group
    known = sum(need.contract_ends_on is not None for need in row.needs)
    start = month_text(month_day(group.last_ready))
    bridge = group.last_ready - group.first_ready
    ends = f"今の契約の終わりを登録した{known}団体を含め、" if known else ""
    gap = f"先に契約が終わる団体のつなぎは最長{bridge}か月です" if bridge else "つなぎは要りません"
    return f"{ends}全団体が{start}から始められます（{gap}。{REACH_MONTHS}か月以内が条件）。"


def _place_reason(row: GroupRow) -> str:
    names = list(dict.fromkeys(need.prefecture_name for need in row.needs))
    if row.group.scope is PartnerScope.PREFECTURE:
        return f"すべて{names[0]}内の団体です。"
    return f"{len(names)}都道府県にまたがる広域の組み合わせです（{'、'.join(names[:6])}）。"


def _names(row: GroupRow) -> str:
    wide = row.group.scope is PartnerScope.WIDE_AREA
    names = [
        need.prefecture_name + need.body_name
        if wide and need.body_name != need.prefecture_name
        else need.body_name
        for need in row.needs
    ]
    more = f" ほか{len(names) - MAX_NAMES}団体" if len(names) > MAX_NAMES else ""
    return "、".join(names[:MAX_NAMES]) + more


def _declared_text(declared: DeclaredSaving | None, group: PartnerGroup) -> str:
    """For the coordinator; plan figures of the same bodies stand beside it, not in it."""
    if declared is None:
        return ""
    return (
        f"申告された今の年額は、{group.bodies}団体中{declared.bodies}団体の合計で"
        f"{yen(declared.declared_yen)}（税込・団体の申告）です。同じ{declared.bodies}団体の共同の試算は"
        f"{range_text(declared.by_plan.joint)}（税込・料金プランによる試算）で、"
        "出どころの違う額のため差は示しません。"
    )
