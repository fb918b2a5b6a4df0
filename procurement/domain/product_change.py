"""Another certified product within the term: the old contract ends, the new one follows (§4).

The billing period is the month (§3), so the old contract ends with one: each month is invoiced
by one vendor.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from foundation.clock import add_months, fiscal_year_of, month_start, months_between
from foundation.errors import Blocker
from procurement.domain.signing import Certified, ContractDraft

MAX_REASON = 1000


@dataclass(frozen=True, kw_only=True)
class ProductChange:
    """What is wanted besides the new contract. last_day: of the old contract.

    old_yen: what the old one comes to until then, tax-excluded.
    """

    last_day: date
    old_yen: int
    reason: str

    @property
    def starts_on(self) -> date:
        """The new contract's first day."""
        return self.last_day + timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class OldContract:
    """The contract that would end. ends_on: as changed. yen: with its changes, tax-excluded.

    closed: the newest closed month. booked: months of which the body's invoice stands.
    """

    id: int
    number: str
    vendor_id: int
    vendor_name: str
    product: str
    starts_on: date
    ends_on: date
    yen: int
    changes: int
    closed: date | None = None
    booked: frozenset[date] = frozenset()


@dataclass(frozen=True, kw_only=True)
class YearCost:
    """A fiscal year, tax-excluded: without the change, and with it the old and the new part."""

    fiscal_year: int
    before_yen: int
    old_yen: int
    new_yen: int

    @property
    def more_yen(self) -> int:
        return self.old_yen + self.new_yen - self.before_yen


def list_product_blockers(
    change: ProductChange, old: OldContract, chosen: Certified | None
) -> list[Blocker]:
    """Why the old contract cannot give way to the new product like this, by field."""
    first = change.starts_on
    same = chosen is not None and (chosen.vendor_id, chosen.product) == (old.vendor_id, old.product)
    booked = [month for month in old.booked if month >= month_start(first)]
    checks = (
        (not same, "certification_id", "今の契約とは別の製品を選んでください。"),
        (
            first.day == 1 and old.starts_on <= change.last_day < old.ends_on,
            "last_day",
            f"今の契約の期間（{old.starts_on:%Y-%m-%d}から{old.ends_on:%Y-%m-%d}まで）の途中の"
            "月末の日を入力してください。請求は月ごとなので、月の途中では変えられません。",
        ),
        (
            old.closed is None or first > old.closed,
            "last_day",
            "締めた月からは変えられません。締めた月の後の月末にしてください。",
        ),
        (
            not booked,
            "last_day",
            "新しい契約の月に、今の事業者の請求が記録されています。先に取り消してください。",
        ),
        (
            0 <= change.old_yen <= old.yen,
            "old_yen",
            f"今の契約の額（税抜 {old.yen:,}円）までの額を入力してください。",
        ),
        (
            0 < len(change.reason.strip()) <= MAX_REASON,
            "change_reason",
            f"製品を変える理由を{MAX_REASON:,}文字以内で入力してください。",
        ),
    )
    return [
        Blocker(code=field, message=message, field=field)
        for holds, field, message in checks
        if not holds
    ]


def cost_by_year(
    change: ProductChange, old: OldContract, new_yen: int, new_ends: date
) -> tuple[YearCost, ...]:
    """What the body pays by fiscal year, each contract spread evenly over its months."""
    before = spread_by_year(old.yen, old.starts_on, old.ends_on)
    until = spread_by_year(change.old_yen, old.starts_on, change.last_day)
    after = spread_by_year(new_yen, change.starts_on, new_ends)
    return tuple(
        YearCost(
            fiscal_year=year,
            before_yen=before.get(year, 0),
            old_yen=until.get(year, 0),
            new_yen=after.get(year, 0),
        )
        for year in sorted({*before, *until, *after})
    )


def spread_by_year(yen: int, starts_on: date, ends_on: date) -> Mapping[int, int]:
    """Whole yen by fiscal year, in proportion to its months; they sum to the yen exactly."""
    months = _months_of(starts_on, ends_on)
    found: dict[int, int] = {}
    for place in range(months):
        year = fiscal_year_of(add_months(month_start(starts_on), place))
        part = yen * (place + 1) // months - yen * place // months
        found[year] = found.get(year, 0) + part
    return found


def proposed_old_yen(old: OldContract, last_day: date) -> int:
    """The old contract's part until that day, by months, rounded down."""
    months, used = _months_of(old.starts_on, old.ends_on), _months_of(old.starts_on, last_day)
    return old.yen * min(max(used, 0), months) // months


def _months_of(first: date, last: date) -> int:
    """The months that the days touch, both ends' included; none or fewer where last is before."""
    return months_between(month_start(first), month_start(last)) + 1


def seal(change: ProductChange, old: OldContract, draft: ContractDraft) -> str:
    """Of what was previewed: another draft, or another old contract, gives another."""
    return hashlib.sha256(repr((change, old, draft)).encode()).hexdigest()
