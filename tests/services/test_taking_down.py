"""An entry leaves its readers and comes back: what waits, who is told, what nobody may see."""

from functools import partial

import pytest
from sqlalchemy import select

from accounts.roles import VISITOR, Actor
from catalog.desk import taking_down
from catalog.desk.models import OfferingReview
from catalog.desk.waiting import find_waiting
from catalog.models import Offer, Vendor
from catalog.queries.offerings import get_offering_page, get_version_page
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice, OutboxMail
from tests.harness.builders import NOW, make_vendor
from tests.harness.desk import Desk, make_desk
from tests.harness.served import all_at_once


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = make_desk(database)
    desk.publish()
    return desk


def withdraw(desk: Desk, actor: Actor | None = None, reason: str = "提供を終えました。") -> None:
    with desk.database.transaction() as session:
        taking_down.withdraw_entry(
            session,
            actor=actor or desk.vendor,
            now=NOW,
            offering_id=desk.offering_id,
            reason=reason,
        )


def suspend(desk: Desk, reason: str = "認証の確認中") -> None:
    with desk.database.transaction() as session:
        taking_down.suspend_offering(
            session, actor=desk.operator, now=NOW, offering_id=desk.offering_id, reason=reason
        )


def sell(desk: Desk) -> int:
    """Another vendor sells the entry too; its organisation."""
    with desk.database.transaction() as session:
        seller = make_vendor(session)
        session.add(Offer(offering_id=desk.offering_id, seller_id=seller.id))
        return seller.organization_id


def told(desk: Desk, words: str) -> dict[int, tuple[str, str]]:
    """Organisation → address and body of what it was told with these words."""
    with desk.database.read_session() as session:
        notices = session.scalars(select(Notice).where(Notice.title.contains(words))).all()
        assert len(notices) == len({notice.organization_id for notice in notices})
        return {notice.organization_id or 0: (notice.url, notice.body) for notice in notices}


def test_what_waits_is_taken_back_with_the_entry_and_cannot_bring_it_back(desk: Desk) -> None:
    desk.save("basic", {"name": "別の名称", "summary": "別の概要です。", **kind()})
    waiting = desk.submit()
    assert waiting.review == "before"
    withdraw(desk)
    with desk.database.read_session() as session:
        assert find_waiting(session, desk.offering_id) is None
        assert session.get_one(OfferingReview, waiting.id).verdict == "recalled"
    with pytest.raises(Conflict, match="すでに処理"):
        desk.approve(waiting)
    assert desk.status() == ("withdrawn", 1)
    # It comes back by being handed in and looked at, and by nothing else.
    again = desk.submit()
    assert again.review == "before"
    assert desk.status() == ("withdrawn", 1)
    assert desk.approve(again) == 2
    assert desk.status() == ("published", 2)


def kind() -> dict[str, str]:
    return {"system_type_code": "generative_ai"}


def test_who_sells_it_and_the_operator_learn_why_it_ended(desk: Desk) -> None:
    seller = sell(desk)
    withdraw(desk)
    found = told(desk, "掲載が終了しました")
    assert found.keys() == {seller, desk.operator.organization_id}
    assert found[seller][0] == "/desk/vendor"
    assert all("開発元から：提供を終えました。" in body for _, body in found.values())


def test_a_stranger_and_a_missing_reason_end_nothing(desk: Desk) -> None:
    with pytest.raises(NotFound):
        withdraw(desk, desk.stranger)
    with pytest.raises(Refused, match="理由"):
        withdraw(desk, reason=" ")
    assert desk.status() == ("published", 1)
    assert told(desk, "掲載が終了しました") == {}


def test_maker_and_sellers_are_told_of_a_suspension_and_its_end(desk: Desk) -> None:
    seller = sell(desk)
    suspend(desk)
    with desk.database.transaction() as session:
        taking_down.resume_offering(
            session, actor=desk.operator, now=NOW, offering_id=desk.offering_id, reason="済み"
        )
        maker = session.get_one(Vendor, desk.vendor_id).organization_id
    for words, reason in (("公開停止になりました", "認証の確認中"), ("公開中になりました", "済み")):
        found = told(desk, words)
        assert found.keys() == {maker, seller}
        assert all(f"運営者から：{reason}" in body for _, body in found.values())
        assert found[maker][0] == f"/desk/vendor/offerings/{desk.offering_id}"
    with desk.database.read_session() as session:
        mails = session.scalars(select(OutboxMail).where(OutboxMail.subject.contains("公開停止")))
        assert len(mails.all()) >= 2  # each of the maker's people


def test_the_operator_finds_every_suspended_entry_with_its_reason(desk: Desk) -> None:
    with desk.database.read_session() as session:
        assert taking_down.list_suspended(session) == ()
    suspend(desk, "前の理由")
    with desk.database.transaction() as session:
        taking_down.resume_offering(
            session, actor=desk.operator, now=NOW, offering_id=desk.offering_id, reason="済み"
        )
    suspend(desk, "今の理由")
    with desk.database.read_session() as session:
        [row] = taking_down.list_suspended(session)
        assert (row.id, row.reason, row.since) == (desk.offering_id, "今の理由", NOW)
        hidden = taking_down.find_hidden(session, desk.offering_id)
        assert (hidden.reason, hidden.ended) == ("今の理由", "")


def test_withdrawn_and_approved_at_once_nothing_comes_back(desk: Desk) -> None:
    """Either order stands: approved first, then gone; or gone, and nothing left to approve."""
    desk.save("basic", {"name": "別の名称", "summary": "別の概要です。", **kind()})
    waiting = desk.submit()

    def attempt(act: partial[object]) -> str:
        try:
            act()
        except Conflict:
            return "conflict"
        return "done"

    acts = [partial(withdraw, desk), partial(desk.approve, waiting)]
    withdrawn, approved = all_at_once([partial(attempt, act) for act in acts])
    assert withdrawn == "done"
    assert desk.status() == ("withdrawn", 2 if approved == "done" else 1)


def resume(desk: Desk) -> str:
    try:
        with desk.database.transaction() as session:
            taking_down.resume_offering(
                session, actor=desk.operator, now=NOW, offering_id=desk.offering_id, reason="済み"
            )
    except Refused as refused:
        return str(refused)
    return "resumed"


def test_a_suspended_entry_is_ended_and_nothing_of_it_is_read_again(desk: Desk) -> None:
    """Only an operator shows what an operator hid (domain §8): it stays suspended."""
    seller = sell(desk)
    suspend(desk)
    with pytest.raises(NotFound):
        withdraw(desk, desk.stranger)
    with pytest.raises(Refused, match="理由"):
        withdraw(desk, reason=" ")
    withdraw(desk)
    assert desk.status() == ("suspended", 1)
    found = told(desk, "掲載が終了しました")
    assert found.keys() == {seller, desk.operator.organization_id}
    with desk.database.read_session() as session:
        with pytest.raises(NotFound):
            get_offering_page(session, VISITOR, desk.offering_id)
        with pytest.raises(NotFound):
            get_version_page(session, VISITOR, desk.offering_id, 1)
        [row] = taking_down.list_suspended(session)
        assert (row.reason, row.ended) == ("認証の確認中", "提供を終えました。")
    with pytest.raises(Refused, match="すでに終了"):
        withdraw(desk)
    assert "事業者が掲載を終了しているため" in resume(desk)
    assert desk.status() == ("suspended", 1)


def test_what_ended_while_suspended_comes_back_by_being_handed_in_again(desk: Desk) -> None:
    desk.save("basic", {"name": "直した名称", "summary": "直した概要です。", **kind()})
    waiting = desk.submit()
    suspend(desk)
    withdraw(desk)
    with desk.database.read_session() as session:
        assert session.get_one(OfferingReview, waiting.id).verdict == "recalled"
    again = desk.submit()
    assert again.review == "before"
    assert resume(desk) == "resumed"
    assert desk.approve(again) == 2
    assert desk.status() == ("published", 2)
    # A later suspension is not ended by what was said of the one before.
    suspend(desk, "別の理由")
    with desk.database.read_session() as session:
        hidden = taking_down.find_hidden(session, desk.offering_id)
        assert (hidden.reason, hidden.ended) == ("別の理由", "")
    assert resume(desk) == "resumed"


def test_ended_and_resumed_at_once_one_knows_of_the_other(desk: Desk) -> None:
    suspend(desk)
    ended, resumed = all_at_once([partial(withdraw, desk), partial(resume, desk)])
    assert ended is None
    # Resumed first: what readers saw again is withdrawn with its page. Else nothing is resumed.
    assert desk.status() == ("withdrawn" if resumed == "resumed" else "suspended", 1)
    assert resumed == "resumed" or "事業者が掲載を終了" in resumed
