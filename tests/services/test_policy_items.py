"""Items are added to the policy table by hand, on both databases."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.roles import Actor, Role
from catalog.example.reference import load_reference
from catalog.models import PolicyItem
from catalog.policy_editing import (
    ItemEdit,
    ItemKey,
    add_policy_item,
    added_items,
    edit_policy_item,
    find_next_number,
)
from catalog.queries.policy import list_valid_items
from foundation.audit import AuditEvent, verify
from foundation.clock import jst_today
from foundation.db import Database
from foundation.errors import NotFound, Refused
from foundation.settings import put_setting
from tests.harness.builders import NOW, make_actor, make_organization

TODAY = jst_today(NOW)
KEY = ItemKey(kind="commonization_target", decision_fy=2027, cycle_label="第3クール", item_no=1)
WANTED = ItemEdit(
    name="架空の共通システム",
    group="",
    ministries="デジタル庁",
    agreed_on=None,
    decided_by="",
    keywords=("架空の語", "別の語"),
    outcome="commonize",
    note="",
    valid_from=None,
    valid_to=None,
    source_doc="新しい資料",
    source_lines="",
    source_as_of="2026-11-20",
)


@pytest.fixture
def operator(database: Database) -> Actor:
    with database.transaction() as session:
        office = make_organization(session, "operator", alternate_key="operator")
        return make_actor(session, office, Role.OPERATOR)


def add(database: Database, actor: Actor, key: ItemKey = KEY, wanted: ItemEdit = WANTED) -> int:
    with database.transaction() as session:
        return add_policy_item(session, actor=actor, now=NOW, key=key, wanted=wanted)


def test_an_item_is_added_once_with_one_event(database: Database, operator: Actor) -> None:
    item_id = add(database, operator)
    with database.read_session() as session:
        item = session.get_one(PolicyItem, item_id)
        assert (item.decision_fy, item.item_no, item.cycle_label) == (2027, 1, "第3クール")
        assert (item.name, item.keywords, item.edited_at) == (WANTED.name, "架空の語|別の語", NOW)
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "add_policy_item"))
        assert (event.subject_id, event.changes["keywords"]) == (str(item_id), "架空の語|別の語")
        assert verify(session).problems == ()
        assert find_next_number(session) == (2027, 2)
    with pytest.raises(Refused) as refused:
        add(database, operator)
    assert {blocker.field for blocker in refused.value.blockers} == {"item_no", "name"}


def test_it_is_edited_like_any_other_and_its_name_too(database: Database, operator: Actor) -> None:
    item_id = add(database, operator)
    with database.transaction() as session:
        edit_policy_item(
            session,
            actor=operator,
            now=NOW,
            item_id=item_id,
            wanted=replace(WANTED, name="改めた名称"),
            seen_version=1,
        )
    with database.read_session() as session:
        assert session.get_one(PolicyItem, item_id).name == "改めた名称"


def test_it_is_never_renamed_to_what_another_is_called(database: Database, operator: Actor) -> None:
    add(database, operator, wanted=replace(WANTED, name="届出（第1号）"))
    second = add(database, operator, replace(KEY, item_no=2))
    add(database, operator, replace(KEY, decision_fy=2028), replace(WANTED, name="別の年度の届出"))

    def rename(name: str) -> None:
        with database.transaction() as session:
            edit_policy_item(
                session,
                actor=operator,
                now=NOW,
                item_id=second,
                wanted=replace(WANTED, name=name),
                seen_version=session.get_one(PolicyItem, second).row_version,
            )

    for taken in ("届出（第1号）", "届出(第１号)"):
        with pytest.raises(Refused) as refused:
            rename(taken)
        assert [blocker.field for blocker in refused.value.blockers] == ["name"]
        with pytest.raises(Refused):
            add(database, operator, replace(KEY, item_no=3), replace(WANTED, name=taken))
    rename("別の年度の届出")
    rename("別の年度の届出")


def test_of_two_at_once_one_is_let_through(database: Database, operator: Actor) -> None:
    both = Barrier(2)

    def try_it(name: str) -> str:
        both.wait(10)
        try:
            add(database, operator, wanted=replace(WANTED, name=name))
        except (Refused, IntegrityError):
            return "refused"
        return "added"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_it, ("一つ目", "二つ目"))) == ["added", "refused"]
    with database.read_session() as session:
        assert len(session.scalars(select(PolicyItem)).all()) == 1


@pytest.mark.parametrize("adds", [False, True])
def test_of_two_that_take_one_name_at_once_the_second_is_refused(
    database: Database, operator: Actor, adds: bool
) -> None:
    """Two operators in transactions of their own; the second checks before the first is done."""
    first = add(database, operator, wanted=replace(WANTED, name="一つ目"))
    second = add(database, operator, replace(KEY, item_no=2), replace(WANTED, name="二つ目"))

    def rename(session: Session, item_id: int, name: str) -> None:
        edit_policy_item(
            session,
            actor=operator,
            now=NOW,
            item_id=item_id,
            wanted=replace(WANTED, name=name),
            seen_version=1,
        )

    def come_second() -> list[str | None]:
        try:
            if adds:
                add(database, operator, replace(KEY, item_no=3), replace(WANTED, name="同じ 名称"))
            else:
                with database.transaction() as session:
                    rename(session, second, "同じ 名称")
        except Refused as refused:
            return [blocker.field for blocker in refused.blockers]
        return []

    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            rename(session, first, "同じ名称")
            session.flush()
            other = pool.submit(come_second)
            assert not wait([other], timeout=0.5).done
        assert other.result(30) == ["name"]
    with database.read_session() as session:
        names = session.scalars(select(PolicyItem.name).order_by(PolicyItem.item_no)).all()
        assert names == ["同じ名称", "二つ目"]


def test_one_of_the_standard_tasks_has_no_year(database: Database, operator: Actor) -> None:
    item_id = add(database, operator, replace(KEY, kind="standard_20"))
    with database.read_session() as session:
        assert session.get_one(PolicyItem, item_id).decision_fy == 0
        assert find_next_number(session) == (0, 1)


@pytest.mark.parametrize(
    ("key", "field"),
    [
        (replace(KEY, kind="general"), "kind"),
        (replace(KEY, decision_fy=1999), "decision_fy"),
        (replace(KEY, item_no=0), "item_no"),
        (replace(KEY, item_no=1_000), "item_no"),
        (replace(KEY, cycle_label="回" * 201), "cycle_label"),
    ],
)
def test_a_key_that_cannot_stand_is_refused(
    database: Database, operator: Actor, key: ItemKey, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        add(database, operator, key)
    assert [blocker.field for blocker in refused.value.blockers] == [field]


def test_nobody_else_adds_one(database: Database, operator: Actor) -> None:
    with database.transaction() as session:
        ministry = make_organization(session, "ministry", alternate_key="ministry")
        reporter = make_actor(session, ministry, Role.MINISTRY_REPORTER)
    with pytest.raises(NotFound):
        add(database, reporter)


def test_a_release_of_the_files_leaves_it(database: Database, operator: Actor) -> None:
    item_id = add(database, operator, replace(KEY, decision_fy=2026, item_no=4))
    with database.transaction() as session:
        put_setting(session, "reference_sha256", "other")
        load_reference(session, NOW)
    with database.read_session() as session:
        assert session.get_one(PolicyItem, item_id).name == WANTED.name


def test_what_holds_another_day_is_not_looked_at_today(database: Database, operator: Actor) -> None:
    add(database, operator)
    with database.read_session() as session:
        items = list_valid_items(session, TODAY)
        later = replace(WANTED, valid_from=TODAY + timedelta(days=1))
        assert added_items(items, KEY, later, TODAY) == list(items)
        found = added_items(items, replace(KEY, item_no=2), WANTED, TODAY)
        assert [item.item_no for item in found] == [1, 2]
        assert len(session.new) == 0
