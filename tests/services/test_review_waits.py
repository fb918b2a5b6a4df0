"""An operator who never reviews: every wait is walked past its deadline, on both databases (§4)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from accounts.models import Organization
from catalog.case_drafting import services
from catalog.case_drafting.own_publishing import publish_own_case
from catalog.case_drafting.review_waits import (
    OVERDUE,
    describe_wait,
    due_of,
    is_unreviewed,
    list_review_waits,
    tell_of_review_waits,
)
from catalog.desk.vendor_models import VendorRename
from catalog.models import Case
from foundation.audit import AuditEvent, verify
from foundation.clock import add_working_days, jst_today
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice
from tests.harness.builders import NOW, make_organization, make_vendor
from tests.harness.desk import make_desk
from tests.services.test_case_drafting import office  # noqa: F401

TODAY = jst_today(NOW)


def morning_of(day: date) -> datetime:
    return datetime.combine(day, time(1, 0), UTC)  # 10:00 in Japan


def notices(session, kind):
    return list(
        session.scalars(
            select(Notice)
            .join(Organization, Organization.id == Notice.organization_id)
            .where(Organization.kind == kind)
            .order_by(Notice.id)
        )
    )


@pytest.fixture
def waiting(database):
    """An entry, a vendor and a name of which the operator says nothing, handed in today."""
    desk = make_desk(database)
    desk.complete()
    desk.submit()
    with database.transaction() as session:
        make_organization(session, "ministry")
        vendor = make_vendor(
            session, "架空未公開株式会社", publication_status="submitted", registered_on=TODAY
        )
        session.add(
            VendorRename(
                vendor_id=vendor.id,
                old_name="架空未公開株式会社",
                new_name="架空改名株式会社",
                new_kana="",
                effective_on=TODAY,
                reason="合併",
                requested_at=NOW,
                requested_by="架空",
            )
        )
    return desk


def test_the_operator_is_reminded_twice_and_then_the_ministries_are_told(database, waiting):
    with database.read_session() as session:
        waits = list(list_review_waits(session))
        assert [each.what for each in waits] == ["掲載", "事業者の登録", "名称の変更"]
        assert {each.due for each in waits} == {add_working_days(TODAY, 10)}
        before = len(notices(session, "operator"))
    half, due = add_working_days(TODAY, 5), due_of(TODAY)
    counts = []
    for day in (half, half + timedelta(days=1), due, due + timedelta(days=1), due + timedelta(30)):
        counts.append(tell_of_review_waits(database, morning_of(day)))
        assert tell_of_review_waits(database, morning_of(day)) == 0  # once a day
    # Three things: reminded after half of the time; at its end again, and one word to ministries.
    assert counts == [0, 3, 0, 6, 0]
    with database.read_session() as session:
        told = notices(session, "operator")[before:]
        assert len(told) == 6 and all("審査をお待ちしています" in each.title for each in told)
        ministry = notices(session, "ministry")
        assert len(ministry) == 3 and all(each.title.startswith(OVERDUE) for each in ministry)
        for each in ministry:  # nothing of what is not public
            assert "架空" not in each.title + each.body
            assert waiting.content()["name"] not in each.title + each.body


def test_who_waits_reads_until_when_and_what_happens_then():
    due = due_of(TODAY)
    assert describe_wait(TODAY, due).startswith("運営者の審査の期限は令和8年12月7日（")
    late = describe_wait(TODAY, due + timedelta(days=1))
    assert late.startswith("審査の期限の令和8年12月7日を過ぎています。")
    assert "府省庁にも知らせました" in late


def test_what_was_looked_at_in_time_is_nobodys_matter(database):
    desk = make_desk(database)
    desk.complete()
    desk.approve(desk.submit())
    assert tell_of_review_waits(database, morning_of(due_of(TODAY) + timedelta(days=1))) == 0
    with database.read_session() as session:
        assert list(list_review_waits(session)) == []


def own(office, day, *, actor=None, seen=""):  # noqa: F811
    with office.database.transaction() as session:
        return publish_own_case(
            session,
            actor=actor or office.lead,
            now=morning_of(day),
            draft_id=office.draft_id,
            seen_sha256=seen or office.sha256(),
        )


def test_a_case_is_published_by_its_lead_past_the_deadline_and_marked(office):  # noqa: F811
    with pytest.raises(Refused) as nothing:
        own(office, TODAY)
    assert [each.code for each in nothing.value.blockers] == ["not_waiting"]
    office.submit()
    due = due_of(TODAY)
    with pytest.raises(Refused) as early:
        own(office, due)
    assert [each.code for each in early.value.blockers] == ["before_deadline"]
    late = due + timedelta(days=1)
    with pytest.raises(NotFound):
        own(office, late, actor=office.stranger)
    with pytest.raises(Conflict):
        own(office, late, seen="0" * 64)
    case_id = own(office, late)
    with office.database.read_session() as session:
        assert session.get_one(Case, case_id).title == "架空の共同調達"
        assert is_unreviewed(session, case_id)
        assert list(list_review_waits(session)) == []
        told = [each.title for each in notices(session, "operator")]
        assert any("幹事団体により公開されました" in title for title in told)
        actions = session.scalars(select(AuditEvent.action)).all()
        assert actions.count("publish_own_case") == 1
        assert not verify(session).problems
    # The operator's look at a later change takes the mark away.
    with office.database.transaction() as session:
        services.start_change(session, actor=office.lead, now=NOW, case_id=case_id)
    office.save(title="架空の共同調達（改）")
    office.decide(services.approve_case, office.submit())
    with office.database.read_session() as session:
        assert not is_unreviewed(session, case_id)
