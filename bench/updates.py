"""How long until a changed entry is found: the change and the next request, together.

The next request lists the entry's kind, the latest change first. What changes leave behind is
merged between them from time to time, as the worker does in service once a minute.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random
from time import perf_counter

from bench.corpus import NOW
from bench.engines.engine import Asked, Engine, cut_document
from bench.engines.moyai import MoyaiEngine
from bench.questions import Question
from catalog.search.documents import SearchDocument
from catalog.search.evaluator import Sort

UPDATES = 120  # a waiting disk once in a while is not to decide over the 95th of a hundred
_MERGED_AFTER = 40  # changes; more than a minute brings


class NotFound(AssertionError):
    """The next request did not find what had been changed."""


def measure_updates(
    ours: MoyaiEngine,
    others: Sequence[Engine],
    documents: Sequence[SearchDocument],
    changes: int = UPDATES,
) -> dict[str, list[float]]:
    """Milliseconds per engine of each change. Raises NotFound."""
    random = Random(3)
    times: dict[str, list[float]] = {engine.name: [] for engine in (ours, *others)}
    tidied = [engine for engine in (ours, *others) if isinstance(engine, MoyaiEngine)]
    for number, document in enumerate(random.sample(documents, changes)):
        if number and number % _MERGED_AFTER == 0:
            for engine in tidied:
                engine.service.tidy()
        # Changed later than all others: it stands first of its kind.
        later = NOW + timedelta(minutes=number + 1)
        changed = replace(document, title=f"{document.title}の改訂", updated_at=later)
        question = Question(kind="update", text=document.category, sort=Sort.UPDATED)
        asked = Asked(question=question, plan=ours.plan(question))
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
    if found.ids[:1] != (document.object_id,):
        raise NotFound(f"{engine.name} does not find {document.title!r} right after the change")
    return taken
