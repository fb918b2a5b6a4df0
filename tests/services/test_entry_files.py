"""Files given with an entry: they follow its versions, and reach whom they are for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from accounts.roles import VISITOR, Actor, Role
from catalog.desk import files, queries
from catalog.desk.contents import sha256_of
from catalog.desk.drafts import discard_draft
from catalog.entry_files import FileDisclosure, FileUse, files_of
from catalog.models import Offering, StoredFile
from catalog.publishing import append_version, find_version, stored_content
from catalog.queries.files import get_public_file, list_files
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import NotFound, Refused
from foundation.uploads.store import FileStore
from tests.harness.builders import NOW, make_actor, make_body, make_organization, organization_of
from tests.harness.desk import Desk, make_desk
from tests.harness.evil_files import EVIL, image, xlsx

LATER = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files", 1024 * 1024)


def upload(content: bytes | None = None, **facts) -> files.Upload:
    given = {
        "name": "価格.xlsx",
        "title": "料金表2027",
        "use": FileUse.PRICE_LIST,
        "disclosure": FileDisclosure.PUBLIC,
    }
    return files.Upload(content=xlsx() if content is None else content, **(given | facts))


def add(desk: Desk, store: FileStore, actor: Actor | None = None, **facts) -> str:
    with desk.database.transaction() as session:
        return files.add_file(
            session,
            actor=actor or desk.vendor,
            now=NOW,
            offering_id=desk.offering_id,
            upload=upload(**facts),
            store=store,
        )


def remove(desk: Desk, token: str, actor: Actor | None = None) -> None:
    with desk.database.transaction() as session:
        files.remove_file(
            session,
            actor=actor or desk.vendor,
            now=NOW,
            offering_id=desk.offering_id,
            token=token,
        )


def government(desk: Desk) -> Actor:
    with desk.database.transaction() as session:
        body = make_body(session)
        return make_actor(session, organization_of(session, body), Role.MUNICIPAL_STAFF)


def test_a_price_list_waits_for_review_and_is_published_with_its_version(
    desk: Desk, store: FileStore
) -> None:
    desk.publish()
    token = add(desk, store)
    with desk.database.read_session() as session, pytest.raises(NotFound):
        get_public_file(session, VISITOR, desk.offering_id, token)
    submission = desk.submit()
    assert (submission.review, submission.version) == ("before", None)
    with desk.database.read_session() as session:
        page = queries.get_review_page(session, submission.id, NOW.date())
        assert [change.label for change in page.changes] == ["添付ファイル「料金表2027」"]
        assert "料金表（公開）価格.xlsx" in page.changes[0].after[0]
        found = files.get_submitted_file(session, submission.id, token)
        assert store.find(found.place) == xlsx()
    assert desk.approve(submission) == 2
    with desk.database.read_session() as session:
        found = get_public_file(session, VISITOR, desk.offering_id, token)
        assert (found.row.name, found.row.size_bytes) == ("価格.xlsx", len(xlsx()))
        assert list_files(session, VISITOR, desk.offering_id, 1) == ()
        assert [row.token for row in list_files(session, VISITOR, desk.offering_id, 2)] == [token]
        version = find_version(session, desk.offering_id, 2)
        assert version
        assert version.files[0]["sha256"] == found.row.sha256
        assert stored_content(version)["files"] == version.files


def test_a_specification_is_public_at_once_and_looked_at_after(
    desk: Desk, store: FileStore
) -> None:
    desk.publish()
    add(desk, store, use=FileUse.SPECIFICATION)
    submission = desk.submit()
    assert (submission.review, submission.version) == ("after", 2)


def test_a_file_taken_out_stays_with_the_version_that_had_it(desk: Desk, store: FileStore) -> None:
    desk.complete()
    token = add(desk, store)
    desk.approve(desk.submit())
    remove(desk, token)
    assert desk.submit().review == "before"
    with desk.database.read_session() as session:
        assert get_public_file(session, VISITOR, desk.offering_id, token)
    assert files.tidy_files(desk.database, LATER, store) == 0


def test_approval_of_one_file_is_no_approval_of_another(desk: Desk, store: FileStore) -> None:
    """What is approved is named by a hash that covers the file's own."""
    desk.complete()
    before = sha256_of(desk.content())
    token = add(desk, store)
    with_one = sha256_of(desk.content())
    remove(desk, token)
    assert sha256_of(desk.content()) == before
    add(desk, store, content=image("PNG"))
    assert len({before, with_one, sha256_of(desk.content())}) == 3


@pytest.mark.parametrize(
    ("disclosure", "readers"),
    [
        (FileDisclosure.PUBLIC, {"visitor", "government", "operator", "stranger"}),
        (FileDisclosure.GOVERNMENT, {"government", "operator"}),
        (FileDisclosure.LEAD_ONLY, {"operator"}),
    ],
)
def test_a_file_reaches_its_readers_and_for_others_there_is_none(
    sqlite_database: Database, store: FileStore, disclosure: FileDisclosure, readers: set[str]
) -> None:
    desk = make_desk(sqlite_database)
    desk.complete()
    token = add(desk, store, disclosure=disclosure, use=FileUse.MATERIAL)
    desk.approve(desk.submit())
    actors = {
        "visitor": VISITOR,
        "government": government(desk),
        "operator": desk.operator,
        "stranger": desk.stranger,
    }
    for who, actor in actors.items():
        with desk.database.read_session() as session:
            listed = [row.token for row in list_files(session, actor, desk.offering_id, 1)]
            try:
                got = get_public_file(session, actor, desk.offering_id, token).row.token == token
            except NotFound:
                got = False
            assert (got, bool(listed)) == (who in readers, who in readers), who
    with desk.database.read_session() as session:
        assert files.get_own_file(session, desk.colleague, desk.offering_id, token)
        with pytest.raises(NotFound):
            files.get_own_file(session, desk.stranger, desk.offering_id, token)


def test_what_changed_between_versions_names_no_file_above_the_readers_class(
    sqlite_database: Database, store: FileStore
) -> None:
    desk = make_desk(sqlite_database)
    desk.publish()
    for each in FileDisclosure:
        content = f"説明、{each.value}".encode()
        add(desk, store, content=content, disclosure=each, use=FileUse.MATERIAL, title=each.value)
    desk.approve(desk.submit())

    def named(actor: Actor) -> set[str]:
        with desk.database.read_session() as session:
            changes = queries.list_visible_changes(session, actor, desk.offering_id, 2)
            return {change.label[7:-1] for change in changes}

    assert named(VISITOR) == {"public"}
    assert named(government(desk)) == {"public", "government"}
    assert named(desk.operator) == {"public", "government", "lead_only"}


@pytest.mark.parametrize("name", ["macros", "Excel with a password", "script", "bomb"])
def test_a_refused_file_leaves_nothing_behind(
    sqlite_database: Database, store: FileStore, name: str
) -> None:
    desk = make_desk(sqlite_database)
    desk.start()
    with pytest.raises(Refused):
        add(desk, store, content=EVIL[name][0]())
    assert files_of(desk.content()) == []
    assert list(store.list_files()) == []
    with desk.database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_other_peoples_entries_take_no_files(quick: Desk, store: FileStore) -> None:
    quick.start()
    with pytest.raises(NotFound):
        add(quick, store, actor=quick.stranger)
    token = add(quick, store, actor=quick.colleague)
    with pytest.raises(NotFound):
        remove(quick, token, actor=quick.stranger)
    with pytest.raises(Refused, match="すでに添付"):
        add(quick, store)
    with pytest.raises(Refused, match="件名"):
        add(quick, store, content=image("PNG"), title=" ")
    assert next(iter(store.list_files()))[0]


@pytest.fixture
def quick(sqlite_database: Database) -> Desk:
    return make_desk(sqlite_database)


def test_what_nothing_names_any_more_is_removed_after_a_day(desk: Desk, store: FileStore) -> None:
    desk.publish()
    kept = add(desk, store)
    waiting = desk.submit()
    remove(desk, kept)  # the draft no longer names it, what waits still does
    dropped = add(desk, store, content=image("JPEG"))
    orphan = store.put(b"a request that was rolled back")
    with desk.database.transaction() as session:
        discard_draft(
            session,
            actor=desk.vendor,
            now=NOW,
            offering_id=desk.offering_id,
            seen_sha256=sha256_of(desk.content()),
        )
    assert files.tidy_files(desk.database, LATER, store) == 2
    assert store.find(orphan) is None
    with desk.database.read_session() as session:
        assert session.scalars(select(StoredFile.token)).all() == [kept]
        assert session.get(StoredFile, dropped) is None
    assert files.tidy_files(desk.database, LATER, store) == 0  # once a day
    desk.send_back(waiting, "別の表にしてください。")
    assert files.tidy_files(desk.database, LATER + timedelta(days=1), store) == 1
    assert list(store.list_files()) == []


def test_a_file_just_written_is_not_taken_for_an_orphan(quick: Desk, store: FileStore) -> None:
    store.put(b"its row comes in a moment")
    assert files.tidy_files(quick.database, datetime.now(UTC), store) == 0


def test_an_import_that_holds_no_files_keeps_them(desk: Desk, store: FileStore) -> None:
    from dataclasses import replace

    from catalog.desk.contents import content_of, entry_of

    desk.complete()
    token = add(desk, store)
    desk.approve(desk.submit())
    with desk.database.transaction() as session:
        offering = session.get_one(Offering, desk.offering_id)
        version = find_version(session, offering.id, 1)
        assert version
        entry = replace(entry_of(offering, content_of(version)), files=None)
        same = append_version(session, offering, entry, now=NOW, published_by="取り込み")
        assert same.number == 1
        newer = append_version(
            session, offering, replace(entry, name="改名"), now=NOW, published_by="取り込み"
        )
        assert (newer.number, newer.files[0]["token"]) == (2, token)


def test_giving_and_taking_are_recorded_once_each(desk: Desk, store: FileStore) -> None:
    desk.start()
    token = add(desk, store, disclosure=FileDisclosure.GOVERNMENT)
    with desk.database.transaction() as session:
        found = files.get_own_file(session, desk.vendor, desk.offering_id, token)
        files.note_download(session, actor=desk.vendor, now=NOW, file=found)
    remove(desk, token)
    with desk.database.read_session() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).all()
        assert [event.action for event in events][1:] == [
            "add_file",
            "download_file",
            "remove_file",
        ]
        assert "価格" not in str([event.changes for event in events])


def test_a_lead_of_such_a_purchase_reads_what_is_for_leads(
    sqlite_database: Database, store: FileStore
) -> None:
    import app  # procurement says who leads
    from tests.harness.projects import make_project, make_world

    assert app
    desk = make_desk(sqlite_database)
    with desk.database.transaction() as session:
        world, other = make_world(session), make_world(session)
        project = make_project(session, world, joined=0)
        kind = project.system_type_code
    desk.complete()
    token = add(desk, store, disclosure=FileDisclosure.LEAD_ONLY)
    desk.approve(desk.submit())
    with desk.database.transaction() as session:
        from procurement.panels import register

        register()
        session.get_one(Offering, desk.offering_id).system_type_code = kind
        session.flush()
        assert get_public_file(session, world.lead, desk.offering_id, token)
        with pytest.raises(NotFound):
            get_public_file(session, other.lead, desk.offering_id, token)


def test_no_organisation_is_needed_to_be_refused(quick: Desk, store: FileStore) -> None:
    with quick.database.transaction() as session:
        judge = make_actor(session, make_organization(session, "operator"), Role.JUDGE)
    quick.complete()
    token = add(quick, store, disclosure=FileDisclosure.GOVERNMENT)
    quick.approve(quick.submit())
    with quick.database.read_session() as session, pytest.raises(NotFound):
        get_public_file(session, judge, quick.offering_id, token)
