"""The engines of the bench agree on a small corpus, and what each of them was found to lack."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bench.corpus import make_corpus
from bench.engines.engine import Answer, Asked, Engine, cut_document, is_public
from bench.engines.fts5 import Fts5Engine, TrigramEngine
from bench.engines.moyai import MoyaiEngine, make_engine
from bench.engines.tantivy_engine import TantivyEngine
from bench.engines.whoosh_own import WhooshEngine
from bench.measure import Disagreement, check_agreement
from bench.questions import Question, make_questions
from bench.updates import measure_updates
from catalog.search import sources
from catalog.search.plan import Plan

DOCUMENTS = make_corpus(80)
PUBLIC = [document for document in DOCUMENTS if is_public(document)]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoyaiEngine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "_sources", {})
        engine = make_engine(tmp_path_factory.mktemp("bench") / "moyai", DOCUMENTS)
        engine.build()
        yield engine
        engine.close()


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Engine]]:
    folder = tmp_path_factory.mktemp("others")
    cuts = [cut_document(document) for document in PUBLIC]
    engines: list[Engine] = [
        TantivyEngine(folder / "tantivy", cuts),
        Fts5Engine(folder / "fts5", cuts),
        WhooshEngine(folder / "whoosh", cuts),
    ]
    with ExitStack() as opened:
        for engine in engines:
            engine.build()
            opened.callback(engine.close)
        yield engines


def ask(ours: MoyaiEngine) -> list[Asked]:
    return [Asked(question=question, plan=ours.plan(question)) for question in make_questions()]


def test_engines_given_our_tokens_find_and_count_the_same(
    ours: MoyaiEngine, others: list[Engine]
) -> None:
    asked = ask(ours)
    assert len(asked) == 300
    check_agreement(ours, others, asked)
    assert sum(ours.answer(one).total > 0 for one in asked) > 200


def test_a_wrong_count_stops_the_bench(ours: MoyaiEngine, others: list[Engine]) -> None:
    class OneTooMany:
        name = "one too many"

        def answer(self, asked: Asked) -> Answer:
            found = others[0].answer(asked)
            first, *_ = found.counts["category"]
            more = {**found.counts["category"], first: found.counts["category"][first] + 1}
            return replace(found, counts={**found.counts, "category": more})

    asked = [one for one in ask(ours) if one.question.kind == "counts"]
    counting = [one for one in asked if others[0].answer(one).counts["category"]][:1]
    with pytest.raises(Disagreement, match="one too many"):
        check_agreement(ours, [OneTooMany()], counting)  # type: ignore[list-item]


def test_every_engine_finds_a_change_at_once(ours: MoyaiEngine, others: list[Engine]) -> None:
    times = measure_updates(ours, others, PUBLIC, changes=42)
    assert set(times) == {ours.name, *(engine.name for engine in others)}
    assert {len(found) for found in times.values()} == {42}


def test_trigrams_miss_words_of_two_characters(tmp_path: Path) -> None:
    engine = TrigramEngine(tmp_path / "trigram", [cut_document(document) for document in PUBLIC])
    engine.build()
    typed = Question(kind="one word", text="職員")
    found = engine.answer(Asked(question=typed, plan=Plan()))
    engine.close()
    assert any("職員" in document.body for document in PUBLIC)
    assert found.total == 0


def test_fts5_without_content_needs_all_details_to_join_words() -> None:
    base = sqlite3.connect(":memory:")
    for detail in ("full", "column"):
        base.execute(
            f"CREATE VIRTUAL TABLE {detail}_cut USING fts5(words, content='', detail={detail})"
        )
        base.execute(f"INSERT INTO {detail}_cut (rowid, words) VALUES (1, 'a b')")
    phrase = "SELECT count(*) FROM {}_cut WHERE {}_cut MATCH '\"a b\"'"
    assert base.execute(phrase.format("full", "full")).fetchone() == (1,)
    with pytest.raises(sqlite3.OperationalError):
        base.execute(phrase.format("column", "column")).fetchone()
    base.close()
