"""The evaluation against plain loops: totals, counts, order, and who sees what."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import inf, log
from pathlib import Path
from random import Random

import pytest

from catalog.search.documents import SearchDocument, Viewer
from catalog.search.evaluator import Evaluation, Sort, count_matches, evaluate
from catalog.search.index import SearchIndex
from catalog.search.lookups import Terms
from catalog.search.nearness import Near
from catalog.search.plan import Plan
from catalog.search.planning import plan_of
from catalog.search.postings import PostingCache, decode_by_steps, decode_postings
from catalog.search.snapshot import Snapshot
from tests.harness.corpus import (
    FACET_VALUES,
    NOW,
    SUBJECTS,
    WORDS,
    count_by_loop,
    find_by_loop,
    make_corpus,
    make_document,
)

Ask = Callable[..., Evaluation]


def open_snapshot(index: SearchIndex, cache: PostingCache | None = None) -> Snapshot:
    return Snapshot(index.open_segments(index.get_state()), cache or PostingCache())


def ask(
    snapshot: Snapshot,
    text: str | Plan = "",
    *,
    viewer: Viewer = Viewer.PUBLIC,
    sort: Sort = Sort.RELEVANCE,
    limit: int = 1000,
    now: datetime = NOW,
    near: Near | None = None,
    **filters: tuple[str, ...],
) -> Evaluation:
    return evaluate(
        Terms(snapshot, viewer),
        plan_of(text) if isinstance(text, str) else text,
        filters=filters,
        sort=sort,
        offset=0,
        limit=limit,
        now=now,
        near=near,
    )


def keys(snapshot: Snapshot, found: Evaluation) -> list[tuple[str, int]]:
    return [snapshot.key_parts(hit.number) for hit in found.hits]


@pytest.fixture(scope="module")
def corpus() -> list[SearchDocument]:
    return make_corpus(300)


@pytest.fixture(scope="module")
def snapshot(corpus: list[SearchDocument], tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The corpus after half of it was replaced and some of it deleted: many segments."""
    index = SearchIndex(tmp_path_factory.mktemp("index"))
    with index.lock():
        stale = [make_document(d.kind, d.object_id, "古い内容") for d in corpus[:150]]
        gone = [make_document("offering", 1000 + n, "消えた文書管理") for n in range(20)]
        index.rebuild([*stale, *corpus[150:], *gone])
        for start in range(0, 150, 10):
            batch = corpus[start : start + 10]
            index.replace([d.key for d in batch], batch)
        index.replace([d.key for d in gone], [])
    return open_snapshot(index)


@pytest.mark.parametrize("seed", range(50))
def test_totals_and_facet_counts_equal_a_plain_loop(
    snapshot: Snapshot, corpus: list[SearchDocument], seed: int
) -> None:
    random = Random(seed)
    text = " ".join(random.sample(SUBJECTS + WORDS, random.choice((0, 0, 1, 1, 2))))
    names = random.sample(sorted(FACET_VALUES), random.choice((0, 1, 2, 3)))
    filters = {
        name: tuple(random.sample(FACET_VALUES[name], random.choice((1, 2)))) for name in names
    }
    viewer = random.choice(list(Viewer))

    found = ask(snapshot, text, viewer=viewer, **filters)

    expected = find_by_loop(corpus, text, filters, viewer)
    assert found.total == len(expected)
    assert set(keys(snapshot, found)) == {(d.kind, d.object_id) for d in expected}
    assert found.real_total == sum(not d.fictional for d in expected)
    for facet, counts in found.counts.items():
        assert counts == count_by_loop(corpus, text, filters, viewer, facet), facet
    assert count_matches(Terms(snapshot, viewer), plan_of(text), filters, NOW) == len(expected)


def test_every_document_is_found_first_by_its_exact_title(
    snapshot: Snapshot, corpus: list[SearchDocument]
) -> None:
    for document in corpus:
        found = ask(snapshot, document.title, viewer=Viewer.GOVERNMENT, limit=1)
        assert keys(snapshot, found) == [(document.kind, document.object_id)]


def test_a_value_nobody_has_finds_nothing_and_counts_nothing(snapshot: Snapshot) -> None:
    found = ask(snapshot, prefecture=("98",))
    assert (found.total, found.hits) == (0, ())
    assert set(found.counts["category"].values()) == {0}
    # Its own facet still says what any other value would give.
    assert sum(found.counts["prefecture"].values()) > 0


def test_a_visitor_meets_nothing_that_is_for_bodies_only(
    snapshot: Snapshot, corpus: list[SearchDocument]
) -> None:
    visitor, body = ask(snapshot), ask(snapshot, viewer=Viewer.GOVERNMENT)
    hidden = {(d.kind, d.object_id) for d in corpus if d.visibility is Viewer.GOVERNMENT}
    assert hidden and hidden <= set(keys(snapshot, body))
    assert not hidden & set(keys(snapshot, visitor))
    assert "hosting" in body.counts and "hosting" not in visitor.counts
    assert ask(snapshot, "脆弱性").total == 0
    assert ask(snapshot, "脆弱性", viewer=Viewer.GOVERNMENT).total > 0


def test_what_is_hidden_does_not_move_a_visitors_scores(tmp_path: Path) -> None:
    seen = [make_document("offering", n, f"文書管理 {n}", body="検索 帳票") for n in range(9)]
    hidden = [
        make_document("case", n, "文書 文書 帳票", visibility=Viewer.GOVERNMENT) for n in range(9)
    ]
    scores = []
    for name, documents in (("alone", seen), ("together", seen + hidden)):
        index = SearchIndex(tmp_path / name)
        with index.lock():
            index.rebuild(documents)
        snapshot = open_snapshot(index)
        found = ask(snapshot, "文書 帳票")
        scores.append([(snapshot.key_parts(h.number), h.score) for h in found.hits])
    assert scores[0] == scores[1]


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_are_slices_of_one_order(snapshot: Snapshot, sort: Sort) -> None:
    whole = ask(snapshot, "システム", sort=sort).hits
    pieces = [
        hit
        for offset in range(0, len(whole), 7)
        for hit in evaluate(
            Terms(snapshot, Viewer.PUBLIC),
            plan_of("システム"),
            filters={},
            sort=sort,
            offset=offset,
            limit=7,
            now=NOW,
        ).hits
    ]
    assert len(whole) > 20
    assert pieces == list(whole)


def test_closing_soon_lists_open_deadlines_first(tmp_path: Path) -> None:
    days = {1: 30, 2: -3, 3: None, 4: 2, 5: -40}
    documents = [
        make_document(
            "project", n, "募集", closes_at=None if d is None else NOW + timedelta(days=d)
        )
        for n, d in days.items()
    ]
    index = SearchIndex(tmp_path)
    with index.lock():
        index.rebuild(documents)
    snapshot = open_snapshot(index)
    found = ask(snapshot, sort=Sort.CLOSING_SOON)
    assert [number for _, number in keys(snapshot, found)] == [4, 1, 3, 2, 5]


def test_equals_are_ordered_by_the_month_and_not_by_when_they_were_indexed(
    tmp_path: Path,
) -> None:
    documents = [make_document("offering", n, "同じ名前") for n in range(40)]
    orders = []
    for name, order in (("up", documents), ("down", documents[::-1])):
        index = SearchIndex(tmp_path / name)
        with index.lock():
            index.rebuild(order)
        snapshot = open_snapshot(index)
        orders.append(keys(snapshot, ask(snapshot)))
    december = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # already December in Japan
    assert orders[0] == orders[1] != sorted(orders[0])
    assert keys(snapshot, ask(snapshot, now=december)) != orders[0]
    assert keys(snapshot, ask(snapshot, now=december - timedelta(seconds=1))) == orders[0]


def test_matched_fields_are_named_most_telling_first(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path)
    document = make_document(
        "offering", 1, "電子申請", vendor="申請研究所", body="電子で申請する。", category="窓口"
    )
    with index.lock():
        index.rebuild([document])
    snapshot = open_snapshot(index)
    (hit,) = ask(snapshot, "申請").hits
    assert hit.matched == ("title", "vendor", "body")
    (hit,) = ask(snapshot, "窓口").hits
    assert hit.matched == ("category",)


def test_alternatives_pairs_exclusions_and_weights_decide_as_the_plan_says(tmp_path: Path) -> None:
    titles = ["電子申請", "電子で受け付ける申請", "図書館の予約", "図書館と電子申請", "施設予約"]
    index = SearchIndex(tmp_path)
    with index.lock():
        index.rebuild([make_document("offering", n, title) for n, title in enumerate(titles, 1)])
    snapshot = open_snapshot(index)

    def found(**plan: object) -> set[int]:
        hits = ask(snapshot, Plan(**plan)).hits  # type: ignore[arg-type]
        return {snapshot.key_parts(hit.number)[1] for hit in hits}

    assert found(required=((("電子", "申請"),),)) == {1, 2, 4}
    assert found(required=((("電子 申請",),),)) == {1, 4}
    assert found(required=((("電子 申請",), ("施設",)),)) == {1, 4, 5}
    assert found(required=((("電子",),), (("図書",), ("予約",)))) == {4}
    assert found(required=((("申請",),),), excluded=(((("図書", "電子"),),), ((("予約",),),))) == {
        1,
        2,
    }
    assert found(excluded=(((("申請",), ("施設",)),),)) == {3}
    assert found(excluded=(((("申請",),), (("図書",),)),)) == {1, 2, 3, 5}
    assert ask(snapshot, Plan(required=((("電子 申請",),),))).hits[0].matched == ("title",)
    plain, halved = (
        ask(snapshot, Plan(required=((("施設",),),), weights=weights)).hits[0].score
        for weights in ({}, {"施設": 0.5})
    )
    assert halved == pytest.approx(plain / 2, abs=0.001)


def test_blocks_and_steps_decode_the_same_postings(tmp_path: Path) -> None:
    documents = [make_document("case", n, "共同調達", body="調達 " * (n % 5)) for n in range(3000)]
    index = SearchIndex(tmp_path)
    with index.lock():
        index.rebuild(documents)
        index.replace(["case:7"], [])
    for segment in index.open_segments(index.get_state()):
        leaf = segment._leaf
        for field in ("title", "body"):
            numbers, weights = decode_postings(leaf, field, "調達")
            matcher = leaf.postings(field, "調達")
            matcher = getattr(matcher, "child", matcher)
            slow_numbers, slow_weights = decode_by_steps(matcher)
            assert len(numbers) > 1024
            assert numbers.tolist() == slow_numbers.tolist()
            assert weights.tolist() == slow_weights.tolist()


def test_joining_bodies_are_ordered_by_number(
    snapshot: Snapshot, corpus: list[SearchDocument]
) -> None:
    numbers = {(d.kind, d.object_id): d.joining_bodies for d in corpus}
    found = [numbers[key] for key in keys(snapshot, ask(snapshot, sort=Sort.JOINING_BODIES))]
    assert found == sorted(found, reverse=True) and len(set(found)) > 2


def test_nearest_is_by_ratio_then_by_peer_group_and_unknown_last(
    snapshot: Snapshot, corpus: list[SearchDocument]
) -> None:
    sizes = {(d.kind, d.object_id): (d.population, d.peer_group) for d in corpus}
    near = Near(population=30_000, peer_group="Ⅲ－2")
    found = [sizes[key] for key in keys(snapshot, ask(snapshot, sort=Sort.NEAREST, near=near))]
    distances = [abs(log(p / 30_000)) if p else inf for p, _ in found]
    assert distances == sorted(distances) and {30_000, 0} < {p for p, _ in found}
    groups = [group == "Ⅲ－2" for population, group in found if population == 31_000]
    assert groups == sorted(groups, reverse=True) and len(set(groups)) == 2


def test_nearest_to_nothing_is_by_relevance(snapshot: Snapshot) -> None:
    nearest = ask(snapshot, "クラウド", sort=Sort.NEAREST)
    assert keys(snapshot, nearest) == keys(snapshot, ask(snapshot, "クラウド"))


def test_a_deadline_changes_its_value_as_time_passes(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path)
    closing = make_document("project", 1, "締め切る案件", closes_at=NOW + timedelta(days=30))
    endless = make_document("project", 2, "締切のない案件")
    with index.lock():
        index.rebuild([closing, endless])
    snapshot = open_snapshot(index)
    for moment, value in (
        (NOW - timedelta(seconds=1), "later"),
        (NOW, "soon"),
        (NOW + timedelta(days=30), "soon"),
        (NOW + timedelta(days=30, seconds=1), "past"),
    ):
        assert ask(snapshot, now=moment).counts["deadline"] == {value: 1}
        assert ask(snapshot, now=moment, deadline=(value,)).total == 1
