"""Postings kept as arrays beside Whoosh's files: the same postings, and never needed."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from catalog.search.arrays import (
    Postings,
    SegmentArrays,
    Wanted,
    find_arrays,
    joined_postings,
    write_arrays,
)
from catalog.search.documents import Viewer
from catalog.search.evaluator import Evaluation, Sort, evaluate
from catalog.search.index import SearchIndex
from catalog.search.lookups import Terms
from catalog.search.planning import plan_of
from catalog.search.postings import PostingCache, WhooshSegment
from catalog.search.schema import ALL_FIELDS
from catalog.search.snapshot import Snapshot
from tests.harness.corpus import NOW, make_corpus, make_document

SIZE = 192


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    """One segment of many entries."""
    index = SearchIndex(tmp_path / "search")
    with index.lock():
        index.rebuild(make_corpus(SIZE))
    return index


def list_files(index: SearchIndex) -> list[Path]:
    return sorted(index.directory.glob("*/*.postings"))


def open_segments(index: SearchIndex) -> list[WhooshSegment]:
    return index.open_segments(index.get_state())


def ask(index: SearchIndex, viewer: Viewer, text: str) -> Evaluation:
    snapshot = Snapshot(open_segments(index), PostingCache())
    return evaluate(
        Terms(snapshot, viewer),
        plan_of(text),
        filters={},
        sort=Sort.RELEVANCE,
        offset=0,
        limit=SIZE,
        now=NOW,
    )


def test_they_say_what_whooshs_files_say_of_every_term(index: SearchIndex) -> None:
    (segment,) = open_segments(index)
    assert compare_with_whoosh(segment) > 500


def test_so_do_those_made_of_what_was_just_written(index: SearchIndex) -> None:
    documents = make_corpus(SIZE)[:40]
    with index.lock():
        index.replace([document.key for document in documents], documents)
    (_, segment) = open_segments(index)
    assert compare_with_whoosh(segment) > 100


def compare_with_whoosh(segment: WhooshSegment) -> int:
    arrays = segment.find_arrays()
    assert arrays is not None
    lexicons = [segment.read_lexicon(field) for field in ALL_FIELDS]
    assert [set(arrays.list_terms(place)) for place, _ in enumerate(ALL_FIELDS)] == [
        set(lexicon) for lexicon in lexicons
    ]
    terms = sorted({"語彙にない語", *(term for lexicon in lexicons for term in lexicon)})
    found = look_up(arrays, terms)  # all of them at once
    seen = 0
    for place, (field, lexicon) in enumerate(zip(ALL_FIELDS, lexicons, strict=True)):
        for term in lexicon:
            own = found.only((found.terms == terms.index(term)) & (found.positions == place))
            documents, frequencies = segment.read_postings(field, term)
            assert np.array_equal(own.documents, documents)
            assert np.array_equal(own.frequencies, frequencies)
            seen += len(documents)
    assert seen == len(arrays.documents) == len(found.terms)
    assert len(look_up(arrays, ["語彙にない語"]).terms) == 0
    assert np.array_equal(np.lexsort((found.positions, found.documents, found.terms)), range(seen))
    return seen


def look_up(arrays: SegmentArrays, terms: Sequence[str]) -> Postings:
    wanted = Wanted(terms=terms, positions=np.arange(len(ALL_FIELDS), dtype=np.uint8))
    return joined_postings(arrays.find(wanted), wanted)


def test_words_of_the_same_hash_are_told_apart(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("catalog.search.arrays._hash", len)
    postings = {
        term: [(0, np.array([number], np.int32), np.array([1], np.float32))]
        for number, term in enumerate(("文書", "契約", "LGWAN", "申請"))
    }
    write_arrays(tmp_path / "own", postings)
    arrays = find_arrays(tmp_path / "own")
    assert arrays is not None
    found = look_up(arrays, ["申請", "窓口", "文書", "LGWAN"])
    assert list(zip(found.terms, found.documents, strict=True)) == [(0, 3), (2, 0), (3, 2)]


def cut_short(content: bytes) -> bytes:
    return content[: len(content) // 2]


def change_a_byte(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def empty(_content: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [cut_short, change_a_byte, empty, None])
def test_without_them_every_answer_is_the_same(
    index: SearchIndex, damage: Callable[[bytes], bytes] | None
) -> None:
    texts = ("電子申請", "システム 管理", "文書", "")
    asked = [(viewer, text) for viewer in Viewer for text in texts]
    whole = [ask(index, *each) for each in asked]
    hits = [answer.hits for answer in whole]
    (path,) = list_files(index)
    if damage:
        path.write_bytes(damage(path.read_bytes()))
    else:
        path.unlink()
    (segment,) = open_segments(index)
    assert segment.find_arrays() is None
    again = [ask(index, *each) for each in asked]
    assert again == whole
    assert [answer.hits for answer in again] == hits
    assert sum(answer.total for answer in whole) > SIZE


def test_they_come_and_go_with_their_segment(index: SearchIndex) -> None:
    (first,) = list_files(index)
    documents = [make_document("case", 9_000 + n, f"後から来た事例{n}") for n in range(65)]
    with index.lock():
        index.replace([document.key for document in documents], documents)
    assert len(list_files(index)) == 2  # one for the many that came at once
    with index.lock():
        index.replace(["offering:1"], [make_document("offering", 1, "一件だけの変更")])
    assert len(list_files(index)) == 3  # one for a single change
    with index.lock():
        index.rebuild(make_corpus(SIZE))
    assert len(list_files(index)) == 1
    assert not first.exists()


def test_half_deleted_segments_are_merged_with_their_arrays(index: SearchIndex) -> None:
    documents = make_corpus(SIZE)
    with index.lock():
        index.replace([document.key for document in documents[: SIZE // 2 + 1]], [])
        assert index.merge() is not None
    (path,) = list_files(index)
    (segment,) = open_segments(index)
    arrays = segment.find_arrays()
    assert arrays is not None and path.stem == segment.segment_id
    assert arrays.documents.max() < SIZE // 2
