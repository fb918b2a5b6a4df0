"""When an award falls due: the agreed bills in proportion, or the amounts the lead typed (§3).

In proportion every bill keeps its month and the bodies it is of: who joins later, or takes no
option, pays the same part of the award as it agreed to pay of the estimate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from catalog.pricing import Kind, Period
from procurement.domain.award_costs import AWARD_PARTS, AwardCosts
from procurement.domain.billing import Bill, Timeline, list_bills
from procurement.domain.pricing import CategoryCost, FixedCost, FixedCosts
from procurement.domain.sharing_members import SharingMember, in_order, stay_of
from procurement.domain.terms import SharingTerms

# Everything an award may fall due as. Only AWARD_PARTS can be typed.
PARTS: Mapping[str, tuple[Kind, Period]] = {
    **AWARD_PARTS,
    "option_once": (Kind.OPTION, Period.ONCE),
    "option_monthly": (Kind.OPTION, Period.MONTH),
    "option_yearly": (Kind.OPTION, Period.YEAR),
}
_KEY_OF = {part: key for key, part in PARTS.items()}


def list_award_bills(timeline: Timeline) -> list[Bill]:
    """Every bill of the term; of an award without typed amounts the agreed ones in proportion.

    Each is the agreed bill × price ÷ their sum, rounded down; what is left is on the first, so
    that they sum to the price. Where nothing was estimated the price falls due once. Typed
    amounts stand beside the options, which are in proportion in any case.
    """
    costs, bills = timeline.costs, list_bills(timeline)
    if not isinstance(costs, AwardCosts):
        return bills
    if costs.amounts is None:
        return _in_proportion(timeline, costs, bills)
    if not any(bill.kind is Kind.OPTION for bill in bills):
        return bills
    proportion = Timeline(
        terms=timeline.terms, members=timeline.members, costs=replace(costs, amounts=None)
    )
    options = [bill for bill in list_award_bills(proportion) if bill.kind is Kind.OPTION]
    return [bill for bill in bills if bill.kind is not Kind.OPTION] + options


def _in_proportion(timeline: Timeline, costs: AwardCosts, bills: Sequence[Bill]) -> list[Bill]:
    estimated_yen = sum(bill.cost.total_net_yen for bill in bills)
    if not estimated_yen:
        return list_bills(_falling_due_once(timeline, costs))
    ratio = Fraction(costs.price_yen, estimated_yen)
    scaled = [_scale(bill, ratio) for bill in bills]
    place = next(i for i, bill in enumerate(bills) if bill.cost.total_net_yen)
    rest_yen = costs.price_yen - sum(bill.cost.total_net_yen for bill in scaled)
    scaled[place] = replace(scaled[place], cost=_raise(scaled[place].cost, rest_yen))
    return [bill for bill in scaled if bill.cost.total_net_yen or bill.newcomers]


def _falling_due_once(timeline: Timeline, costs: AwardCosts) -> Timeline:
    once = FixedCost(
        kind=Kind.INITIAL,
        period=Period.ONCE,
        amount_yen=costs.price_yen,
        tax_rate=timeline.terms.tax_rate,
    )
    return Timeline(
        terms=timeline.terms,
        members=timeline.members,
        costs=replace(costs, amounts=FixedCosts(costs=(once,), label=costs.label)),
    )


def _scale(bill: Bill, ratio: Fraction) -> Bill:
    whole = bill.whole_cost
    return replace(
        bill,
        cost=_times(bill.cost, ratio),
        whole_cost=None if whole is None else _times(whole, ratio),
    )


def _times(cost: CategoryCost, ratio: Fraction) -> CategoryCost:
    """The own parts stay as they are: they are read as proportions only."""
    net = {rate: int(amount_yen * ratio) for rate, amount_yen in cost.net_yen.items()}
    return replace(cost, net_yen=net)


def _raise(cost: CategoryCost, rest_yen: int) -> CategoryCost:
    rate = next(iter(cost.net_yen))
    return replace(cost, net_yen={**cost.net_yen, rate: cost.net_yen[rate] + rest_yen})


@dataclass(frozen=True, kw_only=True)
class Due:
    """Equal amounts of one part, tax-excluded. key: of PARTS; first: its first month."""

    key: str
    each_yen: int
    count: int
    first: date


def list_due(
    costs: AwardCosts, terms: SharingTerms, members: Sequence[SharingMember]
) -> tuple[Due, ...]:
    """What falls due over the term, part by part, each in the order of its months."""
    timeline = Timeline(terms=terms, members=in_order(members), costs=costs)
    alike: dict[tuple[str, int], list[int]] = {}
    for bill in list_award_bills(timeline):
        if bill.cost.total_net_yen:
            key = (_KEY_OF[bill.kind, bill.period], bill.cost.total_net_yen)
            alike.setdefault(key, []).append(bill.month)
    order = list(PARTS)
    due = [
        Due(key=key, each_yen=yen, count=len(months), first=timeline.month_of(months[0]))
        for (key, yen), months in alike.items()
    ]
    return tuple(sorted(due, key=lambda each: (order.index(each.key), each.first)))


def sum_options(due: Sequence[Due]) -> int:
    """What options make of the award, tax-excluded: no typed amount stands for them."""
    return sum(each.each_yen * each.count for each in due if PARTS[each.key][0] is Kind.OPTION)


def stays_differ(terms: SharingTerms, members: Sequence[SharingMember]) -> bool:
    """Whether bodies come or go at different times, so that equal months are not equal to all."""
    return len({stay_of(member, terms) for member in members}) > 1
