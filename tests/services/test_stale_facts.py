"""The vendor's managers are told once a fact and year; pages, files and the API mark it."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from accounts.roles import VISITOR
from catalog import open_data
from catalog.criteria import CRITERIA, PUBLIC_ONLY, visible_criteria
from catalog.desk.expiry import TOLD_AT_ONCE, tell_of_expiry, tell_of_stale_facts
from catalog.desk.queries import get_entry_page
from catalog.models import Offering
from catalog.presenters.api import offering_page_json
from catalog.presenters.comparison import Address, Comparison, present_comparison
from catalog.presenters.comparison_csv import comparison_csv
from catalog.presenters.comparison_prices import Sizes, present_prices
from catalog.presenters.desk import present_stale
from catalog.presenters.offerings import present_answers
from catalog.queries.comparison import ComparisonPage, get_comparison, read_ids
from catalog.queries.offerings import get_offering_page
from catalog.staleness import STALE_MARK
from foundation.clock import jst_today
from foundation.db import Database
from foundation.mail import Notice
from tests.harness.builders import NOW, make_offering
from tests.harness.desk import Desk, make_desk

TODAY = jst_today(NOW)
Tell = Callable[[Database, datetime], int]
LISTED = {
    "dmp": {"number": "A-1", "checked_on": (TODAY - timedelta(days=400)).isoformat()},
    "bosai_dx": {"number": "B-1", "checked_on": (TODAY - timedelta(days=300)).isoformat()},
}


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = make_desk(database)
    desk.complete()
    desk.answer(
        certifications=["ismap"],
        certificates={"ismap": {"number": "1", "checked_on": "2024-11-01"}},
        external_listings=LISTED,
    )
    return desk


def told(desk: Desk) -> list[tuple[str, int | None]]:
    with desk.database.read_session() as session:
        rows = session.execute(
            select(Notice.title, Notice.user_id)
            .where(Notice.title.contains("年以上経って"))
            .order_by(Notice.id)
        )
        return [(title, user_id) for title, user_id in rows]


def test_its_managers_are_told_once_a_fact_and_year(desk: Desk) -> None:
    assert tell_of_stale_facts(desk.database, NOW) == 0  # nobody reads a draft
    desk.approve(desk.submit())
    tomorrow = NOW + timedelta(days=1)
    assert tell_of_stale_facts(desk.database, tomorrow) == 2
    first = told(desk)
    assert [user_id for _, user_id in first] == [desk.colleague.user_id] * 2
    assert "ISMAPは2024-11-01に確かめたままで、2年以上" in first[0][0]
    assert "デジタルマーケットプレイス（DMP）" in first[1][0]
    assert tell_of_stale_facts(desk.database, tomorrow) == 0
    with desk.database.transaction() as session:
        session.get_one(Offering, desk.offering_id).name = "改めた名称"
    assert tell_of_stale_facts(desk.database, NOW + timedelta(days=2)) == 0
    assert tell_of_stale_facts(desk.database, NOW + timedelta(days=100)) == 1  # another listing
    assert tell_of_stale_facts(desk.database, NOW + timedelta(days=366)) == 2  # another year
    assert len(told(desk)) == 5


def test_page_and_desk_say_which_until_the_day_is_corrected(desk: Desk) -> None:
    with desk.database.read_session() as session:
        page = get_entry_page(session, desk.vendor, desk.offering_id)
    facts = present_stale(page, TODAY)
    assert [fact.label for fact in facts] == [
        "認証の番号・範囲・有効期限「ISMAP」",
        "ほかのカタログへの掲載「デジタルマーケットプレイス（DMP）」",
    ]
    assert [fact.url.rsplit("/", 1)[1] for fact in facts] == ["security", "fit"]
    groups = present_answers(page.content["answers"], CRITERIA, TODAY)
    marks = [line.stale for group in groups for line in group.lines if line.stale]
    assert marks == [
        ("ISMAP：確認から1年以上経過",),
        ("デジタルマーケットプレイス（DMP）：確認から1年以上経過",),
    ]
    fresh = {key: row | {"checked_on": TODAY.isoformat()} for key, row in LISTED.items()}
    desk.answer(
        certificates={"ismap": {"number": "1", "checked_on": TODAY.isoformat()}},
        external_listings=fresh,
    )
    with desk.database.read_session() as session:
        page = get_entry_page(session, desk.vendor, desk.offering_id)
    assert present_stale(page, TODAY) == ()


def _many(desk: Desk, count: int) -> None:
    """That many published entries of the vendor, each with one stale fact and one certificate."""
    desk.approve(desk.submit())
    answers = {
        "certificates": {"ismap": {"number": "1", "valid_to": "2026-12-01"}},
        "external_listings": {"dmp": LISTED["dmp"]},
    }
    with desk.database.transaction() as session:
        vendor = session.get_one(Offering, desk.offering_id).vendor
        for number in range(count):
            make_offering(session, vendor, name=f"架空{number}", answers=answers)
        session.get_one(Offering, desk.offering_id).publication_status = "suspended"


class Watched(Database):
    """A database that keeps how many notices each of its transactions wrote and looked for."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.written: list[int] = []
        self.looks: list[int] = []

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        statements: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        event.listen(self.engine, "before_cursor_execute", note)
        try:
            with super().transaction() as session:
                yield session
        finally:
            event.remove(self.engine, "before_cursor_execute", note)
        self.written.append(sum("INSERT INTO notice" in each for each in statements))
        self.looks.append(sum("FROM notice" in each for each in statements))


@pytest.mark.parametrize("tell", [tell_of_stale_facts, tell_of_expiry])
def test_nobody_waits_for_more_than_a_few_notices(desk: Desk, tell: Tell) -> None:
    _many(desk, 2 * TOLD_AT_ONCE + 5)
    watched = Watched(desk.database.url)
    try:
        assert tell(watched, NOW) == 2 * TOLD_AT_ONCE + 5
    finally:
        watched.dispose()
    assert [count for count in watched.written if count] == [TOLD_AT_ONCE, TOLD_AT_ONCE, 5]
    assert max(watched.looks) == 1
    assert tell(desk.database, NOW) == tell(desk.database, NOW + timedelta(days=1)) == 0


@pytest.mark.parametrize("tell", [tell_of_stale_facts, tell_of_expiry])
def test_two_processes_at_once_tell_once(desk: Desk, tell: Tell) -> None:
    _many(desk, 3)
    start = Barrier(2)

    def run(_number: int) -> int:
        own = Database(desk.database.url)
        start.wait(10)
        try:
            return tell(own, NOW)
        finally:
            own.dispose()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(run, range(2))) == 3
    with desk.database.read_session() as session:
        titles = session.scalars(select(Notice.title).where(Notice.url.contains("/offerings/")))
        named = [title for title in titles if title.startswith(("「架空0", "「架空1", "「架空2"))]
        assert len(named) == len(set(named)) == 3


def publish(desk: Desk) -> None:
    desk.approve(desk.submit())


def test_the_api_names_each_row_with_its_day(desk: Desk) -> None:
    publish(desk)
    with desk.database.read_session() as session:
        page = get_offering_page(session, VISITOR, desk.offering_id)
        answers = offering_page_json(page, TODAY)["answers"]
    assert answers["certificates"]["stale"] == [
        {"row": "ismap", "label": "ISMAP", "checked_on": "2024-11-01", "years": 2}
    ]
    assert [row["row"] for row in answers["external_listings"]["stale"]] == ["dmp"]
    assert answers["hosting"]["stale"] == []


def test_the_open_data_say_it_as_of_their_day(desk: Desk) -> None:
    publish(desk)

    def stale(day: date) -> list[str]:
        with desk.database.read_session() as session:
            content = open_data.make_zip(session, "offerings", day)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            rows = csv.DictReader(io.StringIO(archive.read("data.csv").decode()))
            return [row["value"] for row in rows if row["item"] == "stale_facts"]

    checked = LISTED["dmp"]["checked_on"]
    assert stale(TODAY) == [
        "certificates｜ismap｜2024-11-01",
        f"external_listings｜dmp｜{checked}",
    ]
    assert stale(date(2025, 6, 1)) == []


def test_the_comparison_marks_the_row_and_no_other(desk: Desk) -> None:
    publish(desk)
    with desk.database.read_session() as session:
        page = get_comparison(session, VISITOR, read_ids([str(desk.offering_id)]))
    view = _compare(page)
    marked = {row.label for group in view.groups for row in group.rows if row.cells[0].stale}
    assert marked == {
        "認証の番号・範囲・有効期限：ISMAP",
        "ほかのカタログへの掲載：デジタルマーケットプレイス（DMP）",
    }
    prices = present_prices(page, Sizes(typed={}, bodies=None), {}, {})
    text = comparison_csv(view, prices).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["項目"] for row in rows if row["期限・確認の時期"] == STALE_MARK} == marked


def _compare(page: ComparisonPage) -> Comparison:
    return present_comparison(page, visible_criteria(PUBLIC_ONLY), {}, Address(), TODAY)
