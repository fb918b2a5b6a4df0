"""How well a list of results answers: nDCG@10 and recall@10, by class and by part of the set."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from tests.relevance.entries import Entry
from tests.relevance.judgements import CLASSES, JudgedQuery, grades, list_queries

FIRST = 10
Engine = Callable[[str], Sequence[str]]  # text → names of the entries found, best first


@dataclass(frozen=True, kw_only=True)
class Score:
    """Both measures, 0 to 1; of several queries their mean."""

    ndcg: float
    recall: float


def measure(engine: Engine, entries: Sequence[Entry]) -> dict[JudgedQuery, Score]:
    """Every judged query put to the engine."""
    return {query: score(engine(query.text), grades(query, entries)) for query in list_queries()}


def score(found: Sequence[str], judged: Mapping[str, int]) -> Score:
    """The measures of one answer. Raises ValueError when nothing is relevant."""
    if not judged:
        raise ValueError("a query for which nothing is relevant cannot be scored")
    first = list(found[:FIRST])
    best = sorted(judged.values(), reverse=True)[:FIRST]
    return Score(
        ndcg=_gain(judged.get(name, 0) for name in first) / _gain(best),
        recall=sum(name in judged for name in first) / min(FIRST, len(judged)),
    )


def _gain(judged) -> float:  # type: ignore[no-untyped-def]
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(judged))


def parts(scores: Mapping[JudgedQuery, Score]) -> dict[str, Score]:
    """The means of all, the two parts, what is about real entries, and each class, in order."""
    chosen: dict[str, Callable[[JudgedQuery], bool]] = {
        "all": lambda query: True,
        "tuned": lambda query: not query.held_out,
        "held out": lambda query: query.held_out,
        "real entries": lambda query: query.about == "real",
    }
    for kind in CLASSES:
        chosen[kind] = lambda query, kind=kind: query.kind == kind  # type: ignore[misc]
    return {
        name: _mean([score for query, score in scores.items() if belongs(query)])
        for name, belongs in chosen.items()
    }


def _mean(scores: Sequence[Score]) -> Score:
    return Score(ndcg=mean(s.ndcg for s in scores), recall=mean(s.recall for s in scores))
