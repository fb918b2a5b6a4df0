"""Postings kept as arrays beside Whoosh's files: the same postings, and never needed."""

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from catalog.search.arrays import (
    Postings,
    SegmentArrays,
    Wanted,
    added_up,
    find_arrays,
    joined_postings,
    write_arrays,
)
from catalog.search.documents import Viewer
from catalog.search.evaluator import Evaluation, Sort, evaluate
from catalog.search.gains import (
    ATOM_FIELDS,
    FIELD_WEIGHTS,
    TYPICAL_LENGTHS,
    Side,
    halves_of,
    side_of,
)
from catalog.search.index import SearchIndex
from catalog.search.lookups import Terms
from catalog.search.planning import plan_of
from catalog.search.postings import PostingCache, WhooshSegment
from catalog.search.schema import ALL_FIELDS, EXACT_FIELDS, fields_for
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
    lexicons = {field: segment.read_lexicon(field) for field in ALL_FIELDS}
    for place, field in enumerate(ALL_FIELDS):
        assert sorted(arrays.list_terms(place)) == sorted(lexicons[field])
    lengths = segment.read_data().lengths
    seen = 0
    for viewer, names in product(Viewer, (ATOM_FIELDS, EXACT_FIELDS)):
        fields = fields_for(viewer, names)
        terms = sorted({"語彙にない語", *(term for name in fields for term in lexicons[name])})
        found = look_up(arrays, side_of(viewer, names), terms)  # all of them at once
        own = rows_of(found)
        assert [row[:2] for row in own] == sorted({row[:2] for row in own})
        expected: dict[tuple[int, int], tuple[float, int]] = {}
        for number, term in enumerate(terms):
            for name in fields:
                for document, often in zip(*segment.read_postings(name, term), strict=True):
                    gained, mask = expected.get((number, document), (0.0, 0))
                    gained += gain_by_hand(name, float(often), int(lengths[name][document]))
                    expected[number, document] = gained, mask | bit_of(name)
        assert {row[:2]: row[3] for row in own} == {k: mask for k, (_, mask) in expected.items()}
        for *key, gained, _mask in own:
            assert gained == pytest.approx(expected[tuple(key)][0], abs=1e-3)
        seen += len(own)
    assert rows_of(look_up(arrays, side_of(Viewer.PUBLIC, ATOM_FIELDS), ["語彙にない語"])) == []
    return seen


def gain_by_hand(field: str, often: float, length: int) -> float:
    """BM25 (k1 1.2, b 0.6) as the books have it, the length beside the typical one."""
    plain = field.removeprefix("g_")
    typical = TYPICAL_LENGTHS.get(field, TYPICAL_LENGTHS[plain])
    half = 1.2 * (1 - 0.6 + 0.6 * length / typical)
    return FIELD_WEIGHTS[plain] * often * 2.2 / (often + half)


def bit_of(field: str) -> int:
    texts = ["title", "vendor", "category", "body"]
    texts += [f"g_{name}" for name in texts]
    return 1 << texts.index(field) if field in texts else 0


def look_up(arrays: SegmentArrays, side: Side, terms: Sequence[str]) -> Postings:
    return added_up(joined_postings(arrays.find(Wanted(terms=terms, side=side)), len(terms)))


def rows_of(found: Postings) -> list[tuple[int, int, float, int]]:
    """The term's place, the document, what it gains and where."""
    terms = np.arange(len(found.starts) - 1).repeat(np.diff(found.starts))
    columns = (terms, found.documents, found.gains, found.masks)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_words_of_the_same_hash_are_told_apart(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("catalog.search.arrays._hash", len)
    postings = {
        term: [(0, np.array([number], np.int32), np.array([1], np.float32))]
        for number, term in enumerate(("文書", "契約", "LGWAN", "申請"))
    }
    halves = halves_of({field: np.full(4, 5) for field in ALL_FIELDS})
    write_arrays(tmp_path / "own", postings, halves)
    arrays = find_arrays(tmp_path / "own")
    assert arrays is not None
    side = side_of(Viewer.PUBLIC, ATOM_FIELDS)
    found = look_up(arrays, side, ["申請", "窓口", "文書", "LGWAN"])
    assert [row[:2] for row in rows_of(found)] == [(0, 3), (2, 0), (3, 2)]


def test_what_a_document_says_is_worth_the_same_beside_any_others(tmp_path: Path) -> None:
    """Short neighbours or long ones: what a word gives it changes by the word's rarity alone."""
    own = make_document("offering", 1, "文書管理", body="検索 帳票 窓口")
    scores = []
    for name, body in (("short", "帳票"), ("long", "帳票 契約 受付 " * 80)):
        index = SearchIndex(tmp_path / name)
        with index.lock():
            others = [make_document("offering", n, "申請", body=body) for n in (2, 3, 4)]
            index.rebuild([own, *others])
        scores.append({h.number: h.score for h in ask(index, Viewer.PUBLIC, "文書管理").hits})
    assert scores[0] == scores[1] != {}


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
