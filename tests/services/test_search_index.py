"""Whoosh's folder of segments: the traps of its readers and writers, and who merges when."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from whoosh import index as whoosh_index
from whoosh.index import LockError

from catalog.search.documents import Viewer
from catalog.search.evaluator import Sort, evaluate
from catalog.search.index import MOST_SEGMENTS, SearchIndex, choose_merged
from catalog.search.lookups import Terms
from catalog.search.planning import plan_of
from catalog.search.postings import PostingCache
from catalog.search.snapshot import Snapshot
from catalog.search.storage import IndexBusy
from tests.harness.corpus import NOW, make_corpus, make_document


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    """Forty random entries in one segment."""
    index = SearchIndex(tmp_path / "search")
    with index.lock():
        index.rebuild(make_corpus(40))
    return index


def found(index: SearchIndex, cache: PostingCache, text: str) -> set[int]:
    """Ids of what a visitor finds in the newest generation."""
    snapshot = Snapshot(index.open_segments(index.get_state()), cache)
    hits = evaluate(
        Terms(snapshot, Viewer.PUBLIC),
        plan_of(text),
        filters={},
        sort=Sort.RELEVANCE,
        offset=0,
        limit=1000,
        now=NOW,
    ).hits
    return {snapshot.key_parts(hit.number)[1] for hit in hits}


def put(index: SearchIndex, number: int, title: str) -> None:
    document = make_document("offering", number, title)
    with index.lock():
        index.replace([document.key], [document])


def test_files_kept_open_bring_no_deleted_or_old_document_back(index: SearchIndex) -> None:
    cache = PostingCache()
    for turn in range(12):  # Whoosh's Searcher.refresh() brings the first ones back
        put(index, 900, f"目印の第{turn}版")
        assert found(index, cache, f"目印の第{turn}版") == {900}
        assert found(index, cache, "目印") == {900}
    with index.lock():
        index.replace(["offering:900"], [])
    assert found(index, cache, "目印") == set()


def test_an_older_snapshot_keeps_its_answer_while_the_index_moves_on(index: SearchIndex) -> None:
    put(index, 900, "目印の旧版")
    before = Snapshot(index.open_segments(index.get_state()), PostingCache())
    put(index, 900, "目印の新版")
    with index.lock():
        index.rebuild(make_corpus(3))
    number = next(n for n in before.document_numbers() if before.key_parts(n)[1] == 900)
    assert before.shown(number)["title"] == "目印の旧版"
    (term,) = plan_of("旧版").atoms
    assert before.term(Viewer.PUBLIC, term).documents.tolist() == [number]


def test_an_older_snapshot_reads_on_while_others_open_the_next(index: SearchIndex) -> None:
    cache = PostingCache()
    for number in range(900, 912):
        put(index, number, f"目印の{number}号")
    before = Snapshot(index.open_segments(index.get_state()), cache)
    with index.lock():
        assert index.merge() is not None
    assert found(index, cache, "目印") == set(range(900, 912))
    (term,) = plan_of("目印").atoms
    assert len(before.term(Viewer.PUBLIC, term).documents) == 12
    assert before.vocabulary(Viewer.PUBLIC)


def test_a_change_merges_nothing_and_the_worker_does(index: SearchIndex) -> None:
    cache = PostingCache()
    for number in range(900, 912):
        put(index, number, f"目印の{number}号")
    assert len(index.open_segments(index.get_state())) == 13
    with index.lock():
        merged = index.merge()
        assert merged is not None
        assert merged.generation == index.get_state().generation
    assert len(index.open_segments(index.get_state())) < 8
    assert found(index, cache, "目印") == set(range(900, 912))
    with index.lock():
        assert index.merge() is None  # nothing is left to do


def test_without_a_worker_there_is_an_end_to_the_segments(index: SearchIndex) -> None:
    most = 0
    for number in range(900, 900 + MOST_SEGMENTS + 12):
        put(index, number, f"目印の{number}号")
        most = max(most, len(index.open_segments(index.get_state())))
    assert 8 < most <= MOST_SEGMENTS + 1
    assert len(found(index, PostingCache(), "目印")) == MOST_SEGMENTS + 12


def test_a_second_writer_waits_for_the_first_and_then_says_so(index: SearchIndex) -> None:
    with index.lock():
        with pytest.raises(IndexBusy), index.lock(0.05):
            pass
        # Whoosh itself gives up at once: hence the lock of our own.
        folder = str(index.directory / index.get_state().folder)
        writer = whoosh_index.open_dir(folder).writer()
        with pytest.raises(LockError):
            whoosh_index.open_dir(folder).writer()
        writer.cancel()
    put(index, 900, "目印")


def test_a_writer_that_stumbles_leaves_the_index_and_its_lock_behind(index: SearchIndex) -> None:
    wrong = make_document("offering", 900, "目印", facets={"unheard_of": ("x",)})
    with pytest.raises(ValueError, match="unheard_of"), index.lock():
        index.replace([wrong.key], [wrong])
    put(index, 901, "目印")
    assert found(index, PostingCache(), "目印") == {901}


@dataclass(frozen=True, kw_only=True)
class Written:
    """A segment as the merge policy sees it."""

    name: str
    all_documents: int
    live: int

    def segment_id(self) -> str:
        return self.name

    def doc_count(self) -> int:
        return self.live

    def doc_count_all(self) -> int:
        return self.all_documents


@pytest.mark.parametrize(
    ("sizes", "merged"),
    [
        ([(1, 1)] * 7, 0),
        ([(1, 1)] * 8, 8),
        ([(1, 1)] * 9 + [(60, 60)] * 3, 9),
        ([(60, 60)] * 12, 8),  # 480 documents: who changes something meanwhile waits
        ([(5_000, 5_000)] * 10, 0),
        ([(300, 300)] * 8, 0),  # one alone would be written again for nothing
        ([(100, 40)], 1),
        ([(5_000, 2_000)], 0),
        ([(1, 0)], 1),
    ],
)
def test_merging_pays_and_ends(sizes: list[tuple[int, int]], merged: int) -> None:
    segments = [
        Written(name=str(place), all_documents=total, live=live)
        for place, (total, live) in enumerate(sizes)
    ]
    assert len(choose_merged(segments)) == merged
