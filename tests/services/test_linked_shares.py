"""The home page's shares of what is tied together, on both databases (F05)."""

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from foundation.db import Database
from procurement.presenters.rows import linked_items
from procurement.queries.home import LinkedShare, count_registered
from tests.harness.builders import make_case, make_offering


def test_only_what_readers_see_is_counted_real_and_fictional_apart(database: Database) -> None:
    with database.transaction() as session:
        tied, hidden, ended = (make_offering(session) for _ in range(3))
        make_offering(session)
        case, second, other = (make_case(session) for _ in range(3))
        make_case(session, fictional=False)
        case.offerings, second.offerings = [tied, hidden], [tied]
        hidden.publication_status = "draft"
        other.offerings, other.publication_status = [ended], "withdrawn"
    with database.read_session() as session:
        found = {(s.kind, s.fictional): (s.linked, s.total) for s in count_registered(session)[1]}
    assert found == {
        ("offering", True): (1, 3),
        ("offering", False): (0, 0),
        ("case", True): (2, 2),
        ("case", False): (0, 1),
    }


def test_without_anything_registered_there_is_no_share(database: Database) -> None:
    with database.read_session() as session:
        items = linked_items(count_registered(session)[1])
    assert {(item.real, item.fictional) for item in items} == {("登録なし", "登録なし")}


def shares(linked: int, total: int) -> list[LinkedShare]:
    return [
        LinkedShare(kind=kind, fictional=fictional, linked=linked, total=total)
        for kind in ("offering", "case")
        for fictional in (False, True)
    ]


def test_each_share_says_what_it_counts() -> None:
    for item in linked_items(shares(1_000, 1_500)):
        assert item.real == item.fictional == "1,000件／1,500件（66.7%）"
        assert "公開中" in item.meaning


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_percentage_is_rounded_half_up(pair: tuple[int, int]) -> None:
    linked, total = pair
    exact = (Decimal(100 * linked) / total).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert linked_items(shares(linked, total))[0].real.endswith(f"（{exact}%）")
