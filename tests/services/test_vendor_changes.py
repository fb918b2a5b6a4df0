"""A vendor takes another name, or goes on as another: nothing said before is said otherwise."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from accounts.models import Membership, Organization
from accounts.roles import VISITOR, Actor
from catalog.desk import drafts, vendor_changes
from catalog.desk.models import OfferingDraft
from catalog.desk.vendor_changes import Merger, NewName
from catalog.models import Offering, OfferingVersion, SearchOutbox, Vendor
from catalog.publishing import find_version, stored_content
from catalog.queries.offerings import get_offering_page, get_version_page
from catalog.queries.vendors import find_successor, get_vendor_page
from catalog.search.catalog_sources import OfferingSource
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice
from tests.harness.builders import NOW, make_vendor
from tests.harness.desk import PLAN, Desk, make_desk
from tests.harness.served import all_at_once

DAY = NOW.date()


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


@pytest.fixture
def quick(sqlite_database: Database) -> Desk:
    return make_desk(sqlite_database)


def ask(desk: Desk, name: str = "新名称株式会社", actor: Actor | None = None, **facts) -> int:
    wanted = {"kana": "", "effective_on": DAY, "reason": "商号変更"} | facts
    with desk.database.transaction() as session:
        return vendor_changes.request_rename(
            session,
            actor=actor or desk.colleague,
            now=NOW,
            wanted=NewName(name=name, **wanted),
        ).id


def approve(desk: Desk, rename_id: int) -> None:
    with desk.database.transaction() as session:
        vendor_changes.approve_rename(
            session, actor=desk.operator, now=NOW, rename_id=rename_id, reply="確かめました。"
        )


def other_vendor(desk: Desk) -> int:
    with desk.database.read_session() as session:
        statement = select(Vendor.id).where(Vendor.organization_id == desk.stranger.organization_id)
        return session.scalars(statement).one()


def merge(desk: Desk, successor: int, actor: Actor | None = None, **facts) -> None:
    given = {"vendor_id": desk.vendor_id, "effective_on": DAY, "reason": "吸収合併"} | facts
    with desk.database.transaction() as session:
        vendor_changes.merge_vendors(
            session,
            actor=actor or desk.operator,
            now=NOW,
            merger=Merger(successor_id=successor, **given),
        )


def test_a_new_name_waits_and_then_stands_everywhere_but_in_what_was(desk: Desk) -> None:
    desk.publish()
    with desk.database.read_session() as session:
        old = session.get_one(Vendor, desk.vendor_id).name
    rename_id = ask(desk)
    with desk.database.read_session() as session:
        assert session.get_one(Vendor, desk.vendor_id).name == old
        assert [row.id for row in vendor_changes.list_renames(session)] == [rename_id]
    with pytest.raises(Refused, match="審査を待っている"):
        ask(desk, "別の名称")
    approve(desk, rename_id)
    with desk.database.read_session() as session:
        page = get_vendor_page(session, desk.vendor_id)
        assert page.row.name == "新名称株式会社"
        assert [(row.old_name, row.until, row.merged) for row in page.history] == [
            (old, DAY, False)
        ]
        assert session.get_one(Organization, desk.vendor.organization_id).name == page.row.name
        _row, first = get_version_page(session, VISITOR, desk.offering_id, 1)
        assert (first.vendor_name, first.offers[0].seller_name) == (old, old)
        entry = get_offering_page(session, VISITOR, desk.offering_id)
        assert (entry.row.version, entry.content.vendor_name) == (2, "新名称株式会社")
        assert entry.content.offers[0].seller_name == "新名称株式会社"
        assert old in entry.versions[0].change_note
        [document] = OfferingSource().documents(session, [desk.offering_id])
        assert document.vendor == "新名称株式会社"
        assert old in document.body
        assert session.scalars(select(SearchOutbox.object_id)).all()[-1] == desk.offering_id
    with pytest.raises(Conflict):
        approve(desk, rename_id)


def test_who_may_ask_and_what_is_asked(quick: Desk) -> None:
    quick.start()
    with pytest.raises(Refused, match="管理者"):
        ask(quick, actor=quick.vendor)
    with pytest.raises(Refused) as refused:
        ask(quick, " ", reason="", effective_on=DAY + timedelta(days=1))
    assert {b.field for b in refused.value.blockers} == {"name", "reason", "effective_on"}
    rename_id = ask(quick)
    with quick.database.transaction() as session, pytest.raises(Refused):
        vendor_changes.approve_rename(
            session, actor=quick.colleague, now=NOW, rename_id=rename_id, reply=""
        )
    with quick.database.transaction() as session, pytest.raises(Refused, match="理由"):
        vendor_changes.send_back_rename(
            session, actor=quick.operator, now=NOW, rename_id=rename_id, reply=" "
        )
    with quick.database.transaction() as session:
        vendor_changes.send_back_rename(
            session, actor=quick.operator, now=NOW, rename_id=rename_id, reply="登記の写しを。"
        )
    with quick.database.read_session() as session:
        assert "登記の写しを。" in session.scalars(select(Notice.body)).all()[-1]
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)).all()
        assert actions[-2:] == ["request_rename", "send_back_rename"]
    assert ask(quick, "三つめの名称")


def recall(desk: Desk, rename_id: int, actor: Actor | None = None) -> str:
    try:
        with desk.database.transaction() as session:
            vendor_changes.recall_rename(
                session, actor=actor or desk.colleague, now=NOW, rename_id=rename_id
            )
    except (Conflict, Refused) as problem:
        return str(problem)
    return "recalled"


def test_its_vendor_takes_a_waiting_name_back_and_may_ask_again(desk: Desk) -> None:
    desk.publish()
    rename_id = ask(desk)
    assert "管理者だけ" in recall(desk, rename_id, desk.vendor)
    for actor, number in ((desk.stranger, rename_id), (desk.colleague, rename_id + 99)):
        with pytest.raises(NotFound):
            recall(desk, number, actor)
    assert recall(desk, rename_id) == "recalled"
    assert "事業者がすでに取り下げました" in recall(desk, rename_id)
    with pytest.raises(Conflict, match="事業者がすでに取り下げました"):
        approve(desk, rename_id)
    again = ask(desk, "三つめの名称")
    approve(desk, again)
    assert "運営者がすでに承認しました" in recall(desk, again)
    with desk.database.read_session() as session:
        assert vendor_changes.list_renames(session) == ()
        asked = vendor_changes.list_own_renames(session, desk.vendor_id)
        assert [(row.id, row.verdict) for row in asked] == [
            (again, "approved"),
            (rename_id, "recalled"),
        ]
        assert asked[1].decided_by == desk.colleague.label
        statement = select(AuditEvent).where(AuditEvent.action == "recall_rename")
        [event] = session.scalars(statement)
        assert event.changes == {"name": "新名称株式会社"}
        versions = session.scalars(
            select(OfferingVersion.number).where(OfferingVersion.offering_id == desk.offering_id)
        )
        assert sorted(versions) == [1, 2]  # the second by the name that was approved


def test_taken_back_and_approved_in_the_same_moment_one_of_both_counts(desk: Desk) -> None:
    desk.publish()
    with desk.database.read_session() as session:
        old = session.get_one(Vendor, desk.vendor_id).name
    rename_id = ask(desk)

    def grant() -> str:
        try:
            approve(desk, rename_id)
        except Conflict as conflict:
            return str(conflict)
        return "approved"

    taken, granted = all_at_once([partial(recall, desk, rename_id), grant])
    with desk.database.read_session() as session:
        name = session.get_one(Vendor, desk.vendor_id).name
        office = session.get_one(Organization, desk.vendor.organization_id).name
        assert name == office == ("新名称株式会社" if granted == "approved" else old)
        verdict = vendor_changes.list_own_renames(session, desk.vendor_id)[0].verdict
        assert verdict == ("approved" if granted == "approved" else "recalled")
        actions = session.scalars(
            select(AuditEvent.action).where(
                AuditEvent.action.in_(("recall_rename", "approve_rename"))
            )
        ).all()
    assert len(actions) == 1
    assert desk.status() == ("published", 2 if granted == "approved" else 1)
    if granted == "approved":
        assert "運営者がすでに承認しました" in taken
    else:
        assert (taken, "事業者がすでに取り下げました" in granted) == ("recalled", True)


def test_nothing_changes_name_or_maker_while_something_waits(quick: Desk) -> None:
    quick.publish()
    dearer = {**PLAN, "name": "別のプラン"}
    quick.price(dearer)
    waiting = quick.submit()
    with pytest.raises(Refused, match="審査を待つ掲載"):
        merge(quick, other_vendor(quick))
    rename_id = ask(quick)
    with pytest.raises(Refused, match="審査を待つ掲載"):
        approve(quick, rename_id)
    quick.approve(waiting)
    approve(quick, rename_id)
    assert quick.status() == ("published", 3)


def test_a_merged_vendors_entries_go_on_under_the_successor(desk: Desk) -> None:
    desk.publish()
    published = desk.offering_id
    desk.complete()
    draft = desk.offering_id
    successor = other_vendor(desk)
    with desk.database.read_session() as session:
        old = session.get_one(Vendor, desk.vendor_id).name
        new = session.get_one(Vendor, successor).name
        first = find_version(session, published, 1)
        assert first
        before = stored_content(first)
    merge(desk, successor)
    with desk.database.read_session() as session:
        assert find_successor(session, desk.vendor_id) == successor
        with pytest.raises(NotFound):
            get_vendor_page(session, desk.vendor_id)
        page = get_vendor_page(session, successor)
        assert [(row.old_name, row.merged) for row in page.history] == [(old, True)]
        assert [row.id for row in page.offerings] == [published]
        entry = get_offering_page(session, VISITOR, published)
        assert (entry.row.vendor_id, entry.content.vendor_name) == (successor, new)
        assert [offer.seller_id for offer in entry.content.offers] == [successor]
        kept = find_version(session, published, 1)
        assert kept
        assert stored_content(kept) == before, "a record locked on it verifies as before"
        content = session.get_one(OfferingDraft, draft).content
        assert [offer["seller_id"] for offer in content["offers"]] == [successor]
        people = select(Membership.user_id).where(
            Membership.organization_id == desk.stranger.organization_id
        )
        assert {desk.vendor.user_id, desk.colleague.user_id} <= set(session.scalars(people))
        [document] = OfferingSource().documents(session, [published])
        assert old in document.body
        drafts.find_own_offering(session, desk.stranger, draft)
        with pytest.raises(NotFound):
            drafts.find_own_offering(session, desk.vendor, draft)
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
        assert last
        assert (last.action, last.changes["reason"]) == ("merge_vendors", "吸収合併")
    with pytest.raises(NotFound), desk.database.transaction() as session:
        drafts.get_own_vendor(session, desk.vendor)


def test_where_both_sold_it_their_plans_come_together(quick: Desk) -> None:
    quick.complete()
    successor = other_vendor(quick)
    offers = [
        {"seller_id": quick.vendor_id, "contract_conditions": "甲", "plans": [PLAN]},
        {
            "seller_id": successor,
            "contract_conditions": "乙",
            "plans": [{**PLAN, "name": "大口"}],
        },
    ]
    quick.save("prices", {"offers": offers})
    quick.approve(quick.submit())
    merge(quick, successor)
    with quick.database.read_session() as session:
        version = find_version(session, quick.offering_id, 2)
        assert version
        [offer] = version.offers
        assert [plan["name"] for plan in offer["plans"]] == ["標準", "大口"]


def test_plans_of_equal_names_are_for_a_person_to_sort_out(quick: Desk) -> None:
    quick.complete()
    successor = other_vendor(quick)
    offers = [
        {"seller_id": number, "contract_conditions": "", "plans": [PLAN]}
        for number in (quick.vendor_id, successor)
    ]
    quick.save("prices", {"offers": offers})
    quick.approve(quick.submit())
    with pytest.raises(Refused, match="同じ名前の料金プラン"):
        merge(quick, successor)
    with quick.database.read_session() as session:
        assert session.get_one(Offering, quick.offering_id).vendor_id == quick.vendor_id
        assert len(session.scalars(select(OfferingVersion)).all()) == 1


def test_what_cannot_be_merged(quick: Desk) -> None:
    quick.start()
    successor = other_vendor(quick)
    for wrong, words in (
        ({"successor": quick.vendor_id}, "別の事業者"),
        ({"successor": successor, "reason": " "}, "理由"),
        ({"successor": successor, "effective_on": DAY + timedelta(days=1)}, "今日まで"),
        ({"successor": successor, "actor": quick.colleague}, "権限"),
    ):
        with pytest.raises(Refused, match=words):
            merge(quick, **wrong)
    with pytest.raises(NotFound):
        merge(quick, 99_999)
    with quick.database.transaction() as session:
        session.get_one(Vendor, successor).fictional = not session.get_one(
            Vendor, quick.vendor_id
        ).fictional
    with pytest.raises(Refused, match="架空"):
        merge(quick, successor)


def test_a_name_that_waits_is_decided_before_its_vendor_is_merged(desk: Desk) -> None:
    desk.start()
    waiting = ask(desk)
    with pytest.raises(Refused, match="審査を待って"):
        merge(desk, other_vendor(desk))
    with desk.database.read_session() as session:
        assert find_successor(session, desk.vendor_id) is None
    approve(desk, waiting)
    merge(desk, other_vendor(desk))
    with desk.database.read_session() as session:
        assert find_successor(session, desk.vendor_id) == other_vendor(desk)


def test_a_chain_of_mergers_lists_every_name_that_came_to_be_it(desk: Desk) -> None:
    """A takes another name, goes on as B, B as C: C's page names A's names and B's."""
    desk.publish()
    published, middle = desk.offering_id, other_vendor(desk)
    with desk.database.transaction() as session:
        last = make_vendor(session, "最後の株式会社", fictional=desk.vendor.fictional).id
        first, second = (session.get_one(Vendor, n).name for n in (desk.vendor_id, middle))
    approve(desk, ask(desk, "二つめの名称"))
    merge(desk, middle)
    merge(desk, last, vendor_id=middle)
    with desk.database.read_session() as session:
        assert find_successor(session, desk.vendor_id) == last
        page = get_vendor_page(session, last)
        assert {(row.old_name, row.merged) for row in page.history} == {
            (first, True),
            ("二つめの名称", True),
            (second, True),
        }
        assert len(page.history) == 3
        [document] = OfferingSource().documents(session, [published])
        assert document.vendor == "最後の株式会社"
        for name in (first, "二つめの名称", second):
            assert name in document.body
