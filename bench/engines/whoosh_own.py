"""Whoosh searching by itself: its scorer, its collectors, its `groups` for the facets."""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from whoosh import fields, index, query, sorting

from bench.corpus import FACETS
from bench.engines.engine import Answer, Asked, Cut
from catalog.search.analyzer import is_pair
from catalog.search.evaluator import Sort
from catalog.search.plan import Alternative, Group
from catalog.search.query import RESULTS_PER_PAGE

BATCH = 5_000  # documents per segment, as our own rebuild commits them


class WhooshEngine:
    """See bench.engines.engine.Engine."""

    name = "Whoosh's own search, our tokens"

    def __init__(self, directory: Path, documents: Sequence[Cut]) -> None:
        self._directory = directory
        self._documents = documents

    def build(self) -> float:
        begun = perf_counter()
        self._directory.mkdir()
        index.create_in(str(self._directory), _make_schema())
        self.reopen()
        for start in range(0, len(self._documents), BATCH):
            writer = self._index.writer(limitmb=256)
            for cut in self._documents[start : start + BATCH]:
                writer.add_document(**_fields(cut))
            writer.commit(merge=False)
        taken = perf_counter() - begun
        self.reopen()
        return taken

    def reopen(self) -> None:
        self._index = index.open_dir(str(self._directory))
        self._searcher = self._index.searcher()

    def answer(self, asked: Asked) -> Answer:
        question = asked.question
        # In the query and not as `filter`: one that matches nothing is ignored (search.md).
        parts = [_group(group) for group in asked.plan.required]
        parts += [
            query.ConstantScoreQuery(query.Or([query.Term(name, v) for v in values]), 0.0)
            for name, values in question.filters.items()
        ]
        found = self._searcher.search(
            query.And(parts) if parts else query.Every(),
            limit=question.offset + RESULTS_PER_PAGE,
            groupedby={name: sorting.FieldFacet(name, maptype=sorting.Count) for name in FACETS},
            sortedby=_BY_DATE if question.sort is Sort.UPDATED else None,
        )
        page = range(question.offset, min(question.offset + RESULTS_PER_PAGE, len(found)))
        return Answer(
            total=len(found),
            ids=tuple(found[place]["number"] for place in page),
            counts={name: found.groups(name) for name in FACETS},
        )

    def update(self, cut: Cut) -> None:
        writer = self._index.writer()
        writer.update_document(**_fields(cut))
        writer.commit()
        self._searcher = self._index.searcher()

    def close(self) -> None:
        self._searcher.close()
        self._index.close()


_BY_DATE = sorting.FieldFacet("updated_at", reverse=True)


def _make_schema() -> fields.Schema:
    return fields.Schema(
        key=fields.ID(unique=True),
        number=fields.STORED(),
        updated_at=fields.NUMERIC(sortable=True, bits=64),
        words=fields.KEYWORD(scorable=True),
        pairs=fields.KEYWORD(),
        **{name: fields.ID(sortable=True) for name in FACETS},
    )


def _fields(cut: Cut) -> dict[str, Any]:
    return {
        "key": str(cut.number),
        "number": cut.number,
        "updated_at": cut.updated_at,
        "words": list(cut.terms),
        "pairs": list(cut.pairs),
        **cut.facets,
    }


def _group(group: Group) -> Any:
    return query.Or([_all(alternative) for alternative in group]).normalize()


def _all(alternative: Alternative) -> Any:
    return query.And(
        [query.Term("pairs" if is_pair(atom) else "words", atom) for atom in alternative]
    ).normalize()
