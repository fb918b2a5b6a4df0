"""Consent to rule, terms and a maximum per fiscal year; who must answer again (domain §3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from foundation.clock import fiscal_year_label
from foundation.errors import Blocker
from foundation.labels import LabelledEnum
from foundation.money import yen

REMINDERS_BEFORE_LAPSE = 2


class ConsentStatus(LabelledEnum):
    """Where a body's answer to a share version stands."""

    ASKED = "asked", "回答待ち"
    GIVEN = "given", "同意"
    WITHDRAWN = "withdrawn", "取下げ"
    LAPSED = "lapsed", "期限切れ"
    CARRIED = "carried", "前の版の同意が有効"


# A version is agreed by a body that gave consent, or whose older maximum still covers it.
AGREED = frozenset({ConsentStatus.GIVEN, ConsentStatus.CARRIED})


@dataclass(frozen=True, kw_only=True)
class ConsentView:
    """A body's consent as the rules see it. maximum_yen: fiscal year → tax-included yen."""

    code: str
    name: str
    status: ConsentStatus
    maximum_yen: Mapping[int, int]
    closes_at: datetime | None = None
    reminders_sent: int = 0


def default_maximum(by_year_yen: Mapping[int, int], tolerance_percent: Decimal) -> dict[int, int]:
    """The share plus the tolerance, floored, at least 1 yen more; per fiscal year."""
    return {
        year: amount_yen + max(floor(Fraction(tolerance_percent) * amount_yen / 100), 1)
        for year, amount_yen in by_year_yen.items()
    }


def list_maximum_blockers(
    maximum_yen: Mapping[int, int], by_year_yen: Mapping[int, int]
) -> list[Blocker]:
    """Why a maximum cannot be consented to: it is below the share it answers, or missing."""
    blockers = []
    for year, share_yen in sorted(by_year_yen.items()):
        maximum = maximum_yen.get(year)
        label = fiscal_year_label(year)
        if maximum is None:
            message = f"{label}の上限額を入力してください。"
        elif maximum < share_yen:
            message = f"{label}の上限額が負担額の見込み{yen(share_yen)}を下回っています。"
        else:
            continue
        blockers.append(Blocker(code="maximum", message=message, field=f"maximum_{year}"))
    return blockers


def exceeds_maximum(by_year_yen: Mapping[int, int], maximum_yen: Mapping[int, int]) -> bool:
    """Whether any year costs more than consented; a year without a maximum allows nothing."""
    return any(amount > maximum_yen.get(year, 0) for year, amount in by_year_yen.items())


def must_consent_again(
    version_lines: Mapping[str, Mapping[int, int]], consents: Iterable[ConsentView]
) -> tuple[str, ...]:
    """The codes of the bodies that must answer a new version, in order.

    version_lines: code → fiscal year → yen of the new version. consents: the last consent of
    each body to an earlier version. A body at or under its maximum need not answer again;
    one above it must, and so must one that never agreed.
    """
    agreed = {consent.code: consent for consent in consents if consent.status in AGREED}
    return tuple(
        code
        for code in sorted(version_lines)
        if code not in agreed or exceeds_maximum(version_lines[code], agreed[code].maximum_yen)
    )


def agreed_terms(terms: Mapping[str, Any]) -> dict[str, Any]:
    """The terms a body consents to; the tolerance only proposes a maximum."""
    return {name: value for name, value in terms.items() if name != "tolerance_percent"}


def list_deadline_blockers(
    asked: Sequence[str], closes_at: datetime | None, now: datetime
) -> list[Blocker]:
    """Whoever is asked anew after the award needs a deadline that is still to come."""
    if not asked or (closes_at is not None and closes_at > now):
        return []
    message = "あらためて同意を求める団体があります。回答期限を、これからの日付で入力してください。"
    return [Blocker(code="consent_deadline", message=message, field="closes_on")]


def list_lapse_blockers(consent: ConsentView, now: datetime) -> list[Blocker]:
    """Why the lead may not mark this body as lapsed yet."""
    blockers = []
    if consent.status is not ConsentStatus.ASKED:
        message = f"{consent.name}は回答待ちではありません（{consent.status.label}）。"
        blockers.append(Blocker(code="not_asked", message=message))
    if consent.closes_at is None or now <= consent.closes_at:
        message = f"{consent.name}の回答期限がまだ過ぎていません。"
        blockers.append(Blocker(code="before_deadline", message=message))
    if consent.reminders_sent < REMINDERS_BEFORE_LAPSE:
        message = (
            f"{consent.name}への催促が{consent.reminders_sent}回です"
            f"（{REMINDERS_BEFORE_LAPSE}回必要）。"
        )
        blockers.append(Blocker(code="reminders", message=message))
    return blockers


def list_withdrawal_blockers(consent: ConsentView, now: datetime) -> list[Blocker]:
    """Why a consent cannot be withdrawn any more."""
    blockers = []
    if consent.status not in AGREED:
        message = f"{consent.name}は同意していません。"
        blockers.append(Blocker(code="not_given", message=message))
    if consent.closes_at is not None and now > consent.closes_at:
        message = "回答期限を過ぎたため、同意を取り下げられません。離脱の条件によります。"
        blockers.append(Blocker(code="after_deadline", message=message))
    return blockers
