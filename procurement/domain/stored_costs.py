"""The costs a share version was computed from, read back from what it keeps."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from catalog.plans import Plan
from catalog.pricing import Kind, Period
from procurement.domain.award_costs import AwardCosts
from procurement.domain.own_prices import OwnPrices
from procurement.domain.pricing import Costs, FixedCost, FixedCosts, PlanCosts


def read_costs(data: Mapping[str, Any]) -> Costs:
    """A plan, fixed amounts, or an award (or re-quotes) with the plan they replaced."""
    label = str(data.get("label", ""))
    if data.get("basis") == "plan":
        return PlanCosts(plan=Plan.from_dict(data["plan"]), label=label)
    if data.get("basis") == "requotes":
        return _read_own_prices(data)
    amounts = FixedCosts(costs=_read_fixed(data), label=label)
    if data.get("basis") != "award":
        return amounts
    return AwardCosts(
        amounts=amounts if "costs" in data else None,
        award_id=int(data["award_id"]),
        price_yen=int(data["price_yen"]),
        breakdown_number=int(data.get("breakdown_number", 0)),
        agreed=find_agreed_plan(data),
    )


def _read_own_prices(data: Mapping[str, Any]) -> OwnPrices:
    quotes = data["quotes"]
    return OwnPrices(
        amounts={
            each["code"]: FixedCosts(costs=_read_fixed(each), label=str(each["label"]))
            for each in quotes
        },
        numbers={each["code"]: int(each["number"]) for each in quotes},
        award_id=int(data["award_id"]),
        agreed=find_agreed_plan(data),
        label=str(data["label"]),
    )


def find_agreed_plan(data: Mapping[str, Any]) -> PlanCosts | None:
    """The plan the bodies agreed on: of the version itself, or the one its award replaced."""
    kept = data if data.get("basis") == "plan" else data.get("agreed")
    if not kept or kept.get("basis") != "plan":
        return None
    return PlanCosts(plan=Plan.from_dict(kept["plan"]), label=str(kept.get("label", "")))


def _read_fixed(data: Mapping[str, Any]) -> tuple[FixedCost, ...]:
    return tuple(
        FixedCost(
            kind=Kind(each["kind"]),
            period=Period(each["period"]),
            amount_yen=int(each["amount_yen"]),
            tax_rate=Decimal(each["tax_rate"]),
        )
        for each in data.get("costs", ())
    )
