"""The final shares: the awarded price as it falls due, shared exactly, nobody above unasked."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.plan_units import Quantities
from catalog.plans import Plan
from catalog.pricing import Kind
from foundation.money import with_tax
from procurement.domain.award_bills import list_award_bills, list_due, sum_options
from procurement.domain.award_costs import (
    Breakdown,
    OwnQuote,
    costs_of_award,
    costs_of_quotes,
    count_parts,
    final_version_is_due,
    list_breakdown_blockers,
    names_lump_sum,
    propose_breakdown,
)
from procurement.domain.billing import Timeline, list_bills
from procurement.domain.consent import (
    ConsentStatus,
    ConsentView,
    default_maximum,
    must_consent_again,
)
from procurement.domain.ledger import Agreed, Before, Billed, share_invoice
from procurement.domain.pricing import PlanCosts
from procurement.domain.sharing import preview
from procurement.domain.sharing_members import SharingMember
from procurement.domain.states import ContractModel
from procurement.domain.stored_costs import read_costs
from procurement.domain.terms import LateJoiner, SharingTerms
from tests.harness.projects import PLAN, TERMS

CODES = ("011002", "012025", "221309", "252018")
AGREED = PlanCosts(plan=Plan.from_dict(PLAN), label="試算の前提 A")
# Besides: 120,000 yen a contract year for all, and an option of 50 yen a month per account.
RICH = PlanCosts(
    plan=Plan.from_dict(
        PLAN
        | {
            "components": [
                *PLAN["components"],
                {
                    "key": "support",
                    "name": "支援",
                    "kind": "recurring",
                    "unit": "flat",
                    "unit_price": "120000",
                    "period": "year",
                    "quantity_basis": "joint",
                },
                {
                    "key": "extra",
                    "name": "追加機能",
                    "kind": "option",
                    "unit": "account",
                    "unit_price": "50",
                    "period": "month",
                    "quantity_basis": "joint",
                },
            ]
        }
    ),
    label="試算の前提 B",
)


def make_terms(months=24, **changes):
    data = TERMS | {"term_start": "2027-04-01", "term_months": months} | changes
    return SharingTerms.from_dict(data)


def make_member(place, population=10_000, accounts=100, starts_on=None, **changes):
    return SharingMember(
        code=CODES[place],
        name=f"{place}市",
        register_2025=population,
        quantities=Quantities.from_dict({"body": 1, "account": accounts}),
        starts_on=starts_on,
        **changes,
    )


def final(price_yen, terms, members, *, breakdown=None, agreed=AGREED):
    costs = costs_of_award(
        breakdown, award_id=7, price_yen=price_yen, tax_rate=terms.tax_rate, agreed=agreed
    )
    return costs, preview(terms, members, costs)


def estimate_yen(terms, members, agreed=AGREED):
    """What the agreed bills sum to, tax-excluded."""
    bills = list_bills(Timeline(terms=terms, members=members, costs=agreed))
    return sum(bill.cost.total_net_yen for bill in bills)


def shares(shared):
    return {body.code: body.by_year for body in shared.bodies}


def test_a_price_is_broken_down_like_the_estimate_and_sums_to_the_yen():
    """By hand: 3 × 100,000 once, 300 accounts × 1,000 × 24 months = 7,500,000 for 100 %."""
    terms, members = make_terms(), [make_member(n) for n in range(3)]
    costs, shared = final(6_000_001, terms, members)
    due = [(each.key, each.each_yen, each.count) for each in list_due(costs, terms, members)]
    assert due == [("initial", 240_001, 1), ("monthly", 240_000, 24)]
    parts = propose_breakdown(6_000_001, terms, members, AGREED)
    assert parts == Breakdown(initial_yen=240_001, monthly_yen=240_000)
    assert parts.total_yen(count_parts(terms, members)) == 6_000_001
    _, typed = final(6_000_001, terms, members, breakdown=parts)
    assert shares(typed) == shares(shared)
    assert shared.total_yen == with_tax(240_001, Decimal(10)) + 24 * with_tax(240_000, Decimal(10))
    assert [body.total_yen for body in shared.bodies] == [2_200_001, 2_200_000, 2_200_000]
    assert [body.standalone_yen for body in shared.bodies] == [2_750_000] * 3


def test_who_begins_later_pays_what_it_agreed_to_when_the_award_is_the_estimate():
    """By hand: 100 accounts for 12 months, then 200 for 12, and 100,000 once for each: 3,800,000.

    The late joiner carries its own set-up; in the first year the first body pays everything.
    """
    terms = make_terms(rules={"initial": "equal", "recurring": "equal"})
    members = [make_member(0), make_member(1, starts_on=date(2028, 4, 1))]
    assert estimate_yen(terms, members) == 3_800_000
    costs, shared = final(3_800_000, terms, members)
    assert shares(shared) == {
        CODES[0]: {2027: 1_430_000, 2028: 1_320_000},
        CODES[1]: {2027: 0, 2028: 1_430_000},
    }
    _, halved = final(1_900_001, terms, members)
    assert sum(body.total_yen for body in halved.bodies) == 2_090_001
    due = [(each.key, each.each_yen, each.count) for each in list_due(costs, terms, members)]
    assert due == [
        ("initial", 100_000, 2),
        ("monthly", 100_000, 12),
        ("monthly", 200_000, 12),
    ]


def test_who_takes_no_option_pays_for_none():
    terms = make_terms(rules={kind: "own_use" for kind in ("initial", "recurring", "option")})
    members = [make_member(0, accounts=300, options=frozenset({"extra"})), make_member(1)]
    agreed = preview(terms, members, RICH)
    _, shared = final(estimate_yen(terms, members, RICH), terms, members, agreed=RICH)
    assert shares(shared) == shares(agreed)
    assert not any(row.category == "option" for row in shared.bodies[1].rows)


def test_typed_amounts_leave_options_to_those_who_take_them():
    """Options stay in proportion: 300 accounts × 50 yen × 24 months = 360,000 at the estimate."""
    terms = make_terms(rules={kind: "own_use" for kind in ("initial", "recurring", "option")})
    members = [make_member(0, accounts=300, options=frozenset({"extra"})), make_member(1)]
    price_yen = estimate_yen(terms, members, RICH)
    proposed, _ = final(price_yen, terms, members, agreed=RICH)
    options_yen = sum_options(list_due(proposed, terms, members))
    assert options_yen == 360_000
    typed = propose_breakdown(price_yen - options_yen, terms, members, RICH)
    counts = count_parts(terms, members)
    assert list_breakdown_blockers(typed, price_yen - options_yen, counts, "") == []
    costs, shared = final(price_yen, terms, members, breakdown=typed, agreed=RICH)
    due = list_due(costs, terms, members)
    assert sum(each.each_yen * each.count for each in due) == price_yen
    assert sum_options(due) == 360_000
    lines = [{row.category: 0 for row in body.rows} for body in shared.bodies]
    assert ["option" in line for line in lines] == [True, False]
    assert shares(shared) == shares(preview(terms, members, RICH))
    again = preview(terms, members, read_costs(costs.to_dict()))
    assert again.result() == shared.result()


def test_an_invoice_is_measured_by_the_agreed_use_whatever_the_award_says_falls_due():
    """By hand: 300 and 100 accounts share 44,000 yen as 3 to 1, monthly billed or not."""
    terms = make_terms(rules={kind: "own_use" for kind in ("initial", "recurring", "option")})
    option = frozenset({"extra"})
    members = [make_member(0, accounts=300, options=option), make_member(1, options=option)]
    typed = Breakdown(yearly_yen=1_000_000)
    for breakdown in (None, typed, Breakdown(initial_yen=1)):
        costs, _ = final(2_000_000, terms, members, breakdown=breakdown, agreed=RICH)
        agreed = Agreed(terms=terms, members=members, costs=costs)
        for category in (Kind.RECURRING, Kind.OPTION):
            billed = Billed(
                period=date(2027, 5, 1),
                category=category,
                net_yen=40_000,
                tax_percent=Decimal(10),
            )
            lines = share_invoice(agreed, billed, Before(), {}).lines
            assert [line.amount_yen for line in lines] == [33_000, 11_000]


def test_what_falls_due_in_a_category_nobody_uses_alone_is_still_shared():
    """Once only, where the estimate had nothing once: measured by what each uses running."""
    terms = make_terms(rules={"initial": "own_use", "recurring": "own_use"})
    members = [make_member(0, accounts=300), make_member(1)]
    plan = AGREED.plan
    running = replace(plan, components=tuple(c for c in plan.components if c.key == "usage"))
    _, shared = final(
        40_000,
        terms,
        members,
        breakdown=Breakdown(initial_yen=40_000),
        agreed=PlanCosts(plan=running),
    )
    assert [body.total_yen for body in shared.bodies] == [33_000, 11_000]


def test_the_lead_may_say_when_it_falls_due_but_not_more_than_the_award():
    counts = {"initial": 1, "monthly": 24, "yearly": 2}
    typed = Breakdown(initial_yen=400, monthly_yen=100, yearly_yen=600)
    assert list_breakdown_blockers(typed, 4_000, counts, "") == []
    (above,) = list_breakdown_blockers(typed, 3_999, counts, "協議")
    assert (above.code, above.message[-9:]) == ("over_award", "1円超えています。")
    (below,) = list_breakdown_blockers(typed, 4_001, counts, "")
    assert below.code == "below_award" and "1円足りません" in below.message
    assert list_breakdown_blockers(typed, 4_001, counts, "協議により減額") == []


def test_models_with_one_sum_for_all():
    named = {model for model in ContractModel if names_lump_sum(model)}
    assert named == {
        ContractModel.BASIC_AND_INDIVIDUAL,
        ContractModel.DELEGATION,
        ContractModel.INTERMEDIARY,
    }


GRANT = {"payer": "grant", "part": "12.5%", "category": "recurring"}
LUMP = {"payer": "prefecture", "part": "500000"}


@st.composite
def groups(draw):
    starts = st.sampled_from([None, None, date(2027, 7, 1), date(2028, 4, 1)])
    ends = st.sampled_from([None, None, None, date(2028, 9, 30)])
    options = st.sampled_from([frozenset(), frozenset({"extra"})])
    members = [
        make_member(
            n,
            draw(st.integers(1, 400_000)),
            draw(st.integers(1, 900)),
            draw(starts),
            ends_on=draw(ends),
            options=draw(options),
        )
        for n in range(draw(st.integers(1, 4)))
    ]
    rules = {
        "initial": draw(st.sampled_from(["equal", "population", "own_use"])),
        "recurring": draw(st.sampled_from(["population", "own_use", "mixed:equal=30,quantity=70"])),
        "option": draw(st.sampled_from(["own_use", "equal"])),
    }
    late = ["nothing", "own_setup", "share_with_credit"]
    terms = make_terms(
        draw(st.integers(1, 60)),
        rules=rules,
        late_joiner=draw(st.sampled_from(late)),
        leaver=draw(st.sampled_from(["notice", "to_term_end", "difference"])),
        rounding=draw(st.sampled_from(["largest_remainder", "floor:1000"])),
        lead_code=CODES[0],
        parts=draw(st.sampled_from([[], [GRANT], [GRANT, LUMP]])),
    )
    if all(m.starts_on and m.starts_on >= terms.term_end for m in members):
        members = [replace(member, starts_on=None) for member in members]
    return terms, members


@settings(deadline=None, max_examples=60)
@given(groups(), st.integers(0, 10**9), st.decimals(0, 20, places=1))
def test_the_total_is_exact_and_nobody_is_above_its_maximum_unasked(group, price_yen, tolerance):
    terms, members = group
    costs, shared = final(price_yen, terms, members, agreed=RICH)
    bills = list_award_bills(Timeline(terms=terms, members=members, costs=costs))
    assert sum(bill.cost.total_net_yen for bill in bills) == price_yen
    billed = sum(bill.cost.total_yen for bill in bills)
    assert shared.borne_yen + shared.part_yen == shared.total_yen == billed
    estimate = preview(terms, members, RICH)
    consents = [
        ConsentView(
            code=body.code,
            name=body.name,
            status=ConsentStatus.GIVEN,
            maximum_yen=default_maximum(body.by_year, tolerance),
        )
        for body in estimate.bodies
    ]
    lines = shares(shared)
    asked = set(must_consent_again(lines, consents))
    for consent in consents:
        within = all(yen <= consent.maximum_yen.get(y, 0) for y, yen in lines[consent.code].items())
        assert (consent.code in asked) != within
    again = preview(terms, members, read_costs(costs.to_dict()))
    assert again.sha256 == shared.sha256 and again.result() == shared.result()


@settings(deadline=None, max_examples=60)
@given(groups(), st.fractions(0, 3, max_denominator=1000))
def test_the_same_price_is_the_same_share_and_any_other_is_exact(group, times):
    """Waves, options, rules, late joiners, leavers: no share of a year moves by itself."""
    terms, members = group
    agreed = preview(terms, members, RICH)
    whole_yen = estimate_yen(terms, members, RICH)
    _, same = final(whole_yen, terms, members, agreed=RICH)
    assert shares(same) == shares(agreed)
    assert (same.total_yen, same.parts) == (agreed.total_yen, agreed.parts)
    costs, other = final(int(whole_yen * times), terms, members, agreed=RICH)
    due = list_due(costs, terms, members)
    assert sum(each.each_yen * each.count for each in due) == costs.price_yen
    assert other.borne_yen + other.part_yen == other.total_yen
    if terms.late_joiner is not LateJoiner.SHARE_WITH_CREDIT:  # who is credited may get back
        assert all(yen >= 0 for years in shares(other).values() for yen in years.values())


def own(quotes, terms, members):
    costs = costs_of_quotes(quotes, award_id=7, terms=terms, members=members, agreed=AGREED)
    return costs, preview(terms, members, costs)


def test_each_body_pays_its_own_requote_and_nothing_of_the_others():
    """By hand: alone 100,000 once and 100 × 1,000 × 24; so a 25th of the price falls due once."""
    terms = make_terms(rules={"initial": "equal", "recurring": "population"}, cap="standalone")
    members = [make_member(0, population=900_000), make_member(1, population=1)]
    quotes = {
        CODES[0]: OwnQuote(number=1, amount_yen=2_500_007),
        CODES[1]: OwnQuote(number=3, amount_yen=250_000),
    }
    costs, shared = own(quotes, terms, members)
    assert [body.total_yen for body in shared.bodies] == [
        with_tax(100_007, Decimal(10)) + 24 * with_tax(100_000, Decimal(10)),
        with_tax(10_000, Decimal(10)) + 24 * with_tax(10_000, Decimal(10)),
    ]
    assert shared.total_yen == sum(body.total_yen for body in shared.bodies)
    assert [body.standalone_yen for body in shared.bodies] == [2_750_000] * 2
    assert {table.rule_label for table in shared.tables} == {"実費"}
    assert costs.to_dict()["quotes"][1]["number"] == 3


@settings(deadline=None, max_examples=40)
@given(groups(), st.lists(st.integers(1, 10**9), min_size=4, max_size=4))
def test_who_refuses_changes_no_price_of_the_others(group, prices):
    """Whatever the rounding and the terms; a grant's lump sum would be less for nobody."""
    terms, members = group
    terms = replace(terms, parts=())
    quotes = {
        member.code: OwnQuote(number=1, amount_yen=price)
        for member, price in zip(members, prices, strict=False)
    }
    costs, together = own(quotes, terms, members)
    assert together.shortfall_yen == 0
    for member in members:
        _, alone = own(quotes, terms, [member])
        assert alone.bodies[0].by_year.items() <= together.body(member.code).by_year.items()
        assert alone.bodies[0].total_yen == together.body(member.code).total_yen
    again = preview(terms, members, read_costs(costs.to_dict()))
    assert again.sha256 == together.sha256 and again.result() == together.result()


def test_the_final_version_is_due_again_after_a_newer_requote_only():
    kept = {"award_id": 7, "quotes": [{"code": "a", "number": 1}, {"code": "b", "number": 2}]}
    around = {"award_id": 7, "taking_part": ["a", "b"]}
    own_prices = ContractModel.SELECTION_AND_REQUOTE

    def due(costs, **changes):
        numbers = {"quote_numbers": {"a": 1, "b": 2}}
        return final_version_is_due(own_prices, costs, **around | numbers | changes)

    assert not due(kept)
    assert due({"basis": "plan"}) and due(kept, award_id=8)
    assert due(kept, quote_numbers={"a": 1, "b": 3})
    # The one with the newer re-quote has refused: nothing changes for the others.
    assert not due(kept, quote_numbers={"a": 1, "b": 3}, taking_part=["a"])
    certified = ContractModel.RECOMMENDED_PRODUCT
    assert not final_version_is_due(certified, {}, quote_numbers={}, **around)
