"""The product's own search, from the typed text on: analysis, synonyms, weights, visibility."""

import gc
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy.orm import Session

from bench.corpus import FACETS, NOW
from bench.engines.engine import Answer, Asked
from bench.questions import Question
from catalog.search import sources
from catalog.search.documents import SearchDocument, Viewer
from catalog.search.evaluator import Plan, evaluate
from catalog.search.outbox import queue
from catalog.search.query import RESULTS_PER_PAGE, SearchQuery
from catalog.search.service import SearchService, _words
from catalog.search.understanding import Interpreter, Understanding
from foundation.db import Base, Database


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

    def __init__(self, directory: Path, documents: Sequence[SearchDocument]) -> None:
        self._directory = directory
        self._sources = {
            kind: ListSource([d for d in documents if d.kind == kind])
            for kind in ("offering", "case")
        }

    def build(self) -> float:
        self._directory.mkdir()
        for kind, source in self._sources.items():
            sources.register(kind, source)
        self.database = Database(f"sqlite:///{self._directory / 'moyai.db'}")
        Base.metadata.create_all(self.database.engine)
        begun = perf_counter()
        self.open_service().rebuild()
        taken = perf_counter() - begun
        self.reopen()
        return taken

    def reopen(self) -> None:
        self.service = self.open_service()
        self.service._interpreter = _QuietInterpreter(self.database)
        self.service.current()
        self.database.after_commit[:] = [self.service.after_commit]
        gc.collect()

    def open_service(self) -> SearchService:
        """A search that has nothing in memory yet."""
        return SearchService(self.database, self._directory / "search")

    def answer(self, asked: Asked) -> Answer:
        return self.answer_text(asked.question)

    def answer_text(self, question: Question) -> Answer:
        """From the typed text to ids, total and the counts of every facet."""
        query = _query(question)
        opened = self.service.current()
        understood = self._understand(query)
        found = evaluate(
            opened.snapshot,
            understood.plan,
            viewer=Viewer.PUBLIC,
            filters=query.filters,
            sort=query.sort,
            offset=question.offset,
            limit=RESULTS_PER_PAGE,
            now=NOW,
        )
        numbers = opened.snapshot.numbers["object_id"]
        return Answer(
            total=found.total,
            ids=tuple(int(numbers[hit.number]) for hit in found.hits),
            counts={name: found.counts[name] for name in FACETS},
        )

    def plan(self, question: Question) -> Plan:
        """The tokens that the question comes to: what the other engines are given."""
        return self._understand(_query(question)).plan

    def _understand(self, query: SearchQuery) -> Understanding:
        words = _words(self.service.current(), NOW)
        return self.service._interpreter.understand(query, Viewer.PUBLIC, words)

    def replace(self, document: SearchDocument) -> None:
        """Change the entry in one transaction, as a view does: the index follows its commit."""
        self._sources[document.kind].held[document.object_id] = document
        with self.database.transaction() as session:
            queue(session, document.kind, document.object_id, NOW)

    def close(self) -> None:
        self.database.dispose()


def _query(question: Question) -> SearchQuery:
    return SearchQuery(
        text=question.text, filters=question.filters, sort=question.sort, page=question.page
    )
