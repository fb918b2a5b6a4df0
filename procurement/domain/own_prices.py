"""Each body's own price, after a re-quotation (群馬): nothing is shared, it is only added up (§4).

Each body contracts and is invoiced by itself, so tax is rounded for each of them, and neither
who comes later nor who goes moves anything to or from the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.pricing import Kind, Period
from foundation.errors import refuse
from procurement.domain.pricing import Buyer, CategoryCost, FixedCosts, PlanCosts


@dataclass(frozen=True, kw_only=True)
class SeparateCost(CategoryCost):
    """One invoice for each body. own: their tax-included yen; net_yen: of all together."""

    @property
    def total_yen(self) -> int:
        """Tax-included: the sum of the invoices, each rounded once."""
        return sum(int(amount_yen) for amount_yen in self.own.values())


@dataclass(frozen=True, kw_only=True)
class OwnPrices:
    """The re-quotes as they fall due. amounts: code → tax-excluded; numbers: code → re-quote's.

    award_id: of the award the re-quotes follow; agreed: what each would pay alone is measured by.
    """

    amounts: Mapping[str, FixedCosts]
    numbers: Mapping[str, int]
    award_id: int
    agreed: PlanCosts | None = None
    label: str = "団体ごとの再見積"

    def cost_of(self, buyers: Sequence[Buyer], kind: Kind, period: Period) -> CategoryCost:
        """What these bodies are invoiced. Raises Refused for one without a re-quote."""
        net: dict[Decimal, int] = {}
        own: dict[str, int] = {}
        for buyer in buyers:
            if buyer.code not in self.amounts:
                message = "再見積のない団体があるため、計算できません。"
                raise refuse("no_requote", message)
            cost = self.amounts[buyer.code].cost_of([buyer], kind, period)
            own[buyer.code] = cost.total_yen
            for rate, amount_yen in cost.net_yen.items():
                net[rate] = net.get(rate, 0) + amount_yen
        return SeparateCost(net_yen=net, own=own)

    def periods_of(self, kind: Kind) -> tuple[Period, ...]:
        """In the order of the enum."""
        used = {period for each in self.amounts.values() for period in each.periods_of(kind)}
        return tuple(period for period in Period if period in used)

    def units_needed(self, buyer: Buyer) -> tuple[Any, ...]:
        """None: the amounts are there."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """What a version keeps: each body's amounts and the number of the re-quote they are of."""
        return {
            "basis": "requotes",
            "label": self.label,
            "award_id": self.award_id,
            "quotes": [
                {"code": code, "number": self.numbers[code]} | self.amounts[code].to_dict()
                for code in sorted(self.amounts)
            ],
            "agreed": None if self.agreed is None else self.agreed.to_dict(),
        }
