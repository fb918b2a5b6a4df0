"""Each bill split among its bodies: parts off first, then the rule, then whole yen (domain §3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from catalog.pricing import Kind, Period
from foundation.errors import refuse
from procurement.domain.allocation import (
    LARGEST_REMAINDER,
    MemberShare,
    Rounding,
    printed_bases,
)
from procurement.domain.apportion import (
    Portion,
    Weights,
    split_by_floor,
    split_by_largest_remainder,
    weights_from,
)
from procurement.domain.bases import Member, weights_of
from procurement.domain.billing import Bill, BillKind, Timeline
from procurement.domain.own_prices import SeparateCost
from procurement.domain.pricing import CategoryCost
from procurement.domain.rules import Method, Rule
from procurement.domain.sharing_members import SharingMember, bases_of, in_order
from procurement.domain.terms import DeclaredPart


@dataclass(frozen=True, kw_only=True)
class PartLine:
    """What a prefecture or grant bears of one fiscal year and category, tax-included."""

    fiscal_year: int
    category: Kind
    label: str
    amount_yen: int


@dataclass(frozen=True, kw_only=True)
class SplitBill:
    """A bill, what was taken off it, and each body's whole-yen share (negative: a credit)."""

    bill: Bill
    total_yen: int
    part_yen: int
    shared_yen: int
    shares_yen: Mapping[str, int]
    shortfall_yen: int


@dataclass(frozen=True, kw_only=True)
class PartsTaken:
    """What the parts bear of each bill (by its place in the list), per year, and what is left."""

    by_bill_yen: tuple[int, ...]
    lines: tuple[PartLine, ...]
    unused_yen: int


def take_parts(bills: Sequence[Bill], parts: Sequence[DeclaredPart]) -> PartsTaken:
    """Take every declared part off the bills, one part after the other, never below 0.

    A percent is of the whole bill; a yen amount is used up in the order of its categories,
    earliest bill first.
    """
    left_yen = [bill.cost.total_yen for bill in bills]
    by_line: dict[tuple[int, Kind, str], int] = {}
    unused_yen = 0
    for declared in parts:
        pool_yen = declared.part.amount_yen
        for index in _bills_for(declared, bills):
            bill = bills[index]
            by_percent = int(Fraction(declared.part.percent) * bill.cost.total_yen / 100)
            taken = min(left_yen[index], by_percent + pool_yen)
            pool_yen -= max(taken - by_percent, 0)
            left_yen[index] -= taken
            key = (bill.fiscal_year, bill.kind, declared.label)
            by_line[key] = by_line.get(key, 0) + taken
        unused_yen += pool_yen
    return PartsTaken(
        by_bill_yen=tuple(
            bill.cost.total_yen - left for bill, left in zip(bills, left_yen, strict=True)
        ),
        lines=tuple(
            PartLine(fiscal_year=year, category=kind, label=label, amount_yen=amount_yen)
            for (year, kind, label), amount_yen in sorted(by_line.items())
            if amount_yen
        ),
        unused_yen=unused_yen,
    )


def _bills_for(declared: DeclaredPart, bills: Sequence[Bill]) -> list[int]:
    rank = {kind: position for position, kind in enumerate(declared.categories)}
    places = [index for index, bill in enumerate(bills) if bill.kind in rank]
    return sorted(places, key=lambda index: rank[bills[index].kind])


@dataclass
class Splitter:
    """Splits bills in the order they fall due; equal bills among equal bodies are split once."""

    timeline: Timeline
    by_code: dict[str, SharingMember] = field(init=False)
    _weights: dict[tuple[Kind, Period, frozenset[str], frozenset[str]], Weights] = field(
        init=False, default_factory=dict
    )
    _splits: dict[tuple[int, int], dict[str, Portion]] = field(init=False, default_factory=dict)
    _rounded: dict[int, dict[str, int]] = field(init=False, default_factory=dict)
    _paid_initial: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.by_code = {member.code: member for member in self.timeline.members}

    @property
    def rounding(self) -> Rounding:
        """How parts become whole yen; where each is invoiced by itself they are already."""
        if self.timeline.each_by_itself:
            return LARGEST_REMAINDER
        return self.timeline.terms.rounding

    def split(self, bill: Bill, part_yen: int) -> SplitBill:
        """Each body's share of the bill less the parts. Raises Refused where nobody can pay."""
        total_yen = bill.cost.total_yen
        shared_yen = total_yen - part_yen
        if shared_yen and not bill.sharers:
            message = f"{bill.kind.label}を負担する団体がありません。"
            raise refuse("nobody_pays", message)
        if bill.reason is BillKind.LATE_SETTLED:
            shares = self._settle(bill, shared_yen)
        elif bill.reason is BillKind.AFTER_LEAVING:
            shares = self._split_after_leaving(bill, shared_yen, part_yen)
        else:
            shares = self._shares_of(bill, shared_yen)
        if bill.kind is Kind.INITIAL:
            for code, amount_yen in shares.items():
                self._paid_initial[code] = self._paid_initial.get(code, 0) + amount_yen
        return SplitBill(
            bill=bill,
            total_yen=total_yen,
            part_yen=part_yen,
            shared_yen=shared_yen,
            shares_yen=shares,
            shortfall_yen=shared_yen - sum(shares.values()),
        )

    def remember_paid(self, initial_yen: Mapping[str, int]) -> None:
        """What each body has owed of the initial cost so far: a settlement counts with it."""
        self._paid_initial.update(initial_yen)

    def portions(self, bill: Bill, shared_yen: int) -> dict[str, Portion]:
        """The exact and rounded portions of a bill that is shared by its rule alone."""
        weights = self.weights(bill)
        key = (id(weights), shared_yen)
        if key not in self._splits:
            self._splits[key] = self._round(shared_yen, weights)
        return self._splits[key]

    def weights(self, bill: Bill) -> Weights:
        """The exact proportion among the sharers of a bill."""
        return self._weights_among(bill, bill.sharers, bill.cost)

    def _weights_among(self, bill: Bill, codes: frozenset[str], cost: CategoryCost) -> Weights:
        key = (bill.kind, bill.period, codes, bill.newcomers)
        if key not in self._weights:
            rule = self.rule_of(bill)
            self._weights[key] = _weights(rule, self.bases(codes, cost))
        return self._weights[key]

    def rule_of(self, bill: Bill) -> Rule:
        """The category's rule; a newcomer's own set-up, and an own price, is what it uses."""
        own_price = isinstance(bill.cost, SeparateCost)
        if own_price or (bill.reason is BillKind.LATE_OWN and bill.cost.own):
            return Rule(method=Method.OWN_USE)
        return self.timeline.terms.rules[bill.kind]

    def bases(self, codes: frozenset[str], cost: CategoryCost) -> list[Member]:
        """The bodies as the rule measures them, in the order of codes."""
        members = in_order([self.by_code[code] for code in codes])
        return bases_of(members, self.timeline.terms, cost.own)

    def _settle(self, bill: Bill, shared_yen: int) -> dict[str, int]:
        """All initial cost so far shared anew; who paid more than that gets the rest back."""
        paid = {code: self._paid_initial.get(code, 0) for code in bill.sharers}
        weights = self._weights_among(bill, bill.sharers, bill.whole_cost or bill.cost)
        fair = split_by_largest_remainder(sum(paid.values()) + shared_yen, weights)
        return {code: fair[code].share_yen - paid[code] for code in sorted(bill.sharers)}

    def _split_after_leaving(self, bill: Bill, shared_yen: int, part_yen: int) -> dict[str, int]:
        """Those who stay pay as if nobody had left; the leavers carry what is then missing."""
        assert bill.whole_cost is not None
        everybody = bill.sharers | bill.leavers
        weights = self._weights_among(bill, everybody, bill.whole_cost)
        as_before = self._shares(self._round(max(bill.whole_cost.total_yen - part_yen, 0), weights))
        staying = {code: as_before[code] for code in sorted(bill.sharers)}
        missing_yen = shared_yen - sum(staying.values())
        if missing_yen < 0:  # leaving made it cheaper for those who stay
            return self._shares_of(bill, shared_yen)
        owed = Weights(
            units={code: weights.units[code] for code in sorted(bill.leavers)},
            total=sum(weights.units[code] for code in bill.leavers),
        )
        difference = split_by_largest_remainder(missing_yen, owed)
        return staying | {code: part.share_yen for code, part in difference.items()}

    def _round(self, amount_yen: int, weights: Weights) -> dict[str, Portion]:
        unit = self.rounding.floor_unit_yen
        if unit is None:
            return split_by_largest_remainder(amount_yen, weights)
        return split_by_floor(amount_yen, weights, unit)

    def _shares_of(self, bill: Bill, shared_yen: int) -> dict[str, int]:
        portions = self.portions(bill, shared_yen)
        key = id(portions)
        if key not in self._rounded:
            self._rounded[key] = self._shares(portions)
        return self._rounded[key]

    @staticmethod
    def _shares(portions: Mapping[str, Portion]) -> dict[str, int]:
        return {code: portion.share_yen for code, portion in portions.items()}

    def explain(self, bill: Bill, shared_yen: int) -> tuple[MemberShare, ...]:
        """Base, ratio and rounding of every sharer of a bill shared by its rule alone."""
        rule = self.rule_of(bill)
        weights = self.weights(bill)
        portions = self.portions(bill, shared_yen)
        return tuple(
            MemberShare(
                code=member.code,
                name=member.name,
                bases=printed_bases(rule, member),
                ratio=weights.ratio(member.code),
                exact_yen=portions[member.code].exact_yen,
                floor_yen=portions[member.code].floor_yen,
                remainder_yen=portions[member.code].remainder_yen,
                share_yen=portions[member.code].share_yen,
                capped=False,
                standalone_yen=None,
                saving_yen=None,
                over_ceiling=False,
            )
            for member in self.bases(bill.sharers, bill.cost)
        )


def _weights(rule: Rule, members: Sequence[Member]) -> Weights:
    weights = weights_of(rule, members)
    if weights.total or not members:
        return weights
    # 実費 where nobody uses anything by itself: the amount is still owed, equally.
    return weights_from({member.code: Fraction(1) for member in members})
