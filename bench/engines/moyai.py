"""The product's own search, from the typed text on: analysis, synonyms, weights, visibility."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from bench.corpus import FACETS, NOW
from bench.engines.engine import Answer, Asked, Cut
from bench.questions import Question
from catalog.search import sources
from catalog.search.documents import SearchDocument, Viewer
from catalog.search.evaluator import evaluate
from catalog.search.index import SearchIndex
from catalog.search.lookups import Terms
from catalog.search.outbox import queue
from catalog.search.plan import Plan
from catalog.search.query import RESULTS_PER_PAGE, SearchQuery
from catalog.search.service import OpenIndex, SearchService, words_of
from catalog.search.storage import IndexStore
from catalog.search.understanding import Interpreter, Understanding
from foundation.db import Database
from foundation.migrate import upgrade

KINDS = ("offering", "case")


class ListSource:
    """Documents of one kind held in memory, in place of the database's tables."""

    def __init__(self, documents: Sequence[SearchDocument]) -> None:
        self.held = {document.object_id: document for document in documents}

    def list_ids(self, _session: Session) -> Sequence[int]:
        return list(self.held)

    def documents(self, _session: Session, ids: Sequence[int]) -> Sequence[SearchDocument]:
        return [self.held[number] for number in ids if number in self.held]


class _QuietInterpreter(Interpreter):
    """Asks the database for the operator's synonyms once: its reads are off for all engines."""

    _kept: Any = None

    def synonyms(self) -> Any:
        if self._kept is None:
            self._kept = super().synonyms()
        return self._kept


class MoyaiEngine:
    """See bench.engines.engine.Engine; asked by the question's text and never given tokens."""

    name = "Moyai"

    def __init__(
        self, database: Database, index: IndexStore, documents: Mapping[str, ListSource]
    ) -> None:
        self._database = database
        self._index = index
        self.documents = documents

    def build(self) -> float:
        """Cutting the text included: it is a part of every rebuild."""
        for kind, source in self.documents.items():
            sources.register(kind, source)
        upgrade(self._database.engine.url.render_as_string(hide_password=False))
        begun = perf_counter()
        SearchService(self._database, self._index).rebuild()
        taken = perf_counter() - begun
        self.reopen()
        return taken

    def reopen(self) -> None:
        self.service = SearchService(self._database, self._index)
        self.service._interpreter = _QuietInterpreter(self._database)
        self.service._interpreter.synonyms()
        # The index was built here: that it is the database's need not be seen again.
        self.service._checked = True
        self.service.current()
        self._database.after_commit[:] = [self.service.after_commit]

    def answer(self, asked: Asked) -> Answer:
        return self.answer_text(asked.question)

    def answer_text(self, question: Question) -> Answer:
        """From the typed text to ids, total and the counts of every facet."""
        query = _query(question)
        opened = self.service.current()
        terms = Terms(opened.snapshot, Viewer.PUBLIC)
        understood = self._understand(query, opened, terms)
        found = evaluate(
            terms,
            understood.plan,
            filters=query.filters,
            sort=query.sort,
            offset=question.offset,
            limit=RESULTS_PER_PAGE,
            now=NOW,
        )
        ids = opened.snapshot.numbers["object_id"][np.array(found.numbers, np.int64)]
        return Answer(
            total=found.total,
            ids=tuple(ids.tolist()),
            counts={name: found.counts[name] for name in FACETS},
        )

    def plan(self, question: Question) -> Plan:
        """The tokens that the question comes to: what the other engines are given."""
        opened = self.service.current()
        terms = Terms(opened.snapshot, Viewer.PUBLIC)
        return self._understand(_query(question), opened, terms).plan

    def _understand(self, query: SearchQuery, opened: OpenIndex, terms: Terms) -> Understanding:
        return self.service._interpreter.understand(query, words_of(opened, terms, NOW))

    def replace(self, document: SearchDocument) -> None:
        """Change the entry in one transaction, as a view does: the index follows its commit."""
        self.documents[document.kind].held[document.object_id] = document
        with self._database.transaction() as session:
            queue(session, document.kind, document.object_id, NOW)

    def update(self, cut: Cut) -> None:
        """Follow another of our engines in which the entry was just changed."""
        found = (source.held.get(cut.number) for source in self.documents.values())
        self.replace(next(document for document in found if document))

    def close(self) -> None:
        self._database.dispose()


def make_engine(folder: Path, documents: Sequence[SearchDocument]) -> MoyaiEngine:
    """The engine as it runs on one machine: SQLite, and Whoosh's index in a folder."""
    folder.mkdir(exist_ok=True)
    held = {kind: ListSource([d for d in documents if d.kind == kind]) for kind in KINDS}
    database = Database(f"sqlite:///{folder / 'moyai.db'}")
    return MoyaiEngine(database, SearchIndex(folder / "search"), held)


def open_service(folder: Path) -> MoyaiEngine:
    """The engine of an index that another process has built."""
    engine = make_engine(folder, ())
    engine.reopen()
    return engine


def _query(question: Question) -> SearchQuery:
    return SearchQuery(
        text=question.text, filters=question.filters, sort=question.sort, page=question.page
    )
