"""Rules side by side: each column is what the sharing would be, whatever its neighbours."""

from dataclasses import replace
from datetime import date

from catalog.pricing import Kind, Plan, Quantities
from procurement.domain.pricing import PlanCosts
from procurement.domain.rule_comparison import compare_rules
from procurement.domain.rules import parse_rule
from procurement.domain.sharing import preview
from procurement.domain.sharing_members import SharingMember
from procurement.domain.terms import SharingTerms
from tests.harness.projects import PLAN

TERMS = SharingTerms(term_start=date(2027, 4, 1), term_months=12)
COSTS = PlanCosts(plan=Plan.from_dict(PLAN), label="試算の前提 A")
MEMBERS = [
    SharingMember(
        code=f"{n:06d}",
        name=f"{n}町",
        census_2020=people,
        register_2025=people,
        quantities=Quantities(body=1, account=accounts),
    )
    for n, (people, accounts) in enumerate([(50_000, 200), (8_000, 60), (900, 5)], start=1)
]


def test_every_column_shares_the_same_total():
    columns = compare_rules(TERMS, MEMBERS, COSTS, ["equal", "population"])
    assert [column.label for column in columns] == ["今の条件", "均等割", "人口割"]
    assert len({sum(column.totals.values()) for column in columns}) == 1
    equal = columns[1].totals
    assert max(equal.values()) - min(equal.values()) <= 13  # one yen a month and once
    rules = {**TERMS.rules, Kind.INITIAL: parse_rule("population")}
    alone = preview(replace(TERMS, rules=rules), MEMBERS, COSTS)
    assert columns[2].totals == {body.code: body.total_yen for body in alone.bodies}


def test_a_rule_without_a_base_says_so_and_the_others_stay():
    columns = compare_rules(TERMS, MEMBERS, COSTS, ["fiscal_capacity", "equal"])
    missing = columns[1]
    assert missing.preview is None
    assert missing.worse_off is None
    assert "標準財政規模" in missing.blockers[0].message
    assert columns[2].preview is not None


def test_who_pays_more_than_alone_is_counted():
    (_, equal) = compare_rules(TERMS, MEMBERS, COSTS, ["equal"])
    assert equal.preview is not None
    dearer = [b.code for b in equal.preview.bodies if (b.saving_yen or 0) < 0]
    assert equal.worse_off == len(dearer) > 0
