"""The index stays true to the database: after every commit, and whatever happens to it."""

import shutil
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.models import Offering, SearchOutbox
from catalog.search import sources
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.documents import Viewer
from catalog.search.outbox import queue
from catalog.search.query import SearchQuery
from catalog.search.results import SearchPage
from catalog.search.service import SearchService
from catalog.search.storage import IndexMissing
from foundation.db import Database
from tests.harness.builders import NOW, make_case, make_offering, make_system_type
from tests.harness.versions import add_version


@pytest.fixture(autouse=True)
def only_the_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources of this test alone, whatever other tests have registered."""
    monkeypatch.setattr(sources, "_sources", {})
    monkeypatch.setattr(sources, "_label_loaders", {})
    register_catalog_sources()


@pytest.fixture
def service(database: Database, tmp_path: Path) -> SearchService:
    """A search whose index follows every commit, with three offerings and two cases."""
    service = SearchService(database, tmp_path / "search")
    database.after_commit.append(service.after_commit)
    with database.transaction() as session:
        for name in ("架空文書管理クラウド", "架空電子申請ポータル", "架空議事録作成支援"):
            publish(session, make_offering(session, name=name))
        for title in ("文書管理の共同調達", "電子申請の共同調達"):
            case = make_case(session, title=title)
            queue(session, "case", case.id, NOW)
    service.ensure_index()
    return service


def publish(session: Session, offering: Offering) -> Offering:
    queue(session, "offering", offering.id, NOW)
    return offering


def rename(session: Session, offering_id: int, name: str, **facts: object) -> None:
    """The offering's next version, as publishing makes it."""
    add_version(session, offering_id, name=name, **facts)
    publish(session, session.get_one(Offering, offering_id))


def ask(service: SearchService, text: str = "", **filters: tuple[str, ...]) -> SearchPage:
    return service.search(SearchQuery(text=text, filters=filters), viewer=Viewer.PUBLIC, now=NOW)


def titles(service: SearchService, text: str = "", **filters: tuple[str, ...]) -> set[str]:
    return {result.title for result in ask(service, text, **filters).results}


def pending(database: Database) -> int:
    with database.read_session() as session:
        return session.scalar(select(func.count()).select_from(SearchOutbox)) or 0


def test_what_is_published_is_found_by_the_next_request(
    service: SearchService, database: Database
) -> None:
    assert titles(service, "文書管理") == {"架空文書管理クラウド", "文書管理の共同調達"}
    with database.transaction() as session:
        publish(session, make_offering(session, name="架空文書管理スイート"))
    assert "架空文書管理スイート" in titles(service, "文書管理")
    assert pending(database) == 0


def test_a_new_version_replaces_the_old_words(service: SearchService, database: Database) -> None:
    (found,) = ask(service, "議事録").results
    with database.transaction() as session:
        rename(session, found.id, "架空会議メモ支援", summary="会議の要約。")
    assert titles(service, "議事録") == set()
    assert titles(service, "会議") == {"架空会議メモ支援"}
    assert ask(service).total == 5


@pytest.mark.parametrize("status", ["draft", "submitted", "suspended", "withdrawn"])
def test_what_is_not_published_is_not_in_the_index_at_all(
    service: SearchService, database: Database, status: str
) -> None:
    with database.transaction() as session:
        hidden = make_offering(session, name="未公開の目印", publication_status=status)
        hidden_id = publish(session, hidden).id
        (shown,) = session.scalars(select(Offering).where(Offering.name.contains("議事録")))
        shown.publication_status = status
        publish(session, shown)
    page = service.search(SearchQuery(), viewer=Viewer.GOVERNMENT, now=NOW)
    assert page.total == 4
    snapshot = service.current().snapshot
    assert f"offering:{hidden_id}" not in snapshot.list_keys()
    for number in snapshot.document_numbers():
        assert "目印" not in str(snapshot.shown(number))


def test_a_rolled_back_change_leaves_no_trace(service: SearchService, database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        publish(session, make_offering(session, name="取り消した文書管理"))
        raise ZeroDivisionError
    assert pending(database) == 0
    assert "取り消した文書管理" not in titles(service, "文書管理")


def test_a_process_killed_after_its_commit_loses_nothing(
    service: SearchService, database: Database
) -> None:
    ask(service)
    database.after_commit.clear()  # killed: the hook never ran
    with database.transaction() as session:
        publish(session, make_offering(session, name="架空財務会計"))
    assert pending(database) == 1
    assert service.catch_up() == 1
    assert titles(service, "財務会計") == {"架空財務会計"}
    assert pending(database) == 0


def test_a_process_killed_before_it_says_so_does_it_twice(
    service: SearchService, database: Database
) -> None:
    before = ask(service)
    with database.transaction() as session:  # as if the rows had not been deleted
        for result in before.results:
            queue(session, result.kind, result.id, NOW)
            queue(session, result.kind, result.id, NOW)
    after = ask(service)
    assert after.total == before.total == 5
    assert after.generation > before.generation


def test_another_process_sees_the_change(
    service: SearchService, database: Database, tmp_path: Path
) -> None:
    other = SearchService(database, tmp_path / "search")
    assert ask(other).total == 5
    with database.transaction() as session:
        publish(session, make_offering(session, name="架空図書館システム"))
    assert titles(other, "図書館") == {"架空図書館システム"}


def test_a_busy_index_keeps_the_change_for_later(
    service: SearchService, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.search.service.CATCH_UP_LOCK_SECONDS", 0.05)
    ask(service)
    with service.index.lock(), database.transaction() as session:
        publish(session, make_offering(session, name="架空給食費管理"))
    assert pending(database) == 1
    service.catch_up()
    assert titles(service, "給食費") == {"架空給食費管理"}


def test_two_processes_writing_at_once_lose_nothing(
    service: SearchService, database: Database, tmp_path: Path
) -> None:
    other = Database(database.url)
    other.after_commit.append(SearchService(other, tmp_path / "search").after_commit)
    with database.transaction() as session:
        make_system_type(session)
        ids = [make_offering(session, name=f"並行{n}").id for n in range(12)]

    def change(own: Database, some: list[int]) -> None:
        for offering_id in some:
            with own.transaction() as session:
                rename(session, offering_id, f"並行した{offering_id}号")

    threads = [
        threading.Thread(target=change, args=(own, some))
        for own, some in ((database, ids[::2]), (other, ids[1::2]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    service.catch_up()
    assert titles(service, "並行") == {f"並行した{offering_id}号" for offering_id in ids}
    assert pending(database) == 0
    other.dispose()


def damage_current(directory: Path) -> None:
    (directory / "CURRENT").write_text("{")


def damage_segments(directory: Path) -> None:
    for path in directory.glob("index-*/*.seg"):
        path.write_bytes(b"\0" * path.stat().st_size)


def cut_segments(directory: Path) -> None:
    for path in directory.glob("index-*/*.seg"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def lose_segments(directory: Path) -> None:
    for path in directory.glob("index-*/*.seg"):
        path.unlink()


def lose_everything(directory: Path) -> None:
    shutil.rmtree(directory)


# Whoosh leaves the file open when it stumbles over what is in it.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(
    "damage", [damage_current, damage_segments, cut_segments, lose_segments, lose_everything]
)
def test_a_damaged_or_missing_index_is_built_again_by_itself(
    service: SearchService, database: Database, tmp_path: Path, damage: object
) -> None:
    expected = ask(service, "文書管理")
    damage(tmp_path / "search")  # type: ignore[operator]
    fresh = SearchService(database, tmp_path / "search")
    found = ask(fresh, "文書管理")
    assert [r.title for r in found.results] == [r.title for r in expected.results]
    assert found.facets == expected.facets


def test_an_index_lost_under_a_running_process_is_built_again(
    service: SearchService, tmp_path: Path
) -> None:
    assert ask(service).total == 5
    shutil.rmtree(tmp_path / "search")
    assert ask(service, "文書管理").total == 2


def test_what_was_replaced_under_a_question_is_asked_again_and_nothing_is_built(
    service: SearchService, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = service.current()

    def replace_it_first(_numbers: object) -> None:
        with database.transaction() as session:
            rename(session, 1, "架空公文書保存箱")
        assert service.current() is not before  # as another thread's question opens it
        raise IndexMissing("a document was replaced while it was looked at")

    monkeypatch.setattr(before.snapshot, "list_shown", replace_it_first)
    assert titles(service, "保存箱") == {"架空公文書保存箱"}
    assert service.current().state.folder == before.state.folder


def test_an_index_of_another_layout_is_built_again(
    service: SearchService, database: Database, tmp_path: Path
) -> None:
    ask(service)
    current = tmp_path / "search" / "CURRENT"
    state = service.index.get_state()
    current.write_text(current.read_text().replace(state.schema, "0" * 64))
    assert ask(SearchService(database, tmp_path / "search")).total == 5
    assert service.index.get_state().schema == state.schema


def test_an_index_of_another_database_is_not_believed(
    service: SearchService, database: Database, tmp_path: Path
) -> None:
    ask(service)
    database.after_commit.clear()
    with database.transaction() as session:  # a restored backup queues nothing
        make_offering(session, name="復元された掲載")
    assert titles(SearchService(database, tmp_path / "search"), "復元") == {"復元された掲載"}


def test_rebuilt_from_scratch_it_equals_the_one_kept_up_to_date(
    service: SearchService, database: Database, tmp_path: Path
) -> None:
    (first, *_) = ask(service, "架空").results
    for n in range(20):
        with database.transaction() as session:
            rename(session, first.id, f"架空文書管理 {n}版", summary="版 " * n)
            publish(session, make_offering(session, name=f"架空の追加 {n}"))
    scratch = SearchService(database, tmp_path / "scratch")
    scratch.rebuild()
    for text in ("", "文書管理", "架空", "共同調達", "追加 3"):
        kept, built = ask(service, text), ask(scratch, text)
        assert kept.results == built.results
        assert (kept.total, kept.facets) == (built.total, built.facets)


def test_a_rebuild_tells_how_far_it_is(service: SearchService) -> None:
    totals: list[int] = []
    steps: list[int] = []
    service.rebuild(totals.append, lambda: steps.append(1))
    assert totals == [5] == [len(steps)]


def test_an_index_emptied_of_entries_answers_with_nothing(
    database: Database, tmp_path: Path
) -> None:
    page = ask(SearchService(database, tmp_path / "search"), "文書管理")
    assert (page.total, page.results, page.pages) == (0, (), 1)


def test_government_answers_are_found_by_bodies_only(
    service: SearchService, database: Database
) -> None:
    with database.transaction() as session:
        offering = make_offering(session, name="架空の守り")
        answers = {"hosting": "on_premises", "security_measures": "侵入試験を毎年実施"}
        rename(session, offering.id, "架空の守り", answers=answers)
    query = SearchQuery(text="侵入試験")
    visitor = service.search(query, viewer=Viewer.PUBLIC, now=NOW)
    body = service.search(query, viewer=Viewer.GOVERNMENT, now=NOW)
    assert visitor.total == 0
    assert [r.title for r in body.results] == ["架空の守り"]
    assert ("侵入試験", True) in body.results[0].highlights["body"]
    public = service.search(SearchQuery(text="架空の守り"), viewer=Viewer.PUBLIC, now=NOW)
    assert "侵入" not in str(public)
    hosting = next(f for f in public.facets if f.name == "hosting")
    assert [(v.value, v.label, v.count) for v in hosting.values] == [("on_premises", "庁内設置", 1)]
