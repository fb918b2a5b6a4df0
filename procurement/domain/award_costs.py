"""The costs of the final share version: the awarded price, as it falls due over the term (§3).

An award is a lump sum. What falls due when (its breakdown) is proposed in the proportion of the
costs the bodies agreed on, and may be typed by the lead; it sums to the award to the yen.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from catalog.pricing import Kind, Period, Unit
from foundation.errors import Blocker
from foundation.money import yen
from procurement.domain.billing import Timeline, list_bills
from procurement.domain.contracts import MODEL_RULES
from procurement.domain.own_prices import OwnPrices
from procurement.domain.pricing import Buyer, CategoryCost, Costs, FixedCost, FixedCosts, PlanCosts
from procurement.domain.sharing_members import SharingMember, in_order
from procurement.domain.states import ContractModel
from procurement.domain.terms import SharingTerms

# What the lead may type of a lump sum: once, every month, or every contract year. Options are in
# none: they stay in proportion, for those who take them.
AWARD_PARTS: Mapping[str, tuple[Kind, Period]] = {
    "initial": (Kind.INITIAL, Period.ONCE),
    "monthly": (Kind.RECURRING, Period.MONTH),
    "yearly": (Kind.RECURRING, Period.YEAR),
}
_KEY_OF = {part: key for key, part in AWARD_PARTS.items()}


def names_lump_sum(model: ContractModel) -> bool:
    """Whether the award is one sum for all: not where each body gets its own quotation."""
    rule = MODEL_RULES[model]
    return rule.names_amount and not rule.requote_first


def gives_own_prices(model: ContractModel) -> bool:
    """Whether each body gets its own quotation after the award."""
    return MODEL_RULES[model].requote_first


# What a version computed after the award says its costs are.
AFTER_AWARD_BASES = frozenset({"award", "requotes"})


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """Tax-excluded yen each time: once, every month, every contract year. number: 0 if unsaved."""

    initial_yen: int = 0
    monthly_yen: int = 0
    yearly_yen: int = 0
    number: int = 0

    def of(self, key: str) -> int:
        """The yen of one key of AWARD_PARTS."""
        return {
            "initial": self.initial_yen,
            "monthly": self.monthly_yen,
            "yearly": self.yearly_yen,
        }[key]

    def total_yen(self, counts: Mapping[str, int]) -> int:
        """Over the term. counts: how often each part falls due."""
        return sum(self.of(key) * counts.get(key, 0) for key in AWARD_PARTS)


@dataclass(frozen=True, kw_only=True)
class AwardCosts:
    """The awarded price, shared by the agreed rules; `agreed` measures who uses what.

    amounts: when it falls due, as the lead typed it; None: as the agreed costs fall due, in
    proportion (award_bills), which options always do. A later award (award_id), or a later
    breakdown of it (breakdown_number, 0 for none), makes another version due.
    """

    amounts: FixedCosts | None
    award_id: int
    price_yen: int
    agreed: PlanCosts | None = None
    breakdown_number: int = 0
    label: str = "決定した金額"

    def _due(self, kind: Kind) -> Costs:
        typed = self.amounts is not None and kind is not Kind.OPTION
        due = self.amounts if typed or self.agreed is None else self.agreed
        assert due is not None, "no amounts and nothing they are in proportion to"
        return due

    def cost_of(self, buyers: Sequence[Buyer], kind: Kind, period: Period) -> CategoryCost:
        """The typed amount, or the agreed one; the own parts are those of the agreed costs.

        Own parts are there without an amount too: an invoice of the category is measured by them.
        """
        cost = self._due(kind).cost_of(buyers, kind, period)
        if self.agreed is None or cost.own or not buyers:
            return cost
        return replace(cost, own=_own_parts(self.agreed, buyers, kind, period))

    def periods_of(self, kind: Kind) -> tuple[Period, ...]:
        """In the order of the enum."""
        return self._due(kind).periods_of(kind)

    def units_needed(self, buyer: Buyer) -> tuple[Unit, ...]:
        """What the agreed costs count, where they say how the price falls due."""
        return self._due(Kind.RECURRING).units_needed(buyer)

    def to_dict(self) -> dict[str, Any]:
        """What a version keeps: the amounts, the award, and the agreed costs they replace."""
        amounts = {} if self.amounts is None else self.amounts.to_dict()
        return amounts | {
            "basis": "award",
            "label": self.label,
            "award_id": self.award_id,
            "breakdown_number": self.breakdown_number,
            "price_yen": self.price_yen,
            "agreed": None if self.agreed is None else self.agreed.to_dict(),
        }


def _own_parts(
    agreed: PlanCosts, buyers: Sequence[Buyer], kind: Kind, period: Period
) -> Mapping[str, Fraction | int]:
    """What each uses: of the period, else of the category, else running or once; else nothing."""
    kinds = (kind,) if kind is Kind.OPTION else (kind, Kind.RECURRING, Kind.INITIAL)
    places = [(kind, period), *((each, p) for each in kinds for p in agreed.periods_of(each))]
    nothing = dict.fromkeys((buyer.code for buyer in buyers), 0)
    found = (agreed.cost_of(buyers, *place).own for place in places)
    return nothing | dict(next((own for own in found if any(own.values())), nothing))


def count_parts(terms: SharingTerms, members: Sequence[SharingMember]) -> dict[str, int]:
    """How often each part falls due over the term among these members."""
    one_yen = FixedCosts(
        costs=tuple(
            FixedCost(kind=kind, period=period, amount_yen=1)
            for kind, period in AWARD_PARTS.values()
        )
    )
    counts = dict.fromkeys(AWARD_PARTS, 0)
    for bill in list_bills(Timeline(terms=terms, members=in_order(members), costs=one_yen)):
        if bill.cost.total_net_yen:
            counts[_KEY_OF[bill.kind, bill.period]] += 1
    return counts


def propose_breakdown(
    price_yen: int, terms: SharingTerms, members: Sequence[SharingMember], agreed: Costs
) -> Breakdown:
    """Equal amounts in the proportion of the agreed costs; what does not divide falls due once.

    price_yen: what the parts sum to: the award without the part of options.
    """
    counts = count_parts(terms, members)
    timeline = Timeline(terms=terms, members=in_order(members), costs=agreed)
    estimated = dict.fromkeys(AWARD_PARTS, 0)
    for bill in list_bills(timeline):
        if key := _KEY_OF.get((bill.kind, bill.period)):
            estimated[key] += bill.cost.total_net_yen
    total = sum(estimated.values())
    each = {
        key: int(Fraction(price_yen * estimated[key], total * counts[key]))
        if total and counts[key]
        else 0
        for key in ("monthly", "yearly")
    }
    rest = price_yen - sum(each[key] * counts[key] for key in each)
    return Breakdown(initial_yen=rest, monthly_yen=each["monthly"], yearly_yen=each["yearly"])


def list_breakdown_blockers(
    breakdown: Breakdown, price_yen: int, counts: Mapping[str, int], reason: str
) -> list[Blocker]:
    """Why the amounts cannot stand for the award: over it, or below it without a reason."""
    total_yen = breakdown.total_yen(counts)
    if total_yen > price_yen:
        message = (
            f"内訳の合計{yen(total_yen)}が、決定した額{yen(price_yen)}（税抜）を"
            f"{yen(total_yen - price_yen)}超えています。"
        )
        return [Blocker(code="over_award", message=message, field="monthly_yen")]
    if total_yen < price_yen and not reason:
        message = (
            f"内訳の合計が、決定した額{yen(price_yen)}（税抜）に"
            f"{yen(price_yen - total_yen)}足りません。合わせるか、理由を入力してください。"
        )
        return [Blocker(code="below_award", message=message, field="reason")]
    return []


def costs_of_award(
    breakdown: Breakdown | None,
    *,
    award_id: int,
    price_yen: int,
    tax_rate: Decimal,
    agreed: PlanCosts | None,
) -> AwardCosts:
    """The amounts of the breakdown at the terms' tax rate; None: in proportion to `agreed`."""
    if breakdown is None:
        return AwardCosts(amounts=None, award_id=award_id, price_yen=price_yen, agreed=agreed)
    return AwardCosts(
        amounts=_amounts_of(breakdown, tax_rate, "決定した金額"),
        award_id=award_id,
        price_yen=price_yen,
        agreed=agreed,
        breakdown_number=breakdown.number,
    )


def _amounts_of(breakdown: Breakdown, tax_rate: Decimal, label: str) -> FixedCosts:
    costs = tuple(
        FixedCost(kind=kind, period=period, amount_yen=breakdown.of(key), tax_rate=tax_rate)
        for key, (kind, period) in AWARD_PARTS.items()
        if breakdown.of(key)
    )
    return FixedCosts(costs=costs, label=label)


@dataclass(frozen=True, kw_only=True)
class OwnQuote:
    """The newest re-quote to one body. amount_yen: over the term, tax-excluded."""

    number: int
    amount_yen: int


def costs_of_quotes(
    quotes: Mapping[str, OwnQuote],
    *,
    award_id: int,
    terms: SharingTerms,
    members: Sequence[SharingMember],
    agreed: PlanCosts,
) -> OwnPrices:
    """Each re-quote as it falls due: in the proportion of what its body would pay alone."""
    label = "再見積"
    return OwnPrices(
        amounts={
            member.code: _amounts_of(
                propose_breakdown(quotes[member.code].amount_yen, terms, [member], agreed),
                terms.tax_rate,
                label,
            )
            for member in members
        },
        numbers={member.code: quotes[member.code].number for member in members},
        award_id=award_id,
        agreed=agreed,
    )


def final_version_is_due(
    model: ContractModel,
    costs: Mapping[str, Any],
    *,
    award_id: int,
    quote_numbers: Mapping[str, int],
    taking_part: Collection[str],
) -> bool:
    """Whether the newest version is not computed from the award yet, or from an older re-quote.

    costs: what that version keeps of its costs. quote_numbers: code → newest re-quote.
    """
    if names_lump_sum(model):
        return bool(costs.get("award_id") != award_id)
    if not gives_own_prices(model):
        return False
    kept = {each["code"]: each["number"] for each in costs.get("quotes", ())}
    outdated = any(kept.get(code) != quote_numbers.get(code) for code in taking_part)
    return outdated or bool(costs.get("award_id") != award_id)
