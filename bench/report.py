"""The printed tables of the search bench, and its goals (shared/design/search.md, README)."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING

from bench.engines.fts5 import Fts5Engine
from bench.engines.moyai import MoyaiEngine
from bench.engines.moyai_postgresql import MoyaiOnPostgresEngine
from bench.engines.tantivy_engine import TantivyEngine
from bench.engines.whoosh_own import WhooshEngine
from bench.timing import print_table, quantile

if TYPE_CHECKING:
    from bench.search import Run

OURS, TANTIVY = MoyaiEngine.name, TantivyEngine.name
FTS5, WHOOSH = Fts5Engine.name, WhooshEngine.name
POSTGRESQL = MoyaiOnPostgresEngine.name
UPDATE_MILLISECONDS = 100.0
WORKER_MEGABYTES = 500.0
GROWTH = 6.0
REBUILD = 1.2
LARGE = 50_000

Goal = tuple[str, float, str, float]  # what, figure, unit, at most


def report(runs: "Sequence[Run]") -> bool:
    """Print the goals; whether every one that was measured is met."""
    goals = [goal for run in runs for goal in _goals(run)] + list(_growth(runs))
    rows = [
        (what, f"{figure:.2f}{unit}", f"≤ {most:g}{unit}", "met" if figure <= most else "NOT MET")
        for what, figure, unit, most in goals
    ]
    print_table("Goals of search", ("goal", "measured", "at most", ""), rows)
    return all(figure <= most for _, figure, _, most in goals)


def print_run(run: "Run") -> None:
    """Print what was measured at one size."""
    rows = []
    for name, times in run.times.items():
        updates = run.updates.get(name)
        rows.append(
            (
                name,
                *(f"{quantile(times.warm, share):.2f}" for share in (0.5, 0.95, 0.99)),
                f"{quantile(times.warm, 0.95) / _p95(run, OURS):.2f}",
                f"{quantile(times.first, 0.95):.2f}",
                *((f"{quantile(updates, s):.0f}" for s in (0.5, 0.95)) if updates else "––"),
                f"{run.builds[name]:.1f}",
            )
        )
    title = (
        f"Search, {run.size:,} documents, 300 queries, milliseconds (median matches "
        f"{median(run.matches):.0f}; cutting the text {run.cut_seconds:.1f} s)"
    )
    headings = ("engine", "p50", "p95", "p99", "p95 ÷ ours", "first p95", "update p50", "p95")
    print_table(title, (*headings, "build s"), rows)
    print(
        f"  Moyai where nothing is found as typed, other spellings looked for: p50 "
        f"{quantile(run.missed, 0.5):.1f}, p95 {quantile(run.missed, 0.95):.1f}"
    )
    worker = run.worker
    print(
        f"  a worker: {worker['after']:.0f} MB (the program alone {worker['before']:.0f}), "
        f"opened in {worker['opened']:.2f} s"
    )


def _goals(run: "Run") -> Iterator[Goal]:
    size, ours = f"{run.size:,}", _p95(run, OURS)
    yield (
        f"{size}: p95 ÷ tantivy's",
        ours / _p95(run, TANTIVY),
        "×",
        (0.6 if run.size >= LARGE else 1.0),
    )
    yield (
        f"{size}: update and next request, p95",
        quantile(run.updates[OURS], 0.95),
        " ms",
        UPDATE_MILLISECONDS,
    )
    if run.size < LARGE:
        return
    yield f"{size}: p95 ÷ Whoosh's own search", ours / _p95(run, WHOOSH), "×", 1 / 50
    first = quantile(run.times[OURS].first, 0.95) / quantile(run.times[FTS5].warm, 0.95)
    yield f"{size}: first touch p95 ÷ FTS5's p95", first, "×", 0.15
    postgresql = _p95(run, POSTGRESQL) / _p95(run, FTS5)
    yield f"{size}: PostgreSQL backend's p95 ÷ FTS5's", postgresql, "×", 1.2
    yield f"{size}: a worker's memory", run.worker["after"], " MB", WORKER_MEGABYTES
    rebuild = run.builds[OURS] / (run.cut_seconds + run.builds[WHOOSH])
    yield f"{size}: rebuild ÷ (cutting + Whoosh's write)", rebuild, "×", REBUILD


def _growth(runs: "Sequence[Run]") -> Iterator[Goal]:
    by_size = {run.size: run for run in runs}
    if 500 in by_size and LARGE in by_size:
        grown = _p95(by_size[LARGE], OURS) / _p95(by_size[500], OURS)
        yield "p95 at 50,000 ÷ at 500", grown, "×", GROWTH


def _p95(run: "Run", name: str) -> float:
    return quantile(run.times[name].warm, 0.95)
