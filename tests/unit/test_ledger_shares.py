"""A vendor's invoice shared by the agreed terms: late joiners, leavers, cap, floor, usage (§3, §7).

By hand where a term decides; and whatever the terms, the lines sum to the invoice.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.pricing import Component, Kind, Period, Plan, Quantities, QuantityBasis, Unit
from foundation.clock import add_months
from foundation.errors import Refused
from foundation.money import with_tax
from procurement.domain.allocation import Cap, Part, Rounding
from procurement.domain.billing import Timeline, list_bills
from procurement.domain.ledger import (
    Agreed,
    Before,
    Billed,
    LinePayer,
    SharedInvoice,
    share_invoice,
)
from procurement.domain.periods import Splitter
from procurement.domain.rules import parse_rule
from procurement.domain.sharing import PlanCosts
from procurement.domain.sharing_members import SharingMember
from procurement.domain.terms import DeclaredPart, LateJoiner, Leaver, Payer, SharingTerms

APRIL = date(2027, 4, 1)
OCTOBER = date(2027, 10, 1)
RATE = Decimal(10)
RULES = {
    Kind.INITIAL: parse_rule("equal"),
    Kind.RECURRING: parse_rule("population"),
    Kind.OPTION: parse_rule("own_use"),
}
SETUP = Component(key="setup", name="導入", kind=Kind.INITIAL, unit=Unit.BODY, period=Period.ONCE,
                  unit_price=Decimal(1000))  # fmt: skip
BASE = Component(key="base", name="基本料", kind=Kind.RECURRING, unit=Unit.FLAT,
                 period=Period.MONTH, unit_price=Decimal(3000),
                 quantity_basis=QuantityBasis.JOINT)  # fmt: skip
USE = Component(key="use", name="利用料", kind=Kind.RECURRING, unit=Unit.ACCOUNT,
                period=Period.MONTH, unit_price=Decimal(100),
                quantity_basis=QuantityBasis.JOINT)  # fmt: skip
COSTS = PlanCosts(plan=Plan(name="標準", components=(SETUP, BASE, USE)), label="前提A")
NOTHING_BEFORE = Before()


def town(number: int, population: int, **more: object) -> SharingMember:
    values: dict[str, object] = {
        "code": f"{number:06d}",
        "name": f"{number}町",
        "census_2020": population,
        "quantities": Quantities(account=10),
    }
    return SharingMember(**(values | more))  # type: ignore[arg-type]


def agreed(*members: SharingMember, **changes: object) -> Agreed:
    values: dict[str, object] = {"term_start": APRIL, "term_months": 24, "rules": RULES}
    return Agreed(terms=SharingTerms(**(values | changes)), members=members, costs=COSTS)  # type: ignore[arg-type]


def running(net_yen: int, period: date = OCTOBER) -> Billed:
    return Billed(period=period, category=Kind.RECURRING, net_yen=net_yen, tax_percent=RATE)


def setting_up(net_yen: int, period: date) -> Billed:
    return Billed(period=period, category=Kind.INITIAL, net_yen=net_yen, tax_percent=RATE)


def owed(shared: SharedInvoice) -> dict[str, int]:
    return {line.key: line.amount_yen for line in shared.lines if line.payer is LinePayer.BODY}


ONE, TWO = town(1, 100), town(2, 200)
LATE = town(3, 300, starts_on=OCTOBER)
GONE = town(4, 300, ends_on=date(2027, 9, 30))


@pytest.mark.parametrize(
    ("late_joiner", "expected"),
    [
        # 3,300 more: by those who were there; by the newcomer; or 5,500 by three: 1,833.33.
        (LateJoiner.NOTHING, {"000001": 1_650, "000002": 1_650}),
        (LateJoiner.OWN_SETUP, {"000003": 3_300}),
        (LateJoiner.SHARE_WITH_CREDIT, {"000001": 734, "000002": 733, "000003": 1_833}),
    ],
)
def test_what_a_late_joiner_adds_is_billed_by_the_terms(late_joiner, expected):
    given_terms = agreed(ONE, TWO, LATE, late_joiner=late_joiner)
    before = Before(initial_yen={"000001": 1_100, "000002": 1_100})
    assert owed(share_invoice(given_terms, setting_up(3_000, OCTOBER), before, {})) == expected
    opening = share_invoice(given_terms, setting_up(2_000, APRIL), NOTHING_BEFORE, {})
    assert owed(opening) == {"000001": 1_100, "000002": 1_100}


def test_early_payers_get_back_what_a_late_joiner_takes_over():
    given_terms = agreed(ONE, TWO, LATE, late_joiner=LateJoiner.SHARE_WITH_CREDIT)
    before = Before(initial_yen={"000001": 2_200, "000002": 2_200})
    shared = share_invoice(given_terms, setting_up(1_000, OCTOBER), before, {})
    # 4,400 + 1,100 = 5,500 by three: 1,834, 1,833 and 1,833.
    assert owed(shared) == {"000001": -366, "000002": -367, "000003": 1_833}


def test_before_it_joins_and_after_it_left_a_body_is_billed_nothing():
    given_terms = agreed(ONE, TWO, LATE, GONE)
    assert set(owed(share_invoice(given_terms, running(600, APRIL), NOTHING_BEFORE, {}))) == {
        "000001",
        "000002",
        "000004",
    }
    assert owed(share_invoice(given_terms, running(600), NOTHING_BEFORE, {})) == {
        "000001": 110,
        "000002": 220,
        "000003": 330,
    }


def test_who_left_before_the_end_owes_to_the_end_where_that_was_agreed():
    given_terms = agreed(ONE, TWO, GONE, leaver=Leaver.TO_TERM_END)
    assert owed(share_invoice(given_terms, running(600), NOTHING_BEFORE, {})) == {
        "000001": 110,
        "000002": 220,
        "000004": 330,
    }


def test_who_left_owes_the_difference_and_the_others_pay_as_before():
    """3,000 + 30 × 100 = 6,000 with the leaver, 5,000 without: of 5,000 the others would have
    paid a sixth and two sixths of 6,000, tax-included 1,100 and 2,200; 2,200 is missing."""
    given_terms = agreed(ONE, TWO, GONE, leaver=Leaver.DIFFERENCE)
    assert owed(share_invoice(given_terms, running(5_000), NOTHING_BEFORE, {})) == {
        "000001": 1_100,
        "000002": 2_200,
        "000004": 2_200,
    }
    # The vendor asks for less than the plan said: the same proportion.
    assert owed(share_invoice(given_terms, running(2_500), NOTHING_BEFORE, {})) == {
        "000001": 550,
        "000002": 1_100,
        "000004": 1_100,
    }


def test_what_is_rounded_off_is_the_leads_on_a_line_of_its_own():
    given_terms = agreed(ONE, TWO, rounding=Rounding(floor_unit_yen=1_000), lead_code="000002")
    shared = share_invoice(given_terms, running(10_000), NOTHING_BEFORE, {})
    assert [(line.payer, line.key, line.amount_yen) for line in shared.lines] == [
        (LinePayer.BODY, "000001", 3_000),
        (LinePayer.BODY, "000002", 7_000),
        (LinePayer.SHORTFALL, "000002", 1_000),
    ]


def test_under_a_cap_an_invoice_follows_the_agreed_shares_of_its_year():
    given_terms = replace(
        agreed(ONE, TWO, cap=Cap.STANDALONE),
        agreed_yen={"000001": {2027: 3_000, 2028: 1_000}, "000002": {2027: 1_000, 2028: 1_000}},
    )
    first = share_invoice(given_terms, running(1_000), NOTHING_BEFORE, {})
    assert owed(first) == {"000001": 825, "000002": 275}
    second = share_invoice(given_terms, running(1_000, date(2028, 4, 1)), NOTHING_BEFORE, {})
    assert owed(second) == {"000001": 550, "000002": 550}


def test_own_use_follows_what_was_used_where_it_is_known_of_everybody():
    rules = RULES | {Kind.RECURRING: parse_rule("own_use")}
    given_terms = agreed(ONE, TWO, rules=rules)
    used = share_invoice(given_terms, running(1_000), NOTHING_BEFORE, {"000001": 30, "000002": 10})
    assert used.by_usage and owed(used) == {"000001": 825, "000002": 275}
    half = share_invoice(given_terms, running(1_000), NOTHING_BEFORE, {"000001": 30})
    assert not half.by_usage and owed(half) == {"000001": 550, "000002": 550}


def test_a_part_in_yen_is_used_up_and_never_more_than_the_invoice():
    part = DeclaredPart(payer=Payer.GRANT, part=Part(amount_yen=1_500), category=Kind.RECURRING)
    given_terms = agreed(ONE, TWO, parts=(part,))
    first = share_invoice(given_terms, running(1_000), NOTHING_BEFORE, {})
    assert [line.amount_yen for line in first.lines if line.payer is LinePayer.GRANT] == [1_100]
    assert owed(first) == {"000001": 0, "000002": 0}
    rest = Before(parts_yen={part.label: 1_100})
    second = share_invoice(given_terms, running(1_000), rest, {})
    assert [line.amount_yen for line in second.lines if line.payer is LinePayer.GRANT] == [400]
    assert sum(owed(second).values()) == 700


def test_a_month_outside_the_term_is_refused():
    with pytest.raises(Refused) as error:
        share_invoice(agreed(ONE), running(1, date(2029, 4, 1)), NOTHING_BEFORE, {})
    assert [blocker.code for blocker in error.value.blockers] == ["outside_term"]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Agreed, Billed, dict[str, int]]:
    members = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        first, last = sorted((draw(st.integers(0, 23)), draw(st.integers(0, 23))))
        whole = number == 1 or draw(st.booleans())
        stay = {
            "starts_on": None if whole else add_months(APRIL, first),
            "ends_on": None if whole else add_months(APRIL, last),
        }
        accounts = Quantities(account=draw(st.integers(1, 5_000)))
        members.append(town(number, draw(st.integers(1, 400_000)), quantities=accounts, **stay))
    rounding = draw(st.sampled_from((Rounding(), Rounding(floor_unit_yen=1_000))))
    parts = (
        DeclaredPart(
            payer=draw(st.sampled_from(Payer)),
            part=draw(st.sampled_from((Part(percent=Decimal(33)), Part(amount_yen=7_777)))),
            category=draw(st.sampled_from((Kind.INITIAL, Kind.RECURRING))),
        ),
    )
    given_terms = agreed(
        *members,
        rules=RULES | {Kind.RECURRING: parse_rule(draw(st.sampled_from(
            ("equal", "population", "quantity", "own_use", "mixed:equal=30,population=70")
        )))},
        late_joiner=draw(st.sampled_from(LateJoiner)),
        leaver=draw(st.sampled_from(Leaver)),
        rounding=rounding,
        lead_code="000001",
        parts=parts if draw(st.booleans()) else (),
    )  # fmt: skip
    billed = Billed(
        period=add_months(APRIL, draw(st.integers(0, 23))),
        category=draw(st.sampled_from((Kind.INITIAL, Kind.RECURRING))),
        net_yen=draw(st.integers(1, 10**9)),
        tax_percent=draw(st.sampled_from((Decimal(0), Decimal(8), RATE))),
    )
    usage = draw(st.dictionaries(st.sampled_from([m.code for m in members]), st.integers(0, 99)))
    return given_terms, billed, usage


@given(cases())
def test_the_lines_sum_to_the_invoice_in_any_order_of_bodies(case):
    given_terms, billed, usage = case
    shared = share_invoice(given_terms, billed, NOTHING_BEFORE, usage)
    assert sum(line.amount_yen for line in shared.lines) == billed.amount_yen
    assert all(line.amount_yen >= 0 for line in shared.lines)
    turned = replace(given_terms, members=tuple(reversed(given_terms.members)))
    assert share_invoice(turned, billed, NOTHING_BEFORE, usage) == shared


@given(cases())
def test_an_invoice_as_the_plan_said_is_shared_as_was_agreed(case):
    """What the bodies consented to is what they are billed, month by month."""
    given_terms, billed, _ = case
    terms = given_terms.terms
    timeline = Timeline(terms=terms, members=given_terms.members, costs=COSTS)
    months = [
        bill
        for bill in list_bills(timeline)
        if bill.kind is Kind.RECURRING and timeline.month_of(bill.month) == billed.period
    ]
    for bill in months:
        total = bill.cost.total_net_yen
        part_yen = sum(
            line.amount_yen
            for line in share_invoice(
                given_terms, replace(running(total), period=billed.period), NOTHING_BEFORE, {}
            ).lines
            if line.payer in (LinePayer.PREFECTURE, LinePayer.GRANT)
        )
        planned = Splitter(timeline=timeline).split(bill, part_yen)
        shared = share_invoice(
            given_terms, replace(running(total), period=billed.period), NOTHING_BEFORE, {}
        )
        assert with_tax(total, RATE) == planned.total_yen
        assert owed(shared) == dict(planned.shares_yen)
