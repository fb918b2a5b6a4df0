"""The vendor's managers are told once a fact and year; pages mark it, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog.criteria import CRITERIA
from catalog.desk.expiry import tell_of_stale_facts
from catalog.desk.queries import get_entry_page
from catalog.models import Offering
from catalog.presenters.desk import present_stale
from catalog.presenters.offerings import present_answers
from foundation.clock import jst_today
from foundation.db import Database
from foundation.mail import Notice
from tests.harness.builders import NOW
from tests.harness.desk import Desk, make_desk

TODAY = jst_today(NOW)
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
