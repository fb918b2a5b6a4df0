"""The operator confirms what an entry counts as before anybody reads it, on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from catalog.desk.classing import confirm_entry_class, get_classed
from catalog.desk.contents import BASIC
from catalog.desk.models import OfferingSubmission
from catalog.desk.queries import get_entry_page, get_review_page
from catalog.models import Offering, PolicyClass
from catalog.policy import ClassedKind, ClassState
from catalog.policy_confirming import ClassAnswer
from catalog.policy_history import recheck_offerings
from catalog.queries.policy_classes import ClassPage, get_class_page, list_unconfirmed
from foundation.audit import AuditEvent
from foundation.clock import jst_today
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from tests.harness.builders import NOW
from tests.harness.catalog import decide_common_target
from tests.harness.desk import Desk, make_desk

TODAY = jst_today(NOW)
OFFERING = ClassedKind.OFFERING.value
ANSWER = ClassAnswer(
    scope="undetermined",
    basis="資料を確かめた。",
    reason="資料からは決められない。",
    seen_number=0,
    seen_sha256="",
)


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = make_desk(database)
    desk.complete()
    return desk


def seen(desk: Desk) -> ClassAnswer:
    """The answer of somebody who has the page before its eyes."""
    with desk.database.read_session() as session:
        subject = get_classed(session, desk.offering_id, TODAY).subject
        number = get_class_page(session, OFFERING, desk.offering_id).number
        return replace(ANSWER, seen_number=number, seen_sha256=subject.sha256)


def confirm(desk: Desk, answer: ClassAnswer | None = None) -> None:
    with desk.database.transaction() as session:
        confirm_entry_class(
            session,
            actor=desk.operator,
            now=NOW,
            offering_id=desk.offering_id,
            answer=answer or seen(desk),
        )


def page_of(desk: Desk) -> ClassPage:
    with desk.database.read_session() as session:
        return get_class_page(session, OFFERING, desk.offering_id)


def rename(desk: Desk, name: str) -> None:
    """Another name in the draft, as its vendor writes it."""
    content = desk.content()
    part = {key: content[key] for key in ("summary", "system_type_code")}
    desk.save(BASIC, part | {"name": name})


def test_what_is_handed_in_is_suggested_confirmed_and_carried_on(desk: Desk) -> None:
    submission = desk.submit()
    page = page_of(desk)
    assert (page.state, page.confirmed) == (ClassState.UNCONFIRMED, None)
    assert page.suggested and page.suggested.scope == "general"
    confirm(desk)
    with desk.database.read_session() as session:
        own = get_entry_page(session, desk.vendor, desk.offering_id).policy
        review = get_review_page(session, submission.id, TODAY)
        [event] = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "confirm_policy_class")
        )
    for before in (own, review.policy):
        assert before.state is ClassState.CONFIRMED
        assert before.suggested and before.suggested.scope == "general"
        assert before.confirmed and before.confirmed.scope == "undetermined"
        assert before.confirmed.basis == "資料を確かめた。"
    assert review.may_be_classed
    assert event.subject_id == str(desk.offering_id)
    desk.approve(submission)
    recheck_offerings(desk.database, NOW)
    after = page_of(desk)
    assert after.events == own.events
    assert after.state is ClassState.CONFIRMED
    with desk.database.read_session() as session:
        assert list_unconfirmed(session, page=1, size=10).total == 0
        assert get_classed(session, desk.offering_id, TODAY).submission_id is None


def test_the_daily_look_leaves_what_nobody_published(desk: Desk) -> None:
    desk.submit()
    recheck_offerings(desk.database, NOW)
    with desk.database.read_session() as session:
        assert len(session.scalars(select(PolicyClass)).all()) == 1


def test_a_class_is_confirmed_beside_what_was_seen(desk: Desk) -> None:
    desk.submit()
    stale = seen(desk)
    rename(desk, "架空の別の名前")
    desk.submit()
    with pytest.raises(Conflict):
        confirm(desk, stale)
    fresh = seen(desk)
    confirm(desk, fresh)
    with pytest.raises(Conflict):
        confirm(desk, fresh)
    assert page_of(desk).number == 1


def test_another_suggestion_asks_for_a_new_look(desk: Desk) -> None:
    first = desk.submit()
    confirm(desk)
    desk.send_back(first, "名称を直してください。")
    with desk.database.read_session() as session, pytest.raises(NotFound):
        get_classed(session, desk.offering_id, TODAY)
    with desk.database.transaction() as session:
        decide_common_target(session)
    desk.submit()
    page = page_of(desk)
    assert page.state is ClassState.RECHECK
    assert page.suggested and page.suggested.scope == "commonization_target"
    assert page.confirmed and page.confirmed.scope == "undetermined"


def test_what_cannot_be_answered_is_refused_and_nothing_written(desk: Desk) -> None:
    desk.submit()
    with pytest.raises(Refused) as refused:
        confirm(desk, replace(seen(desk), reason=""))
    assert [blocker.field for blocker in refused.value.blockers] == ["reason"]
    assert page_of(desk).confirmed is None


def test_a_draft_nobody_handed_in_has_no_class(desk: Desk) -> None:
    with desk.database.read_session() as session:
        with pytest.raises(NotFound):
            get_classed(session, desk.offering_id, TODAY)
        assert session.get_one(Offering, desk.offering_id).publication_status == "draft"
        assert session.scalars(select(OfferingSubmission)).all() == []
