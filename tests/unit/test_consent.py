"""Maximum, new consent, lapse and withdrawal (domain §3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.consent import (
    ConsentStatus,
    ConsentView,
    default_maximum,
    exceeds_maximum,
    list_lapse_blockers,
    list_maximum_blockers,
    list_withdrawal_blockers,
    must_consent_again,
)

CLOSES = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LATER = CLOSES + timedelta(seconds=1)


def consent(code: str, status: ConsentStatus = ConsentStatus.GIVEN, **maximum: int) -> ConsentView:
    return ConsentView(
        code=code,
        name=f"{code}町",
        status=status,
        maximum_yen={int(year[1:]): amount for year, amount in maximum.items()},
        closes_at=CLOSES,
    )


def test_the_default_maximum_is_the_share_and_three_percent_at_least_one_yen() -> None:
    shares = {2027: 1_000_000, 2028: 20, 2029: 0, 2030: 99}
    assert default_maximum(shares, Decimal(3)) == {2027: 1_030_000, 2028: 21, 2029: 1, 2030: 101}
    assert default_maximum({2027: 10_000}, Decimal("0")) == {2027: 10_001}


@given(st.integers(0, 10**10), st.decimals(0, 100, places=2))
def test_the_default_maximum_always_covers_its_share(share: int, tolerance: Decimal) -> None:
    maximum = default_maximum({2027: share}, tolerance)
    assert maximum[2027] > share
    assert not exceeds_maximum({2027: share}, maximum)
    assert list_maximum_blockers(maximum, {2027: share}) == []


def test_a_maximum_below_the_share_or_missing_is_refused_by_year() -> None:
    blockers = list_maximum_blockers({2027: 99}, {2027: 100, 2028: 5})
    assert [b.field for b in blockers] == ["maximum_2027", "maximum_2028"]
    assert "令和9年度" in blockers[0].message


def test_exactly_those_above_their_maximum_consent_again() -> None:
    lines = {
        "a": {2027: 100, 2028: 100},  # at its maximum
        "b": {2027: 100, 2028: 101},  # one yen over in one year
        "c": {2027: 50},
        "d": {2027: 1},  # never agreed
        "e": {2027: 1, 2029: 1},  # a year nobody consented to
        "f": {2027: 1},
    }
    consents = [
        consent("a", y2027=100, y2028=100),
        consent("b", y2027=500, y2028=100),
        consent("c", ConsentStatus.CARRIED, y2027=60),
        consent("d", ConsentStatus.ASKED, y2027=1000),
        consent("e", y2027=1000),
        consent("f", ConsentStatus.WITHDRAWN, y2027=1000),
        consent("gone", y2027=1),
    ]
    assert must_consent_again(lines, consents) == ("b", "d", "e", "f")
    assert must_consent_again(lines, []) == ("a", "b", "c", "d", "e", "f")


def test_a_silent_body_lapses_after_the_deadline_and_two_reminders() -> None:
    silent = replace(consent("a", ConsentStatus.ASKED), reminders_sent=2)
    assert list_lapse_blockers(silent, LATER) == []
    assert [b.code for b in list_lapse_blockers(silent, CLOSES)] == ["before_deadline"]
    once = replace(silent, reminders_sent=1)
    assert [b.code for b in list_lapse_blockers(once, LATER)] == ["reminders"]
    given_already = replace(silent, status=ConsentStatus.GIVEN)
    assert [b.code for b in list_lapse_blockers(given_already, LATER)] == ["not_asked"]


def test_consent_is_withdrawn_until_the_deadline_and_not_a_second_later() -> None:
    assert list_withdrawal_blockers(consent("a"), CLOSES) == []
    assert [b.code for b in list_withdrawal_blockers(consent("a"), LATER)] == ["after_deadline"]
    asked = consent("a", ConsentStatus.ASKED)
    assert [b.code for b in list_withdrawal_blockers(asked, CLOSES)] == ["not_given"]
