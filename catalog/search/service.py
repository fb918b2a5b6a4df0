"""Searching: the one object an application keeps for it, whatever happens to the index."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import delete, select

from catalog.models import SearchOutbox
from catalog.search import outbox, sources
from catalog.search.documents import Viewer
from catalog.search.evaluator import REALITY, Evaluation, count_matches, evaluate
from catalog.search.index import SearchIndex
from catalog.search.lookups import Terms
from catalog.search.planning import list_only_ranking
from catalog.search.postings import PostingCache
from catalog.search.query import RESULTS_PER_PAGE, SearchQuery
from catalog.search.results import LabelTable, SearchPage, facet_groups, make_result
from catalog.search.schema import fictional_value
from catalog.search.snapshot import Snapshot
from catalog.search.storage import IndexBusy, IndexMissing, IndexState, IndexStore
from catalog.search.synonyms import Synonyms
from catalog.search.understanding import IndexWords, Interpreter, Understanding
from catalog.search.wording import describe, describe_too_long, order_note
from foundation.db import Database

log = logging.getLogger("moyai.search")

REBUILD_LOCK_SECONDS = 120.0
CATCH_UP_LOCK_SECONDS = 5.0
BUSY_LOCK_SECONDS = 0.2
_REALITIES = (fictional_value(False), fictional_value(True))
_MOST_TRIES = 3  # of a search while the index changes under it

OnNumber = Callable[[int], None]
Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class OpenIndex:
    """A generation of the index, opened."""

    state: IndexState
    snapshot: Snapshot
    labels: LabelTable


class SearchService:
    """Answers searches from an index, and keeps that index true to the database.

    index: where it lies; a path is a folder of Whoosh's. It is opened again when another
    process changed it, and built again when it is missing, damaged or of another layout.
    """

    def __init__(self, database: Database, index: IndexStore | Path) -> None:
        self.database = database
        self.index: IndexStore = SearchIndex(index) if isinstance(index, Path) else index
        self._cache = PostingCache()
        self._interpreter = Interpreter(database)
        self._open: OpenIndex | None = None
        self._checked = False
        self._was_busy = False
        self._lock = threading.RLock()

    # -- asking ------------------------------------------------------------------------

    def search(self, query: SearchQuery, *, viewer: Viewer, now: datetime) -> SearchPage:
        """One page of the answer. `page` may be past the last one: see SearchPage."""
        return self._ask(lambda opened: self._search(opened, query, viewer, now))

    def count(self, query: SearchQuery, *, viewer: Viewer, now: datetime) -> int:
        """How many entries the query finds, taken by the word."""
        plan = self._interpreter.plan(query)
        return self._ask(
            lambda opened: count_matches(Terms(opened.snapshot, viewer), plan, query.filters, now)
        )

    def count_answered(
        self, query: SearchQuery, *, viewer: Viewer, now: datetime
    ) -> tuple[int, int]:
        """How many entries the page of the query shows: real ones, fictional ones."""

        def count(opened: OpenIndex) -> tuple[int, int]:
            terms = Terms(opened.snapshot, viewer)
            plan = self._interpreter.understand(query, words_of(opened, terms, now)).plan
            chosen = query.filters.get(REALITY, _REALITIES)
            real, fictional = (
                count_matches(terms, plan, {**query.filters, REALITY: (value,)}, now)
                if value in chosen
                else 0
                for value in _REALITIES
            )
            return real, fictional

        return self._ask(count)

    def synonyms_of(self, query: SearchQuery) -> Synonyms:
        """The synonyms a query was just answered with."""
        return self._interpreter.synonyms_in_use(query)

    def known_values(self, facet: str) -> tuple[str, ...]:
        """All values the facet can have; none for one whose values are numbers."""
        return tuple(self.current().labels.places.get(facet, ()))

    def current(self) -> OpenIndex:
        """The newest generation, opened. Builds the index where there is none."""
        if not self._checked:
            self.ensure_index()
        try:
            state = self.index.get_state()
        except IndexMissing:
            self.rebuild()
            state = self.index.get_state()
        opened = self._open
        return opened if opened and opened.state == state else self._reopen()

    # -- keeping it true ---------------------------------------------------------------

    def ensure_index(self) -> None:
        """Build the index if it is missing or is not of this database; apply what is queued."""
        with self._lock:
            if not self.is_whole():
                self.rebuild()
            self._checked = True

    def is_whole(self) -> bool:
        """Whether the index can be read and, with what is queued, has the database's entries."""
        try:
            self.catch_up()
            return self._reopen().snapshot.list_keys() == self._list_expected_keys()
        except IndexMissing as problem:
            log.info("the search index has to be built: %s", problem)
            return False

    def catch_up(self) -> int:
        """Apply what committed transactions queued; how many rows that were.

        Raises IndexMissing; while another process writes for long, the rows wait.
        """
        try:
            with self.database.read_session() as session:
                if not outbox.has_pending(session):
                    return 0
            # A rebuild may take minutes: who has waited for it in vain once does not do so again.
            timeout = CATCH_UP_LOCK_SECONDS if not self._was_busy else BUSY_LOCK_SECONDS
            applied = outbox.apply_pending(self.database, self.index, timeout)
            self._was_busy = False
            return applied
        except IndexBusy:
            self._was_busy = True
            log.info("the search index is busy; queued changes wait")
            return 0

    def tidy(self) -> bool:
        """Apply what still waits and merge what many changes left; whether anything was merged.

        A job, run once a minute, so that no request has to; while another process writes, it is
        left for the next time.
        """
        try:
            self.catch_up()
            with self.index.lock(CATCH_UP_LOCK_SECONDS):
                return self.index.merge() is not None
        except (IndexBusy, IndexMissing) as problem:
            log.info("the search index is not tidied up now: %s", problem)
            return False

    def after_commit(self, _database: Database) -> None:
        """The hook for Database.after_commit. What is committed stays so, whatever fails here."""
        try:
            self.catch_up()
        except IndexMissing:
            log.info("no search index yet; it is built at the first search")
        except Exception:
            # The rows are still queued: the next commit or search tries again.
            log.exception("queued changes could not be applied to the search index")

    def rebuild(
        self, on_total: OnNumber | None = None, on_document: Callable[[], None] | None = None
    ) -> IndexState:
        """Build the whole index again. Raises IndexBusy after two minutes of waiting."""
        before = self._find_state()
        with self.index.lock(REBUILD_LOCK_SECONDS):
            after = self._find_state()
            if after and after != before and on_total is None:
                return after  # another process has just done it
            with self.database.read_session() as session:
                applied = list(session.scalars(select(SearchOutbox.id)))
                documents = outbox.list_all_documents(session, on_total)
                state = self.index.rebuild(documents, on_document)
        self._forget(applied)
        self.catch_up()  # what was changed meanwhile waited for the lock in vain
        return state

    # -- inside ------------------------------------------------------------------------

    def _ask(self, ask: Callable[[OpenIndex], Answer]) -> Answer:
        """The answer of the newest generation, whatever happens to the index meanwhile."""
        for tries_left in reversed(range(_MOST_TRIES)):
            opened = None
            try:
                opened = self.current()
                return ask(opened)
            except IndexMissing:
                if tries_left and opened and self._find_state() not in (opened.state, None):
                    continue  # replaced by something newer meanwhile: no damage, then
                log.warning("the search index cannot be read and is built again", exc_info=True)
                self.rebuild()
        return ask(self.current())

    def _search(
        self, opened: OpenIndex, query: SearchQuery, viewer: Viewer, now: datetime
    ) -> SearchPage:
        if query.is_too_long:
            return _too_long(opened, query, now)
        terms = Terms(opened.snapshot, viewer)
        understood = self._interpreter.understand(query, words_of(opened, terms, now))
        found = evaluate(
            terms,
            understood.plan,
            filters=query.filters,
            sort=query.sort,
            offset=(query.page - 1) * RESULTS_PER_PAGE,
            limit=RESULTS_PER_PAGE,
            now=now,
            near=query.near,
        )
        return _page(opened, query, understood, found, viewer, now)

    def _reopen(self) -> OpenIndex:
        with self._lock:
            for _ in range(3):  # a rebuild may take the folder away between two steps
                state = self.index.get_state()
                if self._open and self._open.state == state:
                    return self._open
                try:
                    snapshot = Snapshot(self.index.open_segments(state), self._cache)
                except IndexMissing:
                    if self.index.get_state() == state:
                        raise
                    continue
                with self.database.read_session() as session:
                    labels = LabelTable(loaded=sources.load_labels(session))
                self._open = OpenIndex(state=state, snapshot=snapshot, labels=labels)
                return self._open
            raise IndexMissing("the index changed faster than it could be opened")

    def _list_expected_keys(self) -> set[str]:
        with self.database.read_session() as session:
            return outbox.list_all_keys(session)

    def _find_state(self) -> IndexState | None:
        try:
            return self.index.get_state()
        except IndexMissing:
            return None

    def _forget(self, row_ids: list[int]) -> None:
        if row_ids:
            with self.database.transaction() as session:
                session.execute(delete(SearchOutbox).where(SearchOutbox.id.in_(row_ids)))


def _page(
    opened: OpenIndex,
    query: SearchQuery,
    understood: Understanding,
    found: Evaluation,
    viewer: Viewer,
    now: datetime,
) -> SearchPage:
    government = viewer is Viewer.GOVERNMENT
    shown = opened.snapshot.list_shown(found.numbers)
    real, fictional = found.real_total, found.total - found.real_total
    answered = understood.answered_text or query.text
    return SearchPage(
        query=query,
        total=found.total,
        real_total=real,
        fictional_total=fictional,
        results=tuple(
            make_result(hit, kept, understood.plan, opened.labels, government)
            for hit, kept in zip(found.hits, shown, strict=True)
        ),
        facets=facet_groups(found.counts, query, opened.labels),
        page=query.page,
        pages=max(1, -(-found.total // RESULTS_PER_PAGE)),
        sentence=describe(
            replace(query, text=answered),
            opened.labels,
            found.total,
            real,
            fictional,
            partial=understood.partial,
            whole=understood.whole,
            only_ranking=() if understood.partial else list_only_ranking(answered, understood.plan),
        ),
        order_note=order_note(query, now),
        generation=opened.state.generation,
        answered_text=understood.answered_text,
        did_you_mean=understood.did_you_mean,
        partial=understood.partial,
        whole=understood.whole,
    )


def words_of(opened: OpenIndex, terms: Terms, now: datetime) -> IndexWords:
    """What a request's reader finds in that generation, whatever it is filtered by."""
    return IndexWords(
        generation=(opened.state.folder, opened.state.generation),
        viewer=terms.viewer,
        vocabulary=lambda: opened.snapshot.vocabulary(terms.viewer),
        count=lambda plan: count_matches(terms, plan, {}, now),
    )


def _too_long(opened: OpenIndex, query: SearchQuery, now: datetime) -> SearchPage:
    return SearchPage(
        query=query,
        total=0,
        real_total=0,
        fictional_total=0,
        results=(),
        facets=(),
        page=query.page,
        pages=1,
        sentence=describe_too_long(query),
        order_note=order_note(query, now),
        generation=opened.state.generation,
        too_long=True,
    )
