"""How long until a changed entry is found: the change and the next request, together."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from time import perf_counter

from bench.engines.engine import Asked, Engine, cut_document
from bench.engines.moyai import MoyaiEngine
from bench.questions import Question
from catalog.search.documents import SearchDocument
from catalog.search.planning import plan_of

UPDATES = 40


class NotFound(AssertionError):
    """The next request did not find what had been changed."""


def measure_updates(
    ours: MoyaiEngine, others: Sequence[Engine], documents: Sequence[SearchDocument]
) -> dict[str, list[float]]:
    """Milliseconds per engine of each change. Raises NotFound."""
    random = Random(3)
    times: dict[str, list[float]] = {engine.name: [] for engine in (ours, *others)}
    for number, document in enumerate(random.sample(documents, UPDATES)):
        # A title nobody has yet, of words that everybody has.
        changed = replace(document, title=f"{document.category}の改訂{number}版")
        question = Question(kind="update", text=changed.title)
        asked = Asked(question=question, plan=plan_of(question.text))
        times[ours.name].append(_time(ours, partial(ours.replace, changed), asked, changed))
        cut = cut_document(changed)
        for engine in others:
            change = partial(engine.update, cut)
            times[engine.name].append(_time(engine, change, asked, changed))
    return times


def _time(
    engine: Engine, change: Callable[[], None], asked: Asked, document: SearchDocument
) -> float:
    begun = perf_counter()
    change()
    found = engine.answer(asked)
    taken = (perf_counter() - begun) * 1000
    if document.object_id not in found.ids:
        raise NotFound(f"{engine.name} does not find {document.title!r} right after the change")
    return taken
