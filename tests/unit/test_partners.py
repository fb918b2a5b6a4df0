"""Who could buy together: what makes needs fit, and that nothing else decides."""

from datetime import date
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.domain.needs import CONFLICTS, MustHave, Network, month_index
from procurement.domain.partners import (
    REACH_MONTHS,
    NeedFacts,
    PartnerScope,
    find_groups,
    propose_groups,
    rank_groups,
)

APRIL = 2027 * 12 + 3


def need(code, ready=APRIL, **facts):
    values = {"population": 10_000, "system_type_code": "generative_ai", "fictional": False}
    return NeedFacts(body_code=code, ready=ready, **(values | facts))


def codes(groups):
    return [group.codes for group in groups]


def inside(*needs, **options):
    return find_groups(needs, scope=PartnerScope.PREFECTURE, **options)


def test_alike_needs_of_one_prefecture_are_one_group():
    (group,) = inside(need("010014"), need("010022", ready=APRIL + 11), need("020010"))
    assert group.codes == ("010014", "010022")
    assert (group.bodies, group.population) == (2, 20_000)
    assert (group.first_ready, group.last_ready) == (APRIL, APRIL + 11)


@pytest.mark.parametrize(
    "other",
    [
        {"system_type_code": "gis"},
        {"ready": APRIL + REACH_MONTHS},
        {"network": Network.INTERNET},
        {"must_haves": frozenset({MustHave.OWN_FORMS})},
        {"fictional": True},
    ],
)
def test_what_does_not_fit_is_not_put_together(other):
    first = need("010014", network=Network.LGWAN, must_haves=frozenset({MustHave.AS_IT_IS}))
    assert inside(first, need("010022", **other)) == ()


def test_who_may_use_either_network_completes_the_larger_group():
    lgwan = [need(f"01001{n}", network=Network.LGWAN) for n in range(3)]
    internet = [need(f"01002{n}", network=Network.INTERNET) for n in range(2)]
    groups = inside(*lgwan, *internet, need("010030"))
    by_network = {group.network: group.codes for group in groups}
    assert by_network[Network.LGWAN] == ("010010", "010011", "010012", "010030")
    assert by_network[Network.INTERNET] == ("010020", "010021")


def test_groups_across_prefectures_are_proposed_beside_those_inside():
    needs = [need("010014"), need("010022"), need("020010")]
    groups = propose_groups(needs)
    assert [(g.scope, g.codes) for g in groups] == [
        (PartnerScope.PREFECTURE, ("010014", "010022")),
        (PartnerScope.WIDE_AREA, ("010014", "010022", "020010")),
    ]
    assert [g.scope for g in propose_groups(needs[:2])] == [PartnerScope.PREFECTURE]


def test_bodies_count_first_then_people_then_saving_then_the_lot():
    sizes = {"a": (3, 1), "b": (2, 900), "c": (2, 800), "d": (2, 800), "e": (2, 800)}
    needs = [
        need(f"01{n}{i:03d}", system_type_code=name, population=people)
        for n, (name, (count, people)) in enumerate(sizes.items())
        for i in range(count)
    ]
    saving = {"c": 5, "d": None, "e": 7}
    ranked = rank_groups(inside(*needs), lambda g: saving[g.system_type_code], "2026-11")
    assert [group.system_type_code for group in ranked] == ["a", "b", "e", "c", "d"]


def test_equals_change_places_with_the_month_and_not_by_name():
    needs = [
        need(f"01{n:02d}{i:02d}", system_type_code=f"type{n}") for n in range(6) for i in range(2)
    ]
    groups = inside(*needs)
    orders = {
        tuple(g.system_type_code for g in rank_groups(groups, lambda g: 0, f"2026-{month:02d}"))
        for month in range(1, 13)
    }
    assert len(orders) > 6


needs_strategy = st.lists(
    st.builds(
        NeedFacts,
        body_code=st.integers(10_000, 30_000).map(lambda n: f"{n:06d}"),
        population=st.integers(0, 500_000),
        system_type_code=st.sampled_from(["generative_ai", "gis"]),
        fictional=st.booleans(),
        ready=st.integers(APRIL, APRIL + 40),
        network=st.sampled_from(Network),
        must_haves=st.frozensets(st.sampled_from(MustHave), max_size=4).filter(
            lambda named: not any(a in named and b in named for a, b in CONFLICTS)
        ),
    ),
    unique_by=lambda each: (each.system_type_code, each.body_code),
    max_size=30,
)


@settings(max_examples=150)
@given(needs_strategy, st.randoms(use_true_random=False))
def test_the_order_of_the_needs_changes_nothing(needs, random):
    shuffled = list(needs)
    random.shuffle(shuffled)
    assert propose_groups(shuffled) == propose_groups(needs)
    ranked = rank_groups(propose_groups(needs), lambda g: g.population % 7, "2026-11")
    again = rank_groups(propose_groups(shuffled), lambda g: g.population % 7, "2026-11")
    assert ranked == again


@settings(max_examples=150)
@given(needs_strategy)
def test_every_group_can_be_one_purchase(needs):
    for group in propose_groups(needs):
        assert group.bodies >= 2
        assert len(set(group.codes)) == group.bodies
        assert {n.system_type_code for n in group.needs} == {group.system_type_code}
        assert {n.fictional for n in group.needs} == {group.fictional}
        assert {n.network for n in group.needs} <= {group.network, Network.ANY}
        assert group.last_ready - group.first_ready < REACH_MONTHS
        assert not any(a in group.must_haves and b in group.must_haves for a, b in CONFLICTS)


@settings(max_examples=100)
@given(needs_strategy)
def test_within_a_scope_a_need_lies_in_one_group_and_no_two_left_over_fit(needs):
    for scope in PartnerScope:
        groups = find_groups(needs, scope=scope)
        placed = [(g.system_type_code, code) for g in groups for code in g.codes]
        assert len(placed) == len(set(placed))
        rest = [n for n in needs if (n.system_type_code, n.body_code) not in placed]
        assert find_groups(rest, scope=scope) == ()


def test_all_municipalities_with_several_needs_are_grouped_at_once():
    """1,788 bodies with five needs each; the bound is far above what an idle machine takes."""
    networks = list(Network)
    needs = [
        need(
            f"{i // 38 + 1:02d}{i:04d}",
            system_type_code=f"type{kind}",
            ready=APRIL + (i * 7 + kind * 13) % 60,
            network=networks[(i + kind) % 4],
            must_haves=frozenset({CONFLICTS[0][i % 2]}) if i % 5 == 0 else frozenset(),
        )
        for i in range(1788)
        for kind in range(5)
    ]
    begun = perf_counter()
    groups = propose_groups(needs)
    assert perf_counter() - begun < 10
    assert sum(g.bodies for g in groups if g.scope is PartnerScope.WIDE_AREA) > 8_000


def test_month_index_counts_months():
    assert month_index(date(2027, 4, 30)) == APRIL
    assert month_index(date(2028, 1, 1)) - month_index(date(2027, 12, 31)) == 1
