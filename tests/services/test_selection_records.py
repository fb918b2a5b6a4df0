"""A selection record from draft to outcome: what is locked stays, whatever becomes of the rest."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from accounts.models import Organization
from accounts.roles import SYSTEM, Role
from catalog import publishing, services
from catalog.desk.vendor_changes import Merger, merge_vendors
from catalog.models import Offering, Vendor
from catalog.search import sources
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.documents import Viewer
from catalog.search.outbox import queue
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from catalog.selection import records
from catalog.selection.looking import look
from catalog.selection.record_check import check_database
from catalog.selection.record_content import (
    MOST_RESULTS,
    Decision,
    Origin,
    Outcome,
    record_sha256,
)
from catalog.selection.record_files import make_csv
from catalog.selection.record_models import SelectionDownload, SelectionLock, SelectionRecord
from catalog.selection.record_queries import get_record, list_records, make_export
from catalog.selection.verify import Head, Report, check_export, check_heads
from foundation.audit import AuditEvent, canonical_json, event_hash, list_heads
from foundation.errors import Conflict, NotFound, Refused
from tests.harness.builders import (
    NOW,
    make_actor,
    make_offering,
    make_organization,
    make_system_type,
    make_vendor,
)
from tests.harness.catalog import case_entry, offering_entry, publish

QUERY = SearchQuery(text="架空アシスト")
TEXTS = records.Texts(title="対話サービスの選定", purpose="議事録", notes="")


class World:
    """A catalog of three offerings and a case, its index, and people of two organisations."""

    def __init__(self, database, folder):
        self.database = database
        self.service = SearchService(database, folder / "search")
        database.after_commit.append(self.service.after_commit)
        with database.transaction() as session:
            make_system_type(session, name="生成AI")
            self.vendor = make_vendor(session).id
            vendor = session.get_one(Vendor, self.vendor)
            self.entries = {}
            for number in (1, 2, 3):
                entry = offering_entry(vendor, key=f"o-{number}", name=f"架空アシスト{number}")
                self.entries[publish(session, entry).id] = entry
            self.case = services.publish_case(session, actor=SYSTEM, now=NOW, entry=case_entry()).id
            town, other = (
                make_organization(session, "council"),
                make_organization(session, "council"),
            )
            self.staff = make_actor(session, town, Role.MUNICIPAL_STAFF)
            self.colleague = make_actor(session, town, Role.MUNICIPAL_MANAGER)
            self.stranger = make_actor(session, other, Role.MUNICIPAL_MANAGER)
            self.auditor = make_actor(session, make_organization(session, "operator"), Role.AUDITOR)
            session.expunge_all()
        self.service.ensure_index()

    def look(self, query=QUERY):
        return look(self.service, query, viewer=Viewer.GOVERNMENT, now=NOW)

    def draft(self, *, actor=None, results=None, texts=TEXTS):
        with self.database.transaction() as session:
            return records.create_record(
                session,
                actor=actor or self.staff,
                now=NOW,
                texts=texts,
                origin=Origin.SEARCH,
                parameters=QUERY.parameters(),
                results=self.look().results if results is None else results,
            )

    def edit(self, record_id, *, actor=None, seen=1, texts=TEXTS, results=None):
        with self.database.transaction() as session:
            records.edit_record(
                session,
                actor=actor or self.staff,
                now=NOW,
                record_id=record_id,
                seen_version=seen,
                texts=texts,
                results=self.look().results if results is None else results,
            )

    def lock(self, record_id, *, actor=None, seen=1, confirmed=True, now=NOW):
        searched = self.look().searched
        with self.database.transaction() as session:
            records.lock_record(
                session,
                actor=actor or self.staff,
                now=now,
                record_id=record_id,
                seen_version=seen,
                confirmed=confirmed,
                searched=searched,
            )

    def locked(self, **facts):
        record_id = self.draft(**facts)
        self.lock(record_id)
        return record_id

    def answer(self, record_id, outcome=Outcome.NONE, key="", *, actor=None):
        with self.database.transaction() as session:
            records.answer_outcome(
                session,
                actor=actor or self.staff,
                now=NOW,
                record_id=record_id,
                outcome=outcome,
                result_key=key,
                note="",
            )

    def export(self, record_id, *, actor=None, now=NOW):
        with self.database.read_session() as session:
            page = get_record(session, actor or self.staff, record_id)
            return make_export(session, page.locked, now)

    def check(self, export):
        report = Report()
        with self.database.read_session() as session:
            check_database(session, export, report)
        return report.problems


@pytest.fixture
def world(database, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_sources", {})
    monkeypatch.setattr(sources, "_label_loaders", {})
    register_catalog_sources()
    return World(database, tmp_path)


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def test_what_is_locked_says_how_it_was_found_and_which_version_it_was(world):
    record_id = world.locked()
    content = world.export(record_id)["record"]
    assert content["search"]["sentence"].startswith("「架空アシスト」を含むもの 4件")
    assert content["search"]["order_month"] == "2026-11"
    assert content["search"]["index_generation"] == world.service.current().state.generation
    assert content["locked_at"] == NOW.isoformat()
    assert [r["place_in_search"] for r in content["results"]] == [1, 2, 3, 4]
    [case] = [r for r in content["results"] if r["kind"] == "case"]
    assert case["version"] is None
    assert case["content"]["lead_body_name"] == "架空中央市"
    assert {r["version"] for r in content["results"] if r["kind"] == "offering"} == {1}
    assert check_export(world.export(record_id)) == []
    assert world.check(world.export(record_id)) == []


def test_the_order_is_that_of_the_search_at_the_lock(world):
    results = world.look().results
    record_id = world.locked(results=list(reversed(results)))
    locked = [f"{r['kind']}:{r['id']}" for r in world.export(record_id)["record"]["results"]]
    assert locked == [result.key for result in results]


def test_a_locked_record_is_unchanged_when_its_vendor_is_merged(world):
    record_id = world.locked()
    before, file_before = world.export(record_id), make_csv(world.export(record_id))
    with world.database.transaction() as session:
        successor = make_vendor(
            session, "引き継いだ株式会社", fictional=session.get_one(Vendor, world.vendor).fictional
        ).id
        old = session.get_one(Vendor, world.vendor).name
        merge_vendors(
            session,
            actor=make_actor(session, make_organization(session, "operator"), Role.OPERATOR),
            now=NOW + timedelta(days=2),
            merger=Merger(
                vendor_id=world.vendor,
                successor_id=successor,
                effective_on=NOW.date(),
                reason="吸収合併",
            ),
        )
    with world.database.read_session() as session:
        first = next(iter(world.entries))
        assert session.get_one(Offering, first).vendor_id == successor
        assert session.get_one(Offering, first).current_version == 2
    after = world.export(record_id)
    assert canonical_json(after["record"]) == canonical_json(before["record"])
    assert after["record_sha256"] == before["record_sha256"]
    assert make_csv(after) == file_before
    assert {r["provider"] for r in after["record"]["results"] if r["kind"] == "offering"} == {old}
    assert world.check(after) == []


def test_a_locked_record_is_unchanged_whatever_becomes_of_its_entries(world):
    record_id = world.locked()
    before, file_before = world.export(record_id), make_csv(world.export(record_id))
    later = NOW + timedelta(days=2)
    first, second, third = world.entries
    with world.database.transaction() as session:
        services.publish_offering_version(
            session,
            actor=SYSTEM,
            now=later,
            offering_id=first,
            entry=replace(world.entries[first], name="改名した製品", summary="別の説明"),
        )
        services.withdraw_offering(
            session, actor=SYSTEM, now=later, offering_id=second, reason="販売終了"
        )
        vendor = session.get_one(Vendor, world.vendor)
        vendor.name = "改名した株式会社"
        session.get_one(Organization, vendor.organization_id).name = "改名した株式会社"
        for offering_id in world.entries:
            queue(session, "offering", offering_id, later)
        publishing.write_case(session, replace(case_entry(), title="改題した事例"), now=later)
        organization = session.get_one(Organization, world.staff.organization_id)
        organization.name = "合併した市"
    world.service.rebuild()
    assert third in {result.id for result in world.look().results}
    after = world.export(record_id, now=NOW)
    assert canonical_json(after["record"]) == canonical_json(before["record"])
    assert after["record_sha256"] == before["record_sha256"]
    assert make_csv(after) == file_before
    assert "改名" not in canonical_json(after["record"])
    assert world.check(after) == []


def test_the_database_itself_refuses_to_change_what_was_locked(world):
    record_id = world.locked()
    world.answer(record_id)
    with world.database.transaction() as session:
        records.note_download(
            session,
            actor=world.staff,
            now=NOW,
            record_id=record_id,
            format_="csv",
            file_sha256="0" * 64,
        )
    for table in ("selection_lock", "selection_download", "selection_outcome"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET record_id = record_id"):
            with pytest.raises(DatabaseError), world.database.transaction() as session:
                session.execute(text(statement))


def test_after_the_lock_nothing_can_be_written_or_locked_again(world):
    record_id = world.locked()
    for write in (world.edit, world.lock):
        with pytest.raises(Refused) as refused:
            write(record_id)
        assert codes(refused) == ["locked"]
    with pytest.raises(Refused), world.database.transaction() as session:
        records.delete_draft(
            session, actor=world.staff, now=NOW, record_id=record_id, seen_version=1
        )


def test_a_lock_needs_the_tick_and_every_exclusion_its_reason(world):
    record_id = world.draft()
    with pytest.raises(Refused) as refused:
        world.lock(record_id, confirmed=False)
    assert codes(refused) == ["not_confirmed"]
    first, *rest = world.look().results
    excluded = replace(first, decision=Decision.EXCLUDED)
    for unseen in ("", "  ", "\u3000\n", "\u200b", "\u202e\ufeff", "\u2060\ufe0f"):
        with pytest.raises(Refused) as refused:
            world.edit(record_id, results=[replace(excluded, reason=unseen), *rest])
        assert codes(refused) == ["reason_missing"]
    world.edit(record_id, results=[replace(excluded, reason="高い\r\n二行"), *rest])
    world.lock(record_id, seen=2)
    [result] = [
        r for r in world.export(record_id)["record"]["results"] if r["decision"] == "excluded"
    ]
    assert result["reason"] == "高い\n二行"


def test_thirty_and_no_more(world):
    with world.database.transaction() as session:
        for number in range(MOST_RESULTS):
            offering = make_offering(session, name=f"架空アシスト増{number}")
            queue(session, "offering", offering.id, NOW)
    results = world.look().results
    assert len(results) > MOST_RESULTS
    with pytest.raises(Refused) as refused:
        world.draft(results=results)
    assert codes(refused) == ["too_many_results"]
    world.lock(world.draft(results=results[:MOST_RESULTS]))


def test_of_a_search_that_finds_nothing_the_lock_says_so_until_something_is_found(world):
    nothing = world.look(SearchQuery(text="ぬぬぬぬ")).searched
    with world.database.transaction() as session:
        facts = {"texts": TEXTS, "origin": Origin.SEARCH, "parameters": [["q", "ぬぬぬぬ"]]}
        record_id = records.create_record(
            session, actor=world.staff, now=NOW, results=[], found=0, **facts
        )
    with pytest.raises(Refused) as refused:
        world.lock(record_id)  # world's own search finds three
    assert codes(refused) == ["found_meanwhile"]
    with world.database.transaction() as session:
        records.lock_record(
            session,
            actor=world.staff,
            now=NOW,
            record_id=record_id,
            seen_version=1,
            confirmed=True,
            searched=nothing,
        )
    world.answer(record_id)
    export = world.export(record_id)
    assert export["record"]["results"] == []
    assert export["outcome"]["said"]["outcome"] == "none"
    assert world.check(export) == []
    with pytest.raises(Refused) as refused:
        world.draft(results=[])
    assert codes(refused) == ["no_results"]


def test_a_result_that_is_no_longer_published_is_not_locked(world):
    record_id = world.draft()
    gone = next(iter(world.entries))
    with world.database.transaction() as session:
        services.withdraw_offering(session, actor=SYSTEM, now=NOW, offering_id=gone, reason="終了")
    with pytest.raises(Refused) as refused:
        world.lock(record_id)
    assert codes(refused) == ["gone"]
    kept = [r for r in world.look().results if r.key != f"offering:{gone}"]
    world.edit(record_id, results=kept)
    world.lock(record_id, seen=2)


def test_results_of_nobody_knows_where_are_not_taken_in(world):
    record_id = world.draft(results=world.look().results[:1])
    with pytest.raises(NotFound):
        world.edit(record_id, results=world.look().results)


def test_two_people_do_not_overwrite_each_other(world):
    record_id = world.draft()
    world.edit(record_id, actor=world.colleague, texts=replace(TEXTS, title="先"))
    for write in (world.edit, world.lock):
        with pytest.raises(Conflict):
            write(record_id, seen=1)
    with world.database.read_session() as session:
        assert get_record(session, world.staff, record_id).title == "先"


def test_of_two_at_the_same_moment_one_locks(world):
    record_id = world.draft()
    results = []

    def one(actor):
        try:
            world.lock(record_id, actor=actor)
            results.append("locked")
        except (Refused, Conflict):
            results.append("refused")

    threads = [threading.Thread(target=one, args=(a,)) for a in (world.staff, world.colleague)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["locked", "refused"]
    with world.database.read_session() as session:
        locks = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "lock_selection_record")
        ).all()
        assert len(locks) == 1
        assert (
            locks[0].changes["content_sha256"]
            == session.get_one(SelectionLock, record_id).content_sha256
        )


def test_another_organisation_knows_of_nothing(world):
    record_id = world.locked()
    draft = world.draft()
    with world.database.read_session() as session:
        assert list_records(session, world.stranger, page=1).rows == []
        for number in (record_id, draft, 999):
            with pytest.raises(NotFound):
                get_record(session, world.stranger, number)
    for write in (world.edit, world.lock, world.answer):
        for number in (record_id, draft, 999):
            with pytest.raises(NotFound):
                write(number, actor=world.stranger)


def test_the_auditor_reads_everything_and_changes_nothing(world):
    record_id, draft = world.locked(), world.draft()
    with world.database.read_session() as session:
        seen = {row.id for row in list_records(session, world.auditor, page=1).rows}
        assert seen == {record_id, draft}
        page = get_record(session, world.auditor, record_id)
    assert page.locked
    assert not page.own
    for write in (world.edit, world.lock, world.answer):
        with pytest.raises(Refused) as refused:
            write(draft, actor=world.auditor)
        assert codes(refused) == ["not_permitted"]
    with pytest.raises(NotFound):
        world.draft(actor=world.auditor)


def test_only_a_locked_record_is_taken_away_and_that_is_remembered(world):
    record_id = world.draft()
    facts = {"actor": world.colleague, "now": NOW, "record_id": record_id}
    with pytest.raises(Refused) as refused, world.database.transaction() as session:
        records.note_download(session, format_="csv", file_sha256="1" * 64, **facts)
    assert codes(refused) == ["not_locked"]
    world.lock(record_id)
    with world.database.transaction() as session:
        records.note_download(session, format_="csv", file_sha256="1" * 64, **facts)
    with world.database.read_session() as session:
        [download] = session.scalars(select(SelectionDownload)).all()
        assert (download.format, download.downloaded_by) == ("csv", world.colleague.label)
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "download_selection_record")
        ).one()
        assert event.changes == {"format": "csv", "file_sha256": "1" * 64}


def test_an_outcome_names_a_locked_candidate_or_none(world):
    first, second, *rest = world.look().results
    excluded = replace(second, decision=Decision.EXCLUDED, reason="高い")
    record_id = world.locked(results=[first, excluded, *rest])
    for outcome, key in (
        (Outcome.CHOSEN, ""),
        (Outcome.CHOSEN, "offering:999999"),
        (Outcome.CHOSEN, second.key),
        (Outcome.PROJECT, "offering:999999"),
        (Outcome.NONE, first.key),
    ):
        with pytest.raises(Refused) as refused:
            world.answer(record_id, outcome, key)
        assert codes(refused) == ["result"], (outcome, key)


def test_an_outcome_is_said_once(world):
    record_id = world.locked()
    world.answer(record_id, Outcome.CHOSEN, world.look().results[0].key)
    with pytest.raises(records.AlreadyAnswered):
        world.answer(record_id, Outcome.NONE)
    with pytest.raises(Refused) as refused:
        world.answer(world.draft())
    assert codes(refused) == ["not_locked"]


def test_each_step_is_one_event_and_none_tells_what_was_typed(world):
    secret = "だれにも言わない目的"
    record_id = world.draft(texts=replace(TEXTS, title=secret, purpose=secret))
    world.edit(record_id, texts=replace(TEXTS, title=secret, notes=secret))
    world.lock(record_id, seen=2)
    world.answer(record_id)
    with world.database.read_session() as session:
        events = session.scalars(
            select(AuditEvent)
            .where(AuditEvent.subject_type == "selection_record")
            .order_by(AuditEvent.seq)
        ).all()
        assert [event.action for event in events] == [
            "create_selection_record",
            "edit_selection_record",
            "lock_selection_record",
            "answer_selection_outcome",
        ]
        assert secret not in json.dumps([e.changes for e in events], ensure_ascii=False)


def tamper(world, *statements):
    """Rewrite the database as somebody could who owns the machine: the triggers are dropped."""
    with world.database.transaction() as session:
        for table in ("audit_event", "selection_lock", "offering_version", "audit_head"):
            names = [f"{table}_no_update", f"{table}_no_delete"]
            if not world.database.is_sqlite:
                names = [f"{table}_append_only", f"{table}_no_truncate"]
            for name in names:
                on = "" if world.database.is_sqlite else f" ON {table}"
                session.execute(text(f"DROP TRIGGER {name}{on}"))
        for statement in statements:
            session.execute(text(statement))


def test_a_changed_lock_version_or_event_is_found_in_the_database(world):
    export = world.export(world.locked())
    tamper(
        world,
        "UPDATE selection_lock SET content = replace(content, '対話', '会話')",
        "UPDATE offering_version SET summary = 'あとで変えた'",
        "UPDATE audit_event SET actor_label = '別の人' WHERE action = 'lock_selection_record'",
    )
    problems = " ".join(world.check(export))
    assert "データベースの確定した記録が、このファイルと一致しません" in problems
    assert "第1版の内容が、記録の検証値と一致しません" in problems
    assert "内容が変更されています" in problems


def test_a_cut_tail_and_a_rewritten_past_are_found(world):
    record_id = world.locked()
    export = world.export(record_id)
    seq = export["audit"]["event"]["seq"]
    tamper(
        world,
        f"DELETE FROM audit_event WHERE seq >= {seq}",
        f"UPDATE audit_chain SET seq = {seq - 1}, "
        f"hash = (SELECT hash FROM audit_event WHERE seq = {seq - 1})",
    )
    assert any("末尾が切り取られています" in problem for problem in world.check(export))


def test_a_past_rewritten_with_all_its_hashes_is_found(world):
    """The whole chain is made anew, consistent in itself: the export still knows better."""
    export = world.export(world.locked())
    tamper(world)
    with world.database.transaction() as session:
        previous = "0" * 64
        for event in session.scalars(select(AuditEvent).order_by(AuditEvent.seq)):
            event.prev_hash = previous
            event.actor_label = f"{event.actor_label}（書き換え）"
            event.hash = previous = event_hash(event)
        session.flush()
        session.execute(text(f"UPDATE audit_chain SET hash = '{previous}'"))
    problems = world.check(export)
    assert any("過去が書き換えられています" in problem for problem in problems)
    assert not any("つながっていません" in problem for problem in problems)


def test_the_published_heads_agree_until_the_past_is_rewritten(world):
    record_id = world.draft()
    world.lock(record_id, now=NOW + timedelta(days=1))
    later = NOW + timedelta(days=2)
    with world.database.read_session() as session:
        heads = [
            Head(day=day, seq=head.seq, hash=head.hash) for day, head in list_heads(session, later)
        ]
    export = world.export(record_id, now=later)
    assert len(heads) == 2
    assert export["record"]["audit"]["day_head"]["day"] == heads[0].day.isoformat()
    assert check_heads(export, heads) == []
    assert check_heads(export, heads[:1])
    assert check_heads(export, [heads[0], replace(heads[1], hash="f" * 64)])


def test_the_lock_keeps_the_very_bytes_it_hashed(world):
    record_id = world.locked()
    with world.database.read_session() as session:
        lock = session.get_one(SelectionLock, record_id)
        assert lock.content == canonical_json(json.loads(lock.content))
        assert record_sha256(json.loads(lock.content)) == lock.content_sha256
        assert session.get_one(SelectionRecord, record_id).row_version == 1
