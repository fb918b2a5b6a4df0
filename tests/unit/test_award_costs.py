"""The final shares: the awarded price as it falls due, shared exactly, nobody above unasked."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.plan_units import Quantities
from catalog.plans import Plan
from foundation.money import with_tax
from procurement.domain.award_costs import (
    AWARD_PARTS,
    Breakdown,
    costs_of_award,
    count_parts,
    list_breakdown_blockers,
    names_lump_sum,
    propose_breakdown,
)
from procurement.domain.consent import (
    ConsentStatus,
    ConsentView,
    default_maximum,
    must_consent_again,
)
from procurement.domain.pricing import PlanCosts
from procurement.domain.sharing import preview
from procurement.domain.sharing_members import SharingMember
from procurement.domain.states import ContractModel
from procurement.domain.stored_costs import read_costs
from procurement.domain.terms import SharingTerms
from tests.harness.projects import PLAN, TERMS

CODES = ("011002", "012025", "221309", "252018")
AGREED = PlanCosts(plan=Plan.from_dict(PLAN), label="試算の前提 A")


def make_terms(months=24, **changes):
    data = TERMS | {"term_start": "2027-04-01", "term_months": months} | changes
    return SharingTerms.from_dict(data)


def make_member(place, population=10_000, accounts=100, starts_on=None):
    return SharingMember(
        code=CODES[place],
        name=f"{place}市",
        register_2025=population,
        quantities=Quantities.from_dict({"body": 1, "account": accounts}),
        starts_on=starts_on,
    )


def final(price_yen, terms, members, breakdown=None):
    parts = breakdown or propose_breakdown(price_yen, terms, members, AGREED)
    costs = costs_of_award(
        parts, award_id=7, price_yen=price_yen, tax_rate=terms.tax_rate, agreed=AGREED
    )
    return parts, costs, preview(terms, members, costs)


def test_a_price_is_broken_down_like_the_estimate_and_sums_to_the_yen():
    """By hand: 3 × 100,000 once, 300 accounts × 1,000 × 24 months = 7,500,000 for 100 %."""
    terms, members = make_terms(), [make_member(n) for n in range(3)]
    parts, _, shared = final(6_000_001, terms, members)
    assert parts == Breakdown(initial_yen=240_001, monthly_yen=240_000)
    assert parts.total_yen(count_parts(terms, members)) == 6_000_001
    assert shared.total_yen == with_tax(240_001, Decimal(10)) + 24 * with_tax(240_000, Decimal(10))
    assert [body.total_yen for body in shared.bodies] == [2_200_001, 2_200_000, 2_200_000]
    assert [body.standalone_yen for body in shared.bodies] == [2_750_000] * 3


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


@st.composite
def groups(draw):
    starts = st.sampled_from([None, None, date(2027, 7, 1), date(2028, 4, 1)])
    members = [
        make_member(n, draw(st.integers(1, 400_000)), draw(st.integers(1, 900)), draw(starts))
        for n in range(draw(st.integers(1, 4)))
    ]
    rules = draw(
        st.sampled_from(
            [
                {"initial": "equal", "recurring": "population"},
                {"initial": "own_use", "recurring": "own_use"},
                {"initial": "equal", "recurring": "mixed:equal=30,quantity=70"},
            ]
        )
    )
    terms = make_terms(draw(st.integers(1, 60)), rules=rules)
    if all(m.starts_on and m.starts_on >= terms.term_end for m in members):
        members = [replace(member, starts_on=None) for member in members]
    return terms, members


@settings(deadline=None, max_examples=60)
@given(
    groups(),
    st.integers(0, 10**9),
    st.decimals(0, 20, places=1),
)
def test_the_total_is_exact_and_nobody_is_above_its_maximum_unasked(group, price_yen, tolerance):
    terms, members = group
    parts, costs, shared = final(price_yen, terms, members)
    counts = count_parts(terms, members)
    assert parts.total_yen(counts) == price_yen or not counts["initial"]
    bills = sum(counts[key] * with_tax(parts.of(key), terms.tax_rate) for key in AWARD_PARTS)
    assert sum(body.total_yen for body in shared.bodies) == shared.total_yen == bills
    estimate = preview(terms, members, AGREED)
    consents = [
        ConsentView(
            code=body.code,
            name=body.name,
            status=ConsentStatus.GIVEN,
            maximum_yen=default_maximum(body.by_year, tolerance),
        )
        for body in estimate.bodies
    ]
    lines = {body.code: body.by_year for body in shared.bodies}
    asked = set(must_consent_again(lines, consents))
    for consent in consents:
        within = all(yen <= consent.maximum_yen.get(y, 0) for y, yen in lines[consent.code].items())
        assert (consent.code in asked) != within
    again = preview(terms, members, read_costs(costs.to_dict()))
    assert again.sha256 == shared.sha256 and again.result() == shared.result()
