"""The table of synonyms is one a searcher can rely on: telling words, each in its one group."""

from collections import Counter

import pytest

from catalog.search.analyzer import GENERIC_TERMS, cut
from catalog.search.synonyms import TABLE, list_table_groups
from foundation.tables import read_table

# Words that truly belong to two groups; whoever types one of them may mean either.
IN_TWO_GROUPS = {"電子契約", "施設予約", "給与計算", "補助金", "勤怠管理"}


def units(word: str) -> tuple[str, ...]:
    return tuple(token.term for token in cut(word))


def test_there_are_at_least_150_groups_of_at_least_two_words() -> None:
    groups = list_table_groups()
    assert len(groups) >= 150
    assert [group for group in groups if len(group) < 2] == []


def test_a_group_is_called_by_its_first_word_and_stands_together() -> None:
    names = [row.cells["group"] for row in read_table(TABLE, ("group", "term"))]
    runs = [name for before, name in zip(["", *names], names, strict=False) if name != before]
    assert len(set(runs)) == len(runs)
    assert runs == [group[0] for group in list_table_groups()]


def test_a_word_stands_in_two_groups_only_where_that_is_meant() -> None:
    found = Counter(units(word) for group in list_table_groups() for word in group)
    twice = {word for group in list_table_groups() for word in group if found[units(word)] > 1}
    assert twice == IN_TWO_GROUPS


@pytest.mark.parametrize("group", list_table_groups(), ids=lambda group: group[0])
def test_words_say_something_and_differ_to_the_analyzer(group: tuple[str, ...]) -> None:
    assert len({units(word) for word in group}) == len(group)
    for word in group:
        assert any(token.required for token in cut(word)), word
        assert not set(units(word)) <= GENERIC_TERMS, word
        assert word == word.strip() and len(word) <= 30
