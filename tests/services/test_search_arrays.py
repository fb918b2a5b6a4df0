"""Postings kept as arrays beside Whoosh's files: the same postings, and never needed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from catalog.search.documents import Viewer
from catalog.search.evaluator import Evaluation, Sort, Terms, evaluate
from catalog.search.index import SearchIndex
from catalog.search.planning import plan_of
from catalog.search.postings import SMALL, PostingCache, WhooshSegment
from catalog.search.schema import ALL_FIELDS
from catalog.search.snapshot import Snapshot
from tests.harness.corpus import NOW, make_corpus, make_document

SIZE = 3 * SMALL


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    """One segment that is large enough to have arrays."""
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
    arrays = segment.find_arrays()
    assert arrays is not None
    seen = 0
    for place, field in enumerate(ALL_FIELDS):
        terms = segment.read_lexicon(field)
        assert set(arrays.list_terms(place)) == set(terms)
        for term in terms:
            (own,) = [entry for entry in arrays.find(term) if entry[0] == place]
            documents, frequencies = segment.read_postings(field, term)
            assert np.array_equal(own[1], documents)
            assert np.array_equal(own[2], frequencies)
            seen += 1
    assert seen == len(arrays.fields) > 500
    assert list(arrays.find("語彙にない語")) == []


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
    whole = [ask(index, viewer, text) for viewer in Viewer for text in texts]
    (path,) = list_files(index)
    if damage:
        path.write_bytes(damage(path.read_bytes()))
    else:
        path.unlink()
    (segment,) = open_segments(index)
    assert segment.find_arrays() is None
    assert [ask(index, viewer, text) for viewer in Viewer for text in texts] == whole
    assert sum(answer.total for answer in whole) > SIZE


def test_they_come_and_go_with_their_segment(index: SearchIndex) -> None:
    (first,) = list_files(index)
    documents = [make_document("case", 9_000 + n, f"後から来た事例{n}") for n in range(SMALL + 1)]
    with index.lock():
        index.replace([document.key for document in documents], documents)
    assert len(list_files(index)) == 2  # one for the many that came at once
    with index.lock():
        index.replace(["offering:1"], [make_document("offering", 1, "一件だけの変更")])
    assert len(list_files(index)) == 2  # none for a single change
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
