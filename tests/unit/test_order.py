"""The longest files of tests run first, and are still called what the order calls them."""

from tests.harness.order import LONGEST, TESTS, list_unknown, place_of


def test_every_name_of_the_order_is_a_file():
    assert list_unknown() == []
    assert list_unknown(["pages/test_none.py"]) == ["pages/test_none.py"]


def test_files_not_named_come_last():
    assert place_of(TESTS / "pages" / "test_bad_input.py") == 0
    assert place_of(TESTS / "services" / "test_killed_joins.py") < len(LONGEST)
    assert place_of(TESTS / "unit" / "test_order.py") == len(LONGEST)
