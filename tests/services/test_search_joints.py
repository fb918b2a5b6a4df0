"""Arrays of several segments as one: the same postings, used only where they fit, never needed."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from catalog.search.arrays import Run, SegmentArrays, Wanted, added_up, joined_postings
from catalog.search.bits import begins_of
from catalog.search.documents import Viewer
from catalog.search.evaluator import Evaluation, Hit, Sort, evaluate
from catalog.search.gains import ATOM_FIELDS, Side, side_of
from catalog.search.index import SearchIndex
from catalog.search.joints import Joint, join_arrays
from catalog.search.lookups import Terms
from catalog.search.planning import plan_of
from catalog.search.postings import PostingCache, WhooshSegment
from catalog.search.schema import ALL_FIELDS, EXACT_FIELDS
from catalog.search.snapshot import Snapshot
from tests.harness.corpus import NOW, make_corpus, make_document

SIZE = 240
TEXTS = ("電子申請", "システム 管理", "文書", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SearchIndex:
    """Four segments, none a multiple of 64 long: their numbers leave gaps."""
    monkeypatch.setattr("catalog.search.index.BULK_COMMIT", 70)
    index = SearchIndex(tmp_path / "search")
    with index.lock():
        index.rebuild(make_corpus(SIZE))
    return index


def open_segments(index: SearchIndex) -> list[WhooshSegment]:
    return index.open_segments(index.get_state())


def find_joints(index: SearchIndex) -> list[Path]:
    return sorted(index.directory.glob("*/*.joint"))


def arrays_of_all(index: SearchIndex) -> list[SegmentArrays]:
    found = [segment.find_arrays() for segment in open_segments(index)]
    return [arrays for arrays in found if arrays is not None]


def joint_of(index: SearchIndex) -> Joint:
    joint = open_segments(index)[0].find_joint()
    assert joint is not None
    return joint


def answers(index: SearchIndex) -> list[tuple[Evaluation, tuple[Hit, ...]]]:
    snapshot = Snapshot(open_segments(index), PostingCache())
    found = [
        evaluate(
            Terms(snapshot, viewer),
            plan_of(text),
            filters={},
            sort=Sort.RELEVANCE,
            offset=0,
            limit=SIZE,
            now=NOW,
        )
        for viewer in Viewer
        for text in TEXTS
    ]
    return [(answer, answer.hits) for answer in found]


def look_up(
    parts: Sequence[tuple[SegmentArrays, int]], side: Side, terms: Sequence[str]
) -> list[list[float]]:
    wanted = Wanted(terms=terms, side=side)
    runs = [run for arrays, base in parts for run in arrays.find(wanted, base)]
    return [column.tolist() for column in added_up(joined_postings(runs, len(terms)))]


@pytest.mark.parametrize("hash_of", [None, len])
def test_it_says_of_every_term_what_its_segments_say(
    index: SearchIndex, monkeypatch: pytest.MonkeyPatch, hash_of: Callable[[bytes], int] | None
) -> None:
    if hash_of:  # many names of one hash
        monkeypatch.setattr("catalog.search.arrays._hash", hash_of)
        with index.lock():
            index.rebuild(make_corpus(SIZE))
    parts = arrays_of_all(index)
    assert len(parts) == 4
    begins = begins_of([segment.count_all() for segment in open_segments(index)])
    assert begins == [0, 128, 256, 384, 448]
    joint = joint_of(index).arrays
    for viewer in Viewer:
        for names in (ATOM_FIELDS, EXACT_FIELDS):
            side = side_of(viewer, names)
            terms = sorted(
                {term for each in parts for f in side.fields for term in list_terms(each, f)}
            )
            singly = look_up(list(zip(parts, begins, strict=False)), side, [*terms, "無い語"])
            assert look_up([(joint, 0)], side, [*terms, "無い語"]) == singly
            assert len(singly[1]) > (300 if names == ATOM_FIELDS else 100)
    for field in ALL_FIELDS:
        once = list_terms(joint, field)
        assert len(once) == len(set(once))
        assert set(once) == {term for each in parts for term in list_terms(each, field)}


def list_terms(arrays: SegmentArrays, field: str) -> tuple[str, ...]:
    return arrays.list_terms(ALL_FIELDS.index(field))


def test_of_one_segment_it_is_that_segment(index: SearchIndex) -> None:
    (arrays, *_) = arrays_of_all(index)
    joined = join_arrays([arrays], [0])
    for name in ("hashes", "text", "spelt", "named", "starts", "documents", "gains", "masks"):
        assert np.array_equal(getattr(joined, name), getattr(arrays, name)), name
        assert getattr(joined, name).dtype == getattr(arrays, name).dtype, name


def cut_short(content: bytes) -> bytes:
    return content[: len(content) // 2]


def change_a_byte(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [cut_short, change_a_byte, None])
def test_without_it_every_answer_is_the_same(
    index: SearchIndex, damage: Callable[[bytes], bytes] | None
) -> None:
    whole = answers(index)
    (path,) = find_joints(index)
    if damage:
        path.write_bytes(damage(path.read_bytes()))
    else:
        path.unlink()
    assert open_segments(index)[0].find_joint() is None
    assert answers(index) == whole
    assert sum(answer.total for answer, _ in whole) > SIZE


def test_it_is_what_is_read(index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no segment's own arrays, as long as it fits; what was changed since has its own."""
    joint = joint_of(index)
    put(index, 900, "後から来た電子申請")
    read: list[int] = []
    find = SegmentArrays.find

    def note(arrays: SegmentArrays, wanted: Wanted, base: int = 0) -> Iterator[Run]:
        read.append(len(arrays.documents))
        return find(arrays, wanted, base)

    monkeypatch.setattr(SegmentArrays, "find", note)
    snapshot = Snapshot(open_segments(index), PostingCache())
    (term,) = plan_of("電子申請").atoms[:1]
    assert len(snapshot.term(Viewer.PUBLIC, term).documents) > 1
    assert read[0] == len(joint.arrays.documents)
    assert len(read) == 2


def put(index: SearchIndex, number: int, title: str) -> None:
    document = make_document("offering", number, title)
    with index.lock():
        index.replace([document.key], [document])


@pytest.mark.parametrize("gone", [0, 1, 3])
def test_it_serves_no_longer_once_one_of_its_segments_is_merged_away(
    index: SearchIndex, gone: int
) -> None:
    documents = make_corpus(SIZE)
    taken = documents[gone * 70 : gone * 70 + 36]
    taken = taken if gone < 3 else documents[210:230]
    with index.lock():
        index.replace([document.key for document in taken], [])
        assert index.merge() is not None
    after = answers(index)
    left = {document.key for document in documents} - {document.key for document in taken}
    snapshot = Snapshot(open_segments(index), PostingCache())
    assert snapshot.list_keys() == left
    # The file goes with the first segment; else it lies there and does not fit.
    assert len(find_joints(index)) == (0 if gone == 0 else 1)
    for path in find_joints(index):
        path.unlink()
    assert answers(index) == after
    with index.lock():
        index.rebuild([document for document in documents if document.key in left])
    assert len(find_joints(index)) == 1


def test_a_single_segment_needs_none(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path / "search")
    with index.lock():
        index.rebuild(make_corpus(40))
    assert find_joints(index) == []
    with index.lock():
        index.rebuild([])
    assert find_joints(index) == []
