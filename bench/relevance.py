"""How well search answers the judged set of tests/relevance, beside an index of two-grams.

Not a matter of time: the same figures come out on every machine.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import mean

from app import create_app
from bench.timing import print_table
from tests.harness.example import ExampleData, example_config
from tests.relevance.engines import TwoGrams, ours
from tests.relevance.entries import list_entries
from tests.relevance.judgements import CLASSES, JudgedQuery
from tests.relevance.measures import Score, measure

LEAST = 0.95  # of all, nDCG@10 and recall@10
LEAST_OF_CLASS = 0.90
MOST_OF_TWO_GRAMS = 0.60  # nDCG@10: a set that two-grams answer says nothing
MOST_BETWEEN_PARTS = 0.05
HEADINGS = (
    "nDCG@10 / recall@10", "queries", "all", "tuned on", "held out", "2-gram any", "2-gram all",
)  # fmt: skip

Scores = Mapping[JudgedQuery, Score]


def run(example: ExampleData) -> bool:
    """Print the table and the goals; whether all are met."""
    app = create_app(example_config(example.folder))
    database = app.extensions["moyai_database"]
    entries = list_entries(database)
    two_grams = TwoGrams(entries)
    own = measure(ours(app.extensions["moyai_search"], entries), entries)
    any_pair, all_pairs = measure(two_grams.find_any, entries), measure(two_grams.find, entries)
    database.dispose()
    print_table(
        f"Relevance, {len(own)} judged queries over {len(entries)} entries",
        HEADINGS,
        [_row(name, _part(belongs, own), own, any_pair, all_pairs) for name, belongs in _rows()],
    )
    goals = _goals(own, any_pair)
    for goal, met in goals.items():
        print(f"  {'met   ' if met else 'MISSED'}  {goal}")
    return all(goals.values())


def _rows() -> list[tuple[str, Callable[[JudgedQuery], bool]]]:
    """Names of rows and who belongs to them: all, what is about real entries, each class."""
    whole = [("all", lambda query: True), ("real entries", lambda query: query.about == "real")]
    return whole + [(kind, lambda query, kind=kind: query.kind == kind) for kind in CLASSES]


def _row(
    name: str, queries: Sequence[JudgedQuery], own: Scores, any_pair: Scores, all_pairs: Scores
) -> tuple[str, ...]:
    tuned = [query for query in queries if not query.held_out]
    held_out = [query for query in queries if query.held_out]
    columns = ((own, queries), (own, tuned), (own, held_out), (any_pair, queries))
    cells = [_cell(_mean(scores, chosen)) for scores, chosen in (*columns, (all_pairs, queries))]
    return name, str(len(queries)), *cells


def _goals(own: Scores, any_pair: Scores) -> dict[str, bool]:
    queries = list(own)
    everything = _mean(own, queries)
    worst = min(_least(_mean(own, _part(belongs, own))) for _, belongs in _rows()[2:])
    tuned = _mean(own, [query for query in queries if not query.held_out])
    held_out = _mean(own, [query for query in queries if query.held_out])
    apart = max(tuned.ndcg - held_out.ndcg, tuned.recall - held_out.recall)
    baseline = _mean(any_pair, queries).ndcg
    return {
        f"all: {_cell(everything)}, at least {LEAST}": _least(everything) >= LEAST,
        f"each class: {worst:.3f}, at least {LEAST_OF_CLASS}": worst >= LEAST_OF_CLASS,
        f"held out below tuned: {apart:.3f}, at most {MOST_BETWEEN_PARTS}": (
            apart <= MOST_BETWEEN_PARTS
        ),
        f"2-gram nDCG@10: {baseline:.3f}, at most {MOST_OF_TWO_GRAMS}": (
            baseline <= MOST_OF_TWO_GRAMS
        ),
    }


def _part(belongs: Callable[[JudgedQuery], bool], scores: Scores) -> list[JudgedQuery]:
    return [query for query in scores if belongs(query)]


def _mean(scores: Scores, queries: Sequence[JudgedQuery]) -> Score:
    chosen = [scores[query] for query in queries]
    return Score(ndcg=mean(s.ndcg for s in chosen), recall=mean(s.recall for s in chosen))


def _least(score: Score) -> float:
    return min(score.ndcg, score.recall)


def _cell(score: Score) -> str:
    return f"{score.ndcg:.3f} / {score.recall:.3f}"
