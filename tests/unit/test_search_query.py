"""What is read from an address, and what is looked for: nothing a person types is an error."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.bands import BANDS, band_of
from catalog.search.evaluator import Sort
from catalog.search.facets import FACETS
from catalog.search.highlights import MOST_SHOWN, excerpt, mark
from catalog.search.planning import plan_of
from catalog.search.query import MOST_CHARACTERS, SearchQuery, read_query


def test_repeated_facets_are_alternatives_and_empty_values_are_nothing() -> None:
    read = read_query(
        [("q", "文書"), ("kind", "case"), ("kind", "project"), ("kind", "case"), ("status", "")]
    )
    assert read.query.filters == {"kind": ("case", "project")}
    assert (read.query.text, read.query.page, read.unknown) == ("文書", 1, ())


@pytest.mark.parametrize("page", ["0", "-1", "abc", "１", "1.0", "", " 1", "9" * 20])
def test_a_page_that_is_no_number_from_one_on_is_said_to_be_bad(page: str) -> None:
    assert read_query([("page", page)]).bad_page


def test_an_unknown_order_is_relevance_and_is_reported() -> None:
    read = read_query([("sort", "price"), ("color", "red")])
    assert (read.query.sort, read.bad_sort, read.unknown) == (Sort.RELEVANCE, True, ("color",))


def test_parameters_read_back_to_the_same_query() -> None:
    query = SearchQuery(
        text="文書 管理", filters={"kind": ("case",), "prefecture": ("25", "13")}, sort=Sort.UPDATED
    )
    assert read_query(query.parameters()).query == query
    assert SearchQuery().parameters() == []


def test_toggling_adds_a_value_takes_it_off_again_and_returns_to_the_first_page() -> None:
    query = SearchQuery(text="文書", page=3)
    chosen = query.toggle("kind", "case").toggle("kind", "project")
    assert chosen.filters == {"kind": ("case", "project")}
    assert chosen.page == 1
    assert chosen.toggle("kind", "case").toggle("kind", "project").filters == {}


def test_the_limit_counts_what_was_typed_without_the_spaces_around_it() -> None:
    assert not SearchQuery(text=" " * 500 + "あ" * MOST_CHARACTERS).is_too_long
    assert SearchQuery(text="あ" * (MOST_CHARACTERS + 1)).is_too_long


def test_all_words_are_asked_for_but_those_of_every_entry() -> None:
    plan = plan_of("文書管理システム 共同利用")
    assert plan.required == ((("文書",),), (("共同",),))
    assert set(plan.ranking) == {"管理", "システム", "利用"}
    assert "文書 管理" in plan.pairs


def test_words_of_every_entry_alone_are_asked_for() -> None:
    plan = plan_of("クラウド システム")
    assert plan.required == ((("クラウド",),), (("システム",),))
    assert plan.ranking == ()


@given(st.text(max_size=80))
def test_any_text_makes_a_plan(text: str) -> None:
    plan = plan_of(text)
    assert bool(plan.required or plan.excluded) == bool("".join(text.split()) and plan.exact)


@pytest.mark.parametrize("facet", sorted(BANDS))
def test_bands_begin_at_their_cut_points_and_leave_no_gap(facet: str) -> None:
    bands = BANDS[facet]
    assert bands[0][1] == 0
    for (before, _, _), (value, lower, _) in pairwise(bands):
        assert band_of(facet, lower) == (value,)
        assert band_of(facet, lower - 1) == (before,)
    assert band_of(facet, None) == band_of(facet, -1) == ()
    labels = next(f.labels for f in FACETS if f.name == facet)
    assert list(labels) == [value for value, _, _ in bands]


def test_hits_that_touch_are_one_mark() -> None:
    spans = {"文書": [(2, 4)], "管理": [(4, 6)], "支援": [(8, 10)]}
    assert mark("架空文書管理の支援", spans, ["文書", "管理", "なし"]) == (
        ("架空", False),
        ("文書管理", True),
        ("の支援", False),
    )


def test_a_pair_is_marked_only_where_its_units_stand_together() -> None:
    spans = {"電子": [(0, 2), (8, 10)], "申請": [(3, 5), (20, 22)]}
    text = "電子の申請です。電子で受け付けた書類を申請する"
    assert mark(text, spans, ["電子 申請"]) == (("電子の申請", True), (text[5:], False))


def test_an_excerpt_shows_the_first_hit_and_says_where_it_was_cut() -> None:
    text = "前" * 300 + "文書" + "後" * 300
    pieces = excerpt(text, {"文書": [(300, 302)]}, ["文書"])
    assert pieces[0] == pieces[-1] == ("…", False)
    assert ("文書", True) in pieces
    assert sum(len(piece) for piece, _ in pieces) == MOST_SHOWN + 2
    assert excerpt("短い文書", {"文書": [(2, 4)]}, ["文書"]) == (("短い", False), ("文書", True))
