"""A draft that never left the vendor's desk is thrown away; whatever was handed in stays."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from accounts.roles import VISITOR, Actor
from catalog import services
from catalog.desk import drafts, files, handing_in, submissions, throwing_away
from catalog.desk.contents import find_section, part_sha256, sha256_of
from catalog.desk.models import OfferingDraft, OfferingSubmission
from catalog.models import Offering, SearchOutbox, StoredFile
from catalog.queries.files import get_public_file
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.uploads.store import FileStore
from tests.harness.builders import NOW, make_case
from tests.harness.desk import Desk, make_desk
from tests.harness.served import all_at_once
from tests.services.test_entry_files import add

LATER = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


@pytest.fixture
def quick(sqlite_database: Database) -> Desk:
    return make_desk(sqlite_database)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files", 1024 * 1024)


def throw_away(desk: Desk, actor: Actor | None = None, seen: str = "") -> str:
    with desk.database.transaction() as session:
        return throwing_away.throw_draft_away(
            session,
            actor=actor or desk.vendor,
            now=NOW,
            offering_id=desk.offering_id,
            seen_sha256=seen or sha256_of(desk.content()),
        )


def reasons(desk: Desk, actor: Actor | None = None) -> list[str]:
    with desk.database.read_session() as session:
        found = throwing_away.list_draft_blockers(session, actor or desk.vendor, desk.offering_id)
        return [blocker.code for blocker in found]


def is_there(desk: Desk) -> bool:
    with desk.database.read_session() as session:
        return session.get(Offering, desk.offering_id) is not None


def test_the_draft_goes_with_everything_it_held(desk: Desk, store: FileStore) -> None:
    desk.complete()
    token = add(desk, store)
    gone, key = desk.offering_id, desk.keys[-1]
    assert reasons(desk) == []
    assert throw_away(desk) == "架空アシスト"
    with desk.database.read_session() as session:
        for table in (Offering, OfferingDraft, StoredFile, OfferingSubmission, SearchOutbox):
            assert session.scalar(select(func.count()).select_from(table)) == 0, table
        for read in (
            partial(files.get_own_file, session, desk.vendor, gone, token),
            partial(get_public_file, session, VISITOR, gone, token),
            partial(drafts.find_own_offering, session, desk.vendor, gone),
        ):
            with pytest.raises(NotFound):
                read()
        assert verify(session).problems == ()
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
        assert event
        assert (event.action, event.subject_id) == ("throw_draft_away", str(gone))
        assert event.changes == {"key": key, "name": "架空アシスト"}
    assert files.tidy_files(desk.database, LATER, store) == 1
    assert list(store.list_files()) == []
    # The key is free again: a file that names it begins a new entry.
    with desk.database.transaction() as session:
        again = drafts.start_offering(
            session,
            actor=desk.vendor,
            now=NOW,
            key=key,
            name="あらためて",
            summary="架空",
            system_type_code="generative_ai",
        )
        assert again.current_version == 0


def test_only_its_own_vendor_and_only_as_it_was_seen(quick: Desk) -> None:
    quick.start()
    seen = sha256_of(quick.content())
    with pytest.raises(NotFound):
        throw_away(quick, quick.stranger)
    with pytest.raises(NotFound):
        throw_away(quick, quick.operator)
    with pytest.raises(NotFound):
        reasons(quick, quick.stranger)
    quick.answer(hosting="other_cloud")
    with pytest.raises(Conflict, match="先に変更"):
        throw_away(quick, seen=seen)
    assert is_there(quick)
    assert throw_away(quick, quick.colleague)
    with pytest.raises(NotFound):
        throw_away(quick, seen=seen)


def test_what_was_handed_in_once_or_published_stays(quick: Desk) -> None:
    quick.complete()
    waiting = quick.submit()
    assert reasons(quick) == ["handed_in"]
    with pytest.raises(Refused, match="提出の記録が残る"):
        throw_away(quick)
    with quick.database.transaction() as session:
        submissions.recall_submission(
            session,
            actor=quick.vendor,
            now=NOW,
            offering_id=quick.offering_id,
            submission_id=waiting.id,
        )
    assert quick.status() == ("draft", 0)
    assert reasons(quick) == ["handed_in"]
    quick.send_back(quick.submit(), "直してください。")
    with pytest.raises(Refused):
        throw_away(quick)
    quick.approve(quick.submit())
    assert reasons(quick) == ["published"]
    with pytest.raises(Refused, match="公開されたことのある"):
        throw_away(quick)
    assert quick.status() == ("published", 1)


def test_what_an_operator_linked_a_case_to_is_the_operators_too(quick: Desk) -> None:
    quick.start()
    with quick.database.transaction() as session:
        case = make_case(session)
        case.fictional = session.get_one(Offering, quick.offering_id).fictional
        session.flush()
        services.link_case_offering(
            session,
            actor=quick.operator,
            now=NOW,
            case_id=case.id,
            offering_id=quick.offering_id,
        )
    assert reasons(quick) == ["linked"]
    with pytest.raises(Refused, match="運営者に連絡"):
        throw_away(quick)
    assert is_there(quick)


def test_drafts_handed_in_together_go_on_without_the_one_thrown_away(quick: Desk) -> None:
    quick.complete()
    first = quick.offering_id
    quick.complete()
    second = quick.offering_id
    quick.offering_id = second
    with quick.database.read_session() as session:
        assert {row.id for row in handing_in.list_ready(session, quick.vendor)} == {first, second}
    throw_away(quick)
    with quick.database.read_session() as session:
        assert {row.id for row in handing_in.list_ready(session, quick.vendor)} == {first}


def test_handed_in_and_thrown_away_in_the_same_moment_one_of_both(desk: Desk) -> None:
    desk.complete()
    seen = sha256_of(desk.content())

    def attempt(act: partial[object]) -> str:
        try:
            act()
        except (Refused, NotFound) as problem:
            return type(problem).__name__
        return "done"

    def hand_in() -> None:
        with desk.database.transaction() as session:
            submissions.submit_offering(
                session,
                actor=desk.colleague,
                now=NOW,
                offering_id=desk.offering_id,
                seen=submissions.Seen(content_sha256=seen, version=0),
                change_note="",
            )

    thrown, handed = all_at_once(
        [
            partial(attempt, partial(throw_away, desk, seen=seen)),
            partial(attempt, partial(hand_in)),
        ]
    )
    assert (thrown, handed) in (("done", "NotFound"), ("Refused", "done"))
    assert is_there(desk) == (handed == "done")


def test_two_throw_it_away_and_one_saves_meanwhile(desk: Desk) -> None:
    desk.start()
    seen = sha256_of(desk.content())
    page = find_section("basic")
    assert page
    save = partial(
        desk.save,
        page.key,
        {"name": "別の名称", "summary": "別の概要です。", "system_type_code": "generative_ai"},
        seen=part_sha256(desk.content(), page),
    )

    def attempt(act: partial[object]) -> str:
        try:
            act()
        except (Conflict, NotFound) as problem:
            return type(problem).__name__
        return "done"

    first, second, saved = all_at_once(
        [
            partial(attempt, partial(throw_away, desk, seen=seen)),
            partial(attempt, partial(throw_away, desk, desk.colleague, seen)),
            partial(attempt, save),
        ]
    )
    if saved == "done":
        assert (first, second) == ("Conflict", "Conflict")
    else:
        assert (*sorted((first, second)), saved) == ("NotFound", "done", "NotFound")
    assert is_there(desk) == (saved == "done")
