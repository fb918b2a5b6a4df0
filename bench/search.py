"""Search beside other engines: the same corpora, the same 300 queries, in turn, in one run.

Sizes: 500, 5,000 and 50,000 documents, or those of SIZES=500,5000. The largest takes some ten
minutes, most of it to cut and write the documents once for us and once for Whoosh.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.corpus import make_corpus
from bench.engines.engine import Asked, Cut, Engine, cut_document, is_public
from bench.engines.fts5 import Fts5Engine, TrigramEngine
from bench.engines.moyai import MoyaiEngine, make_engine
from bench.engines.moyai_postgresql import MoyaiOnPostgresEngine
from bench.engines.tantivy_engine import TantivyEngine
from bench.engines.whoosh_own import WhooshEngine
from bench.measure import Times, check_agreement, measure
from bench.questions import Question, make_questions, missed_texts
from bench.report import print_run, report
from bench.updates import measure_updates
from catalog.search.analyzer import warm_up
from catalog.search.documents import SearchDocument
from catalog.search.understanding import forget_texts, forget_whole_texts

SIZES = (500, 5_000, 50_000)
ROOT = Path(__file__).resolve().parents[1]


@dataclass(kw_only=True)
class Run:
    """What was measured at one size. Seconds of building by engine; milliseconds elsewhere."""

    size: int
    cut_seconds: float
    builds: dict[str, float] = field(default_factory=dict)
    times: dict[str, Times] = field(default_factory=dict)
    missed: list[float] = field(default_factory=list)
    updates: dict[str, list[float]] = field(default_factory=dict)
    worker: dict[str, Any] = field(default_factory=dict)
    matches: list[int] = field(default_factory=list)


def run() -> bool:
    """Measure every size and print; whether every goal is met."""
    named = os.environ.get("SIZES", "")
    sizes = tuple(int(part) for part in named.split(",")) if named else SIZES
    warm_up()
    with tempfile.TemporaryDirectory(prefix="moyai-bench-search-") as folder:
        runs = [measure_size(size, Path(folder) / str(size)) for size in sizes]
    return report(runs)


def measure_size(size: int, folder: Path) -> Run:
    """Build every engine, see that they agree, and measure. Raises Disagreement."""
    folder.mkdir()
    print(f"search: building {size:,} documents …", flush=True)
    documents = make_corpus(size)
    begun = perf_counter()
    cuts = {document.key: cut_document(document) for document in documents}
    found = Run(size=size, cut_seconds=perf_counter() - begun)
    public = [document for document in documents if is_public(document)]
    ours = make_engine(folder / "moyai", documents)
    others = _others(folder, [cuts[document.key] for document in public], ours)
    with ExitStack() as opened:
        for engine in (ours, *others):
            opened.callback(engine.close)
            found.builds[engine.name] = engine.build()
            print(f"search: {engine.name} built in {found.builds[engine.name]:.1f} s", flush=True)
        _measure(found, ours, others, public)
    found.worker = _measure_worker(folder / "moyai")
    print_run(found)
    return found


def _measure(
    found: Run, ours: MoyaiEngine, others: Sequence[Engine], public: Sequence[SearchDocument]
) -> None:
    asked = [Asked(question=question, plan=ours.plan(question)) for question in make_questions()]
    with_our_tokens = [engine for engine in others if not isinstance(engine, TrigramEngine)]
    check_agreement(ours, with_our_tokens, asked)
    found.matches = [ours.answer(one).total for one in asked]
    engines = {engine.name: engine for engine in (ours, *others)}
    slow = (WhooshEngine.name,)
    found.times = measure(
        engines, asked, slow=slow, forget=forget_texts, forget_whole=forget_whole_texts
    )
    found.missed = [_time_missed(ours, text) for text in missed_texts()]
    changing = with_our_tokens
    if found.size > 10_000:  # a single commit of Whoosh's merges for minutes there
        changing = [engine for engine in changing if not isinstance(engine, WhooshEngine)]
    found.updates = measure_updates(ours, changing, public)


def _time_missed(ours: MoyaiEngine, text: str) -> float:
    forget_texts()
    begun = perf_counter()
    ours.answer_text(Question(kind="missed", text=text))
    return (perf_counter() - begun) * 1000


def _others(folder: Path, cuts: Sequence[Cut], ours: MoyaiEngine) -> list[Any]:
    return [
        TantivyEngine(folder / "tantivy", cuts),
        Fts5Engine(folder / "fts5", cuts),
        TrigramEngine(folder / "trigram", cuts),
        WhooshEngine(folder / "whoosh", cuts),
        MoyaiOnPostgresEngine(folder / "postgresql", ours.documents),
    ]


def _measure_worker(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.worker", str(folder)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(printed.stdout.splitlines()[-1])
    return answer
