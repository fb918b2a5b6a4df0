"""The yearly renewal of an entry: when it is due, who is told, what counts as one."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from accounts.roles import SYSTEM
from catalog import services
from catalog.criterion import Review
from catalog.desk import drafts, submissions
from catalog.desk.contents import content_of, entry_of, find_section, sha256_of
from catalog.desk.queries import get_entry_page
from catalog.desk.renewals import find_confirmed_on, list_confirmed, tell_of_renewals
from catalog.desk.submissions import Seen
from catalog.models import Offering, OfferingVersion
from catalog.presenters.desk import list_earlier_answers, review_words, says_something
from catalog.renewal import REMIND_BEFORE, RENEWED_ON, Renewal, renewal_of
from foundation.clock import jst_today
from foundation.db import Database
from foundation.errors import Refused
from foundation.mail import Notice, OutboxMail
from tests.harness.builders import NOW
from tests.harness.desk import Desk, make_desk

TODAY = jst_today(NOW)
YEAR = timedelta(days=365)
SOON = NOW + YEAR - timedelta(days=20)
LATER = NOW + YEAR + timedelta(days=10)


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = make_desk(database)
    desk.complete()
    desk.answer(introduction_records=3)
    desk.approve(desk.submit())
    return desk


def renew(desk: Desk, now: datetime = LATER) -> None:
    with desk.database.transaction() as session:
        drafts.renew_draft(
            session,
            actor=desk.vendor,
            now=now,
            offering_id=desk.offering_id,
            seen_sha256=sha256_of(desk.content()),
        )


def hand_in(desk: Desk, now: datetime = LATER) -> submissions.OfferingSubmission:
    with desk.database.transaction() as session:
        version = session.get_one(Offering, desk.offering_id).current_version
        handed = submissions.submit_offering(
            session,
            actor=desk.vendor,
            now=now,
            offering_id=desk.offering_id,
            seen=Seen(content_sha256=sha256_of(desk.content()), version=version),
            change_note="",
        )
        session.expunge(handed)
        return handed


def confirmed_on(desk: Desk) -> date | None:
    with desk.database.read_session() as session:
        return find_confirmed_on(session, desk.offering_id)


def titles(desk: Desk) -> list[str]:
    with desk.database.read_session() as session:
        told = select(Notice.title).where(Notice.title.contains("年次更新")).order_by(Notice.id)
        return list(session.scalars(told))


@pytest.mark.parametrize(
    ("days", "renewal"),
    [
        (0, Renewal.CONFIRMED),
        (365 - REMIND_BEFORE.days - 1, Renewal.CONFIRMED),
        (365 - REMIND_BEFORE.days, Renewal.DUE),
        (364, Renewal.DUE),
        (365, Renewal.OVERDUE),
        (2000, Renewal.OVERDUE),
    ],
)
def test_a_year_has_its_last_month(days: int, renewal: Renewal) -> None:
    assert renewal_of(TODAY, TODAY + timedelta(days=days)) is renewal


def test_the_vendor_is_told_once_before_and_once_after(desk: Desk) -> None:
    assert tell_of_renewals(desk.database, NOW) == 0
    assert tell_of_renewals(desk.database, SOON) == 1
    assert tell_of_renewals(desk.database, SOON) == 0
    assert tell_of_renewals(desk.database, SOON + timedelta(days=1)) == 0
    assert tell_of_renewals(desk.database, LATER) == 1
    assert tell_of_renewals(desk.database, LATER + YEAR) == 0
    assert titles(desk) == [
        f"「架空アシスト」の年次更新の時期です（最後の確認は{TODAY}）",
        f"「架空アシスト」の年次更新の期限が過ぎました（最後の確認は{TODAY}）",
    ]
    with desk.database.read_session() as session:
        mails = session.scalars(
            select(OutboxMail.to).where(OutboxMail.subject.contains("年次更新"))
        ).all()
    assert len(mails) == 4  # both people of the vendor, twice


def test_only_what_readers_see_is_told_of(desk: Desk) -> None:
    with desk.database.transaction() as session:
        session.get_one(Offering, desk.offering_id).publication_status = "suspended"
    assert tell_of_renewals(desk.database, LATER) == 0


def test_a_mere_edit_renews_nothing(desk: Desk) -> None:
    desk.answer(support_hours="always")
    assert hand_in(desk, NOW + timedelta(days=200)).version == 2
    assert confirmed_on(desk) == TODAY


def test_the_same_answers_renew_without_a_new_version_and_without_a_review(desk: Desk) -> None:
    renew(desk)
    assert "introduction_records" not in desk.content()["answers"]
    desk.answer(certifications=["none"], introduction_records=3)
    with desk.database.read_session() as session:
        page = get_entry_page(session, desk.vendor, desk.offering_id)
    assert page.changes == ()
    assert says_something(page)
    assert "版は変わりません" in review_words(page)
    handed = hand_in(desk)
    assert (handed.version, handed.review) == (1, Review.NONE.value)
    assert confirmed_on(desk) == jst_today(LATER)
    assert RENEWED_ON not in desk.content()  # the draft is gone: the next one begins as an edit
    with desk.database.read_session() as session:
        assert session.scalars(select(OfferingVersion.number)).all() == [1]
        assert not says_something(get_entry_page(session, desk.vendor, desk.offering_id))
    assert tell_of_renewals(desk.database, LATER + timedelta(days=1)) == 0
    assert tell_of_renewals(desk.database, LATER + YEAR) == 1


def test_a_renewal_that_waits_counts_once_it_is_published(desk: Desk) -> None:
    renew(desk)
    # A certificate that was not there a year ago is for the operator to look at.
    desk.answer(certifications=["p_mark"], introduction_records=5)
    returned = hand_in(desk, LATER)
    assert returned.version is None
    desk.send_back(returned, "番号も書いてください。")
    assert confirmed_on(desk) == TODAY
    again = hand_in(desk, LATER + timedelta(days=3))
    assert confirmed_on(desk) == TODAY
    assert desk.approve(again) == 2
    assert confirmed_on(desk) == jst_today(LATER + timedelta(days=3))


def test_what_is_written_on_after_a_renewal_begins_no_further_one(desk: Desk) -> None:
    renew(desk)
    desk.answer(certifications=["none"], introduction_records=4, support_hours="always")
    hand_in(desk, LATER)
    day = confirmed_on(desk)
    desk.answer(support_hours="business_hours")
    hand_in(desk, LATER + timedelta(days=90))
    assert confirmed_on(desk) == day


def test_what_was_answered_is_not_lost_to_a_second_beginning(desk: Desk) -> None:
    renew(desk)
    desk.answer(introduction_records=9)
    with pytest.raises(Refused, match="すでに始まっています"):
        renew(desk)
    assert desk.content()["answers"]["introduction_records"] == 9


def test_the_earlier_answers_stand_beside_what_is_asked_again(desk: Desk) -> None:
    section = find_section("purpose")
    assert section
    with desk.database.read_session() as session:
        before = get_entry_page(session, desk.vendor, desk.offering_id)
    assert list_earlier_answers(before, section) == ()
    renew(desk)
    with desk.database.read_session() as session:
        page = get_entry_page(session, desk.vendor, desk.offering_id)
    assert list_earlier_answers(page, section) == (("導入実績", "3団体"),)
    desk.answer(introduction_records=4)
    with desk.database.read_session() as session:
        page = get_entry_page(session, desk.vendor, desk.offering_id)
    assert list_earlier_answers(page, section) == ()


def test_a_version_from_elsewhere_says_everything_anew(desk: Desk) -> None:
    with desk.database.transaction() as session:
        offering = session.get_one(Offering, desk.offering_id)
        version = session.scalars(select(OfferingVersion)).one()
        content = content_of(version)
        content["answers"] |= {"support_hours": "always"}
        services.publish_offering_version(
            session,
            actor=SYSTEM,
            now=LATER,
            offering_id=offering.id,
            entry=entry_of(offering, content),
        )
    assert confirmed_on(desk) == jst_today(LATER)


def test_nothing_is_confirmed_that_was_never_published(desk: Desk) -> None:
    desk.start("架空の下書き")
    assert confirmed_on(desk) is None
    with desk.database.read_session() as session:
        assert len(list_confirmed(session)) == 1
