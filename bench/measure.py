"""Asking every engine in turn, and seeing that those with the same tokens count the same."""

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from bench.corpus import FACETS
from bench.engines.engine import Answer, Asked, Engine

ROUNDS = 7
FIRST_ROUNDS = 3


@dataclass
class Times:
    """Milliseconds of one engine: of each question's first touch, and of each when warm."""

    first: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)


class Disagreement(AssertionError):
    """Two engines that were given the same tokens found or counted something else."""


def measure(
    engines: Mapping[str, Engine],
    asked: Sequence[Asked],
    *,
    slow: Sequence[str],
    forget: Callable[[], None],
    forget_whole: Callable[[], None],
) -> dict[str, Times]:
    """Each question to each engine in turn, so that a busy moment hits all alike.

    Of several rounds a question's quickest time is taken, for every engine: what else the machine
    did is none of theirs. A first touch finds the engine just opened and nothing understood
    (`forget`). When it is warm, as a worker in service, the words of a trade are known to it;
    every text is understood anew (`forget_whole`): nobody but a bench asks the same all day.
    The slow engines are asked in one round only. The corpus that this
    process holds is nobody's and is kept out of Python's collection of garbage.
    """
    gc.collect()
    gc.freeze()
    first: dict[str, list[list[float]]] = {name: [[] for _ in asked] for name in engines}
    warm: dict[str, list[list[float]]] = {name: [[] for _ in asked] for name in engines}
    for turn in range(FIRST_ROUNDS):
        for name, engine in engines.items():
            if turn == 0 or name not in slow:
                engine.reopen()
        forget()
        _ask_in_turn(engines, asked, first, () if turn == 0 else slow, forget_whole)
    for turn in range(ROUNDS):
        _ask_in_turn(engines, asked, warm, () if turn == 0 else slow, forget_whole)
    return {
        name: Times(first=list(map(min, first[name])), warm=list(map(min, warm[name])))
        for name in engines
    }


def _ask_in_turn(
    engines: Mapping[str, Engine],
    asked: Sequence[Asked],
    times: Mapping[str, list[list[float]]],
    left_out: Sequence[str],
    forget_whole: Callable[[], None],
) -> None:
    for place, one in enumerate(asked):
        for name, engine in engines.items():
            if name not in left_out:
                forget_whole()
                times[name][place].append(_time(engine, one))


def _time(engine: Engine, asked: Asked) -> float:
    begun = perf_counter()
    engine.answer(asked)
    return (perf_counter() - begun) * 1000


def check_agreement(ours: Engine, others: Sequence[Engine], asked: Sequence[Asked]) -> None:
    """Raises Disagreement where a total or a count differs.

    Others count under all filters. Our counts leave a facet's own choice aside: they agree at
    the chosen values, and everywhere with the question that leaves the choice out.
    """
    for one in asked:
        expected = ours.answer(one)
        for engine in others:
            found = engine.answer(one)
            if found.total != expected.total:
                raise Disagreement(_words(engine, one, "total", expected.total, found.total))
            for facet in FACETS:
                chosen = one.question.filters.get(facet)
                _compare(engine, one, facet, expected, found, chosen)


def _compare(
    engine: Engine,
    asked: Asked,
    facet: str,
    expected: Answer,
    found: Answer,
    chosen: Sequence[str] | None,
) -> None:
    own, other = _filled(expected.counts[facet]), _filled(found.counts[facet])
    if chosen:
        own, other = (
            {value: count for value, count in counted.items() if value in chosen}
            for counted in (own, other)
        )
    if own != other:
        raise Disagreement(_words(engine, asked, facet, own, other))


def _filled(counts: Mapping[str, int]) -> dict[str, int]:
    return {value: count for value, count in counts.items() if count}


def _words(engine: Engine, asked: Asked, what: str, own: object, other: object) -> str:
    return f"{engine.name} and Moyai disagree on {what} of {asked.question}: {other} and {own}"
