"""What a reader's text means now: words, the synonyms of the moment, what answers instead."""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from catalog.search import sources
from catalog.search.analyzer import cut, forget_cuts
from catalog.search.documents import Viewer
from catalog.search.fallback import (
    LITTLE,
    Count,
    Rephraser,
    compound_plan,
    never_together,
    sounds_otherwise,
)
from catalog.search.partial import ENOUGH, find_partial
from catalog.search.plan import Plan
from catalog.search.planning import (
    NO_SYNONYMS,
    draft_of,
    plan_of,
    plan_of_word,
    stands_apart,
)
from catalog.search.query import SearchQuery
from catalog.search.synonyms import Synonyms, atoms_of, list_table_groups, make_synonyms
from catalog.search.syntax import parse, plain_words, typed_words
from catalog.search.value_words import list_value_words
from catalog.search.vocabulary import Vocabularies, Vocabulary, WordList
from catalog.words.groups import groups_generation, list_active_words
from foundation.db import Database


@dataclass(frozen=True, kw_only=True)
class IndexWords:
    """What a generation of an index says of its words to a class of readers.

    vocabulary: the words they may meet, part by part; count: entries they find by a plan.
    """

    generation: Hashable
    viewer: Viewer
    vocabulary: Callable[[], Sequence[WordList]]
    count: Count


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What is looked for. answered_text: answers instead of the typed text, which finds nothing.

    did_you_mean: finds much more than the typed text, which is what answers.
    partial: nothing has all of the words, or little; what has the most of them answers too.
    whole: how many entries have all of the words, whatever is filtered by.
    """

    plan: Plan
    answered_text: str = ""
    did_you_mean: str = ""
    partial: bool = False
    whole: int = 0


_NOTHING = Plan()  # what an empty text asks for


class Interpreter:
    """Turns texts into plans. Keeps synonyms and vocabularies until they change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._synonyms: tuple[tuple[int, int], Synonyms] | None = None
        self._vocabularies: dict[Viewer, dict[Hashable, Vocabulary]] = {}
        self._known: tuple[Synonyms, Vocabulary] | None = None
        self._lock = threading.Lock()

    def plan(self, query: SearchQuery) -> Plan:
        """What is looked for, taken by the word."""
        return plan_of(query.text, self._synonyms_for(query))

    def understand(self, query: SearchQuery, words: IndexWords) -> Understanding:
        """The plan that answers; of other words when the typed ones find nothing or little."""
        if not query.text.strip():
            return Understanding(plan=_NOTHING)
        synonyms = self._synonyms_for(query)
        typed = plan_of(query.text, synonyms)
        if query.literal:
            return Understanding(plan=typed)
        count = words.count
        found = count(typed)
        if found > LITTLE and _is_enough(query, synonyms, count):
            return _with_parts(query, typed, found, count)
        other = Rephraser(
            vocabulary=self._vocabulary(words, synonyms),
            synonyms=synonyms,
            count=count,
        ).find(query.text)
        if other is None:
            return _with_parts(query, typed, found, count)
        if not other.is_needed:
            return Understanding(plan=typed, did_you_mean=other.text)
        return Understanding(plan=plan_of(other.text, synonyms), answered_text=other.text)

    def synonyms(self) -> Synonyms:
        """The table's groups and those the operator has switched on at this moment."""
        with self._database.read_session() as session:
            generation = groups_generation(session)
            kept = self._synonyms
            if kept and kept[0] == generation:
                return kept[1]
            own = list_active_words(session)
            labels = sources.load_labels(session)
        made = make_synonyms([*list_table_groups(), *own], list_value_words(labels))
        self._synonyms = (generation, made)
        forget_texts()  # what was kept holds the synonyms of before
        return made

    def synonyms_in_use(self, query: SearchQuery) -> Synonyms:
        """Those the query was just answered with: nothing is asked for again."""
        kept = self._synonyms
        return kept[1] if kept and not query.literal else NO_SYNONYMS

    def _synonyms_for(self, query: SearchQuery) -> Synonyms:
        return NO_SYNONYMS if query.literal or not query.text.strip() else self.synonyms()

    def _vocabulary(self, words: IndexWords, synonyms: Synonyms) -> Vocabularies:
        with self._lock:
            known = self._vocabularies.get(words.viewer, {})
            parts = {
                found.key: known.get(found.key) or Vocabulary(*found.read())
                for found in words.vocabulary()
            }
            self._vocabularies[words.viewer] = parts
            return Vocabularies([*parts.values(), self._table_words(synonyms)])

    def _table_words(self, synonyms: Synonyms) -> Vocabulary:
        """The words of the synonyms: misspelt, they are to be found as well."""
        if self._known is None or self._known[0] is not synonyms:
            words = synonyms.others
            units = {unit for word in words for unit in word}
            pairs = {" ".join(pair) for word in words for pair in pairwise(word)}
            self._known = (synonyms, Vocabulary(units, pairs, synonyms.inflected))
        return self._known[1]


def forget_texts() -> None:
    """Forget what texts came to: their synonyms have changed, or a measurement begins."""
    of_words = (plain_words, plan_of_word, draft_of, stands_apart, sounds_otherwise, compound_plan)
    for kept in of_words:
        kept.cache_clear()
    forget_whole_texts()
    forget_cuts()


def forget_whole_texts() -> None:
    """Forget texts as they were typed, not the words they were made of."""
    parse.cache_clear()
    plan_of.cache_clear()


def _with_parts(query: SearchQuery, typed: Plan, found: int, count: Count) -> Understanding:
    """The typed words, and those that have most of them where they are too few."""
    if query.complete or (found and not (found < ENOUGH and _describes(query, typed, count))):
        return Understanding(plan=typed, whole=found)
    part = find_partial(typed, count)
    return Understanding(plan=part or typed, partial=part is not None, whole=found)


def _describes(query: SearchQuery, typed: Plan, count: Count) -> bool:
    """Whether a sentence or a long compound tells what is wanted, rather than names it.

    Words typed apart are conditions, each wanted; a name stands in an entry as it was typed.
    """
    words = typed_words(parse(query.text))
    if any(word.is_phrase for word in words) or len(typed.required) <= len(words):
        return False
    return not all(count(Plan(required=((atoms_of(cut(word.text)),),))) for word in words)


def _is_enough(query: SearchQuery, synonyms: Synonyms, count: Count) -> bool:
    """Whether many results say that the text was understood: words can be cut into others."""
    return not any(
        stands_apart(word, synonyms)
        or sounds_otherwise(word, synonyms)
        or never_together(word, synonyms, count)
        for word in typed_words(parse(query.text))
    )
