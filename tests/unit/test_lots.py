"""Lots: when a purchase can be divided, and what a body pays over all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.lots import (
    MAX_LOTS,
    Division,
    DivisionDraft,
    LotShares,
    list_division_blockers,
    list_draft_blockers,
    total_by_body,
)
from procurement.domain.states import State

FIRST = DivisionDraft(name="保守", own_name="端末", divided_by=Division.SYSTEM_PART)


def codes(blockers):
    return [blocker.code for blocker in blockers]


@pytest.mark.parametrize("state", State)
def test_a_purchase_is_divided_before_anybody_agreed(state) -> None:
    early = {State.INTENTION_SURVEY, State.FORMING, State.SPECIFICATION, State.ESTIMATE}
    expected = [] if state in early else ["after_agreement"]
    assert codes(list_division_blockers(state, 2)) == expected


def test_there_is_an_end_to_dividing() -> None:
    assert codes(list_division_blockers(State.FORMING, MAX_LOTS - 1)) == []
    assert codes(list_division_blockers(State.FORMING, MAX_LOTS)) == ["too_many"]


@pytest.mark.parametrize(
    ("changes", "names", "expected"),
    [
        ({}, [], []),
        ({"name": ""}, [], ["lot_name"]),
        ({"name": "端末"}, [], ["lot_name"]),
        ({"own_name": ""}, [], ["lot_own_name"]),
        ({"divided_by": None}, [], ["lot_divided_by"]),
        ({"own_name": "", "divided_by": None}, ["端末", "回線"], []),
        ({"name": "回線"}, ["端末", "回線"], ["lot_name"]),
        ({"name": "長" * 41}, ["端末", "回線"], ["lot_name"]),
    ],
)
def test_every_lot_has_a_name_of_its_own(changes, names, expected) -> None:
    values = {"name": FIRST.name, "own_name": FIRST.own_name, "divided_by": FIRST.divided_by}
    draft = DivisionDraft(**(values | changes))
    assert codes(list_draft_blockers(draft, names)) == expected


def test_a_total_is_said_only_where_the_reader_knows_every_part() -> None:
    open_lot = LotShares(number=1, shares_yen={"000001": 100, "000002": 50})
    hidden = LotShares(number=2, shares_yen=None)
    unfixed = LotShares(number=3, shares_yen=None, fixed=False)
    assert [each.total_yen for each in total_by_body([open_lot, hidden], "000002")] == [None, 50]
    assert [each.total_yen for each in total_by_body([open_lot, unfixed], "")] == [100, 50]
    second = LotShares(number=2, shares_yen={"000002": 7, "000003": 1})
    totals = total_by_body([open_lot, second, unfixed], "")
    assert [(each.code, each.amounts, each.total_yen) for each in totals] == [
        ("000001", (100, None, None), 100),
        ("000002", (50, 7, None), 57),
        ("000003", (None, 1, None), 1),
    ]


@given(
    st.lists(
        st.dictionaries(st.sampled_from("ABCDEF"), st.integers(-(10**9), 10**12), max_size=6),
        max_size=5,
    )
)
def test_the_totals_of_all_bodies_are_the_totals_of_all_lots(shares) -> None:
    lots = [LotShares(number=n, shares_yen=each) for n, each in enumerate(shares, 1)]
    totals = total_by_body(lots, "")
    assert sum(each.total_yen or 0 for each in totals) == sum(sum(s.values()) for s in shares)
