"""What must hold for every table of shares, whatever the figures (domain §3)."""

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.errors import Refused
from procurement.domain.allocation import Allocation, Cap, Rounding, allocate
from procurement.domain.bases import Member
from procurement.domain.rules import Rule, parse_rule

RULES = [
    "equal",
    "population",
    "households",
    "quantity",
    "degressive",
    "degressive:exponent=0.585",
    "banded:0=1,10000=2,50000=3.5",
    "fiscal_capacity",
    "fiscal_capacity:base=index_population",
    "mixed:equal=30,population=70",
    "mixed:equal=1,degressive=49,quantity=50",
]
TOTALS = st.one_of(
    st.sampled_from([0, 1, 2, 3, 97, 7919, 104_729, 15_485_863]), st.integers(0, 10**10)
)
rules = st.sampled_from(RULES).map(parse_rule)


def draw_members(count: int, seed: int) -> list[Member]:
    """Members as different as Japan's: 160 to 3.8 million residents, many of them alike."""
    dice = random.Random(seed)
    return [
        Member(
            code=f"{number:06d}",
            name=f"{number}",
            population=dice.choice([160, 5_000, 5_000, dice.randint(1, 3_800_000)]),
            households=dice.randint(1, 10**6),
            quantity=dice.randint(1, 3_000),
            fiscal_strength_index=Decimal(dice.randint(5, 220)) / 100,
            standard_fiscal_scale=dice.randint(1, 10**8),
            standalone_yen=dice.randint(0, 10**9),
        )
        for number in range(1, count + 1)
    ]


members = st.builds(
    draw_members, st.one_of(st.sampled_from([1, 2, 3]), st.integers(1, 60)), st.integers()
)


def sum_of(allocation: Allocation) -> int:
    return sum(member.share_yen for member in allocation.members)


def assert_larger_never_pays_less(allocation: Allocation) -> None:
    by_base = sorted(allocation.members, key=lambda m: (m.ratio, m.share_yen))
    assert [m.share_yen for m in by_base] == sorted(m.share_yen for m in by_base)


@given(TOTALS, members, rules)
def test_parts_sum_to_the_total_to_the_yen(total: int, towns: list[Member], rule: Rule) -> None:
    result = allocate(total, towns, rule)
    assert sum_of(result) == total
    assert all(member.share_yen >= 0 for member in result.members)
    assert all(
        member.share_yen - 1 < member.exact_yen < member.share_yen + 1 for member in result.members
    )


@given(TOTALS, members, rules, st.randoms(use_true_random=False))
def test_the_order_of_input_has_no_effect(
    total: int, towns: list[Member], rule: Rule, dice: random.Random
) -> None:
    shuffled = dice.sample(towns, len(towns))
    assert allocate(total, shuffled, rule) == allocate(total, towns, rule)


@given(TOTALS, members, rules)
def test_a_larger_base_never_pays_less(total: int, towns: list[Member], rule: Rule) -> None:
    assert_larger_never_pays_less(allocate(total, towns, rule))


@given(TOTALS, members)
def test_a_larger_town_never_pays_less_by_population(total: int, towns: list[Member]) -> None:
    population = {town.code: town.population or 0 for town in towns}
    for rule in ("population", "degressive", "mixed:equal=30,population=70"):
        paid = {m.code: m.share_yen for m in allocate(total, towns, parse_rule(rule)).members}
        for one in towns:
            for other in towns:
                if population[one.code] > population[other.code]:
                    assert paid[one.code] >= paid[other.code]


@given(TOTALS, members, rules, st.sampled_from([1, 10, 1000]))
def test_a_floor_leaves_the_rest_on_its_own_line(
    total: int, towns: list[Member], rule: Rule, unit: int
) -> None:
    result = allocate(
        total, towns, rule, rounding=Rounding(floor_unit_yen=unit), lead_code=towns[0].code
    )
    assert sum_of(result) + result.shortfall_yen == total
    assert 0 <= result.shortfall_yen <= len(towns) * unit
    assert all(member.share_yen % unit == 0 for member in result.members)


@given(members, rules, st.integers(-(10**9), 10**9))
def test_the_cap_is_kept_or_refused_with_the_missing_amount(
    towns: list[Member], rule: Rule, slack: int
) -> None:
    caps = sum(town.standalone_yen or 0 for town in towns)
    total = max(caps - slack, 0)
    try:
        result = allocate(total, towns, rule, cap=Cap.STANDALONE)
    except Refused as refusal:
        assert total > caps
        assert f"{total - caps:,}円足りません" in str(refusal)
        return
    assert total <= caps
    assert sum_of(result) == total
    for member in result.members:
        assert member.saving_yen is not None
        assert member.saving_yen >= 0
        assert not member.capped or member.remainder_yen == 0


@given(members, rules, st.integers(0, 10**9))
def test_a_cap_nobody_reaches_changes_nothing(towns: list[Member], rule: Rule, total: int) -> None:
    free = allocate(total, towns, rule)
    if any((member.saving_yen or 0) < 0 or member.exact_yen > (member.standalone_yen or 0)
           for member in free.members):  # fmt: skip
        return
    capped = allocate(total, towns, rule, cap=Cap.STANDALONE)
    assert [m.share_yen for m in capped.members] == [m.share_yen for m in free.members]


@pytest.mark.parametrize("rule", [*RULES[:2], *RULES[4:10:2], RULES[-1]])
@settings(max_examples=3, deadline=None)
@given(total=TOTALS, seed=st.integers(0, 1000))
def test_the_whole_country_sums_to_the_yen(rule: str, total: int, seed: int) -> None:
    country = draw_members(1788, seed)
    result = allocate(total, country, parse_rule(rule))
    assert sum_of(result) == total
    assert allocate(total, country[::-1], parse_rule(rule)) == result
    assert_larger_never_pays_less(result)
