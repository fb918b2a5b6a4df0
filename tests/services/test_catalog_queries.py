"""Reading the catalog gives the same on both databases, and counts that add up."""

from itertools import product

import pytest
from sqlalchemy.orm import Session

from accounts.roles import VISITOR
from catalog.entries import PublicationStatus
from catalog.queries.cases import (
    CaseFilter,
    Counts,
    count_by,
    count_cases,
    get_case_page,
    list_case_pages,
    list_cases,
)
from catalog.queries.comparison import WantedIds, get_comparison
from catalog.queries.offerings import (
    OfferingFilter,
    count_offerings,
    list_all_offerings,
    list_offerings,
    list_peers,
    list_vendor_offerings,
)
from catalog.queries.policy import list_policy_items
from catalog.queries.vendors import count_vendors, list_vendors
from foundation.db import Database
from foundation.errors import NotFound
from tests.harness.builders import make_body, make_case
from tests.harness.catalog import fill

KINDS = ("joint", "single", "trial")


def make_many(session: Session) -> None:
    """Cases of every kind, origin and know-how, in three prefectures."""
    for n, (kind, fictional, know_how) in enumerate(
        product(KINDS, (True, False), ("", "手順を先に決める"))
    ):
        make_case(
            session,
            kind=kind,
            fictional=fictional,
            know_how=know_how,
            prefecture_code=("13", "25", None)[n % 3],
        )


def test_every_count_is_what_the_list_gives(database: Database) -> None:
    with database.transaction() as session:
        fill(session)
        make_many(session)
    chosen = CaseFilter(kind="joint", know_how=True)
    with database.read_session() as session:
        counts = count_by(session, chosen)
        for kind in KINDS:
            wanted = CaseFilter(kind=kind, know_how=True)
            page = list_cases(session, wanted)
            counted = counts["kind"].get(kind, Counts())
            assert counted.fictional == page.total_fictional
            assert counted.real + counted.fictional == page.total
        for fictional in (True, False):
            wanted = CaseFilter(kind="joint", know_how=True, fictional=fictional)
            total = list_cases(session, wanted).total
            only = Counts(fictional=total) if fictional else Counts(real=total)
            assert counts["fictional"][str(fictional)] == only
        for know_how in (True, False):
            wanted = CaseFilter(kind="joint", know_how=know_how)
            counted = counts["know_how"][str(know_how)]
            assert counted == count_cases(session, wanted)
        both = count_cases(session, CaseFilter())
        assert both.real + both.fictional == list_cases(session, CaseFilter()).total


def test_pages_of_a_list_hold_each_row_once(database: Database) -> None:
    with database.transaction() as session:
        make_many(session)
    with database.read_session() as session:
        pages = [list_cases(session, CaseFilter(), page=n, size=5) for n in (1, 2, 3, 4)]
    ids = [row.id for page in pages for row in page.rows]
    assert (len(ids), len(set(ids)), pages[0].pages) == (12, 12, 3)
    assert pages[3].rows == []


def test_similar_cases_are_of_peers_then_nearest_in_size(database: Database) -> None:
    with database.transaction() as session:
        sizes = {"same": 30_000, "near": 33_000, "far": 44_000, "too_big": 46_000}
        sizes |= {"peer": 40_000, "big_peer": 60_000}
        peers = {"same": "Ⅱ－2", "peer": "Ⅱ－2", "big_peer": "Ⅱ－2", "near": "Ⅱ－1"}
        bodies = {
            name: make_body(session, population_census_2020=size, peer_group=peers.get(name)).code
            for name, size in sizes.items()
        }
        cases = {
            name: make_case(session, title=name, lead_body_code=code).id
            for name, code in bodies.items()
        }
        make_case(session, title="real", fictional=False, lead_body_code=bodies["near"])
        make_case(session, title="unknown")
    with database.read_session() as session:
        page = get_case_page(session, cases["same"])
    assert page.lead_peer_group == "Ⅱ－2"
    assert [row.title for row in page.similar] == ["peer", "big_peer", "near", "far", "unknown"]
    with database.read_session() as session:
        alone = get_case_page(session, cases["far"])  # whose lead's group is not known
    assert [row.title for row in alone.similar] == ["too_big", "peer", "near", "same", "big_peer"]


def test_drafts_are_read_by_nobody_but_their_vendor(database: Database) -> None:
    with database.transaction() as session:
        catalog = fill(session)
        hidden = make_case(session, publication_status="draft").id
    with database.read_session() as session:
        public = {row.id for row in list_offerings(session, OfferingFilter()).rows}
        assert public == {row.id for row in list_all_offerings(session)}
        assert public == {catalog.offering, catalog.second}
        assert count_offerings(session).fictional == 2
        compared = get_comparison(
            session, VISITOR, WantedIds(ids=(catalog.draft, catalog.withdrawn, 987_654))
        )
        assert [row.id for row, _content in compared.found] == [catalog.withdrawn]
        assert compared.missing == (catalog.draft, 987_654)
        own = list_vendor_offerings(session, catalog.vendor, states=tuple(PublicationStatus))
        assert {row.id for row in own} == {catalog.offering, catalog.draft, catalog.withdrawn}
        assert hidden not in [page.row.id for page in list_case_pages(session)]
        with pytest.raises(NotFound):
            get_case_page(session, hidden)


def test_peers_stand_in_an_order_nobody_can_buy(database: Database) -> None:
    with database.transaction() as session:
        catalog = fill(session)
    with database.read_session() as session:
        [row] = [r for r in list_all_offerings(session) if r.id == catalog.offering]
        peers = list_peers(session, row, "2026-11")
        assert [peer.id for peer in peers] == [catalog.second]


def test_vendors_and_policy_items(database: Database) -> None:
    with database.transaction() as session:
        fill(session)
    with database.read_session() as session:
        vendors = list_vendors(session)
        assert vendors.total == count_vendors(session).fictional == 2
        assert list_vendors(session, fictional=False).total == 0
        kinds = [item.kind for item in list_policy_items(session)]
        assert kinds == ["standard_20", *["commonization_target"] * 4]
