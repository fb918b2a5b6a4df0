"""The bills of a term: what falls due in which month, and among whom it is shared (domain §3).

The unit of sharing is the billing period. A yearly charge falls due in the first month of
each contract year and is shared among the bodies active in any month of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from catalog.pricing import Kind, Period
from foundation.clock import fiscal_year_of
from foundation.errors import Blocker, Refused
from foundation.labels import LabelledEnum
from procurement.domain.allocation import Cap
from procurement.domain.own_prices import OwnPrices
from procurement.domain.pricing import Buyer, CategoryCost, Costs
from procurement.domain.sharing_members import (
    Burden,
    SharingMember,
    Stay,
    buyer_of,
    month_of,
    stay_of,
)
from procurement.domain.terms import DEFAULT_ORDER, LateJoiner, Leaver, SharingTerms


class BillKind(LabelledEnum):
    """Why a bill is shared the way it is."""

    PLAIN = "plain", "通常"
    LATE_OWN = "late_own", "途中参加団体の導入分（本人負担）"
    LATE_OTHERS = "late_others", "途中参加団体の導入分（他団体負担）"
    LATE_SETTLED = "late_settled", "途中参加に伴う初期費用の精算"
    AFTER_LEAVING = "after_leaving", "離脱後の差額負担"


@dataclass(frozen=True, kw_only=True)
class Bill:
    """One billing period of one category.

    month: index in the term. sharers: the bodies it is shared among. newcomers, leavers: the
    bodies a late or after-leaving bill is about. whole_cost: for AFTER_LEAVING what the bill
    would be had they stayed; for LATE_SETTLED the cost of all together.
    """

    month: int
    fiscal_year: int
    kind: Kind
    period: Period
    reason: BillKind
    sharers: frozenset[str]
    cost: CategoryCost
    newcomers: frozenset[str] = frozenset()
    leavers: frozenset[str] = frozenset()
    whole_cost: CategoryCost | None = None


@dataclass
class Timeline:
    """Who is active when, and what any set of bodies costs; every set is priced once."""

    terms: SharingTerms
    members: Sequence[SharingMember]
    costs: Costs
    stays: dict[str, Stay] = field(init=False)
    buyers: dict[str, Buyer] = field(init=False)
    _priced: dict[tuple[Kind, Period, frozenset[str]], CategoryCost] = field(
        init=False, default_factory=dict
    )
    _active: list[frozenset[str]] = field(init=False)
    _comers: dict[int, frozenset[str]] = field(init=False)
    _fiscal_years: list[int] = field(init=False)
    _years_of: dict[range, Counter[int]] = field(init=False, default_factory=dict)
    _sharing: frozenset[str] = field(init=False)
    _takers: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.stays = {member.code: stay_of(member, self.terms) for member in self.members}
        self.buyers = {member.code: buyer_of(member, self.terms) for member in self.members}
        self._comers = self._list_comers()
        self._fiscal_years = [
            fiscal_year_of(self.month_of(index)) for index in range(self.terms.term_months)
        ]
        self._active = list(self._list_active())
        self._sharing = frozenset(m.code for m in self.members if m.burden is Burden.SHARED)
        self._takers = frozenset(m.code for m in self.members if m.options) & self._sharing

    def _list_comers(self) -> dict[int, frozenset[str]]:
        comers: dict[int, set[str]] = {}
        for code, stay in self.stays.items():
            if stay.months:
                comers.setdefault(stay.first, set()).add(code)
        return {month: frozenset(codes) for month, codes in comers.items()}

    def _list_active(self) -> Iterator[frozenset[str]]:
        """One set per month; months without a change share one object, so one price."""
        pays_to_end = self.terms.leaver is Leaver.TO_TERM_END
        goes: dict[int, set[str]] = {}
        for code, stay in self.stays.items():
            if stay.months and not pays_to_end:
                goes.setdefault(stay.last + 1, set()).add(code)
        active: frozenset[str] = frozenset()
        for month in range(self.terms.term_months):
            if month in self._comers or month in goes:
                active = (active | self.joiners(month)) - goes.get(month, set())
            yield active

    @property
    def each_by_itself(self) -> bool:
        """Whether each body has its own price: then every bill is a plain one."""
        return isinstance(self.costs, OwnPrices)

    @property
    def has_cap(self) -> bool:
        """Whether nobody pays more than alone: no own price is changed for another's."""
        return self.terms.cap is Cap.STANDALONE and not self.each_by_itself

    def active(self, month: int) -> frozenset[str]:
        """The codes of the bodies that take part in the month."""
        return self._active[month]

    def active_in_year(self, month: int) -> frozenset[str]:
        """The bodies active in any month of the contract year that begins with this month."""
        sets = list(dict.fromkeys(self._active[month : month + 12]))
        return sets[0] if len(sets) == 1 else frozenset().union(*sets)

    def joiners(self, month: int) -> frozenset[str]:
        """The bodies whose first month it is."""
        return self._comers.get(month, frozenset())

    def leavers(self, month: int) -> frozenset[str]:
        """The bodies that have left before the month and still owe the difference."""
        if self.terms.leaver is not Leaver.DIFFERENCE:
            return frozenset()
        return frozenset(c for c, s in self.stays.items() if s.months and s.last < month)

    def cost(self, kind: Kind, period: Period, codes: frozenset[str]) -> CategoryCost:
        """The joint cost of these bodies for one billing period."""
        key = (kind, period, codes)
        if key not in self._priced:
            buyers = [self.buyers[code] for code in sorted(codes)]
            self._priced[key] = self.costs.cost_of(buyers, kind, period)
        return self._priced[key]

    def payers(self, kind: Kind, codes: frozenset[str]) -> frozenset[str]:
        """Those who share the category: nobody with a fixed part, options only if taken."""
        return codes & (self._takers if kind is Kind.OPTION else self._sharing)

    def month_of(self, index: int) -> date:
        """The first day of the month."""
        return month_of(self.terms, index)

    def years_of(self, months: range) -> Counter[int]:
        """How many of the months lie in each fiscal year."""
        if months not in self._years_of:
            self._years_of[months] = Counter(self._fiscal_years[month] for month in months)
        return self._years_of[months]

    def fiscal_year(self, index: int) -> int:
        """The fiscal year of the month."""
        return self._fiscal_years[index]


def list_bills(timeline: Timeline) -> list[Bill]:
    """Every bill of the term in the order in which they fall due; none of 0 yen."""
    opening = min((s.first for s in timeline.stays.values() if s.months), default=0)
    bills: list[Bill] = []
    for month in range(timeline.terms.term_months):
        for kind in DEFAULT_ORDER:
            for period in timeline.costs.periods_of(kind):
                bills += _bills_due(timeline, month, kind, period, opening)
    return [bill for bill in bills if bill.cost.total_net_yen or bill.newcomers]


def _bills_due(
    timeline: Timeline, month: int, kind: Kind, period: Period, opening: int
) -> list[Bill]:
    if period is Period.MONTH:
        return [_periodic_bill(timeline, month, kind, period, timeline.active(month))]
    if period is Period.YEAR:
        if month % 12:
            return []
        return [_periodic_bill(timeline, month, kind, period, timeline.active_in_year(month))]
    newcomers = timeline.joiners(month)
    if not newcomers:
        return []
    if month == opening or kind is Kind.OPTION or timeline.each_by_itself:
        return [_bill(timeline, month, kind, period, newcomers)]
    return [_late_bill(timeline, month, kind, newcomers)]


def _periodic_bill(
    timeline: Timeline, month: int, kind: Kind, period: Period, active: frozenset[str]
) -> Bill:
    leavers = timeline.leavers(month) - active
    if not leavers or not active or timeline.each_by_itself:
        return _bill(timeline, month, kind, period, active)
    return Bill(
        month=month,
        fiscal_year=timeline.fiscal_year(month),
        kind=kind,
        period=period,
        reason=BillKind.AFTER_LEAVING,
        sharers=timeline.payers(kind, active),
        cost=timeline.cost(kind, period, active),
        leavers=timeline.payers(kind, leavers),
        whole_cost=timeline.cost(kind, period, active | leavers),
    )


def _bill(
    timeline: Timeline, month: int, kind: Kind, period: Period, buying: frozenset[str]
) -> Bill:
    return Bill(
        month=month,
        fiscal_year=timeline.fiscal_year(month),
        kind=kind,
        period=period,
        reason=BillKind.PLAIN,
        sharers=timeline.payers(kind, buying),
        cost=timeline.cost(kind, period, buying),
    )


def _late_bill(timeline: Timeline, month: int, kind: Kind, newcomers: frozenset[str]) -> Bill:
    """What the initial cost grows by when bodies join later, and who carries it by the terms."""
    before = frozenset(c for c, s in timeline.stays.items() if s.months and s.first < month)
    whole = timeline.cost(kind, Period.ONCE, before | newcomers)
    staying = timeline.payers(kind, timeline.active(month))
    reason, sharers = {
        LateJoiner.NOTHING: (BillKind.LATE_OTHERS, staying - newcomers or staying),
        LateJoiner.OWN_SETUP: (BillKind.LATE_OWN, staying & newcomers or staying),
        LateJoiner.SHARE_WITH_CREDIT: (BillKind.LATE_SETTLED, staying),
    }[timeline.terms.late_joiner]
    return Bill(
        month=month,
        fiscal_year=timeline.fiscal_year(month),
        kind=kind,
        period=Period.ONCE,
        reason=reason,
        sharers=sharers,
        cost=_growth(timeline.cost(kind, Period.ONCE, before), whole, sharers),
        newcomers=newcomers,
        whole_cost=whole,
    )


def _growth(before: CategoryCost, whole: CategoryCost, sharers: frozenset[str]) -> CategoryCost:
    """The part that is new. Whoever carries it is measured by what it uses itself."""
    net: dict[Decimal, int] = {}
    for rate, amount_yen in whole.net_yen.items():
        net[rate] = max(amount_yen - before.net_yen.get(rate, 0), 0)
    own: Mapping[str, Fraction | int] = {c: y for c, y in whole.own.items() if c in sharers}
    return CategoryCost(net_yen=net, own=own)


def require_quantities(timeline: Timeline) -> None:
    """Raises Refused with each body and unit the price counts and the body has no quantity of.

    A missing quantity must not pass as 0: its component would fall out of every figure.
    """
    blockers = [
        Blocker(
            code="quantity_missing",
            message=f"{member.name}：{unit.label}の数量がないため、料金を計算できません。",
            field=unit.value,
        )
        for member in timeline.members
        if member.burden is Burden.SHARED
        for unit in timeline.costs.units_needed(timeline.buyers[member.code])
        if not timeline.buyers[member.code].quantities.of(unit)
    ]
    if blockers:
        raise Refused(blockers)
