"""Saved searches tell of what is new, once a day, to whoever may still find it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from accounts.models import Membership, Organization, User
from accounts.roles import Role
from catalog.models import Offering
from catalog.search import sources
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.documents import Viewer
from catalog.search.outbox import queue
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from catalog.selection.digest import Digest
from catalog.selection.matches import list_matches
from catalog.selection.saved import (
    MOST_NOTIFIED,
    MOST_PER_PERSON,
    change_saved_search,
    delete_saved_search,
    list_saved_searches,
    save_search,
    stop_notices,
)
from catalog.selection.saved_models import SavedSearch, SavedSearchMatch
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice, OutboxMail
from tests.harness.builders import NOW, make_actor, make_offering, make_organization

MORNING = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)  # 7:30 of the 22nd in Japan
QUERY = SearchQuery(text="文書管理")


@pytest.fixture(autouse=True)
def only_the_catalog(monkeypatch):
    monkeypatch.setattr(sources, "_sources", {})
    monkeypatch.setattr(sources, "_label_loaders", {})
    register_catalog_sources()


@pytest.fixture
def service(database, tmp_path):
    service = SearchService(database, tmp_path / "search")
    database.after_commit.append(service.after_commit)
    with database.transaction() as session:
        publish(session, "架空文書管理クラウド")
    service.ensure_index()
    return service


@pytest.fixture
def staff(database):
    with database.transaction() as session:
        town = make_organization(session, "council")
        return make_actor(session, town, Role.MUNICIPAL_STAFF)


def publish(session, name):
    offering = make_offering(session, name=name)
    queue(session, "offering", offering.id, NOW)
    return offering.id


def keep(database, service, actor, *, name="文書管理", query=QUERY, shared=False, notify=True):
    known = list_matches(service, query, viewer=Viewer.PUBLIC, now=NOW, most=MOST_NOTIFIED)
    with database.transaction() as session:
        return save_search(
            session,
            actor=actor,
            name=name,
            query=query,
            shared=shared,
            notify=notify,
            known=[match.key for match in known],
            now=NOW,
        )


def told(database):
    with database.read_session() as session:
        notices = session.execute(select(Notice.title, Notice.body, Notice.user_id)).all()
        mails = session.scalar(select(OutboxMail.body).order_by(OutboxMail.id.desc()))
        return notices, mails


def test_only_what_is_new_is_told_once_in_inbox_and_mail(database, service, staff):
    keep(database, service, staff)
    digest = Digest(service, "https://moyai.example/")
    assert digest(database, MORNING) == 0
    with database.transaction() as session:
        publish(session, "架空文書管理スイート")
        publish(session, "架空電子申請ポータル")
    tomorrow = MORNING + timedelta(days=1)
    assert digest(database, tomorrow) == 1
    [(title, body, user_id)], mail = told(database)
    assert title == "保存した検索に新しく当てはまったもの 1件"
    assert user_id == staff.user_id
    assert "［架空］掲載サービス「架空文書管理スイート」 https://moyai.example/offerings/" in body
    assert "文書管理クラウド" not in body
    assert "電子申請" not in body
    assert "https://moyai.example/searches/stop/" in mail
    assert digest(database, tomorrow) == 0, "the same day again"
    assert digest(database, tomorrow + timedelta(days=1)) == 0, "nothing new the next day"


def test_before_seven_nobody_is_told(database, service, staff):
    keep(database, service, staff)
    with database.transaction() as session:
        publish(session, "架空文書管理スイート")
    early = datetime(2026, 11, 22, 21, 59, tzinfo=UTC)
    assert Digest(service)(database, early) == 0
    assert Digest(service)(database, early + timedelta(minutes=1)) == 1


def test_an_edited_entry_that_was_known_is_no_news(database, service, staff):
    keep(database, service, staff)
    with database.transaction() as session:
        offering = session.scalars(select(Offering)).one()
        offering.updated_at = MORNING
        queue(session, "offering", offering.id, NOW)
    assert Digest(service)(database, MORNING) == 0


@pytest.mark.parametrize("lost", ["active", "membership", "role"])
def test_who_may_no_longer_search_there_is_not_told(database, service, staff, lost):
    keep(database, service, staff)
    with database.transaction() as session:
        publish(session, "架空文書管理スイート")
        membership = session.scalars(select(Membership)).one()
        if lost == "active":
            session.get_one(User, staff.user_id).active = False
        elif lost == "membership":
            session.delete(membership)
        else:
            membership.role = Role.JUDGE
    assert Digest(service)(database, MORNING) == 0
    assert told(database) == ([], None)


def test_stopped_by_its_token_once_and_again(database, service, staff):
    saved_id = keep(database, service, staff)
    with database.transaction() as session:
        token = session.get_one(SavedSearch, saved_id).stop_token
        publish(session, "架空文書管理スイート")
    for _ in range(2):
        with database.transaction() as session:
            assert stop_notices(session, token=token, actor=staff, now=NOW) == "文書管理"
    assert Digest(service)(database, MORNING) == 0
    with pytest.raises(NotFound), database.transaction() as session:
        stop_notices(session, token="x" * 43, actor=staff, now=NOW)


def test_colleagues_see_shared_ones_and_nobody_elses(database, service, staff):
    keep(database, service, staff, name="共有", shared=True)
    keep(database, service, staff, name="自分だけ")
    with database.transaction() as session:
        town = make_organization(session, "council")
        stranger = make_actor(session, town, Role.MUNICIPAL_STAFF)
        own = session.get_one(Organization, staff.organization_id)
        colleague = make_actor(session, own, Role.MUNICIPAL_MANAGER)
    with database.read_session() as session:
        assert [row.name for row in list_saved_searches(session, staff)] == ["共有", "自分だけ"]
        [seen] = list_saved_searches(session, colleague)
        assert (seen.name, seen.own) == ("共有", False)
        assert list_saved_searches(session, stranger) == []
    for other in (colleague, stranger):
        with pytest.raises(NotFound), database.transaction() as session:
            delete_saved_search(session, actor=other, saved_id=seen.id, now=NOW)


def test_two_screens_do_not_overwrite_each_other(database, service, staff):
    saved_id = keep(database, service, staff, notify=False)
    facts = {"actor": staff, "saved_id": saved_id, "seen_version": 1, "shared": True}
    with database.transaction() as session:
        change_saved_search(session, name="先", notify=False, known=[], now=NOW, **facts)
    with pytest.raises(Conflict), database.transaction() as session:
        change_saved_search(session, name="後", notify=False, known=[], now=NOW, **facts)
    with database.read_session() as session:
        assert session.get_one(SavedSearch, saved_id).name == "先"


def test_refused_beside_the_field(database, service, staff):
    keep(database, service, staff)
    with pytest.raises(Refused) as refused:
        keep(database, service, staff)
    assert [blocker.field for blocker in refused.value.blockers] == ["name"]
    with pytest.raises(Refused) as refused, database.transaction() as session:
        save_search(
            session,
            actor=staff,
            name="広い",
            query=QUERY,
            shared=False,
            notify=True,
            known=[f"offering:{n}" for n in range(MOST_NOTIFIED + 1)],
            now=NOW,
        )
    assert [blocker.field for blocker in refused.value.blockers] == ["notify"]


def test_a_hundred_and_no_more(database, service, staff):
    for number in range(MOST_PER_PERSON):
        keep(database, service, staff, name=f"{number}", notify=False)
    with pytest.raises(Refused):
        keep(database, service, staff, name="もう一つ", notify=False)


def test_deleting_forgets_what_it_had_found(database, service, staff):
    saved_id = keep(database, service, staff)
    with database.transaction() as session:
        delete_saved_search(session, actor=staff, saved_id=saved_id, now=NOW)
    with database.read_session() as session:
        assert session.scalars(select(SavedSearch)).all() == []
        assert session.scalars(select(SavedSearchMatch)).all() == []
