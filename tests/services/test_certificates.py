"""A certificate that runs out is told of before and after, and marked wherever it is read."""

import csv
import io
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from accounts.roles import VISITOR
from catalog import open_data
from catalog.certificates import EXPIRES_SOON, expiries_by_criterion, list_expiries
from catalog.criteria import CRITERIA, PUBLIC_ONLY, visible_criteria
from catalog.desk.expiry import tell_of_expiry
from catalog.desk.queries import get_entry_page
from catalog.presenters.api import offering_page_json
from catalog.presenters.comparison import Address, present_comparison
from catalog.presenters.comparison_csv import comparison_csv
from catalog.presenters.comparison_prices import Sizes, present_prices
from catalog.presenters.desk import present_expiries
from catalog.presenters.offerings import present_answers
from catalog.queries.comparison import get_comparison, read_ids
from catalog.queries.offerings import get_offering_page
from catalog.search.facets import FACETS_BY_NAME
from foundation.clock import jst_today
from foundation.db import Database
from foundation.mail import Notice, OutboxMail
from tests.harness.builders import NOW
from tests.harness.desk import Desk, make_desk

TODAY = jst_today(NOW)
YESTERDAY = TODAY - timedelta(days=1)
IN_A_MONTH = TODAY + timedelta(days=30)
HELD = ["ismap", "iso27001", "p_mark"]
OVER = f"有効期限切れ（{YESTERDAY.year}年{YESTERDAY.month}月{YESTERDAY.day}日まで）"
NEAR = f"有効期限が近い（{IN_A_MONTH.year}年{IN_A_MONTH.month}月{IN_A_MONTH.day}日まで）"


def rows(ismap: date) -> dict[str, dict[str, str]]:
    """ISMAP until that day, ISO/IEC 27001 for a month more, the P-mark without a day."""
    return {
        "ismap": {"number": "1", "valid_to": ismap.isoformat()},
        "iso27001": {"number": "2", "valid_to": IN_A_MONTH.isoformat()},
        "p_mark": {"number": "3"},
    }


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = make_desk(database)
    desk.complete()
    desk.answer(certifications=HELD, certificates=rows(YESTERDAY))
    desk.approve(desk.submit())
    return desk


@pytest.mark.parametrize(
    ("days", "found"),
    [(-1, [True]), (0, [False]), (EXPIRES_SOON.days, [False]), (EXPIRES_SOON.days + 1, [])],
)
def test_its_last_day_still_holds(days: int, found: list[bool]) -> None:
    ends = (TODAY + timedelta(days=days)).isoformat()
    answers = {"certificates": {"ismap": {"valid_to": ends}, "p_mark": {"valid_to": ""}}}
    assert [one.expired for one in list_expiries(answers, TODAY)] == found


def test_nothing_is_said_beside_what_one_may_not_read_or_does_not_hold() -> None:
    answers = {"certifications": ["p_mark"], "certificates": rows(YESTERDAY)}
    assert expiries_by_criterion(answers, ["certifications", "hosting"], TODAY) == {}


def test_the_maker_is_told_by_mail_and_inbox_once_before_and_once_after(desk: Desk) -> None:
    start = NOW + timedelta(days=1)
    assert tell_of_expiry(desk.database, start) == 2
    assert tell_of_expiry(desk.database, start + timedelta(days=1)) == 0
    assert tell_of_expiry(desk.database, start + timedelta(days=40)) == 1  # now over as well
    with desk.database.read_session() as session:
        notices = session.scalars(
            select(Notice).where(Notice.title.contains("有効期限")).order_by(Notice.id)
        ).all()
        mails = session.scalars(
            select(OutboxMail.subject).where(OutboxMail.subject.contains("有効期限"))
        ).all()
    titles = list(dict.fromkeys(notice.title for notice in notices))
    assert titles == [
        f"「架空アシスト」のISMAPの有効期限（{YESTERDAY}）が過ぎました",
        f"「架空アシスト」のISO/IEC 27001の有効期限は{IN_A_MONTH}です",
        f"「架空アシスト」のISO/IEC 27001の有効期限（{IN_A_MONTH}）が過ぎました",
    ]
    assert len(mails) == 2 * len(notices)  # the vendor has two people
    assert "掲載は止まりません" in notices[0].body


def test_page_desk_and_api_mark_it(desk: Desk) -> None:
    with desk.database.read_session() as session:
        entry = get_entry_page(session, desk.vendor, desk.offering_id)
        page = get_offering_page(session, VISITOR, desk.offering_id)
    lines = [
        line for g in present_answers(page.content.answers, CRITERIA, TODAY) for line in g.lines
    ]
    assert {line.label: line.stale for line in lines if line.stale} == {
        "認証・登録": (f"ISMAP：{OVER}",),
        "認証の番号・範囲・有効期限": (f"ISMAP：{OVER}", f"ISO/IEC 27001：{NEAR}"),
    }
    url = f"/desk/vendor/offerings/{desk.offering_id}/security"
    assert present_expiries(entry, TODAY) == (
        (f"ISMAP：{OVER}", url),
        (f"ISO/IEC 27001：{NEAR}", url),
    )
    answers = offering_page_json(page, TODAY)["answers"]
    over = {"row": "ismap", "label": "ISMAP", "valid_to": str(YESTERDAY), "expired": True}
    assert answers["certifications"]["expiring"] == [over]
    assert answers["certificates"]["expiring"][0] == over
    assert answers["certificates"]["expiring"][1]["expired"] is False
    assert answers["hosting"]["expiring"] == []


def test_the_comparison_and_its_file_mark_the_rows(desk: Desk) -> None:
    with desk.database.read_session() as session:
        page = get_comparison(session, VISITOR, read_ids([str(desk.offering_id)]))
    view = present_comparison(page, visible_criteria(PUBLIC_ONLY), {}, Address(), TODAY)
    marks = {
        row.label: row.cells[0].stale
        for group in view.groups
        for row in group.rows
        if row.cells[0].stale
    }
    assert marks == {
        "認証・登録": f"ISMAP：{OVER}",
        "認証の番号・範囲・有効期限：ISMAP": OVER,
        "認証の番号・範囲・有効期限：ISO/IEC 27001": NEAR,
    }
    prices = present_prices(page, Sizes(typed={}, bodies=None), {}, {})
    text = comparison_csv(view, prices).decode("utf-8-sig")
    said = {row["項目"]: row["期限・確認の時期"] for row in csv.DictReader(io.StringIO(text))}
    assert {label: words for label, words in said.items() if words} == marks


def test_the_open_data_name_what_is_over_on_their_day(desk: Desk) -> None:
    def over(day: date) -> list[str]:
        with desk.database.read_session() as session:
            content = open_data.make_zip(session, "offerings", day)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            read = csv.DictReader(io.StringIO(archive.read("data.csv").decode()))
            return [row["value"] for row in read if row["item"] == "expired_certificates"]

    assert over(TODAY) == [f"certificates｜ismap｜{YESTERDAY}"]
    assert over(YESTERDAY) == []


def test_the_filter_says_that_it_finds_what_is_over_too() -> None:
    assert "有効期限を過ぎたものも含み" in FACETS_BY_NAME["certification"].note


def test_a_renewed_certificate_has_no_mark_and_is_told_of_again_in_its_time(desk: Desk) -> None:
    assert tell_of_expiry(desk.database, NOW) == 2
    renewed = TODAY + timedelta(days=365)
    desk.answer(certificates=rows(renewed))
    desk.approve(desk.submit())
    with desk.database.read_session() as session:
        page = get_offering_page(session, VISITOR, desk.offering_id)
    near = list_expiries(page.content.answers, TODAY)
    assert [one.row for one in near] == ["iso27001"]
    assert tell_of_expiry(desk.database, NOW + timedelta(days=20)) == 0
    later = NOW + timedelta(days=300)
    assert tell_of_expiry(desk.database, later) == 2  # the new day, and the other one over
